//! The relay that this data folder is paired with: its address in a file, its keys in the keyring.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use roost_engine::{Endpoint, Secret};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::failure::Failure;

/// The keyring's name for everything that is Roost's.
const KEYRING_SERVICE: &str = "roost";
const PAIRING_FILE: &str = "pairing.json";
const KEY_FILE: &str = "pairing-keys.json";

/// A link as the relay prints it: `roost://pair?relay=…&key=…[&qstash=…&token=…][&public=…]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) relay: Endpoint,
    /// The relay as the scheduler names it.
    pub(crate) public_url: Option<String>,
    /// The scheduler; without one the environment has to tell it.
    pub(crate) qstash: Option<Endpoint>,
}

impl Link {
    /// Reads a link. Nothing of it is repeated in the error: it carries keys.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let bad = |why: &str| {
            Failure::usage(format!(
                "This is no pairing link: {why}. It looks like roost://pair?relay=…&key=…; \
                 `roost-relay device add` on your server prints one."
            ))
        };
        let url = Url::parse(text.trim()).map_err(|_| bad("it is no address"))?;
        if url.scheme() != "roost" || url.host_str() != Some("pair") {
            return Err(bad("it does not begin with roost://pair"));
        }
        let value = |name: &str| {
            url.query_pairs()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
                .filter(|value| !value.is_empty())
        };
        let relay = value("relay").ok_or_else(|| bad("it names no relay"))?;
        let key = value("key").ok_or_else(|| bad("it has no key"))?;
        check_address(&relay).map_err(|why| bad(&why))?;
        let qstash = match (value("qstash"), value("token")) {
            (Some(url), Some(token)) => {
                check_address(&url).map_err(|why| bad(&why))?;
                Some(Endpoint { url, bearer: Secret::new(token) })
            }
            _ => None,
        };
        let relay = Endpoint { url: relay, bearer: Secret::new(key) };
        Ok(Self { relay, public_url: value("public"), qstash })
    }
}

/// Keys cross no network in the clear: `http` is for this machine only.
fn check_address(address: &str) -> Result<(), String> {
    let url = Url::parse(address).map_err(|_| format!("«{address}» is no address"))?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(format!("«{address}» names no machine")),
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if loopback => Ok(()),
        "http" => Err(format!("{address} is not encrypted; use https")),
        _ => Err(format!("{address} does not begin with https://")),
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Pairing {
    relay_url: String,
    public_url: Option<String>,
    qstash_url: Option<String>,
    keys: KeptIn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeptIn {
    Keyring,
    File,
}

#[derive(Serialize, Deserialize)]
struct Keys {
    relay: String,
    qstash: Option<String>,
}

/// What the pairing of `data` is, when there is one.
pub(crate) fn load(data: &Path) -> Result<Option<Link>, Failure> {
    let path = data.join(PAIRING_FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(&path, &error.to_string())),
    };
    let pairing: Pairing =
        serde_json::from_str(&text).map_err(|error| unreadable(&path, &error.to_string()))?;
    let keys = load_keys(data, pairing.keys)?;
    let qstash = pairing
        .qstash_url
        .zip(keys.qstash)
        .map(|(url, token)| Endpoint { url, bearer: Secret::new(token) });
    let relay = Endpoint { url: pairing.relay_url, bearer: Secret::new(keys.relay) };
    Ok(Some(Link { relay, public_url: pairing.public_url, qstash }))
}

/// Keeps a pairing: keys first, so that a pairing without keys is never found.
pub(crate) fn keep(data: &Path, link: &Link, in_file: bool) -> Result<KeptIn, Failure> {
    let keys = Keys {
        relay: link.relay.bearer.reveal().to_owned(),
        qstash: link.qstash.as_ref().map(|qstash| qstash.bearer.reveal().to_owned()),
    };
    let kept = keep_keys(data, &keys, in_file)?;
    let pairing = Pairing {
        relay_url: link.relay.url.clone(),
        public_url: link.public_url.clone(),
        qstash_url: link.qstash.as_ref().map(|qstash| qstash.url.clone()),
        keys: kept,
    };
    write_private(&data.join(PAIRING_FILE), &pairing)?;
    Ok(kept)
}

fn load_keys(data: &Path, kept: KeptIn) -> Result<Keys, Failure> {
    let text = match kept {
        KeptIn::File => {
            let path = data.join(KEY_FILE);
            fs::read_to_string(&path).map_err(|error| unreadable(&path, &error.to_string()))?
        }
        KeptIn::Keyring => {
            let user = keyring_user(data);
            in_own_thread(move || keyring::Entry::new(KEYRING_SERVICE, &user)?.get_password())
                .map_err(|error| {
                    Failure::work(
                        "keyring",
                        format!(
                            "The keyring did not give the relay's key: {error}. Unlock it, or pair \
                         again with `roost pair LINK`."
                        ),
                    )
                })?
        }
    };
    serde_json::from_str(&text).map_err(|_| {
        Failure::work("keyring", "The relay's key can't be read. Pair again: `roost pair LINK`.")
    })
}

fn keep_keys(data: &Path, keys: &Keys, in_file: bool) -> Result<KeptIn, Failure> {
    if in_file {
        write_private(&data.join(KEY_FILE), keys)?;
        return Ok(KeptIn::File);
    }
    let text = serde_json::to_string(keys)
        .map_err(|error| Failure::work("internal", error.to_string()))?;
    let user = keyring_user(data);
    let stored =
        in_own_thread(move || keyring::Entry::new(KEYRING_SERVICE, &user)?.set_password(&text));
    stored.map(|()| KeptIn::Keyring).map_err(|error| {
        Failure::work(
            "keyring_unavailable",
            format!(
                "This machine has no keyring to keep the key in ({error}). Nothing was kept. To \
                 keep it in a file that only you can read, say `roost pair --key-in-file LINK`."
            ),
        )
    })
}

/// Two data folders are two pairings.
fn keyring_user(data: &Path) -> String {
    let folder = data.canonicalize().unwrap_or_else(|_| data.to_owned());
    format!("relay of {}", folder.display())
}

/// The keyring speaks over D-Bus with a runtime of its own, which must not stand inside ours.
fn in_own_thread<T: Send + 'static>(
    work: impl FnOnce() -> keyring::Result<T> + Send + 'static,
) -> Result<T, String> {
    std::thread::spawn(work)
        .join()
        .map_err(|_| "the keyring's client stopped".to_owned())?
        .map_err(|error| error.to_string())
}

/// Writes beside and renames, readable for the owner alone.
fn write_private(path: &Path, content: &impl Serialize) -> Result<(), Failure> {
    let beside: PathBuf = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside)?;
        file.write_all(serde_json::to_string_pretty(content)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|error| {
        Failure::work("disk", format!("{} can't be written: {error}.", path.display()))
    })
}

fn unreadable(path: &Path, why: &str) -> Failure {
    Failure::work(
        "pairing_unreadable",
        format!("{} can't be read: {why}. Pair again: `roost pair LINK`.", path.display()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_with_relay_and_key_is_read() {
        let link = Link::parse("roost://pair?relay=https%3A%2F%2Fr.example&key=k1").unwrap();
        assert_eq!(link.relay.url, "https://r.example");
        assert_eq!(link.relay.bearer.reveal(), "k1");
        assert_eq!(link.qstash, None);
    }

    #[test]
    #[cfg(unix)]
    fn keys_in_a_file_are_the_owner_s_alone() {
        use std::os::unix::fs::PermissionsExt;
        let data = tempfile::tempdir().unwrap();
        let link = Link::parse(
            "roost://pair?relay=https%3A%2F%2Fr.example&key=k1&qstash=https%3A%2F%2Fq.example&token=t",
        )
        .unwrap();
        keep(data.path(), &link, true).unwrap();
        assert_eq!(load(data.path()).unwrap(), Some(link));
        for file in [PAIRING_FILE, KEY_FILE] {
            let mode = fs::metadata(data.path().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
        let pairing = fs::read_to_string(data.path().join(PAIRING_FILE)).unwrap();
        assert!(!pairing.contains("k1"), "{pairing}");
    }

    #[test]
    fn a_key_goes_over_no_open_network_and_into_no_message() {
        for link in [
            "roost://pair?relay=http%3A%2F%2Fr.example&key=sesame",
            "roost://pair?key=sesame",
            "https://pair?relay=https%3A%2F%2Fr.example&key=sesame",
            "sesame",
        ] {
            let failure = Link::parse(link).unwrap_err();
            assert!(!failure.message.contains("sesame"), "{}", failure.message);
        }
        assert!(Link::parse("roost://pair?relay=http%3A%2F%2F127.0.0.1%3A80&key=k").is_ok());
    }
}
