//! What can be typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Receives signed deliveries when posts are due, and posts them to X, each once.
///
/// A relay is one program, one database and one configuration file. `init` makes the files,
/// `device add` lets a desktop in, `serve` runs it. Stop it with Ctrl-C or SIGTERM: calls that
/// are on their way are finished first. Should it be killed instead, the next start looks in the
/// timeline for what it was sending.
#[derive(Debug, Parser)]
#[command(name = "roost-relay", version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// The configuration file.
    #[arg(
        long,
        short,
        global = true,
        env = "ROOST_RELAY_CONFIG",
        default_value = "roost-relay.toml",
        value_name = "FILE"
    )]
    pub(crate) config: PathBuf,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the configuration file, the database and the key file, where they are missing.
    Init,
    /// Run the relay until it is stopped.
    Serve {
        /// Also run a scheduler that speaks QStash's API, on the same address, for this relay
        /// alone: no account at Upstash is needed. The desktop is given the same URL for both.
        #[arg(long)]
        embedded_scheduler: bool,
    },
    /// The desktops that may speak to the relay.
    Device {
        #[command(subcommand)]
        what: Device,
    },
    /// List the accounts that the relay can post with.
    Accounts,
    /// Write a whole copy of the database; the relay may run. Keep the key file elsewhere: the
    /// copy opens no account without it.
    Backup {
        /// The new file.
        #[arg(value_name = "FILE")]
        to: PathBuf,
    },
    /// Put a backup in the database's place; the relay must be stopped. Nothing goes out before
    /// the desktops told what the backup does not know.
    Restore {
        /// The backup.
        #[arg(value_name = "FILE")]
        from: PathBuf,
    },
    /// Look over the configuration, the database and the key file. Ends with 1 when anything is in
    /// the way of deliveries.
    Check {
        /// The relay serves with its embedded scheduler, which makes the signing keys itself.
        #[arg(long)]
        embedded_scheduler: bool,
    },
    /// Make a new key file in the place of one that is lost; the relay must be stopped. Accounts
    /// whose sign-in only the lost key opened need a new sign-in.
    NewKey,
    /// Print a configuration file that explains every setting.
    Example,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// Let a desktop in; prints its key, once, and the link for `roost pair`.
    Add {
        /// Any name, such as "laptop".
        name: String,
        /// The relay serves with its embedded scheduler: the link carries its token, too.
        #[arg(long)]
        embedded_scheduler: bool,
    },
    /// Take a desktop's key away.
    Remove {
        /// Its name.
        name: String,
    },
    /// List the desktops.
    List,
}
