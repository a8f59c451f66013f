//! What can be typed.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use roost_core::limits::Plan;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use url::Url;

/// Receives signed deliveries when posts are due, and posts them to X, each once.
///
/// A relay is one program, one database and one configuration file. `init` makes the files,
/// `device add` lets a desktop in, `serve` runs it. Stop it with Ctrl-C or SIGTERM: calls that
/// are on their way are finished first. Should it be killed instead, the next start looks in the
/// timeline for what it was sending.
#[derive(Debug, Parser)]
#[command(name = "roost-relay", version = env!("ROOST_RELAY_VERSION"), max_term_width = 100)]
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
    ///
    /// On a terminal and without settings it asks for what a relay can't do without. A file that is
    /// there is never overwritten.
    Init(Init),
    /// Run the relay until it is stopped.
    Serve {
        /// Also run a scheduler that speaks QStash's API, on the same address, for this relay
        /// alone: no account at Upstash is needed. The desktop is given the same URL for both.
        /// The setting `embedded_scheduler` says the same.
        #[arg(long)]
        embedded_scheduler: bool,
    },
    /// Print a link that lets one computer in, once, within 10 minutes, and the same as a QR code.
    ///
    /// The relay may run. On the computer it is pasted into Roost or read by `roost pair`, which show
    /// the fingerprint that this command shows before anything is done.
    Pair {
        /// Print no QR code.
        #[arg(long)]
        no_qr: bool,
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
    /// Write everything that the relay needs into a new folder, for another machine, and freeze the
    /// database here; the relay must be stopped. Its desktops and its scheduler go on as they are.
    Move {
        /// The new folder.
        #[arg(value_name = "FOLDER")]
        to: PathBuf,
    },
    /// List what people did to the relay, the newest first: pairing, devices, accounts, pauses.
    Audit {
        /// How many.
        #[arg(long, default_value_t = 100)]
        limit: u32,
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
    /// Send a test through every channel of [alarms]; the relay may run. Ends with 1 when one did not take
    /// it.
    TestAlarms,
    /// Print a configuration file that explains every setting.
    Example,
    /// Print a hardened unit for systemd: into /etc/systemd/system/roost-relay.service.
    Systemd(Systemd),
    /// Print the completions of a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page, or write those of all commands into a folder.
    Man {
        /// The folder; it is made when it is missing.
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
}

/// The settings of a new configuration file. Secrets come from a file or standard input, because
/// `ps` and the shell's history show arguments.
#[derive(Debug, Default, Args)]
pub(crate) struct Init {
    /// An address under which the relay is reached, such as https://relay.example.org. May be given
    /// several times.
    #[arg(long = "public-url", value_name = "URL")]
    pub(crate) public_urls: Vec<Url>,
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// How TLS is spoken: by the relay, with a certificate through ACME or one that vouches for itself
    /// (for a machine without a name), or not by it, because a proxy does.
    #[arg(long, value_enum)]
    pub(crate) tls: Option<TlsChoice>,
    /// Where the ACME server writes to before a certificate ends.
    #[arg(long, value_name = "MAIL", requires = "tls")]
    pub(crate) acme_contact: Option<String>,
    /// Serve with the embedded scheduler, so that no account at Upstash is needed.
    #[arg(long)]
    pub(crate) embedded_scheduler: bool,
    /// A file with QStash's two signing keys, one in a line, the current one first; "-" is standard
    /// input.
    #[arg(long, value_name = "FILE", conflicts_with = "embedded_scheduler")]
    pub(crate) signing_keys_file: Option<PathBuf>,
    /// Serve with QStash, whose signing keys a paired computer sends.
    #[arg(long, conflicts_with_all = ["embedded_scheduler", "signing_keys_file"])]
    pub(crate) keys_from_desktop: bool,
    /// What the X app pays for: pay_per_use, legacy_free, legacy_basic, legacy_pro or demo.
    #[arg(long, value_parser = plan)]
    pub(crate) plan: Option<Plan>,
}

impl Init {
    /// Whether no setting was given.
    pub(crate) fn is_empty(&self) -> bool {
        let Self {
            public_urls,
            listen,
            tls,
            acme_contact,
            embedded_scheduler,
            signing_keys_file,
            keys_from_desktop,
            plan,
        } = self;
        public_urls.is_empty()
            && listen.is_none()
            && tls.is_none()
            && acme_contact.is_none()
            && !embedded_scheduler
            && signing_keys_file.is_none()
            && !keys_from_desktop
            && plan.is_none()
    }
}

/// How TLS is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TlsChoice {
    /// A proxy speaks it, or nothing leaves this computer.
    Off,
    /// Through ACME, from Let's Encrypt unless the file names another server.
    Acme,
    /// With a certificate that vouches for itself.
    SelfSigned,
}

fn plan(name: &str) -> Result<Plan, serde::de::value::Error> {
    Plan::deserialize(name.into_deserializer())
}

/// What a unit for systemd names.
#[derive(Debug, Args)]
pub(crate) struct Systemd {
    /// The user that the relay runs as.
    #[arg(long, default_value = "roost-relay")]
    pub(crate) user: String,
    /// The program's path.
    #[arg(long, default_value = "/usr/local/bin/roost-relay", value_name = "FILE")]
    pub(crate) program: PathBuf,
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
