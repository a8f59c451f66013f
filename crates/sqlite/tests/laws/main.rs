//! Laws of the SQLite layer, on real files.

mod backup;
mod groups;
mod open;
mod reading;
mod shared_lock;
mod support;
mod write;
