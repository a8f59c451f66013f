//! The publisher: owns every wait and every call to X.
//!
//! The webhook and the backstop write down that a post is due; the publisher sees it in the
//! ledger, asks what stands in the way, and either writes down until when it waits or calls X.

mod attempt_result;
mod backstop;
mod damage;
mod deferral;
mod dispatcher;
mod due;
mod failure_decision;
pub mod failure_policy;
mod interrupted;
mod lost_ledger;
mod precondition;
mod rate_limiter;
mod rate_permit;
mod reconcile;
mod send;
mod skew_policy;
mod slot_allocator;
mod timeline;
mod timeline_error;
mod unsupported;
mod write_until_ok;

pub(crate) use attempt_result::record_live_part;
pub(crate) use damage::{damaged, refuse_damaged};
pub(crate) use dispatcher::run;
pub(crate) use interrupted::settle_interrupted;
pub(crate) use lost_ledger::{
    may_be_sent_elsewhere, park_earlier_version, presume_sent, reconcile_as_sent,
    reconcile_doubtful_posts,
};
pub(crate) use rate_limiter::RateLimiter;
