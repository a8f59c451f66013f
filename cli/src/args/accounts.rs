//! Accounts of X, and the relay elsewhere.

use clap::{Args, Subcommand};

/// `roost login`
#[derive(Debug, Args)]
pub(crate) struct Login {
    /// Connect an account of the X sandbox at this address, made by it for you.
    #[arg(long, value_name = "URL", conflicts_with_all = ["client_id", "paste"])]
    pub(crate) sandbox: Option<String>,
    /// The handle of the sandbox account.
    #[arg(long, value_name = "HANDLE", requires = "sandbox")]
    pub(crate) handle: Option<String>,
    /// Your X app's OAuth 2.0 client id.
    #[arg(long, env = "X_CLIENT_ID", value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// Don't listen for the browser: paste the address it ends on.
    #[arg(long)]
    pub(crate) paste: bool,
}

/// `roost accounts`: without a command it lists them.
#[derive(Debug, Args)]
pub(crate) struct Accounts {
    #[command(subcommand)]
    pub(crate) what: Option<AccountsCommand>,
}

/// What to do with an account.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountsCommand {
    /// Take an account's sign-in from the relay. Its posts stay, and wait for a new sign-in.
    Disconnect {
        /// The account's handle.
        handle: String,
    },
}

/// `roost pair`
#[derive(Debug, Args)]
#[command(after_help = "\
The link is asked for without echo, or read as the first line of standard input. A relay without a \
scheduler of its own works with QStash: its token is taken from QSTASH_TOKEN, else asked for, else \
read as the next line of standard input. Neither belongs among the arguments: `ps` and the shell's \
history show them.")]
pub(crate) struct Pair {
    /// The link that the relay printed; better left out, see below.
    pub(crate) link: Option<String>,
    /// Keep QStash's token beside the pairing that there is, or replace the one that is kept.
    #[arg(long, conflicts_with_all = ["link", "key_in_file", "old_relay_is_gone", "name", "yes"])]
    pub(crate) qstash: bool,
    /// QStash's address.
    #[arg(long, env = "QSTASH_URL", value_name = "URL", default_value = roost_pairing::QSTASH_URL)]
    pub(crate) qstash_url: String,
    /// Keep the keys in a file that only you can read, instead of the system's keyring.
    #[arg(long)]
    pub(crate) key_in_file: bool,
    /// The relay that was used so far will never run again: what it held is handed to the new one.
    /// Without this, it is asked to let go of its posts first.
    #[arg(long)]
    pub(crate) old_relay_is_gone: bool,
    /// What the relay's list of devices calls this computer; its own name unless given.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Pair without the question. The fingerprint was compared, or the link came straight from the relay.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `roost unpair`
#[derive(Debug, Args)]
pub(crate) struct Unpair {
    /// The relay will never run again: what it held goes out from this computer. Without this, it is
    /// asked to let go of its posts first.
    #[arg(long)]
    pub(crate) old_relay_is_gone: bool,
}
