//! What is kept of a pairing: the addresses in a file, the keys in the keyring.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use roost_engine::{Endpoint, Secret};
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
    /// The relay's certificate, where it vouches for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pin: Option<String>,
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

/// Notices that another process paired a data folder anew, or ended its pairing.
#[derive(Debug)]
pub struct PairingWatch {
    path: PathBuf,
    seen: Option<Seen>,
}

/// A file as it was seen: every pairing is a new file.
type Seen = (Option<std::time::SystemTime>, Vec<u8>);

impl PairingWatch {
    /// Begins with the pairing that is there now, if any.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        let path = data.join(PAIRING_FILE);
        let seen = see(&path).ok().flatten();
        Self { path, seen }
    }

    /// Returns whether there is another pairing than at the last look, or none any more. Keys are kept
    /// before a pairing is, so that they are there by then. Blocking, and short.
    pub fn changed(&mut self) -> bool {
        // A file that can't be read just now may be the same one.
        let Ok(seen) = see(&self.path) else { return false };
        let changed = seen != self.seen;
        self.seen = seen;
        changed
    }
}

/// Returns the file as it looks now; none when there is no such file.
fn see(path: &Path) -> std::io::Result<Option<Seen>> {
    match fs::read(path) {
        Ok(content) => {
            let changed = fs::metadata(path).and_then(|file| file.modified());
            Ok(Some((changed.ok(), content)))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
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
    let kept = kept_in(in_file);
    keep_keys(data, &keys, kept, patience)?;
    let pairing = Pairing {
        relay_url: link.relay.url.clone(),
        public_url: link.public_url.clone(),
        qstash_url: link.qstash.as_ref().map(|qstash| qstash.url.clone()),
        keys: kept,
        pin: link.pin.map(|pin| pin.to_string()),
    };
    write_private(&data.join(PAIRING_FILE), &pairing)?;
    if kept == KeptIn::Keyring {
        // Keys of an earlier pairing that the person had in a file.
        remove(&data.join(KEY_FILE))?;
    }
    Ok(kept)
}

/// Keeps a scheduler's address and token beside the pairing, in the place where its keys are.
///
/// # Errors
/// When nothing is paired, the keyring refuses, or a file can't be written; nothing was kept then.
pub fn keep_scheduler(data: &Path, qstash: &Endpoint, patience: Duration) -> Result<KeptIn, Error> {
    let mut pairing = read(data)?.ok_or(Error::NotPaired)?;
    let mut keys = match ask(data, pairing.keys)? {
        Asked::Known(keys) => keys,
        Asked::Keyring(question) => {
            let text = question.within(patience).map_err(Error::KeysNotRead)?;
            parse(&text).ok_or(Error::KeysNotRead(Refusal::Unreadable))?
        }
    };
    keys.qstash = Some(qstash.bearer.reveal().to_owned());
    keep_keys(data, &keys, pairing.keys, patience)?;
    pairing.qstash_url = Some(qstash.url.clone());
    write_private(&data.join(PAIRING_FILE), &pairing)?;
    Ok(pairing.keys)
}

/// Returns QStash's address and token as kept beside the pairing that there is, when that is one with
/// the relay of `link`. A scheduler that is not QStash came with an earlier link and is no use to a link
/// without one.
///
/// # Errors
/// When the pairing or its keys can't be read.
pub fn kept_qstash(
    data: &Path,
    link: &Link,
    patience: Duration,
) -> Result<Option<Endpoint>, Error> {
    let Some(pairing) = read(data)? else { return Ok(None) };
    let Some(url) = pairing.qstash_url.clone().filter(|url| is_qstash(url)) else {
        return Ok(None);
    };
    let name = link.public_url.as_ref().unwrap_or(&link.relay.url).trim_end_matches('/');
    if name_of(&pairing) != name {
        return Ok(None);
    }
    let keys = match ask(data, pairing.keys)? {
        Asked::Known(keys) => keys,
        Asked::Keyring(question) => {
            let text = question.within(patience).map_err(Error::KeysNotRead)?;
            parse(&text).ok_or(Error::KeysNotRead(Refusal::Unreadable))?
        }
    };
    Ok(keys.qstash.map(|token| Endpoint { url, bearer: Secret::new(token) }))
}

/// Whether an address is QStash's own.
pub(crate) fn is_qstash(url: &str) -> bool {
    url.contains("upstash.io")
}

fn name_of(pairing: &Pairing) -> &str {
    pairing.public_url.as_ref().unwrap_or(&pairing.relay_url).trim_end_matches('/')
}

/// The relay that a data folder is paired with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paired {
    /// Its address, as this computer reaches it.
    pub relay_url: String,
    /// Its public address, which is its name in the store.
    pub public_url: String,
    /// Whether QStash's token is kept beside it.
    pub has_qstash: bool,
}

/// Returns the relay that a data folder is paired with. Its keys are not asked for.
///
/// # Errors
/// When what was kept of a pairing can't be read.
pub fn paired(data: &Path) -> Result<Option<Paired>, Error> {
    Ok(read(data)?.map(|pairing| {
        let public_url = name_of(&pairing).to_owned();
        let has_qstash = pairing.qstash_url.as_deref().is_some_and(is_qstash);
        Paired { public_url, relay_url: pairing.relay_url, has_qstash }
    }))
}

/// Forgets the pairing of a data folder: its file first, so that keys without a pairing may be left
/// and never a pairing without keys.
///
/// # Errors
/// When a file can't be removed, or the keyring keeps the keys; the pairing is gone all the same then.
pub fn forget(data: &Path, patience: Duration) -> Result<(), Error> {
    let kept = read(data).ok().flatten().map(|pairing| pairing.keys);
    remove(&data.join(PAIRING_FILE))?;
    remove(&data.join(KEY_FILE))?;
    match kept {
        Some(KeptIn::File) => Ok(()),
        _ => keyring::forget(data).within(patience).map_err(Error::NotForgotten),
    }
}

/// Returns the pairing of a data folder with its keys, as text that another data folder takes in.
/// None when nothing is paired.
///
/// # Errors
/// When the pairing or its keys can't be read.
pub fn portable(data: &Path, patience: Duration) -> Result<Option<Secret>, Error> {
    let Some(pairing) = read(data)? else { return Ok(None) };
    let keys = match ask(data, pairing.keys)? {
        Asked::Known(keys) => keys,
        Asked::Keyring(question) => {
            let text = question.within(patience).map_err(Error::KeysNotRead)?;
            parse(&text).ok_or(Error::KeysNotRead(Refusal::Unreadable))?
        }
    };
    let portable = Portable { pairing, keys };
    let text = serde_json::to_string(&portable).map_err(|_| Error::NoKeys)?;
    Ok(Some(Secret::new(text)))
}

/// Takes in what [`portable`] gave. The keys are kept for the data folder `data`, the file with the
/// addresses is written into `folder`, from where it is to be moved there. A pairing whose keys are to
/// lie in a file has that in `folder`, too.
///
/// # Errors
/// When it is none, the keyring refuses, or a file can't be written.
pub fn keep_portable(
    data: &Path,
    folder: &Path,
    portable: &Secret,
    in_file: bool,
    patience: Duration,
) -> Result<KeptIn, Error> {
    // What the parser says of it is left out: it may repeat the keys.
    let mut told: Portable = serde_json::from_str(portable.reveal()).map_err(|_| Error::NoKeys)?;
    told.pairing.keys = kept_in(in_file);
    match told.pairing.keys {
        KeptIn::File => write_private(&folder.join(KEY_FILE), &told.keys)?,
        KeptIn::Keyring => keep_keys(data, &told.keys, KeptIn::Keyring, patience)?,
    }
    write_private(&folder.join(PAIRING_FILE), &told.pairing)?;
    Ok(told.pairing.keys)
}

/// The files of a pairing in a data folder; the keys' first, so that a pairing without keys is never
/// found.
pub const PAIRING_FILES: [&str; 2] = [KEY_FILE, PAIRING_FILE];

#[derive(Serialize, Deserialize)]
struct Portable {
    pairing: Pairing,
    keys: Keys,
}

fn keep_keys(data: &Path, keys: &Keys, kept: KeptIn, patience: Duration) -> Result<(), Error> {
    match kept {
        KeptIn::File => write_private(&data.join(KEY_FILE), keys),
        KeptIn::Keyring => {
            let text = serde_json::to_string(keys)
                .map_err(|error| Error::NotKept(Refusal::Failed(error.to_string())))?;
            keyring::write(data, text).within(patience).map_err(Error::NotKept)
        }
    }
}

/// Removes a file; that it is not there is no failure.
fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != ErrorKind::NotFound => {
            Err(Error::Unwritable { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
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
    use crate::{Credentials, find};

    #[test]
    fn a_pairing_by_another_process_is_noticed_once_even_with_the_same_relay() {
        let data = tempfile::tempdir().unwrap();
        let link = |key: &str| {
            let link = format!("roost://pair?relay=https%3A%2F%2Fr.example&key={key}");
            Link::parse(&link).unwrap()
        };
        let mut watch = PairingWatch::new(data.path());
        assert!(!watch.changed(), "there is none");
        for key in ["k1", "k2"] {
            // Two files made in the same tick of a coarse clock would look alike.
            let before = fs::metadata(data.path().join(PAIRING_FILE)).and_then(|it| it.modified());
            loop {
                keep(data.path(), &link(key), true, Duration::ZERO).unwrap();
                let after =
                    fs::metadata(data.path().join(PAIRING_FILE)).unwrap().modified().unwrap();
                if before.as_ref().map_or(true, |before| *before != after) {
                    break;
                }
            }
            assert!(watch.changed(), "{key}");
            assert!(!watch.changed(), "{key}");
        }
    }

    #[test]
    fn a_pairing_that_another_process_ends_is_noticed_once() {
        let data = tempfile::tempdir().unwrap();
        let link = Link::parse("roost://pair?relay=https%3A%2F%2Fr.example&key=k1").unwrap();
        keep(data.path(), &link, true, Duration::ZERO).unwrap();
        let mut watch = PairingWatch::new(data.path());
        forget(data.path(), Duration::ZERO).unwrap();
        assert!(watch.changed());
        assert!(!watch.changed(), "noticed before");
        keep(data.path(), &link, true, Duration::ZERO).unwrap();
        assert!(watch.changed(), "paired again");
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
        keep(data.path(), &link, true, Duration::ZERO).unwrap();
        let found = find(data.path(), Duration::ZERO).unwrap().unwrap();
        let Credentials::Ready(endpoints) = found.credentials else {
            panic!("keys in a file are there")
        };
        assert_eq!((endpoints.relay, endpoints.qstash), (link.relay, link.qstash));
        for file in [PAIRING_FILE, KEY_FILE] {
            let mode = fs::metadata(data.path().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
        let pairing = fs::read_to_string(data.path().join(PAIRING_FILE)).unwrap();
        assert!(!pairing.contains("k1"), "{pairing}");
    }

    #[test]
    fn a_scheduler_is_kept_beside_the_pairing_and_a_pairing_without_one_opens_the_relay() {
        let data = tempfile::tempdir().unwrap();
        let token = crate::qstash("https://qstash.upstash.io".into(), "t".into()).unwrap();
        let refused = keep_scheduler(data.path(), &token, Duration::ZERO).unwrap_err();
        assert!(matches!(refused, Error::NotPaired), "{refused}");
        let link = Link::parse("roost://pair?relay=https%3A%2F%2Fr.example&key=k1").unwrap();
        keep(data.path(), &link, true, Duration::ZERO).unwrap();
        let open = || {
            let found = find(data.path(), Duration::ZERO).unwrap().unwrap();
            let Credentials::Ready(endpoints) = found.credentials else {
                panic!("keys in a file are there")
            };
            (found.mode, endpoints)
        };
        assert_eq!((open().0, open().1.qstash), (roost_engine::Mode::ServerQstash, None));
        keep_scheduler(data.path(), &token, Duration::ZERO).unwrap();
        assert_eq!((open().1.relay, open().1.qstash), (link.relay, Some(token)));
        forget(data.path(), Duration::ZERO).unwrap();
        assert!(find(data.path(), Duration::ZERO).unwrap().is_none());
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
    }
}
