//! A link that lets one computer in, once: it is shown to the person before it is used.

use std::fmt;

use roost_engine::{Endpoint, Secret};
use roost_relay_api::{Client, ClientError, PairAnswer, PairRequest, Pin, RefusalCode};
use url::Url;

use crate::Link;

/// Requests for one pairing; a repeated one is the same to the relay.
const ATTEMPTS: usize = 3;

/// A one-time link: `roost://pair?relay=…&code=…[&pin=…][&public=…]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The relay's address.
    pub relay_url: String,
    /// The relay as the scheduler names it, where that is another address.
    pub public_url: Option<String>,
    /// The relay's certificate, where it vouches for itself.
    pub pin: Option<Pin>,
    pub(crate) code: Secret,
}

/// Why a computer was not let in.
#[derive(Debug, thiserror::Error)]
pub enum NotLetIn {
    /// The relay said no.
    #[error("The relay did not let this computer in: {0}.")]
    Refused(String),
    /// Another certificate than the link names: another relay, or somebody in between.
    #[error(
        "What answers at {0} shows another certificate than the link names, so nothing was sent to it. \
         Make a new link with `roost-relay pair`; if this stays so, somebody stands in between."
    )]
    OtherCertificate(String),
    /// A relay of an earlier release.
    #[error(
        "The relay at {0} is of an earlier release and knows no one-time links. Bring it up to date, \
         or use the link that `roost-relay device add` prints there."
    )]
    Older(String),
    /// It was not reached, or something else answered.
    #[error("This computer was not let in: {0}. The link holds for 10 minutes; try again.")]
    NotReached(ClientError),
    /// The system gives no random numbers.
    #[error("No key can be made: {0}.")]
    NoKey(String),
}

impl NotLetIn {
    /// The failure's name, for scripts and for the window.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(_) | Self::Older(_) => "relay_refused",
            Self::OtherCertificate(_) | Self::NotReached(_) => "relay_unreachable",
            Self::NoKey(_) => "internal",
        }
    }
}

impl Invitation {
    /// Returns the relay's host, and its port where it is not the usual one: what a person knows it by.
    #[must_use]
    pub fn host(&self) -> String {
        let Ok(url) = Url::parse(&self.relay_url) else { return self.relay_url.clone() };
        let host = url.host_str().unwrap_or_default();
        url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Returns the name of the relay in the store.
    #[must_use]
    pub fn name(&self) -> &str {
        self.public_url.as_ref().unwrap_or(&self.relay_url).trim_end_matches('/')
    }

    /// Returns what the relay printed beside the link, for the person to compare.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let pin = self.pin.map(|pin| pin.to_string());
        roost_relay_api::link_fingerprint(&self.relay_url, pin.as_deref(), self.code.reveal())
    }

    /// Uses the link: the relay knows `key` as the computer `device` from then on. Repeating it with the
    /// same key is safe.
    ///
    /// # Errors
    /// When the relay refuses or is not reached; see [`NotLetIn`].
    pub async fn redeem(&self, device: &str, key: &DeviceKey) -> Result<Link, NotLetIn> {
        let answer = self.ask(device, key).await.map_err(|error| self.why(error))?;
        let url = self.relay_url.clone();
        let qstash = answer
            .scheduler_token
            .map(|token| Endpoint { url: url.clone(), bearer: Secret::new(token) });
        let relay = Endpoint { url, bearer: key.0.clone() };
        Ok(Link { relay, public_url: self.public_url.clone(), qstash, pin: self.pin })
    }

    async fn ask(&self, device: &str, key: &DeviceKey) -> Result<PairAnswer, ClientError> {
        let base = Url::parse(&self.relay_url)
            .map_err(|error| ClientError::Unusable(format!("{}: {error}", self.relay_url)))?;
        let client = Client::pinned(base, key.0.reveal(), self.pin.as_ref())?;
        let request =
            PairRequest { code: self.code.reveal().to_owned(), device: device.to_owned() };
        let mut answer = client.pair(&request).await;
        for _ in 1..ATTEMPTS {
            // An answer that was lost: the relay may have let us in.
            if !matches!(&answer, Err(error) if error.is_unreachable() && !error.is_definite()) {
                break;
            }
            answer = client.pair(&request).await;
        }
        answer
    }

    fn why(&self, error: ClientError) -> NotLetIn {
        match error {
            ClientError::Unreachable { address, reason, .. }
                if self.pin.is_some() && reason.contains("ApplicationVerificationFailure") =>
            {
                NotLetIn::OtherCertificate(address)
            }
            // It asks for a device key before it looks at the route.
            ClientError::Garbled { address, status: 404 | 405, .. } => NotLetIn::Older(address),
            ClientError::Refused { refusal, .. } if refusal.code == RefusalCode::NotFound => {
                NotLetIn::Older(self.relay_url.clone())
            }
            ClientError::Refused { refusal, .. } => NotLetIn::Refused(refusal.message),
            error => NotLetIn::NotReached(error),
        }
    }
}

/// A key that this computer made for itself, before any relay knows it.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceKey(Secret);

impl fmt::Debug for DeviceKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DeviceKey(..)")
    }
}

impl DeviceKey {
    /// Makes a random one.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn random() -> Result<Self, NotLetIn> {
        use base64::Engine;
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| NotLetIn::NoKey(error.to_string()))?;
        let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        Ok(Self(Secret::new(format!("rk_{text}"))))
    }
}

/// Returns this computer's own name, for the relay's list of devices.
#[must_use]
pub fn computer_name() -> String {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    let name: String = name.chars().filter(|letter| !letter.is_control()).take(100).collect();
    if name.trim().is_empty() { "computer".to_owned() } else { name }
}
