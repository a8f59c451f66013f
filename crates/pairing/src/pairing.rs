//! What is kept of a pairing: the addresses in a file, the keys in the keyring.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::keyring::{self, Question};
use crate::{Error, Link, Refusal};

const PAIRING_FILE: &str = "pairing.json";
const KEY_FILE: &str = "pairing-keys.json";

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Pairing {
    pub(crate) relay_url: String,
    pub(crate) public_url: Option<String>,
    pub(crate) qstash_url: Option<String>,
    pub(crate) keys: KeptIn,
}

/// Where the keys of a pairing are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptIn {
    /// In the system's keyring.
    Keyring,
    /// In a file that only its owner can read, because the person said so.
    File,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Keys {
    pub(crate) relay: String,
    pub(crate) qstash: Option<String>,
}

/// The keys, or the question to the keyring that asks for them.
pub(crate) enum Asked {
    Known(Keys),
    Keyring(Question<String>),
}

/// Keeps a pairing: keys first, so that a pairing without keys is never found. The keyring is waited
/// for so long; what it does not take is kept nowhere.
///
/// # Errors
/// When the keyring refuses, or a file can't be written.
pub fn keep(data: &Path, link: &Link, in_file: bool, patience: Duration) -> Result<KeptIn, Error> {
    let keys = Keys {
        relay: link.relay.bearer.reveal().to_owned(),
        qstash: link.qstash.as_ref().map(|qstash| qstash.bearer.reveal().to_owned()),
    };
    let (key_file, kept) = (data.join(KEY_FILE), kept_in(in_file));
    match kept {
        KeptIn::File => write_private(&key_file, &keys)?,
        KeptIn::Keyring => {
            let text = serde_json::to_string(&keys)
                .map_err(|error| Error::NotKept(Refusal::Failed(error.to_string())))?;
            keyring::write(data, text).within(patience).map_err(Error::NotKept)?;
        }
    }
    let pairing = Pairing {
        relay_url: link.relay.url.clone(),
        public_url: link.public_url.clone(),
        qstash_url: link.qstash.as_ref().map(|qstash| qstash.url.clone()),
        keys: kept,
    };
    write_private(&data.join(PAIRING_FILE), &pairing)?;
    if kept == KeptIn::Keyring {
        // Keys of an earlier pairing that the person had in a file.
        match fs::remove_file(&key_file) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                return Err(Error::Unwritable { path: key_file, source });
            }
            _ => {}
        }
    }
    Ok(kept)
}

const fn kept_in(in_file: bool) -> KeptIn {
    if in_file { KeptIn::File } else { KeptIn::Keyring }
}

/// The pairing of a data folder, when there is one. Its keys are not asked for.
pub(crate) fn read(data: &Path) -> Result<Option<Pairing>, Error> {
    let path = data.join(PAIRING_FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::Unreadable { path, why: error.to_string() }),
    };
    match serde_json::from_str(&text) {
        Ok(pairing) => Ok(Some(pairing)),
        Err(error) => Err(Error::Unreadable { path, why: error.to_string() }),
    }
}

/// The keys of a pairing, or the question for them.
pub(crate) fn ask(data: &Path, kept: KeptIn) -> Result<Asked, Error> {
    if kept == KeptIn::Keyring {
        return Ok(Asked::Keyring(keyring::read(data)));
    }
    let path = data.join(KEY_FILE);
    let text = fs::read_to_string(&path)
        .map_err(|error| Error::Unreadable { path, why: error.to_string() })?;
    parse(&text).map(Asked::Known).ok_or(Error::NoKeys)
}

/// Reads keys. What the parser says of them is left out: it may repeat them.
pub(crate) fn parse(text: &str) -> Option<Keys> {
    serde_json::from_str(text).ok()
}

/// Writes beside and renames, readable for the owner alone.
fn write_private(path: &Path, content: &impl Serialize) -> Result<(), Error> {
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
    write().map_err(|source| Error::Unwritable { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entry, find};

    #[test]
    #[cfg(unix)]
    fn keys_in_a_file_are_the_owner_s_alone() {
        use std::os::unix::fs::PermissionsExt;
        let data = tempfile::tempdir().unwrap();
        let link = Link::parse(
            "roost://pair?relay=https%3A%2F%2Fr.example&key=k1&qstash=https%3A%2F%2Fq.example&token=t",
        )
        .unwrap();
        keep(data.path(), &link, true, Duration::ZERO).unwrap();
        let found = find(data.path(), Duration::ZERO).unwrap().unwrap();
        let Entry::Open(endpoints) = found.entry else { panic!("keys in a file are there") };
        assert_eq!((endpoints.relay, Some(endpoints.qstash)), (link.relay, link.qstash));
        for file in [PAIRING_FILE, KEY_FILE] {
            let mode = fs::metadata(data.path().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
        let pairing = fs::read_to_string(data.path().join(PAIRING_FILE)).unwrap();
        assert!(!pairing.contains("k1"), "{pairing}");
    }
}
