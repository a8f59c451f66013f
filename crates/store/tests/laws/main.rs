//! The laws of the store, one test each.

mod backups;
mod common;
mod damage;
mod file;
mod handover;
mod imports;
mod lists;
mod outcomes;
mod posts;
mod property;
mod rest;
mod schema;
mod search;
