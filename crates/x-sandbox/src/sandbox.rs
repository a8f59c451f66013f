//! The sandbox as others hold it: opened, served, asked.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use roost_core::clock::UnixMillis;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::account::{Account, NewAccount};
use crate::config::{Config, SCOPES};
use crate::database::{Database, Error};
use crate::fault::{Arming, Fault, Faults};
use crate::ledger::{self, Entry, Summary};
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
        let database = Database::open(&config.database, now, memory)?;
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

    /// All routes. Served by other means than [`Sandbox::serve`], cut connections break inside the
    /// answer's body instead of where they were asked to.
    pub fn router(&self) -> Router {
        crate::routes::router(self.clone())
    }

    /// Serves until `stop`; what is under way then is finished.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) {
        crate::cut::serve(listener, self.router(), stop).await;
    }

    /// Opens a sandbox and serves it on 127.0.0.1; port 0 takes a free one.
    ///
    /// # Errors
    /// As [`Sandbox::open`], or when the port is taken.
    pub async fn start(config: Config, port: u16) -> Result<Running, Error> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address)
            .await
            .map_err(Error::io(format!("listening on {address}")))?;
        let address = listener.local_addr().map_err(Error::io("asking for the port"))?;
        let sandbox = Self::open(config).await?;
        let stop = CancellationToken::new();
        let serving = {
            let (sandbox, stop) = (sandbox.clone(), stop.clone());
            tokio::spawn(async move { sandbox.serve(listener, stop).await })
        };
        Ok(Running { sandbox, address, stop, serving })
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

/// A sandbox that is being served.
#[derive(Debug)]
pub struct Running {
    /// The sandbox.
    pub sandbox: Sandbox,
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Running {
    /// Where it answers, such as `http://127.0.0.1:4000`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops; what is under way is finished.
    pub async fn stop(self) {
        self.stop.cancel();
        // A panic in there was logged by the runtime.
        let _ = self.serving.await;
    }

    /// Runs until `stop` or [`Running::stop`].
    pub async fn until(self, stop: impl Future<Output = ()>) {
        stop.await;
        self.stop().await;
    }
}
