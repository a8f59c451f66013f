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

mod in_hand;
mod interrupted;
mod media;
mod no_token;
mod precondition;

mod rate_limit_turns;
mod rate_permit;
mod reconcile;
mod send;
mod skew_policy;
mod timeline;
mod timeline_error;
mod unsupported;
mod write_until_ok;
mod x_post;

pub(crate) use damage::{damaged, refuse_damaged};
pub(crate) use dispatcher::run;
pub(crate) use interrupted::settle_interrupted;
pub(crate) use media::run as upload_ahead;
