//! Bringing relay and scheduler in step with the store.
//!
//! From the top down: `sync_loop` is the loop; it runs a `pass` where there is work, which carries out the
//! `outbox` and hands posts over (`handover`); `removal` deletes on X and `uploads` brings files to
//! the relay beside the passes; `recover` asks for results that are late.

pub(crate) mod handover;
pub(crate) mod outbox;
pub(crate) mod pass;
pub(crate) mod prune;
pub(crate) mod recover;
pub(crate) mod removal;
pub(crate) mod run_lock;
pub(crate) mod run_record;
pub(crate) mod scheduler_refusal;
mod scheduler_switch;
pub(crate) mod sync_loop;
pub(crate) mod unclean_end;
pub(crate) mod uploads;
