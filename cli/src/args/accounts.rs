//! Accounts of X, and the relay elsewhere.

use clap::Args;

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

/// `roost pair`
#[derive(Debug, Args)]
pub(crate) struct Pair {
    /// The link that the relay printed: roost://pair?relay=…&key=…
    pub(crate) link: String,
    /// Keep the key in a file that only you can read, instead of the system's keyring.
    #[arg(long)]
    pub(crate) key_in_file: bool,
    /// The relay that was used so far will never run again: what it held is handed to the new one.
    /// Without this, it is asked to let go of its posts first.
    #[arg(long)]
    pub(crate) old_relay_is_gone: bool,
}
