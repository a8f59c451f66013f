//! `roost` as a process: what it prints, what it leaves behind, how it ends.

mod accounts;
mod backups;
mod bad_files;
mod bulk;
mod commands;
mod computer_move;
mod history;
mod imports;
mod keyring;
mod log_files;
mod media;
mod operator;
mod output;
mod pairing;
#[cfg(unix)]
mod relay_process;
mod relays;
mod remote_relay;
mod roost;
mod sandbox;
mod scheduler;
mod secrets;
mod series;
mod server;
mod slots;
mod start;
mod unwritable_log;
mod words;
