//! Where updates come from: an address and the public key that their files are signed with. The person's own
//! word is a file in the data folder; a distributor's lies beside the program, inside the AppImage, where
//! nothing that was downloaded later comes.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::Error;
use crate::ipc::Type;

/// The person's own word, in the data folder.
const CHOSEN: &str = "updates.json";
/// A distributor's word, beside the program.
const DISTRIBUTED: &str = "roost-updates.json";
const FILE_BYTES_MAX: u64 = 16 * 1024;
/// A public key of minisign: `Ed`, eight bytes that name it, and thirty-two of Ed25519.
const KEY_BYTES: usize = 42;
const KEY_MARK: &[u8] = b"Ed";

/// Where updates come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub(crate) struct UpdateSource {
    /// The address that tells of the newest version.
    pub(super) address: String,
    /// The public key, as minisign writes it: one line.
    pub(super) key: String,
    /// Whether it came with the program; else the person entered it.
    is_distributed: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    address: String,
    key: String,
}

impl UpdateSource {
    /// Returns the address. It was looked at when it was read.
    pub(super) fn url(&self) -> Result<Url, Error> {
        safe_address(&self.address)
    }

    /// Returns the key as Tauri's updater takes it: minisign's file of it, in base64 once more.
    pub(super) fn key_for_tauri(&self) -> String {
        STANDARD.encode(format!("untrusted comment: minisign public key\n{}\n", self.key))
    }
}

/// Returns where updates come from: the person's word goes before a distributor's.
pub(super) fn find(data: &Path) -> Result<Option<UpdateSource>, Error> {
    let program = std::env::current_exe().unwrap_or_default();
    find_in(data, program.parent().unwrap_or(data))
}

fn find_in(data: &Path, beside_program: &Path) -> Result<Option<UpdateSource>, Error> {
    let files = [(data.join(CHOSEN), false), (beside_program.join(DISTRIBUTED), true)];
    for (path, is_distributed) in files {
        let Some(kept) = read(&path)? else { continue };
        safe_address(&kept.address)?;
        let key = bare_key(&kept.key).ok_or(Error::Key)?;
        return Ok(Some(UpdateSource { address: kept.address, key, is_distributed }));
    }
    Ok(None)
}

/// Keeps the person's word; two empty texts take it back.
pub(super) fn keep(data: &Path, address: &str, key: &str) -> Result<(), Error> {
    let path = data.join(CHOSEN);
    let (address, key) = (address.trim(), key.trim());
    if address.is_empty() && key.is_empty() {
        return match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(&path, error)),
            _ => Ok(()),
        };
    }
    safe_address(address)?;
    let key = bare_key(key).ok_or(Error::Key)?;
    let kept = Kept { address: address.to_owned(), key };
    let text = serde_json::to_string_pretty(&kept).map_err(|error| unusable(&path, error))?;
    write(&path, text.as_bytes()).map_err(|error| unusable(&path, error))
}

/// Returns an address that is HTTPS, or on this computer, and holds no password.
pub(super) fn safe_address(text: &str) -> Result<Url, Error> {
    let url = Url::parse(text).map_err(|error| Error::Address(error.to_string()))?;
    if !is_safe(&url) {
        return Err(Error::Address(format!("{}:// is not safe", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::Address("it holds a name or a password".to_owned()));
    }
    Ok(url)
}

/// Returns whether nobody on the way can read or change what comes from an address.
pub(super) fn is_safe(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}

/// Returns the one line that is the key, of what minisign or Tauri's command line wrote.
fn bare_key(text: &str) -> Option<String> {
    let is_key = |line: &str| {
        STANDARD
            .decode(line)
            .is_ok_and(|bytes| bytes.len() == KEY_BYTES && bytes.starts_with(KEY_MARK))
    };
    let last =
        |text: &str| text.lines().map(str::trim).rfind(|line| !line.is_empty()).map(str::to_owned);
    let line = last(text)?;
    if is_key(&line) {
        return Some(line);
    }
    // Tauri's command line puts the whole file into base64.
    let file = STANDARD.decode(&line).ok().and_then(|bytes| String::from_utf8(bytes).ok())?;
    last(&file).filter(|line| is_key(line))
}

fn read(path: &Path) -> Result<Option<Kept>, Error> {
    let file = match fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(|error| unusable(path, error))?,
    };
    let mut text = String::new();
    file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(|error| unusable(path, error))?;
    serde_json::from_str(&text).map(Some).map_err(|error| unusable(path, error))
}

/// Writes beside the file first, so that it is whole at any time.
fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let new = roost_private_files::beside(path, ".new");
    let mut file =
        roost_private_files::options().write(true).create(true).truncate(true).open(&new)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&new, path)
}

fn unusable(path: &Path, error: impl ToString) -> Error {
    Error::SourceFile { path: PathBuf::from(path), error: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "https://updates.example/roost.json";

    fn key() -> String {
        minisign::KeyPair::generate_unencrypted_keypair().unwrap().pk.to_base64()
    }

    #[test]
    fn updates_come_over_https_or_from_this_computer_alone() {
        for safe in [ADDRESS, "http://127.0.0.1:8000/", "http://[::1]/updates/{{target}}"] {
            assert!(safe_address(safe).is_ok(), "{safe}");
        }
        for unsafe_one in [
            "http://updates.example/",
            "http://localhost.updates.example/",
            "http://127.0.0.1.updates.example/",
            "ftp://127.0.0.1/",
            "file:///tmp/updates.json",
            "updates.example",
            "https://ada:secret@updates.example/",
        ] {
            let words = safe_address(unsafe_one).unwrap_err().to_string();
            assert!(words.contains("https://") && !words.contains("secret"), "{words}");
        }
    }

    #[test]
    fn a_key_is_taken_as_minisign_and_tauri_write_it_and_nothing_else_is() {
        let key = key();
        let file = format!("untrusted comment: minisign public key ABC\n{key}\n");
        for text in [key.clone(), file.clone(), STANDARD.encode(&file), format!("  {key}\n\n")] {
            assert_eq!(bare_key(&text).as_deref(), Some(&*key), "{text}");
        }
        for text in ["", "RW", &key[1..], &STANDARD.encode("hello"), &STANDARD.encode([1; 42])] {
            assert_eq!(bare_key(text), None, "{text}");
        }
    }

    #[test]
    fn the_persons_word_goes_before_the_distributors_and_is_forgotten_when_emptied() {
        let (data, program) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let find = || find_in(data.path(), program.path());
        assert_eq!(find().unwrap(), None);
        let theirs = serde_json::json!({ "address": ADDRESS, "key": key() }).to_string();
        fs::write(program.path().join(DISTRIBUTED), theirs).unwrap();
        assert!(find().unwrap().unwrap().is_distributed);
        keep(data.path(), "https://mine.example/", &key()).unwrap();
        let mine = find().unwrap().unwrap();
        assert_eq!((mine.address.as_str(), mine.is_distributed), ("https://mine.example/", false));
        keep(data.path(), "", " ").unwrap();
        assert!(find().unwrap().unwrap().is_distributed);
    }

    #[test]
    fn a_file_that_is_no_word_of_anybodys_is_named() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join(CHOSEN), "{").unwrap();
        let words = find_in(data.path(), data.path()).unwrap_err().to_string();
        assert!(words.contains(CHOSEN), "{words}");
    }
}
