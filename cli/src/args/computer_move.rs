//! Moving to a new computer.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `roost move`
#[derive(Debug, Subcommand)]
pub(crate) enum Move {
    /// Put everything into one sealed file. From then on nothing goes out from this computer.
    Export(ExportMove),
    /// Take over everything from a sealed file, into an empty data folder.
    Import(ImportMove),
    /// Use this computer again after an export: the new one must not be in use.
    Back(MoveBack),
}

const PASSPHRASE: &str = "\
The passphrase is asked for without echo, or read as the first line of standard input. It belongs \
neither among the arguments nor into the environment: `ps` and the shell's history show them. Without \
it nobody opens the file, you included.";

/// `roost move export`
#[derive(Debug, Args)]
#[command(after_help = PASSPHRASE)]
pub(crate) struct ExportMove {
    /// The file to write.
    pub(crate) file: PathBuf,
    /// Replace a file that is there.
    #[arg(long)]
    pub(crate) force: bool,
}

/// `roost move import`
#[derive(Debug, Args)]
#[command(after_help = PASSPHRASE)]
pub(crate) struct ImportMove {
    /// The file that `roost move export`, or the window, wrote on the old computer.
    pub(crate) file: PathBuf,
    /// Keep the keys of the pairing in a file that only you can read, instead of the system's keyring.
    #[arg(long)]
    pub(crate) key_in_file: bool,
}

/// `roost move back`
#[derive(Debug, Args)]
pub(crate) struct MoveBack {
    /// Do it: the posts are not in use on the other computer, and never will be.
    #[arg(long)]
    pub(crate) yes: bool,
}
