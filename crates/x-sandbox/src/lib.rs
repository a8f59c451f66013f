//! An honest imitation of X's API v2: for demonstrations and tests, on loopback only.
//!
//! It keeps a durable ledger of every request to create a post, so that what really went out can
//! be counted after any crash, of itself too. Faults can be armed: every refusal that X is known
//! to make, and connections that are cut before, after and during an answer.
//!
//! - [`Sandbox`] is the imitation; [`Sandbox::start`] serves it on a loopback port, cuts included.
//! - Under `/_sandbox/` stand the ledger, the accounts and the faults; at `/` a page for people.

mod account;
mod answer;
mod config;
mod cut;
mod database;
mod fault;
mod guard;
mod image;
mod ledger;
mod media;
mod problem;
mod rates;
mod route_log;
mod routes;
mod sandbox;
mod serve;
mod token;
mod tweet;
mod wire;

pub use account::{Account, NewAccount, Standing};
pub use config::{App, Config, SCOPES};
pub use database::Error;
pub use fault::{Arming, Fault, FaultKind, On};
pub use ledger::{Arrival, Entry, Outcome, Summary};
pub use media::PostedMedia;
pub use problem::catalogue;
pub use sandbox::{Grant, Sandbox};
pub use serve::Running;
