//! Where the relay's keys are: in a real keyring, and nowhere else unless the person says so. Locked,
//! frozen, forbidden or absent, it is named; what needs no relay works on.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use roost_local::{Local, LocalConfig};

use crate::roost::{Ended, Roost};

const KEY: &str = "rk_canary_of_the_device_key";
const TOKEN: &str = "canary-of-the-scheduler-s-token";
const PASSWORD: &str = "the keyring's own password";
/// A keyring that does not answer is waited for 20 s; nothing else here takes long.
const BOUND: Duration = Duration::from_secs(40);

/// A session with a bus of its own, and on it, when it is wanted, a keyring.
struct Session {
    folder: tempfile::TempDir,
    bus: Child,
    address: String,
    keyring: Option<Child>,
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in self.keyring.iter_mut().chain([&mut self.bus]) {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

/// The programs; without one of them a printed reason to skip, or a failure where nothing may be
/// missing.
fn tools_are_here() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_here = |name: &&str| std::env::split_paths(&path).any(|it| it.join(name).is_file());
    let missing: Vec<&str> =
        ["dbus-daemon", "gnome-keyring-daemon"].into_iter().filter(|it| !is_here(it)).collect();
    assert!(
        missing.is_empty() || std::env::var_os("ROOST_REQUIRE_TOOLS").is_none(),
        "not here: {missing:?}"
    );
    missing.iter().for_each(|name| eprintln!("skipped: {name} is not here"));
    missing.is_empty()
}

impl Session {
    /// A session without a display, so that no question can be shown; none without the programs.
    fn begin() -> Option<Self> {
        Self::with_rules("")
    }

    fn with_rules(rules: &str) -> Option<Self> {
        if !tools_are_here() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("bus.conf");
        // The session bus of every desktop, but that it starts nobody by itself.
        let text = format!(
            "<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN'
                'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>
            <busconfig><type>session</type><listen>unix:dir={}</listen><auth>EXTERNAL</auth>
            <policy context='default'><allow send_destination='*' eavesdrop='true'/>
            <allow eavesdrop='true'/><allow own='*'/>{rules}</policy></busconfig>",
            folder.path().display()
        );
        std::fs::write(&config, text).unwrap();
        let mut bus = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--print-address"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Some(Self { folder, bus, address: address.trim().to_owned(), keyring: None })
    }

    fn place(&self, command: &mut Command) {
        command
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("HOME", self.folder.path())
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env_remove("XDG_DATA_HOME")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY");
    }

    /// Starts the keyring: opened with its password, or as it is before anybody signed in. One that
    /// runs already ends before.
    fn keyring(&mut self, unlocked: bool) {
        if let Some(mut before) = self.keyring.take() {
            before.kill().unwrap();
            before.wait().unwrap();
        }
        let mut command = Command::new("gnome-keyring-daemon");
        self.place(&mut command);
        command.args(["--foreground", "--components=secrets"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        if unlocked {
            command.arg("--unlock");
        }
        let mut keyring = command.spawn().unwrap();
        keyring.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
        // It says where it listens once it does.
        let mut said = String::new();
        BufReader::new(keyring.stdout.take().unwrap()).read_line(&mut said).unwrap();
        self.keyring = Some(keyring);
    }

    /// Lets the keyring answer nothing, as while it asks for a password.
    fn freeze(&self) {
        let stop = format!("kill -STOP {}", self.keyring.as_ref().unwrap().id());
        assert!(Command::new("sh").args(["-c", &stop]).status().unwrap().success());
    }

    fn run(&self, roost: &Roost, arguments: &[&str]) -> Ended {
        let mut command = roost.command(arguments);
        self.place(&mut command);
        let began = Instant::now();
        let ended = Ended::from(command.stdin(Stdio::null()).output().unwrap());
        assert!(began.elapsed() < BOUND, "{arguments:?} took {:?}", began.elapsed());
        ended
    }

    /// What the keyring keeps on disk.
    fn keyring_files(&self) -> PathBuf {
        self.folder.path().join(".local/share/keyrings")
    }
}

fn link_to(relay: &str, qstash: &str, key: &str, token: &str, public: Option<&str>) -> String {
    let mut pair = vec![("relay", relay), ("key", key), ("qstash", qstash), ("token", token)];
    pair.extend(public.map(|public| ("public", public)));
    url::Url::parse_with_params("roost://pair", pair).unwrap().to_string()
}

/// A link to a server that nobody runs.
fn link() -> String {
    link_to("http://127.0.0.1:9", "http://127.0.0.1:9", KEY, TOKEN, None)
}

/// The files in a folder that hold one of these words.
fn holding(folder: &Path, words: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, words));
        } else if let Ok(bytes) = std::fs::read(&path) {
            let holds = |word: &&str| bytes.windows(word.len()).any(|it| it == word.as_bytes());
            if words.iter().any(holds) {
                found.push(path);
            }
        }
    }
    found
}

fn nothing_in_the_open(roost: &Roost) {
    assert_eq!(holding(&roost.data(), &[KEY, TOKEN]), Vec::<PathBuf>::new());
    assert!(!roost.data().join("pairing-keys.json").exists());
}

/// The law of a keyring that gives nothing: posts can be written and read, the trouble is named
/// with its remedy, and only what needs the relay fails.
fn works_without_its_key(session: &Session, roost: &Roost, words: &str) {
    let create = ["posts", "create", "hello", "--at", "2099-03-01 09:00", "--zone", "UTC"];
    let created = session.run(roost, &create);
    assert_eq!(created.code, 0, "{created:?}");
    let status = session.run(roost, &["status"]);
    assert_eq!(status.code, 0, "{status:?}");
    assert!(status.stdout.contains(words), "{status:?}");
    assert!(status.stdout.contains("pair --key-in-file"), "{status:?}");
    let sync = session.run(roost, &["sync", "--json"]);
    assert_eq!(sync.code, 1, "{sync:?}");
    assert_eq!(sync.document()["error"]["code"], "keyring_unavailable", "{sync:?}");
    assert!(sync.stderr.contains(words), "{sync:?}");
    nothing_in_the_open(roost);
}

#[test]
fn an_open_keyring_keeps_the_keys_and_no_file_of_roost_does() {
    let Some(mut session) = Session::begin() else { return };
    session.keyring(true);
    drop(rustls::crypto::ring::default_provider().install_default());
    let (roost, server) = (Roost::new(), tempfile::tempdir().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = LocalConfig::new(server.path(), "http://127.0.0.1:9");
    let local = runtime.block_on(Local::start(config)).unwrap();
    let here = local.endpoints();
    let (key, token) = (here.relay_key.as_str(), here.qstash_token.as_str());
    let public = Some(here.relay_public_url.as_str());
    let link = link_to(&here.relay_url, &here.qstash_url, key, token, public);
    // Whoever had them in a file before has them there no longer.
    assert_eq!(session.run(&roost, &["pair", &link, "--key-in-file"]).code, 0);
    let paired = session.run(&roost, &["pair", &link]);
    assert_eq!(paired.code, 0, "{paired:?}");
    assert!(paired.stdout.contains("in the keyring"), "{paired:?}");
    let status = session.run(&roost, &["status"]);
    assert!(status.stdout.contains("answers in"), "{status:?}");
    assert_eq!(holding(&roost.data(), &[key, token]), Vec::<PathBuf>::new());
    assert_eq!(holding(&session.keyring_files(), &[key, token]), Vec::<PathBuf>::new(), "sealed");
    // Another scheduler's token takes the place of the one beside the relay's key, as sealed as it.
    let mut command = roost.command(&["pair", "--qstash", "--qstash-url", &here.qstash_url]);
    session.place(&mut command);
    command.env("QSTASH_TOKEN", TOKEN).stdin(Stdio::null());
    let kept = Ended::from(command.output().unwrap());
    assert!(kept.stdout.contains("in the keyring"), "{kept:?}");
    let doctor = session.run(&roost, &["doctor"]);
    assert!(doctor.stdout.contains("QStash refused the token"), "{doctor:?}");
    assert_eq!(holding(&roost.data(), &[key, TOKEN]), Vec::<PathBuf>::new());
    assert_eq!(session.run(&roost, &["pair", &link]).code, 0);
    // It lasts as long as the keyring does.
    session.keyring(true);
    assert_eq!(session.run(&roost, &["sync"]).code, 0);
    runtime.block_on(local.stop());
}

#[test]
fn a_locked_keyring_is_named_and_what_needs_no_relay_works() {
    let Some(mut session) = Session::begin() else { return };
    session.keyring(true);
    let (roost, other) = (Roost::new(), Roost::new());
    assert_eq!(session.run(&roost, &["pair", &link()]).code, 0);
    session.keyring(false);
    works_without_its_key(&session, &roost, "keyring is locked");
    let doctor = session.run(&roost, &["doctor"]);
    assert_eq!(doctor.code, 1, "{doctor:?}");
    assert!(doctor.stdout.contains("keyring is locked"), "{doctor:?}");
    // Nothing is paired into the open instead; the person may say so.
    let refused = session.run(&other, &["pair", &link()]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("keyring is locked"), "{refused:?}");
    assert!(refused.stderr.contains("Nothing was kept"), "{refused:?}");
    nothing_in_the_open(&other);
    assert!(!other.data().join("pairing.json").exists());
    let in_file = session.run(&roost, &["pair", &link(), "--key-in-file"]);
    assert_eq!(in_file.code, 0, "{in_file:?}");
    let status = session.run(&roost, &["status"]);
    assert!(!status.stdout.contains("keyring"), "{status:?}");
    // Unlocked, it is as it was.
    assert_eq!(session.run(&roost, &["posts", "list"]).code, 0);
}

#[test]
fn a_keyring_that_does_not_answer_is_waited_for_only_so_long() {
    let Some(mut session) = Session::begin() else { return };
    session.keyring(true);
    let (roost, other) = (Roost::new(), Roost::new());
    assert_eq!(session.run(&roost, &["pair", &link()]).code, 0);
    session.freeze();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| session.run(&roost, &["status"]));
        let pairing = scope.spawn(|| session.run(&other, &["pair", &link()]));
        // What needs neither store nor relay does not ask.
        assert_eq!(session.run(&roost, &["count", "hello"]).code, 0);
        let (status, refused) = (waiting.join().unwrap(), pairing.join().unwrap());
        assert_eq!(status.code, 0, "{status:?}");
        assert!(status.stdout.contains("has not answered for 20 s"), "{status:?}");
        assert_eq!(refused.code, 1, "{refused:?}");
        assert!(refused.stderr.contains("Unlock it and pair again"), "{refused:?}");
    });
    nothing_in_the_open(&roost);
    nothing_in_the_open(&other);
}

#[test]
fn without_a_keyring_nothing_is_kept_in_the_open_instead() {
    let Some(mut session) = Session::begin() else { return };
    session.keyring(true);
    let (roost, other) = (Roost::new(), Roost::new());
    assert_eq!(session.run(&roost, &["pair", &link()]).code, 0);
    // The bus with nobody on it who keeps secrets, then no bus at all.
    for address in [session.address.clone(), "unix:path=/nonexistent/bus".to_owned()] {
        if let Some(mut keyring) = session.keyring.take() {
            keyring.kill().unwrap();
            keyring.wait().unwrap();
        }
        session.address = address;
        works_without_its_key(&session, &roost, "offers no keyring");
        let refused = session.run(&other, &["pair", &link()]);
        assert_eq!(refused.code, 1, "{refused:?}");
        assert!(refused.stderr.contains("offers no keyring"), "{refused:?}");
        assert!(refused.stderr.contains("pair --key-in-file"), "{refused:?}");
        nothing_in_the_open(&other);
    }
}

#[test]
fn a_keyring_that_lets_nobody_in_is_named_and_nothing_is_kept_in_the_open() {
    let denied = "<deny send_destination='org.freedesktop.secrets'/>";
    let Some(mut session) = Session::with_rules(denied) else { return };
    session.keyring(true);
    let roost = Roost::new();
    let refused = session.run(&roost, &["pair", &link()]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("does not let Roost in"), "{refused:?}");
    nothing_in_the_open(&roost);
    // Paired before it was forbidden.
    let pairing = serde_json::json!({
        "relay_url": "http://127.0.0.1:9", "qstash_url": "http://127.0.0.1:9", "keys": "keyring",
    });
    std::fs::create_dir_all(roost.data()).unwrap();
    std::fs::write(roost.data().join("pairing.json"), pairing.to_string()).unwrap();
    works_without_its_key(&session, &roost, "does not let Roost in");
}
