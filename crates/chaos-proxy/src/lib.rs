//! A TCP proxy in front of one upstream, which does to connections what networks do to them.
//!
//! - [`Proxy`] listens on loopback and passes bytes on to its upstream.
//! - [`Rule`] says what happens to a connection: it passes, is refused, is cut or reset after so
//!   many bytes, waits, stalls, or loses one of its two directions.
//! - [`Proxy::set`] changes the rule while connections are open; [`Proxy::plan`] gives each new
//!   connection its own. [`Mix`] is such a plan, drawn from a seed: the same seed and the same
//!   connection's number give the same rule.
//! - [`Proxy::connections`] tells what became of each connection, to the byte.
//!
//! It knows nothing of what the bytes mean.

mod link;
mod mix;
mod proxy;
mod rule;

pub use link::{Connection, End};
pub use mix::{Mix, dice};
pub use proxy::Proxy;
pub use rule::{Direction, Rule};
