//! Files of posts: read, mapped, judged and written. Pure: bytes in, rows out; no file is opened here.
//!
//! A source passes through four steps, each with a type of its own: [`table`] holds the cells as the
//! file has them, [`mapping`] says which column is which [`field`], and a session judges the rows
//! under a person's [`choices`] until they are committed or dropped.

pub mod check;
pub mod choices;
mod document;
pub mod error;
pub mod export;
pub mod facts;
pub mod fault;
pub mod field;
pub mod finding;
pub mod fix;
pub mod follow_up;
pub mod format;
pub mod formula;
pub mod mapping;
pub mod near;
pub mod prompt;
pub mod rejects;
pub mod row;
pub mod schema;
pub mod session;
pub mod slots;
pub mod source;
pub mod surroundings;
pub mod table;
pub mod template;
pub mod time;
