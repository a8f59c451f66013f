//! Keys and tokens stay where they are kept: with every log on, through what goes well and what
//! fails, `roost` says none of them and leaves none in its files.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use roost_local::{Local, LocalConfig};

use crate::roost::{Ended, Roost};
use crate::sandbox::X;

const MISTYPED: &str = "rk_canary_of_a_mistyped_key";
const APP_SECRET: &str = "canary-of-the-app-secret";

/// A wire on which everything is heard: from here the test knows which tokens X gave.
struct Wire {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Wire {
    fn to(target: &str) -> Self {
        let target = target.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ear = Arc::clone(&heard);
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let Ok(far) = TcpStream::connect(&target) else { continue };
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let ear = Arc::clone(&ear);
                    std::thread::spawn(move || carry(from, to, &ear));
                }
            }
        });
        Self { address, heard }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every token that was granted.
    fn tokens(&self) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.heard.lock().unwrap()).into_owned();
        let mut tokens: Vec<String> = ["\"access_token\":\"", "\"refresh_token\":\""]
            .iter()
            .flat_map(|start| text.split(start).skip(1))
            .filter_map(|rest| rest.split('"').next().map(str::to_owned))
            .collect();
        tokens.sort();
        tokens.dedup();
        tokens
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, ear: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        ear.lock().unwrap().extend(&buffer[..count]);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    drop(to.shutdown(std::net::Shutdown::Write));
}

/// `roost` with every log on; what it said is kept.
struct Talkative<'a> {
    roost: &'a Roost,
    said: Vec<(String, String)>,
}

impl Talkative<'_> {
    fn run(&mut self, arguments: &[&str], change: impl FnOnce(&mut Command)) -> i32 {
        let mut command = self.roost.command(arguments);
        command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full").stdin(Stdio::null());
        change(&mut command);
        let ended = Ended::from(command.output().unwrap());
        // The arguments themselves may be secret.
        let what = arguments[..1].concat();
        self.said.push((what, format!("{}{}", ended.stdout, ended.stderr)));
        ended.code
    }

    fn leaks(&self, secrets: &[(&str, String)]) -> Vec<String> {
        let mut found = Vec::new();
        for (name, secret) in secrets {
            for (what, said) in &self.said {
                if let Some(at) = said.find(secret.as_str()) {
                    let before: String = said[..at].chars().rev().take(100).collect();
                    let before: String = before.chars().rev().collect();
                    found.push(format!("{name} in `roost {what}`: {before}…"));
                }
            }
            for (file, bytes) in files(&self.roost.data()) {
                // The file that is there to keep the keys, where a keyring is not wanted.
                let kept = file.ends_with("pairing-keys.json");
                if !kept && bytes.windows(secret.len()).any(|it| it == secret.as_bytes()) {
                    found.push(format!("{name} in the file {file}"));
                }
            }
        }
        found
    }
}

fn files(folder: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap_or_default()));
        }
    }
    found
}

const EVERYTHING: [&[&str]; 6] = [
    &["status"],
    &["status", "--json"],
    &["doctor"],
    &["doctor", "--json"],
    &["posts", "list", "--json"],
    &["export"],
];

#[test]
fn nothing_that_roost_says_or_keeps_on_this_computer_holds_a_token() {
    let (x, roost) = (X::new(), Roost::new());
    let wire = Wire::to(&x.url());
    let mut roost = Talkative { roost: &roost, said: Vec::new() };
    assert_eq!(roost.run(&["login", "--sandbox", &wire.url()], |_| {}), 0);
    let soon = ["posts", "create", "hello", "--at", "now"];
    roost.run(&soon, |_| {});
    roost.run(&["sync", "--watch", "--until-done", "--late", "post"], |command| {
        command.env("X_API_BASE", wire.url());
    });
    for arguments in EVERYTHING {
        roost.run(arguments, |_| {});
    }
    let nobody = ["login", "--client-id", "app", "--paste"];
    roost.run(&nobody, |command| {
        command.env("X_CLIENT_SECRET", APP_SECRET);
    });
    let tokens = wire.tokens();
    assert!(tokens.len() >= 2, "X gave tokens");
    let mut secrets: Vec<(&str, String)> =
        tokens.into_iter().map(|token| ("a token of X", token)).collect();
    secrets.push(("the app's secret", APP_SECRET.to_owned()));
    let found = roost.leaks(&secrets);
    assert!(found.is_empty(), "{}", found.join("\n"));
    let said: usize = roost.said.iter().map(|(_, said)| said.len()).sum();
    assert!(said > 2000, "every log was on: {said} bytes");
}

#[test]
fn nothing_that_roost_says_or_keeps_of_a_pairing_holds_its_keys() {
    // Another test may have installed it already.
    drop(rustls::crypto::ring::default_provider().install_default());
    let (x, roost) = (X::new(), Roost::new());
    let wire = Wire::to(&x.url());
    let server = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let local =
        runtime.block_on(Local::start(LocalConfig::new(server.path(), wire.url()))).unwrap();
    let (key, token) = {
        let endpoints = local.endpoints();
        (endpoints.relay_key.clone(), endpoints.qstash_token.clone())
    };
    let link = |key: &str, token: &str| {
        let endpoints = local.endpoints();
        let pair = [
            ("relay", endpoints.relay_url.as_str()),
            ("key", key),
            ("qstash", &endpoints.qstash_url),
            ("token", token),
            ("public", &endpoints.relay_public_url),
        ];
        url::Url::parse_with_params("roost://pair", pair).unwrap().to_string()
    };
    let (good, bad) = (link(&key, &token), link(MISTYPED, MISTYPED));
    let mut roost = Talkative { roost: &roost, said: Vec::new() };
    assert_eq!(roost.run(&["pair", &good, "--key-in-file"], |_| {}), 0);
    assert_eq!(roost.run(&["login", "--sandbox", &wire.url()], |_| {}), 0);
    roost.run(&["posts", "create", "hello", "--at", "now"], |_| {});
    roost.run(&["sync"], |_| {});
    for arguments in EVERYTHING {
        roost.run(arguments, |_| {});
    }
    // Links that are none, keys that nobody knows, keys in the environment.
    let no_address = bad.replace("http", "no");
    for link in [&bad.replace("roost:", "rooost:"), &bad.replace("relay=", "rely="), &no_address] {
        assert_ne!(roost.run(&["pair", link, "--key-in-file"], |_| {}), 0, "{link}");
    }
    for arguments in EVERYTHING {
        roost.run(arguments, |command| {
            let url = &local.endpoints().relay_url;
            command.env("ROOST_RELAY_URL", url).env("ROOST_RELAY_KEY", MISTYPED);
            command.env("QSTASH_URL", &local.endpoints().qstash_url).env("QSTASH_TOKEN", MISTYPED);
        });
    }
    // The services are gone; then the file with the keys is not what it was.
    runtime.block_on(local.stop());
    for arguments in [&["status"][..], &["sync"], &["doctor"]] {
        roost.run(arguments, |_| {});
    }
    let keys = roost.roost.data().join("pairing-keys.json");
    for text in [format!("\"{key}\""), format!("{{\"relay\":[\"{key}\"]}}"), format!("{{{key}")] {
        std::fs::write(&keys, text).unwrap();
        assert_eq!(roost.run(&["status"], |_| {}), 0, "one's own posts are there");
        assert_ne!(roost.run(&["sync"], |_| {}), 0);
    }
    let secrets: Vec<(&str, String)> = [("the device key", key), ("the scheduler's token", token)]
        .into_iter()
        .chain([("a mistyped key", MISTYPED.to_owned())])
        .chain(wire.tokens().into_iter().map(|token| ("a token of X", token)))
        .collect();
    assert!(secrets.len() >= 5, "X gave tokens");
    let found = roost.leaks(&secrets);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
