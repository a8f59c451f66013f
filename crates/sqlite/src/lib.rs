//! One way to keep a SQLite file, for every program here: how it is opened, locked, checked,
//! migrated, written, read and backed up. It knows no table.
//!
//! - [`inspect`] reads a file before it is trusted; nothing is written until it passed.
//! - [`open_exclusive`] opens a file for one process; [`SharedLock`] lets several processes share one, and
//!   notes a clean end so that the next start need not read all of it.
//! - Every commit passes through one function under a name, where a test may end the process:
//!   [`write`](fn@write) runs one write, [`GroupWriter`] commits writes that wait together.
//! - [`Pool`] and [`ReadingThreads`] read beside the writer.
//! - [`copy`] makes a backup: whole, checked and synced, or not at all.
//! - [`Error`] tells apart what helps: another program holds the file, the disk is full, the file is
//!   read-only, damaged, newer, another program's.

mod backup;
mod check;
mod clean;
mod connect;
mod error;
mod exclusive_open;
mod executor;
mod group;
mod lock;
mod log;
mod migrate;
mod readers;
mod settings;
mod shared_lock;
mod transaction;

pub use backup::{copy, put_in_place, set_aside, sync_folder_of};
pub use check::{Depth, Found, check_pages, inspect};
pub use connect::{copier, in_memory, inspector, reader, writer};
pub use error::Error;
pub use exclusive_open::{ExclusiveDatabase, open_exclusive};
pub use executor::{Executor, Gate};
pub use group::{Ended, GroupWriter, Grouping, Hooks, Write};
pub use lock::{lock, lock_file};
pub use log::{bound_log, write_log_back};
pub use migrate::{expect_current, migrate};
pub use readers::{Pool, ReadingThreads};
pub use settings::{Schema, Settings};
pub use shared_lock::{OpeningLock, SharedLock};
pub use transaction::{snapshot, write};
