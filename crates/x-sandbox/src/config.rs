//! What a sandbox is like.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock, SystemClock};
use roost_core::limits::{Limits, Plan};
use roost_sqlite::Executor;

use crate::account::NewAccount;

/// What a scheduler asks an account's owner for.
pub const SCOPES: &str = "tweet.read tweet.write users.read media.write offline.access";

/// An app "registered" at the sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its client id.
    pub client_id: String,
    /// Its secret, when it is a confidential app. The sandbox guards nothing: it may be shown.
    pub client_secret: Option<String>,
    /// Where people may be sent back to, exactly. None: anywhere on this computer.
    pub redirect_uris: Vec<String>,
}

/// What a sandbox is like. [`Config::new`] gives one that does not get in the way of tests: the
/// rates of a demonstration, the duplicate filter on.
#[derive(Debug, Clone)]
pub struct Config {
    /// The database file; made when absent.
    pub database: PathBuf,
    /// Accounts that exist from the start.
    pub accounts: Vec<NewAccount>,
    /// The apps.
    pub apps: Vec<App>,
    /// How many posts, how long, how many cashtags.
    pub limits: Limits,
    /// Whether reads and deletions have X's rates too.
    pub route_rates: bool,
    /// Whether a text like a recent one of the same account is refused.
    pub duplicates: bool,
    /// What "recent" means there.
    pub duplicate_window: Duration,
    /// How long an access token lives.
    pub access_token_lifetime: Duration,
    /// How long a refresh token lives.
    pub refresh_token_lifetime: Duration,
    /// How long an authorization code lives.
    pub code_lifetime: Duration,
    /// Whether a spent refresh token, shown again, ends all that came from the same consent.
    pub revoke_family_on_replay: bool,
    /// Whether the consent page says yes by itself, for the first account.
    pub auto_approve: bool,
    /// How long a video is "processed".
    pub video_processing: Duration,
    /// Where now comes from.
    pub clock: Arc<dyn Clock>,
    /// Where work on the database runs.
    pub executor: Executor,
}

impl Config {
    /// A sandbox in `database`.
    #[must_use]
    pub fn new(database: impl Into<PathBuf>) -> Self {
        Self {
            database: database.into(),
            accounts: Vec::new(),
            apps: vec![
                App {
                    client_id: "sandbox-client".into(),
                    client_secret: Some("sandbox-secret".into()),
                    redirect_uris: Vec::new(),
                },
                App {
                    client_id: "sandbox-public".into(),
                    client_secret: None,
                    redirect_uris: Vec::new(),
                },
            ],
            limits: Limits::of(Plan::Demo),
            route_rates: false,
            duplicates: true,
            duplicate_window: Duration::from_secs(24 * 60 * 60),
            access_token_lifetime: Duration::from_secs(7200),
            refresh_token_lifetime: Duration::from_secs(180 * 24 * 60 * 60),
            code_lifetime: Duration::from_secs(30),
            revoke_family_on_replay: false,
            auto_approve: false,
            video_processing: Duration::from_secs(1),
            clock: Arc::new(SystemClock),
            executor: Executor::default(),
        }
    }

    pub(crate) fn app(&self, client_id: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.client_id == client_id)
    }
}
