//! Why relay and scheduler could not start here.

use std::path::PathBuf;

/// Why relay and scheduler could not start here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process holds the data folder.
    #[error(
        "Roost runs already with the data folder {}. Use that one, or stop it first; two would \
         post for one store.", folder.display()
    )]
    AlreadyRunning {
        /// The data folder.
        folder: PathBuf,
    },
    /// The system has no place for applications' data.
    #[error("This system names no place for data. Say where, in ROOST_DATA_DIR.")]
    NoPlace,
    /// The folder can't be made or locked.
    #[error("The folder {} can't be used: {source}. Choose another data folder.", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// An address is none.
    #[error("\"{0}\" is no address of X or of a sandbox: it must begin with http:// or https://.")]
    Address(String),
    /// No free port on loopback.
    #[error("No port on 127.0.0.1 could be opened: {0}. Is a firewall or a limit in the way?")]
    Port(std::io::Error),
    /// The system gives no random numbers.
    #[error("The system gives no random numbers: {0}.")]
    Random(String),
    /// The scheduler refused to open.
    #[error("The scheduler on this computer could not start: {0}")]
    Scheduler(String),
    /// The relay refused to open.
    #[error("The relay on this computer could not start: {0}")]
    Relay(String),
}
