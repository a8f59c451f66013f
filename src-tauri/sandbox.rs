//! The X sandbox: an account of its own, made at the first start.

use roost_core::clock::SystemClock;
use roost_engine::api::Failure;
use roost_engine::{Engine, is_sandbox};
use roost_relay_api::AccountHealth;
use roost_sign_in::{SignedIn, sandbox_account};
use url::Url;

use crate::environment;
use crate::failure::of_the_shell;
use crate::sign_in::ConnectedAccount;

/// The account that is made.
const USERNAME: &str = "ada";
const NAME: &str = "Ada";

/// A sandbox that stands in for X.
pub(crate) struct Sandbox {
    address: String,
}

impl Sandbox {
    /// The sandbox named by `ROOST_SANDBOX_URL`.
    pub(crate) fn from_environment() -> Result<Option<Self>, Failure> {
        let Some(address) = environment::word("ROOST_SANDBOX_URL") else { return Ok(None) };
        if Url::parse(&address).is_err() || !is_sandbox(&address) {
            let words = format!("ROOST_SANDBOX_URL is no address of a sandbox: \"{address}\".");
            return Err(of_the_shell(words));
        }
        Ok(Some(Self { address }))
    }

    /// Its address.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Connects an account, unless one is connected: its tokens are the relay's alone.
    pub(crate) async fn connect(&self, engine: &Engine) -> Result<(), Failure> {
        let known = engine.accounts().await?;
        if !known.iter().any(|account| account.health == AccountHealth::Connected) {
            self.add_account(engine, USERNAME, Some(NAME)).await?;
        }
        engine.set_x_api_base(&self.address).await?;
        Ok(())
    }

    /// Connects an account that the sandbox makes: nobody signs in there.
    pub(crate) async fn add_account(
        &self,
        engine: &Engine,
        username: &str,
        name: Option<&str>,
    ) -> Result<ConnectedAccount, Failure> {
        let SignedIn { user, grant } = self.make_account(username, name).await?;
        let account = engine.connect(user, grant).await?;
        Ok(ConnectedAccount::of(account.x_user_id, account.username))
    }

    async fn make_account(&self, username: &str, name: Option<&str>) -> Result<SignedIn, Failure> {
        let failed = |why: &dyn std::fmt::Display| {
            let words = format!("The sandbox at {} gave no account: {why}.", self.address);
            of_the_shell(words)
        };
        let base = Url::parse(&self.address).map_err(|error| failed(&error))?;
        let made = sandbox_account(&base, username, name, &SystemClock).await;
        made.map_err(|why| failed(&why))
    }
}
