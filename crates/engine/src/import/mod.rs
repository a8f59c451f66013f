//! Imports: a source is opened as a session, looked at, changed and judged, and committed or dropped.

mod commit;
mod desk;
mod follow_ups;
mod handled;
pub(crate) mod made;
mod media;
mod named_media;
mod reading;
mod recall;
mod rejects;
pub(crate) mod run;
pub(crate) mod session;
pub(crate) mod slots;
mod source;
pub(crate) mod start;
mod surroundings;
#[cfg(test)]
mod tests;
mod typed_time;
pub(crate) mod undo;
mod view;
pub(crate) mod watched;

pub(crate) use made::list;
pub(crate) use undo::take_back;
