//! The engine's methods by area; those that need only the store are in `lib.rs`.

mod exports;
mod history;
mod imports;
mod media;
mod series;
mod services;
