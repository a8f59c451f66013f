//! A window whose relay's keys are in the system's keyring: a real one, with its own question.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use roost_local::{Local, LocalConfig};
use tokio::runtime::Runtime;

use crate::desk::Desk;
use crate::driver::Driver;
use crate::process::until;
use crate::tools;

/// The keyring's password.
const PASSWORD: &str = "an owl at night";

/// A server with relay and scheduler, and a data folder to pair with it.
struct Paired {
    folder: tempfile::TempDir,
    server: Local,
    runtime: Runtime,
}

impl Paired {
    fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (folder, runtime) =
            (tempfile::tempdir().expect("a folder"), Runtime::new().expect("a runtime"));
        let config = LocalConfig::new(folder.path().join("server"), "http://127.0.0.1:9");
        let server = runtime.block_on(Local::start(config)).expect("a server");
        fs::create_dir(folder.path().join("roost")).expect("a data folder");
        Self { folder, server, runtime }
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("roost")
    }

    /// Pairs as a person does, with the keys in the keyring.
    fn pair(&self, desk: &Desk) {
        let server = self.server.endpoints();
        let link = [
            ("relay", server.relay_url.as_str()),
            ("key", &server.relay_key),
            ("qstash", &server.qstash_url),
            ("token", &server.qstash_token),
            ("public", &server.relay_public_url),
        ];
        let link = url::Url::parse_with_params("roost://pair", link).expect("a link");
        let mut pair = desk.command_at(&tools::roost());
        pair.args(["pair", link.as_str(), "--data"]).arg(self.data());
        let done = pair.stdin(Stdio::null()).output().expect("roost runs");
        assert!(done.status.success(), "{done:?}");
    }

    fn open(&self, desk: &Desk, more: &[(&str, &str)]) -> Driver {
        let data = self.data().display().to_string();
        let environment = [&[("ROOST_DATA_DIR", data.as_str())], more].concat();
        let driver = Driver::open(desk, &environment);
        driver.resize(1240, 840);
        driver
    }

    /// No file of Roost's has a key.
    fn nothing_is_in_the_open(&self) {
        let server = self.server.endpoints();
        for key in [&server.relay_key, &server.qstash_token] {
            assert!(!holds(&self.data(), key), "a key is in the open");
        }
    }

    fn end(self) {
        self.runtime.block_on(self.server.stop());
    }
}

fn holds(folder: &Path, word: &str) -> bool {
    fs::read_dir(folder).expect("a folder").flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return holds(&path, word);
        }
        let bytes = fs::read(&path).unwrap_or_default();
        bytes.windows(word.len()).any(|part| part == word.as_bytes())
    })
}

#[test]
fn a_window_opens_before_its_keyring_and_goes_on_by_itself_once_it_is_unlocked() {
    if !tools::are_here() {
        return;
    }
    let (desk, paired) = (Desk::new(), Paired::new());
    let keyring = desk.keyring(Some(PASSWORD));
    paired.pair(&desk);
    drop(keyring);
    let _keyring = desk.keyring(None);
    let driver = paired.open(&desk, &[]);
    // The keyring's own question is open meanwhile.
    let words = driver.text("[data-trouble]");
    assert!(words.contains("keyring"), "{words}");
    assert!(words.contains("Roost goes on by itself"), "{words}");
    driver.wait_for("[data-empty='today']");
    driver.wait_for("[data-relay='not_reached']");
    crate::picture(&driver, "locked-keyring");
    paired.nothing_is_in_the_open();
    desk.answer(PASSWORD);
    driver.wait_for("[data-relay='reached']");
    until("nothing is said any more", || (!driver.has("[data-trouble]")).then_some(()));
    paired.nothing_is_in_the_open();
    drop(driver);
    paired.end();
}

#[test]
fn a_window_whose_keyring_stays_locked_opens_and_says_what_to_do() {
    if !tools::are_here() {
        return;
    }
    let (desk, paired) = (Desk::new(), Paired::new());
    let keyring = desk.keyring(Some(PASSWORD));
    paired.pair(&desk);
    drop(keyring);
    let _keyring = desk.keyring(None);
    let driver = paired.open(&desk, &[]);
    driver.wait_for("[data-trouble]");
    desk.dismiss();
    let words = until("the refusal is said", || {
        Some(driver.text("[data-trouble]")).filter(|words| words.contains("locked"))
    });
    assert!(words.contains("start Roost again"), "{words}");
    // The window has a button for it; the dialog offers the file.
    assert!(words.contains("keep the key in a file"), "{words}");
    assert!(words.contains("Pair with the relay"), "{words}");
    driver.wait_for("[data-empty='today']");
    paired.nothing_is_in_the_open();
    drop(driver);
    paired.end();
}

#[test]
fn a_window_in_a_session_without_a_bus_opens_and_says_that_there_is_no_keyring() {
    if !tools::are_here() {
        return;
    }
    let (desk, paired) = (Desk::new(), Paired::new());
    let keyring = desk.keyring(Some(PASSWORD));
    paired.pair(&desk);
    drop(keyring);
    let nowhere = ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    let driver = paired.open(&desk, &[nowhere]);
    let words = driver.text("[data-trouble]");
    assert!(words.contains("offers no keyring"), "{words}");
    driver.wait_for("[data-empty='today']");
    paired.nothing_is_in_the_open();
    drop(driver);
    paired.end();
}
