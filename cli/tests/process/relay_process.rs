//! `roost-relay` as a program of its own, and what `roost doctor --live` tells the person when something is
//! wrong with it: its clock, its public address, or that it is not there.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::roost::Roost;
use crate::sandbox::X;
use crate::scheduler::live;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

struct Program(Child);

impl Program {
    /// Starts it as the first of a group of processes: what changes its clock stays beside it.
    fn start(command: &mut Command) -> std::io::Result<Self> {
        command.process_group(0).spawn().map(Self)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        // It may have ended by itself.
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_roost")).with_file_name(name)
}

/// A relay as a program, with the sandbox in X's place.
struct Relay {
    address: SocketAddr,
    folder: tempfile::TempDir,
    running: Option<Program>,
}

impl Relay {
    /// One with these settings beside the usual ones. None, with a printed reason, where the program was not
    /// built.
    fn new(x: &X, public_urls: &[&str], settings: &str) -> Option<Self> {
        if !program("roost-relay").exists() {
            assert!(std::env::var_os("ROOST_REQUIRE_TOOLS").is_none(), "roost-relay is not built");
            println!("skipped: roost-relay was not built");
            return None;
        }
        let relay =
            Self { address: free_address(), folder: tempfile::tempdir().unwrap(), running: None };
        relay.configure(x, public_urls, settings);
        relay.run(&["init"]);
        Some(relay)
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Writes the configuration; "here" stands for the address at which the relay listens.
    fn configure(&self, x: &X, public_urls: &[&str], settings: &str) {
        let here = self.url();
        let urls: Vec<_> =
            public_urls.iter().map(|url| format!("\"{}\"", url.replace("here", &here))).collect();
        let text = format!(
            "database = \"relay.sqlite\"\nlisten = \"{}\"\npublic_urls = [{}]\nx_api_base = \"{}\"\n\
             {settings}\n[limits]\nplan = \"demo\"\n",
            self.address,
            urls.join(", "),
            x.url()
        );
        std::fs::write(self.folder.path().join("relay.toml"), text).unwrap();
    }

    fn command(&self, before: &[&str], arguments: &[&str]) -> Command {
        let words = before.iter().map(|word| (*word).to_owned());
        let path = program("roost-relay").to_str().unwrap().to_owned();
        let mut words = words.chain([path]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).arg("--config").arg(self.folder.path().join("relay.toml"));
        command.args(arguments).env_remove("RUST_LOG").env_remove("QSTASH_TOKEN");
        command.env_remove("CREDENTIALS_DIRECTORY").stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> String {
        let ended = self.command(&[], arguments).output().unwrap();
        assert!(ended.status.success(), "{arguments:?}: {ended:?}");
        String::from_utf8(ended.stdout).unwrap().trim().to_owned()
    }

    /// Starts it, behind these words where a program is to change what it sees, and waits until it answers.
    fn serve(&mut self, before: &[&str]) {
        self.running = None;
        let mut command = self.command(before, &["serve"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        self.running = Some(Program::start(&mut command).unwrap());
        let end = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(self.address).is_err() {
            assert!(Instant::now() < end, "the relay does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A store that is paired with it, and signed in.
    fn paired(&self, x: &X) -> Roost {
        let roost = Roost::new();
        let link = self.run(&["pair", "--no-qr"]);
        let paired = roost
            .run_with_input(&["pair", "--yes", "--key-in-file"], format!("{link}\n").as_bytes());
        assert_eq!(paired.code, 0, "{paired:?}");
        roost.json(&["login", "--sandbox", &x.url(), "--handle", "ada"]);
        roost
    }
}

/// Returns the checks that are bad, each with what is said of it.
fn bad(roost: &Roost) -> Vec<(String, String)> {
    let checks = live(roost).into_iter().filter(|(_, health, _)| health == "bad");
    checks.map(|(name, _, said)| (name, said)).collect()
}

fn has_faketime() -> bool {
    let is_here = Command::new("faketime").arg("--version").output().is_ok();
    assert!(is_here || std::env::var_os("ROOST_REQUIRE_TOOLS").is_none(), "faketime is not here");
    if !is_here {
        println!("skipped: faketime is not here, so no clock is wrong");
    }
    is_here
}

#[test]
fn a_live_test_names_the_relay_s_wrong_clock_and_how_to_set_it() {
    let x = X::new();
    let Some(mut relay) = Relay::new(&x, &["here"], "embedded_scheduler = true") else { return };
    if !has_faketime() {
        return;
    }
    relay.serve(&[]);
    let roost = relay.paired(&x);
    assert_eq!(bad(&roost), [], "nothing is wrong yet");
    for shift in ["-600s", "+600s"] {
        relay.serve(&["faketime", "-f", shift]);
        let bad = bad(&roost);
        let said = bad.iter().find(|(name, _)| name == "test: clocks").map(|(_, said)| said);
        let said = said.unwrap_or_else(|| panic!("{shift}: {bad:?}"));
        let way = if shift.starts_with('-') { "behind" } else { "ahead of" };
        let right = format!("the relay's clock is 10 minutes {way} X's");
        assert!(said.contains(&right), "{said}");
        assert!(said.contains("the relay's machine by NTP: `timedatectl set-ntp true`"), "{said}");
        assert_eq!(bad.len(), 1, "one thing is wrong: {bad:?}");
        // The ordinary look, too, which Health shows at any time, calls it no good clock.
        let document = roost.run(&["doctor", "--json"]).document();
        let checks = document["checks"].as_array().unwrap();
        let clock = checks.iter().find(|check| check["name"] == "clock").unwrap();
        assert_ne!(clock["health"], "good", "{shift}: {clock}");
    }
    relay.serve(&[]);
    assert_eq!(bad(&roost), [], "the clock is right again");
}

#[test]
fn a_live_test_names_a_public_address_that_the_relay_does_not_call_its_own() {
    let x = X::new();
    let Some(mut relay) = Relay::new(&x, &["here"], "embedded_scheduler = true") else { return };
    relay.serve(&[]);
    let roost = relay.paired(&x);
    relay.configure(&x, &["https://another.example.org"], "embedded_scheduler = true");
    relay.serve(&[]);
    let bad = bad(&roost);
    let (name, said) = bad.first().unwrap();
    assert_eq!((name.as_str(), bad.len()), ("test: delivery", 1), "{bad:?}");
    let url = relay.url();
    assert!(said.contains(&format!("the relay takes no delivery for {url}")), "{said}");
    assert!(said.contains("https://another.example.org") && said.contains("public_urls"), "{said}");
}

#[test]
fn a_live_test_names_a_public_address_that_leads_nowhere_and_a_relay_that_is_not_there() {
    let x = X::new();
    let nowhere = format!("http://{}", free_address());
    let Some(qstash) = Qstash::start(&nowhere) else { return };
    let keys = format!(
        "[qstash]\ncurrent_signing_key = \"{}\"\nnext_signing_key = \"{}\"",
        qstash.current, qstash.next
    );
    let Some(mut relay) = Relay::new(&x, &[&nowhere, "here"], &keys) else { return };
    relay.serve(&[]);
    let roost = Roost::new();
    let key = relay.run(&["device", "add", "desktop"]);
    let link = format!(
        "roost://pair?relay={}&key={key}&public={nowhere}&qstash={}&token={}",
        relay.url(),
        qstash.url,
        qstash.token
    );
    assert_eq!(roost.run(&["pair", &link, "--key-in-file"]).code, 0);
    roost.json(&["login", "--sandbox", &x.url(), "--handle", "ada"]);
    let unreached = bad(&roost);
    let (name, said) = unreached.first().unwrap();
    assert_eq!((name.as_str(), unreached.len()), ("test: delivery", 1), "{unreached:?}");
    for words in ["nothing came to the relay", "The scheduler said", "firewall", "certificate"] {
        assert!(said.contains(words), "{words}: {said}");
    }

    relay.running = None;
    let gone = bad(&roost);
    let (name, said) = gone.first().unwrap();
    assert_eq!((name.as_str(), gone.len()), ("test: relay", 1), "{gone:?}");
    assert!(said.contains(&relay.url()) || said.contains("relay"), "{said}");
    assert_eq!(x.texts(), Vec::<String>::new(), "nothing was posted");
}

/// `qstash-local`, in QStash's place.
struct Qstash {
    url: String,
    token: String,
    current: String,
    next: String,
    _running: Program,
    _folder: tempfile::TempDir,
}

impl Qstash {
    /// One that calls this address. None, with a printed reason, where the program was not built.
    fn start(relay: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("said");
        let said = std::fs::File::create(&path).unwrap();
        let mut command = Command::new(program("qstash-local"));
        command.args(["--port", "0", "--only", &format!("{relay}/api/qstash/"), "--database"]);
        command.arg(folder.path().join("qstash.sqlite")).env_remove("QSTASH_TOKEN");
        command.stdin(Stdio::null()).stdout(said).stderr(Stdio::null());
        let Ok(running) = Program::start(&mut command) else {
            assert!(std::env::var_os("ROOST_REQUIRE_TOOLS").is_none(), "qstash-local is not built");
            println!("skipped: qstash-local was not built");
            return None;
        };
        let names =
            ["QSTASH_URL", "QSTASH_TOKEN", "QSTASH_CURRENT_SIGNING_KEY", "QSTASH_NEXT_SIGNING_KEY"];
        let end = Instant::now() + PATIENCE;
        loop {
            let text = std::fs::read_to_string(&path).unwrap();
            let value = |name: &str| {
                let start = format!("export {name}=");
                let line = text.lines().find_map(|line| line.trim().strip_prefix(&start));
                line.map(|value| value.trim_matches('"').to_owned())
            };
            if let [Some(url), Some(token), Some(current), Some(next)] = names.map(value) {
                return Some(Self {
                    url,
                    token,
                    current,
                    next,
                    _running: running,
                    _folder: folder,
                });
            }
            assert!(Instant::now() < end, "qstash-local tells no keys: {text}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
