//! The engine with the real relay, the real scheduler and the sandbox, over sockets. What counts is
//! the sandbox's ledger, not what the engine believes.

mod blocked;
mod changes;
mod compose;
mod content;
mod copied;
mod crash;
mod decide;
mod deliver;
mod disconnected;
mod down;
mod fences;
mod file_check;
mod import;
mod late;
mod limits;
mod lost;
mod network;
mod no_scheduler;
mod open_import;
mod panics;
mod parked;
mod prune;
mod races;
mod receipt;
mod recovery;
mod relays;
mod removal;
mod restored;
mod stale;
mod too_late;
mod under_way;
mod withdraw;
mod world;
