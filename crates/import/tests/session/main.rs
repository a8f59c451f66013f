//! What an import keeps: it reads what a person has, names what is wrong, loses no row.

mod common;
mod fixing;
mod joined;
mod judging;
mod media;
mod near;
mod plans;
mod policies;
mod rejects;
mod rejudging;
mod templates;
mod updates;
