//! Laws of the SQLite layer, on real files.

mod backup;
mod groups;
mod open;
mod presence;
mod reading;
mod support;
mod write;
