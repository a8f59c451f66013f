//! Posts: the row, how one is made, changed, handed over and withdrawn, and how they are listed.

mod change;
mod content;
mod content_event;
mod edit;
mod extras;
mod handover;
mod holder;
mod import;
mod list;
mod new;
mod offered;
mod outcome;
pub(crate) mod recompute;
pub(crate) mod restored;
mod row;
mod search;
mod standing;
mod too_late;
mod trash;
mod withdraw;

pub use change::Reason;
pub use content_event::further_texts;
pub use edit::Edit;
pub use extras::Extras;
pub use handover::{Coverage, Published};
pub use holder::OtherRelay;
pub use import::UndoneImport;
pub use list::{Cursor, Filter, InvalidCursor, Order, Page, PostPage, StatusCounts};
pub use new::NewPost;
pub use outcome::{Outcome, Recorded};
pub use restored::{RelayBody, RestoredMark};
pub use row::{List, Post, Schedule};
pub use search::{InexactSearch, check_search};
pub use standing::{Backlog, Held, WillBeMissed};
pub use too_late::{LateEdit, Meant};
pub use withdraw::{NotWithdrawn, WithdrawTo, Withdrawal};
