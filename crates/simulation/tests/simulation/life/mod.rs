//! Engine, relay and scheduler, as they are shipped, in one process and on one thread, with the X sandbox's
//! ledger: each seed is one life of them, and the same seed is the same life.
//!
//! Replaced are four things only: clocks, HTTP, the random part of identifiers, and where blocking work
//! runs.

mod attach;
mod judge;
mod known;
mod misfortune;
mod network;
mod observer;
mod person;
mod process;
pub(crate) mod recurring;
mod rng;
mod seed;
mod time;
mod trace;
mod transports;
mod world;

pub(crate) use seed::{Options, Outcome, run};
