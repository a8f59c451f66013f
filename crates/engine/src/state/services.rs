//! The clients of the relay and the scheduler that are in use.

use url::Url;

use crate::{Endpoint, Endpoints, Error, Result, Transports};

/// The clients of the services now in use. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Services {
    pub(crate) relay: roost_relay_api::Client,
    /// None while the person has not told its token.
    qstash: Option<roost_qstash::Client>,
    /// The relay as messages name it; also its name in the store, since ports change.
    pub(crate) relay_public_url: String,
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
        let address = |text: &str| Url::parse(text).map_err(|_| Error::Address(text.to_owned()));
        let (url, key) = (address(&endpoints.relay.url)?, endpoints.relay.bearer.reveal());
        let origin = url.origin();
        let relay = match transports {
            None => roost_relay_api::Client::pinned(url, key, endpoints.pin.as_ref())?,
            Some(other) => roost_relay_api::Client::over(other.relay.clone(), url, key)?,
        };
        let qstash = |endpoint: &Endpoint| {
            let token = endpoint.bearer.reveal().to_owned();
            let url = address(&endpoint.url)?;
            // The scheduler inside the relay speaks with the relay's certificate.
            let pin = endpoints.pin.filter(|_| url.origin() == origin);
            Ok::<_, Error>(match (transports, pin) {
                (None, None) => roost_qstash::Client::new(url, token)?,
                (None, Some(pin)) => roost_qstash::Client::with_tls(url, token, pin.tls()?)?,
                (Some(other), _) => roost_qstash::Client::over(other.qstash.clone(), url, token)?,
            })
        };
        let qstash = endpoints.qstash.as_ref().map(qstash).transpose()?;
        let relay_public_url = endpoints.relay_public_url.trim_end_matches('/').to_owned();
        Ok(Self { relay, qstash, relay_public_url })
    }

    /// Returns the scheduler's client.
    ///
    /// # Errors
    /// [`Error::NoScheduler`] while the person has not told its token.
    pub(crate) fn scheduler(&self) -> Result<&roost_qstash::Client> {
        self.qstash.as_ref().ok_or(Error::NoScheduler)
    }
}
