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
mod replay;
mod restored;
mod secrets;
mod send_again;
mod single_use;
mod staging;
mod storage;
mod unpublished;
mod world;
