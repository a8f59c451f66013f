//! A relay elsewhere: named by the environment, or paired with `roost pair`. Without one, posts go
//! out from this computer, and no token is kept anywhere.

use std::path::Path;

use roost_engine::{Endpoint, Endpoints, Mode, Secret};
use serde::Deserialize;

use crate::environment;
use crate::failure::Failure;

const KEYRING_SERVICE: &str = "roost";
const PAIRING_FILE: &str = "pairing.json";
const KEY_FILE: &str = "pairing-keys.json";
const QSTASH_URL: &str = "https://qstash.upstash.io";

/// The pairing as `roost pair` keeps it.
#[derive(Deserialize)]
struct Pairing {
    relay_url: String,
    public_url: Option<String>,
    qstash_url: Option<String>,
    keys: KeptIn,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeptIn {
    Keyring,
    File,
}

#[derive(Deserialize)]
struct Keys {
    relay: String,
    qstash: Option<String>,
}

/// The services elsewhere, when there are some.
pub(crate) fn relay(data: &Path) -> Result<Option<(Mode, Endpoints)>, Failure> {
    let Some((relay, public_url, paired_qstash)) =
        named().map_or_else(|| paired(data), |named| Ok(Some((named?, None, None))))?
    else {
        return Ok(None);
    };
    let qstash = environment::word("QSTASH_TOKEN")
        .map(|token| {
            let url = environment::word("QSTASH_URL").unwrap_or_else(|| QSTASH_URL.to_owned());
            endpoint(url, token)
        })
        .or(paired_qstash)
        .ok_or_else(|| {
            Failure::new(
                "scheduler_unknown",
                "The relay is known and its scheduler is not. Set QSTASH_URL and QSTASH_TOKEN.",
            )
        })?;
    let mode = if qstash.url.contains("upstash.io") { Mode::ServerQstash } else { Mode::Server };
    let relay_public_url = public_url.unwrap_or_else(|| relay.url.clone());
    Ok(Some((mode, Endpoints { relay, relay_public_url, qstash })))
}

/// The relay that the environment names.
fn named() -> Option<Result<Endpoint, Failure>> {
    let url = environment::word("ROOST_RELAY_URL")?;
    Some(environment::word("ROOST_RELAY_KEY").map(|key| endpoint(url, key)).ok_or_else(|| {
        Failure::new("relay_key", "ROOST_RELAY_URL is set and ROOST_RELAY_KEY is not.")
    }))
}

type Paired = (Endpoint, Option<String>, Option<Endpoint>);

/// The relay that this data folder is paired with.
fn paired(data: &Path) -> Result<Option<Paired>, Failure> {
    let path = data.join(PAIRING_FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(&path, &error.to_string())),
    };
    let pairing: Pairing =
        serde_json::from_str(&text).map_err(|error| unreadable(&path, &error.to_string()))?;
    let keys = keys(data, &pairing.keys)?;
    let qstash = pairing.qstash_url.zip(keys.qstash).map(|(url, token)| endpoint(url, token));
    Ok(Some((endpoint(pairing.relay_url, keys.relay), pairing.public_url, qstash)))
}

fn keys(data: &Path, kept: &KeptIn) -> Result<Keys, Failure> {
    let text = match kept {
        KeptIn::File => {
            let path = data.join(KEY_FILE);
            std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error.to_string()))?
        }
        KeptIn::Keyring => from_keyring(data)?,
    };
    serde_json::from_str(&text).map_err(|_| {
        Failure::new("keyring", "The relay's key can't be read. Pair again: `roost pair LINK`.")
    })
}

/// The keyring speaks over D-Bus with a runtime of its own, which must not stand inside ours.
fn from_keyring(data: &Path) -> Result<String, Failure> {
    let folder = data.canonicalize().unwrap_or_else(|_| data.to_owned());
    let user = format!("relay of {}", folder.display());
    let asked =
        std::thread::spawn(move || keyring::Entry::new(KEYRING_SERVICE, &user)?.get_password());
    let failed = |why: String| {
        Failure::new(
            "keyring",
            format!(
                "The keyring did not give the relay's key: {why}. Unlock it and start Roost \
                 again, or pair again with `roost pair LINK`."
            ),
        )
    };
    asked
        .join()
        .map_err(|_| failed("its client stopped".to_owned()))?
        .map_err(|error| failed(error.to_string()))
}

fn endpoint(url: String, bearer: String) -> Endpoint {
    Endpoint { url, bearer: Secret::new(bearer) }
}

fn unreadable(path: &Path, why: &str) -> Failure {
    let words = format!("{} can't be read: {why}. Pair again: `roost pair LINK`.", path.display());
    Failure::new("pairing", words)
}
