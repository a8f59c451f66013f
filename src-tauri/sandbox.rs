//! The X sandbox: an account of its own, made at the first start.

use std::time::Duration;

use roost_core::clock::{Clock as _, SystemClock};
use roost_core::id::XUserId;
use roost_engine::api::Failure;
use roost_engine::{Engine, is_sandbox};
use roost_relay_api::{AccountHealth, Grant};
use serde::Deserialize;
use url::Url;

use crate::environment;
use crate::failure::of_the_shell;

/// The account that is made.
const USERNAME: &str = "ada";
const NAME: &str = "Ada";
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// What the sandbox answers may be this long.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// A sandbox that stands in for X.
pub(crate) struct Sandbox {
    address: String,
}

/// An account that the sandbox makes, with its tokens.
#[derive(Deserialize)]
struct Made {
    id: String,
    username: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    subscription_type: Option<String>,
    client_id: String,
    #[serde(default)]
    client_secret: Option<String>,
    access_token: String,
    refresh_token: String,
    expires_in: i64,
    #[serde(default)]
    scope: String,
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
            let made = self.make_account().await?;
            engine.connect(XUserId(made.id.clone()), made.into_grant()).await?;
        }
        engine.set_x_api_base(&self.address).await?;
        Ok(())
    }

    async fn make_account(&self) -> Result<Made, Failure> {
        let failed = |why: String| {
            let words = format!("The sandbox at {} gave no account: {why}.", self.address);
            of_the_shell(words)
        };
        let base = Url::parse(&self.address).map_err(|error| failed(error.to_string()))?;
        let address = base.join("/_sandbox/accounts").map_err(|error| failed(error.to_string()))?;
        let client = reqwest::Client::builder().timeout(PATIENCE).build();
        let client = client.map_err(|error| failed(error.to_string()))?;
        let account = serde_json::json!({ "username": USERNAME, "name": NAME });
        let sent = client.post(address).json(&account).send().await;
        let answer = sent.map_err(|error| failed(error.without_url().to_string()))?;
        let status = answer.status();
        let read = answer.bytes().await;
        let bytes = read.map_err(|error| failed(error.without_url().to_string()))?;
        if !status.is_success() || bytes.len() > ANSWER_BYTES_MAX {
            return Err(failed(format!("it answered {status}")));
        }
        serde_json::from_slice(&bytes).map_err(|_| failed("its answer can't be read".to_owned()))
    }
}

impl Made {
    fn into_grant(self) -> Grant {
        let seconds = u64::try_from(self.expires_in).unwrap_or(0);
        Grant {
            username: self.username,
            name: self.name,
            subscription_type: self.subscription_type,
            client_id: self.client_id,
            client_secret: self.client_secret,
            access_token: self.access_token,
            refresh_token: self.refresh_token,
            expires_at: SystemClock.now().plus(Duration::from_secs(seconds)),
            scope: self.scope,
        }
    }
}
