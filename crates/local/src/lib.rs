//! Relay and scheduler in this process, on loopback: "This computer".
//!
//! The scheduler calls the relay under a fixed logical address and dials the live listener, so that
//! ports may change between two starts. Keys and tokens are random at each start and live in
//! memory; what must last (the scheduler's signing keys, the relay's sealed grants) lives in the
//! services' own files under the data folder.

mod config;
mod data_dir;
mod data_lock;
mod error;
mod move_out;
mod secret;
mod serve;
mod start;
mod supervise;

pub use config::LocalConfig;
pub use data_dir::{DATA_FOLDER, DataDir, IS_DEVELOPMENT, data_dir, make_data_dir};
pub use error::Error;
pub use move_out::{SERVICES_FOLDER, ServiceFiles, move_in, move_out};
pub use start::{Endpoints, Local, RELAY_LOGICAL_URL};
pub use supervise::Stopped;
