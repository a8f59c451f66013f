//! Bringing relay and scheduler in step with the store: the loop, the pass, the outbox.

pub(crate) mod handover;
pub(crate) mod outbox;
pub(crate) mod prune;
pub(crate) mod recover;
pub(crate) mod run;
pub(crate) mod scheduler_refusal;
