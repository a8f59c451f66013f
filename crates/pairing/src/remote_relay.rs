//! Which relay posts go out from, when it is not in this process.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use roost_engine::{Endpoint, Endpoints, Mode, Secret};

use crate::keyring::Question;
use crate::pairing::{self, Asked, Keys, Pairing, is_qstash};
use crate::{Error, Refusal};

/// QStash's own address.
pub const QSTASH_URL: &str = "https://qstash.upstash.io";

/// A relay that is not in this process.
#[derive(Debug)]
pub struct RemoteRelay {
    /// Where posts go out from.
    pub mode: Mode,
    /// The relay's address.
    pub relay_url: String,
    /// Whether there are keys to enter with.
    pub credentials: Credentials,
}

/// Whether there are keys to enter with.
#[derive(Debug)]
pub enum Credentials {
    /// There are keys.
    Ready(Endpoints),
    /// The keyring has not given the keys.
    Locked {
        /// Why.
        refusal: Refusal,
        /// Where its answer still may come.
        pending: Option<PendingUnlock>,
    },
}

/// A keyring's answer that still may come: its question is open.
pub struct PendingUnlock {
    question: Question<String>,
    known: Known,
}

impl fmt::Debug for PendingUnlock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PendingUnlock").finish_non_exhaustive()
    }
}

impl PendingUnlock {
    /// Waits as long as it takes. Blocking.
    ///
    /// # Errors
    /// When the keyring refuses after all.
    pub fn wait(self) -> Result<Endpoints, Refusal> {
        let text = self.question.at_last()?;
        let keys = pairing::parse(&text).ok_or(Refusal::Unreadable)?;
        self.known.with(Some(keys)).map_err(|error| Refusal::Failed(error.to_string()))
    }
}

/// Finds the relay elsewhere: by the environment, else by the pairing of this data folder. Where keys
/// are in the keyring, it is waited for so long. Blocking.
///
/// # Errors
/// When the environment names a relay without its key, or what was kept of a pairing can't be read.
pub fn find(data: &Path, patience: Duration) -> Result<Option<RemoteRelay>, Error> {
    let known = Known { relay: named_relay()?, qstash: named_qstash(), pairing: None };
    // What the environment names as a whole needs no keyring.
    let whole = known.relay.is_some() && known.qstash.is_some();
    let pairing = pairing::read(data)?;
    let kept = pairing.as_ref().filter(|_| !whole).map(|pairing| pairing.keys);
    let known = Known { pairing, ..known };
    let Some(relay_url) = known.relay_url() else { return Ok(None) };
    let mode = known.mode();
    let credentials = match kept.map(|kept| pairing::ask(data, kept)).transpose()? {
        None => Credentials::Ready(known.with(None)?),
        Some(Asked::Known(keys)) => Credentials::Ready(known.with(Some(keys))?),
        Some(Asked::Keyring(question)) => match question.within(patience) {
            Ok(text) => match pairing::parse(&text) {
                Some(keys) => Credentials::Ready(known.with(Some(keys))?),
                None => Credentials::Locked { refusal: Refusal::Unreadable, pending: None },
            },
            Err(refusal @ Refusal::Silent(_)) => {
                Credentials::Locked { refusal, pending: Some(PendingUnlock { question, known }) }
            }
            Err(refusal) => Credentials::Locked { refusal, pending: None },
        },
    };
    Ok(Some(RemoteRelay { mode, relay_url, credentials }))
}

/// What is known without keys of a pairing.
struct Known {
    relay: Option<Endpoint>,
    qstash: Option<Endpoint>,
    pairing: Option<Pairing>,
}

impl Known {
    fn relay_url(&self) -> Option<String> {
        let named = self.relay.as_ref().map(|relay| relay.url.clone());
        named.or_else(|| self.pairing.as_ref().map(|pairing| pairing.relay_url.clone()))
    }

    /// Whose scheduler it is can be told by its address. A relay that named none works with QStash.
    fn mode(&self) -> Mode {
        let named = self.qstash.as_ref().map(|qstash| qstash.url.as_str());
        let paired = || self.pairing.as_ref().and_then(|pairing| pairing.qstash_url.as_deref());
        match named.or_else(paired) {
            Some(url) if !is_qstash(url) => Mode::Server,
            _ => Mode::ServerQstash,
        }
    }

    /// The services, with the keys of the pairing where it counts.
    fn with(self, keys: Option<Keys>) -> Result<Endpoints, Error> {
        let (relay_key, token) = keys.map(|keys| (keys.relay, keys.qstash)).unzip();
        let paired_url = self.pairing.as_ref().map(|pairing| pairing.relay_url.clone());
        let paired = paired_url.clone().zip(relay_key).map(endpoint);
        let relay = self.relay.or(paired).ok_or(Error::NoKeys)?;
        let (mut public_url, mut qstash_url, mut pin) = (None, None, None);
        if let Some(pairing) = self.pairing {
            // A pin that can't be read must not open the relay to any certificate.
            let of_pairing = pairing.pin.as_deref().map(str::parse).transpose();
            pin = of_pairing
                .map_err(|_| Error::NoPin)?
                .filter(|_| paired_url.as_ref() == Some(&relay.url));
            qstash_url = pairing.qstash_url;
            // The environment may name another relay than the paired one.
            public_url = pairing.public_url.filter(|_| paired_url.as_ref() == Some(&relay.url));
        }
        let paired_qstash = qstash_url.zip(token.flatten()).map(endpoint);
        // Without one, everything but handing over works.
        let qstash = self.qstash.or(paired_qstash);
        let relay_public_url = public_url.unwrap_or_else(|| relay.url.clone());
        Ok(Endpoints { relay, relay_public_url, qstash, pin })
    }
}

fn endpoint((url, bearer): (String, String)) -> Endpoint {
    Endpoint { url, bearer: Secret::new(bearer) }
}

/// The relay that the environment names.
fn named_relay() -> Result<Option<Endpoint>, Error> {
    let Some(url) = word("ROOST_RELAY_URL") else { return Ok(None) };
    let key = word("ROOST_RELAY_KEY").ok_or(Error::RelayKeyMissing)?;
    Ok(Some(endpoint((url, key))))
}

/// The scheduler that the environment names.
fn named_qstash() -> Option<Endpoint> {
    let token = word("QSTASH_TOKEN")?;
    Some(endpoint((word("QSTASH_URL").unwrap_or_else(|| QSTASH_URL.to_owned()), token)))
}

/// The value of a variable; an empty one counts as absent.
fn word(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
