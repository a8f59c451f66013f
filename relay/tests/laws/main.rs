//! The relay's laws, over real sockets: a relay, an X that keeps a ledger, signed deliveries.

mod answers;
mod chaos;
mod clock;
mod copies;
mod delivery;
mod door;
mod failure;
mod feed;
mod forgery;
mod grant;
mod limits;
mod link;
mod network;
mod openapi;
mod poison;
mod races;
mod recovery;
mod resend;
mod restored;
mod send_again;
mod single_use;
mod staging;
mod table;
mod unpublished;
mod world;
