//! Images and videos go to X before a part's intent is written: a part that has them is called for only
//! with X's ids of all of them, and a post begins only when all its parts have theirs. Until then it can be
//! withdrawn.
//!
//! X forgets an id after a day, so that files go to X shortly before their post: [`ahead`] uploads for
//! posts that are due within minutes, [`upload`] for one that is due now. Uploading twice harms nothing.

mod ahead;
mod needed;
mod outcome;
mod upload;

pub(crate) use ahead::run;
pub(super) use needed::{Needed, ids};
pub(super) use outcome::{Outcome, settle};
pub(super) use upload::make_all_ready;
