//! Imports: a source is opened as a session, looked at, changed and judged, and committed or dropped.

pub(crate) mod preview;
pub(crate) mod session;
pub(crate) mod whole_file;

pub(crate) use whole_file::{import, list, undo};
