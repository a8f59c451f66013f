//! The publisher: owns every wait and every call to X.
//!
//! The webhook and the backstop write down that a post is due; the publisher sees it in the
//! ledger, asks what stands in the way, and either writes down until when it waits or calls X.

mod backstop;
mod by_clock;
mod conductor;
mod damage;
mod deferral;
mod doubt;
mod due;
pub mod failures;
mod interrupted;
mod lanes;
mod look;
mod obstacle;
mod persist;
mod place;
mod queue;
mod send;
mod settle;
mod timeline;
mod unread;
mod verdict;

pub(crate) use conductor::conduct;
pub(crate) use damage::{damaged, refuse_damaged};
pub(crate) use doubt::{doubt, is_in_doubt, park_earlier, presume_sent, settle_doubts};
pub(crate) use interrupted::settle_interrupted;
pub(crate) use lanes::Lanes;
pub(crate) use settle::settle_live;
