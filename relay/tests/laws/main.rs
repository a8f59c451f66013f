//! The relay's laws, over real sockets: a relay, an X that keeps a ledger, signed deliveries.

mod delivery;
mod door;
mod failure;
mod feed;
mod grant;
mod limits;
mod recovery;
mod restored;
mod send_again;
mod staging;
mod world;
