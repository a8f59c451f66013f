//! The local store: one SQLite file on the person's computer.
//!
//! [`Store::open`] checks the file before it trusts it, migrates it, and gives a handle that may be
//! cloned and used from any thread. [`Store::read`] gives a snapshot, [`Store::write`] one
//! transaction; every write of Roost passes through it, under a name. What can be read is on
//! [`Read`], what can be written on [`Tx`], which reads too; one file per table adds to both.
//!
//! A post changes its status through one door only (`post/change.rs`), which asks
//! [`Status::allows`](roost_core::status::Status::allows) and appends a [`PostEvent`] with what was
//! before and what came after, in the same transaction.

mod bulk;
mod error;
mod file;
mod options;
mod post;
mod sql;
mod step_notes;
mod store;
mod table;

pub use error::Error;
pub use file::{
    BACKUP_BYTES_MAX, BACKUP_BYTES_MAX_DEFAULT, Backup, MovedAway, backups, check_backup,
    put_moved_store, restore_backup, start_anew,
};
pub use options::{Opening, Options, Retention};
pub use post::{
    Backlog, Coverage, Cursor, Edit, ExportedPost, Extras, Filter, Held, Imported, InexactSearch,
    InvalidCursor, KeptUnsaved, KnownPost, KnownText, LateEdit, List, Meant, NewPost, NotRestored,
    NotWithdrawn, Occurrence, Order, OtherRelay, Outcome, OwnId, Page, Parts, Post, PostChange,
    PostFields, PostFile, PostPage, PostUpdate, Published, Reason, Recorded, RelayBody, Repeated,
    RepeatedPage, Restored, RestoredMark, RowPage, Schedule, Span, StatusCounts, Total, Traits,
    Troubled, UndoneImport, UndonePosts, UnsavedEdit, WillBeMissed, WithdrawTo, Withdrawal,
    check_search,
};
pub use roost_sqlite::{Executor, Gate};
pub use sql::UnknownWord;
pub use store::{Read, Store, Tx, Watch, sqlite_version};
pub use table::{
    Account, AccountHealth, Action, ChangedPost, Charged, EventKind, HistoryStep, ImportBatch,
    Label, ListedStep, Media, MediaPart, MediaTotal, MediaUse, NewImport, NewMedia,
    NewNotification, NewOutbox, NewSyncRun, Notification, Outbox, OutboxEnding, OutboxKind,
    PostEvent, PostingSlot, PostingSlots, RelayFeed, Reversed, Series, SeriesState, SyncKind,
    SyncOutcome, SyncRun, SyncTally, TagCount,
};
