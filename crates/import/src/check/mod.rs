//! The checks of an import. Those of one row are pure functions of what it says; those across rows ask
//! indices that take and give back one row in microseconds.

pub mod across;
pub mod content;
pub mod text;
pub mod time;
pub mod zone;
