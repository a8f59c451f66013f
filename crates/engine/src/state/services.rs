//! The clients of the relay and the scheduler that are in use.

use roost_relay_api::Pin;
use sha2::{Digest, Sha256};
use url::Url;

use crate::{Endpoint, Endpoints, Error, Result, Transports};

/// The clients of the services now in use. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Services {
    pub(crate) relay: roost_relay_api::Client,
    /// None while the person has not told its token.
    scheduler: Option<KnownScheduler>,
    /// The relay as messages name it; also its name in the store, since ports change.
    pub(crate) relay_public_url: String,
    /// The certificate by which the relay is known.
    pin: Option<Pin>,
    /// The scheduler that this process used before: it may have messages that no longer count.
    former: Option<roost_qstash::Client>,
}

/// A scheduler, and what tells it from others.
#[derive(Debug, Clone)]
struct KnownScheduler {
    client: roost_qstash::Client,
    /// Its address, and which of its accounts: a part of the token's hash.
    identity: String,
    /// Whether it is the one inside the relay.
    is_relays: bool,
}

/// The scheduler whose refusals are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RefusedBy {
    /// The scheduler at this address.
    Scheduler(String),
    /// The scheduler that runs with the relay of this computer, in any process.
    ThisComputer,
    /// None is known, or its token was told since.
    Unknown,
}

impl Services {
    pub(super) fn new(endpoints: &Endpoints, transports: Option<&Transports>) -> Result<Self> {
        let (url, key) = (address(&endpoints.relay.url)?, endpoints.relay.bearer.reveal());
        let relay = match transports {
            None => roost_relay_api::Client::pinned(url, key, endpoints.pin.as_ref())?,
            Some(other) => roost_relay_api::Client::over(other.relay.clone(), url, key)?,
        };
        let relay_public_url = endpoints.relay_public_url.trim_end_matches('/').to_owned();
        let services =
            Self { relay, scheduler: None, relay_public_url, pin: endpoints.pin, former: None };
        match &endpoints.qstash {
            None => Ok(services),
            Some(qstash) => services.with_scheduler(qstash, transports),
        }
    }

    /// Returns the same relay with another scheduler.
    pub(crate) fn with_scheduler(
        &self,
        endpoint: &Endpoint,
        transports: Option<&Transports>,
    ) -> Result<Self> {
        let token = endpoint.bearer.reveal().to_owned();
        let url = address(&endpoint.url)?;
        let is_relays = url.origin() == self.relay.base().origin();
        let account = Sha256::digest(token.trim()).iter().take(ACCOUNT_HASH_BYTES).fold(
            String::new(),
            |mut text, byte| {
                text.push_str(&format!("{byte:02x}"));
                text
            },
        );
        // The scheduler inside the relay speaks with the relay's certificate.
        let pin = self.pin.filter(|_| is_relays);
        let client = match (transports, pin) {
            (None, None) => roost_qstash::Client::new(url, token)?,
            (None, Some(pin)) => roost_qstash::Client::with_tls(url, token, pin.tls()?)?,
            (Some(other), _) => roost_qstash::Client::over(other.qstash.clone(), url, token)?,
        };
        let identity =
            if is_relays { "relay".to_owned() } else { format!("{}#{account}", client.base()) };
        Ok(Self { scheduler: Some(KnownScheduler { client, identity, is_relays }), ..self.clone() })
    }

    /// Returns these services, which know whose scheduler `before` was where it was another one.
    pub(crate) fn instead_of(self, before: Option<&Self>) -> Self {
        let Some(before) = before else { return self };
        let was = before.scheduler.as_ref();
        let is_another =
            was.map(|it| &it.identity) != self.scheduler.as_ref().map(|it| &it.identity);
        let former =
            if is_another { was.map(|it| it.client.clone()) } else { before.former.clone() };
        Self { former, ..self }
    }

    /// Returns the scheduler that this process used before.
    pub(crate) const fn former_scheduler(&self) -> Option<&roost_qstash::Client> {
        self.former.as_ref()
    }

    /// Returns the scheduler's client.
    ///
    /// # Errors
    /// [`Error::NoScheduler`] while the person has not told its token.
    pub(crate) fn scheduler(&self) -> Result<&roost_qstash::Client> {
        self.scheduler.as_ref().map(|it| &it.client).ok_or(Error::NoScheduler)
    }

    /// Returns what tells the scheduler in use from others; none while its token is not known.
    pub(crate) fn scheduler_identity(&self) -> Option<String> {
        self.scheduler.as_ref().map(|it| it.identity.clone())
    }

    /// Returns whether the scheduler is the one inside the relay.
    pub(crate) fn uses_relays_scheduler(&self) -> bool {
        self.scheduler.as_ref().is_some_and(|it| it.is_relays)
    }
}

/// As much of a token's hash as tells one account from another.
const ACCOUNT_HASH_BYTES: usize = 8;

fn address(text: &str) -> Result<Url> {
    Url::parse(text).map_err(|_| Error::Address(text.to_owned()))
}
