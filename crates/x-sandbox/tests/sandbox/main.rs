//! The sandbox over real sockets, through the client that the relay uses.

mod door;
mod faults;
mod ledger;
mod media;
mod oauth;
mod process;
mod rates;
mod rules;
mod support;
mod timeline;
