//! The relay's laws, over real sockets: a relay, an X that keeps a ledger, signed deliveries.

mod delivery;
mod door;
mod failure;
mod feed;
mod forgery;
mod grant;
mod limits;
mod openapi;
mod recovery;
mod replay;
mod restored;
mod send_again;
mod staging;
mod world;
