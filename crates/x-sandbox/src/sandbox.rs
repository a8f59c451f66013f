//! The sandbox as others hold it: opened and asked.

use std::sync::Arc;

use roost_core::clock::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::account::{Account, NewAccount};
use crate::config::{Config, SCOPES};
use crate::database::{Database, Error};
use crate::fault::{Arming, Fault, Faults};
use crate::ledger::{self, Entry, Summary};
use crate::media::{Media, PostedMedia};
use crate::route_log::RouteLog;
use crate::token::{self, Consent};

/// An imitation of X. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sandbox {
    pub(crate) config: Arc<Config>,
    pub(crate) database: Database,
    pub(crate) faults: Arc<Faults>,
    pub(crate) routes: Arc<RouteLog>,
}

/// An account with fresh tokens: what a consent would have given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The X user id.
    pub id: String,
    /// The handle.
    pub username: String,
    /// The name shown.
    pub name: String,
    /// What the account pays for.
    pub subscription_type: String,
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
    /// For how many seconds the access token lives.
    pub expires_in: i64,
    /// What was granted.
    pub scope: String,
    /// The app it was granted to.
    pub client_id: String,
    /// That app's secret, when it has one.
    pub client_secret: Option<String>,
}

impl Sandbox {
    /// Opens the database, makes the accounts.
    ///
    /// # Errors
    /// When the file cannot be opened, or an account's name is none.
    pub async fn open(config: Config) -> Result<Self, Error> {
        let now = config.clock.now().0;
        let memory = i64::from(config.limits.memory_seconds()) * 1000;
        let database = Database::open(&config.database, now, memory, &config.executor)?;
        let sandbox = Self {
            config: Arc::new(config),
            database,
            faults: Arc::default(),
            routes: Arc::default(),
        };
        for account in sandbox.config.accounts.clone() {
            sandbox.put_account(account).await?;
        }
        Ok(sandbox)
    }

    /// The wall clock.
    pub(crate) fn now(&self) -> UnixMillis {
        self.config.clock.now()
    }

    /// Makes an account, or changes what `new` says about it.
    ///
    /// # Errors
    /// When a name or word is none.
    pub async fn put_account(&self, new: NewAccount) -> Result<Account, Error> {
        let now = self.now().0;
        self.database
            .write("sandbox.put_account", move |scope| Account::put(scope, &new, now))
            .await
    }

    /// Makes an account, or changes it, and gives it fresh tokens for `client_id`, or for the
    /// first app.
    ///
    /// # Errors
    /// When a name or word is none, or no app has that id.
    pub async fn grant(&self, new: NewAccount, client_id: Option<String>) -> Result<Grant, Error> {
        let app = match &client_id {
            Some(id) => self.config.app(id),
            None => self.config.apps.first(),
        };
        let app = app.cloned().ok_or_else(|| {
            let ids: Vec<&str> =
                self.config.apps.iter().map(|app| app.client_id.as_str()).collect();
            Error::Invalid(format!("no such app; there are: {}", ids.join(", ")))
        })?;
        let (now, config) = (self.now().0, Arc::clone(&self.config));
        self.database
            .write("sandbox.grant", move |scope| {
                let account = Account::put(scope, &new, now)?;
                let consent = Consent {
                    account_id: account.id,
                    client_id: app.client_id.clone(),
                    scope: SCOPES.to_owned(),
                    family: token::fresh()?,
                };
                let pair = token::issue(scope, &config, &consent, now)?;
                Ok(Grant {
                    id: account.id.to_string(),
                    username: account.username,
                    name: account.name,
                    subscription_type: account.subscription_type,
                    access_token: pair.access,
                    refresh_token: pair.refresh.unwrap_or_default(),
                    expires_in: pair.expires_in,
                    scope: pair.scope,
                    client_id: app.client_id,
                    client_secret: app.client_secret,
                })
            })
            .await
    }

    /// Ends all tokens of an account, as when its owner disconnects the app.
    ///
    /// # Errors
    /// When there is no such account.
    pub async fn disconnect(&self, username: &str) -> Result<(), Error> {
        let (now, username) = (self.now().0, username.to_owned());
        self.database
            .write("sandbox.disconnect", move |scope| {
                let account = Account::by_username(scope, &username)?
                    .ok_or_else(|| Error::Invalid(format!("there is no account \"{username}\"")))?;
                token::revoke_account(scope, account.id, now)
            })
            .await
    }

    /// The ledger's entries after number `after`, oldest first: at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn ledger(&self, after: i64, limit: u32) -> Result<Vec<Entry>, Error> {
        self.database.write("sandbox.read", move |scope| ledger::entries(scope, after, limit)).await
    }

    /// Returns the media of a post, in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn media_of(&self, tweet: i64) -> Result<Vec<PostedMedia>, Error> {
        self.database.write("sandbox.read", move |scope| Media::posted(scope, tweet)).await
    }

    /// Returns how many files were ever begun to be uploaded, and how many are whole.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn media_counts(&self) -> Result<(u32, u32), Error> {
        self.database.write("sandbox.read", |scope| Media::counts(scope)).await
    }

    /// The ledger in numbers.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn summary(&self) -> Result<Summary, Error> {
        self.database.write("sandbox.read", |scope| ledger::summary(scope)).await
    }

    /// Returns whether a post is there: created, and not deleted.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_there(&self, id: i64) -> Result<bool, Error> {
        let found = move |scope: &mut crate::database::Scope<'_>| {
            Ok(crate::tweet::Tweet::by_id(scope, id)?.is_some())
        };
        self.database.write("sandbox.read", found).await
    }

    /// Arms a fault.
    ///
    /// # Errors
    /// When it lacks what its kind needs.
    pub fn arm(&self, fault: Fault) -> Result<Arming, Error> {
        self.faults.arm(fault)
    }

    /// Disarms one fault, or all.
    pub fn disarm(&self, id: Option<u64>) {
        self.faults.disarm(id);
    }
}
