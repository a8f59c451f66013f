//! The relay's laws, over real sockets: a relay, an X that keeps a ledger, signed deliveries.

mod alarms;
mod answers;
mod chaos;
mod clock;
mod copies;
mod delivery;
mod door;
mod doubt;
mod failure;
mod feed;
mod forgery;
mod grant;
#[cfg(unix)]
mod health;
mod hostile;
mod late;
mod limits;
mod link;
mod looks;
mod metrics;
mod network;
mod openapi;
mod pairing;
mod parts;
mod pausing;
mod poison;
mod races;
mod recovery;
mod remove;
mod replay;
mod reply_lag;
mod resend;
mod restored;
#[path = "../support/sandbox_grant.rs"]
mod sandbox_grant;
mod secrets;
mod send_again;
mod single_use;
mod staging;
mod storage;
mod table;
mod unpublished;
mod unread;
mod upgraded;
mod world;
mod wrong_clock;
