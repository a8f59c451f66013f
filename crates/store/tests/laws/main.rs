//! The laws of the store, one test each.

mod backups;
mod bulk_read;
mod charges;
mod clean;
mod common;
mod content;
mod damage;
mod events;
mod file;
mod follow_up;
mod handover;
mod import_undo;
mod import_updates;
mod imports;
mod known;
mod lists;
mod media;
mod outcomes;
mod posts;
mod prices;
#[cfg(unix)]
mod private;
mod property;
mod rest;
mod schema;
mod search;
mod unsaved_edits;
mod upgraded;
mod versions;
