//! The sandbox over real sockets, through the client that the relay uses.

mod ledger;
mod support;
