//! How a relay elsewhere, and its scheduler's token, come to be known: never through arguments that
//! others see, and asked of nobody who does not need them.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::process::{Command, Stdio};

use roost_local::{Local, LocalConfig};

use crate::roost::{Ended, Roost};

const LINK: &str = "roost://pair?relay=http%3A%2F%2F127.0.0.1%3A9&key=rk_secret_key";
const TOKEN: &str = "secret-token";
const PAIR: [&str; 2] = ["pair", "--key-in-file"];

fn pair(input: &str) -> (Roost, Ended) {
    let roost = Roost::new();
    let paired = roost.run_with_input(&PAIR, input.as_bytes());
    (roost, paired)
}

fn run_with(roost: &Roost, arguments: &[&str], change: impl FnOnce(&mut Command)) -> Ended {
    let mut command = roost.command(arguments);
    command.stdin(Stdio::null());
    change(&mut command);
    Ended::from(command.output().unwrap())
}

fn kept(roost: &Roost) -> String {
    std::fs::read_to_string(roost.data().join("pairing-keys.json")).unwrap()
}

#[test]
fn link_and_token_are_read_from_standard_input_and_said_nowhere() {
    let (roost, paired) = pair(&format!("{LINK}\n{TOKEN}\n"));
    assert_eq!(paired.code, 0, "{paired:?}");
    assert_eq!(paired.stderr, "", "nothing is asked, and nobody is warned");
    assert!(kept(&roost).contains("rk_secret_key") && kept(&roost).contains(TOKEN));
    for said in [&paired.stdout, &paired.stderr] {
        assert!(!said.contains("secret"), "{said}");
    }
}

#[test]
fn a_link_among_the_arguments_is_taken_with_a_warning() {
    let roost = Roost::new();
    let paired = roost.run(&["pair", LINK, "--key-in-file"]);
    assert_eq!(paired.code, 0, "{paired:?}");
    assert!(paired.stderr.contains("shell's history"), "{paired:?}");
}

#[test]
fn who_gives_no_link_is_told_where_it_comes_from() {
    let (_, refused) = pair("");
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("roost-relay pair"), "{refused:?}");
}

#[test]
fn a_token_is_kept_later_from_the_environment_or_standard_input() {
    let (roost, paired) = pair(LINK);
    assert_eq!(paired.code, 0, "{paired:?}");
    assert!(paired.stdout.contains("roost pair --qstash"), "{paired:?}");
    let none = roost.run(&["pair", "--qstash"]);
    assert_eq!(none.code, 2, "{none:?}");
    let ended = run_with(&roost, &["pair", "--qstash"], |command| {
        command.env("QSTASH_TOKEN", "from-the-environment");
    });
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(kept(&roost).contains("from-the-environment"));
    let ended = roost.run_with_input(&["pair", "--qstash"], TOKEN.as_bytes());
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(kept(&roost).contains(TOKEN) && kept(&roost).contains("rk_secret_key"));
    let open = ["pair", "--qstash", "--qstash-url", "http://qstash.example"];
    assert_eq!(roost.run_with_input(&open, TOKEN.as_bytes()).code, 2, "not encrypted");
}

#[test]
fn a_token_without_a_pairing_is_not_asked_for() {
    let refused = Roost::new().run_with_input(&["pair", "--qstash"], TOKEN.as_bytes());
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("Pair first"), "{refused:?}");
}

/// The law of one's own posts: they are there without a token, a key, or a whole pairing.
fn own_posts_are_there(roost: &Roost, change: impl Fn(&mut Command)) {
    for arguments in [
        &["posts", "create", "hello", "--at", "2099-03-01 09:00", "--zone", "UTC"][..],
        &["posts", "list"],
        &["export"],
        &["settings"],
        &["status"],
        &["count", "hello"],
    ] {
        let ended = run_with(roost, arguments, &change);
        assert_eq!(ended.code, 0, "{arguments:?}: {ended:?}");
    }
}

#[test]
fn without_the_scheduler_s_token_only_handing_over_is_refused_and_says_where_to_put_it() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let server = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let local = Local::start(LocalConfig::new(server.path(), "http://127.0.0.1:9"));
    let local = runtime.block_on(local).unwrap();
    let here = local.endpoints();
    let (relay, key) = (here.relay_url.as_str(), here.relay_key.as_str());
    let public = here.relay_public_url.as_str();
    let link = [("relay", relay), ("key", key), ("public", public)];
    let link = url::Url::parse_with_params("roost://pair", link).unwrap().to_string();
    let (roost, paired) = pair(&link);
    assert_eq!(paired.code, 0, "{paired:?}");
    own_posts_are_there(&roost, |_| {});
    let sync = roost.run(&["sync"]);
    assert_eq!(sync.code, 3, "nothing can be handed over: a post has no account: {sync:?}");
    let status = roost.run(&["status"]);
    assert!(status.stdout.contains("answers in"), "{status:?}");
    assert!(status.stdout.contains("roost pair --qstash"), "{status:?}");
    let doctor = roost.run(&["doctor", "--json"]);
    let checks = doctor.document()["checks"].as_array().unwrap().clone();
    let bad: Vec<_> = checks.iter().filter(|check| check["health"] == "bad").collect();
    assert_eq!(bad.len(), 1, "{bad:#?}");
    assert_eq!(bad[0]["name"], "scheduler", "{bad:#?}");
    runtime.block_on(local.stop());
}

#[test]
fn half_an_environment_or_half_a_pairing_keeps_nobody_from_their_own_posts() {
    let roost = Roost::new();
    let half = |command: &mut Command| {
        command.env("ROOST_RELAY_URL", "https://r.example");
    };
    own_posts_are_there(&roost, half);
    let sync = run_with(&roost, &["sync", "--json"], half);
    assert_eq!(sync.code, 1, "{sync:?}");
    assert!(sync.stderr.contains("ROOST_RELAY_KEY"), "{sync:?}");
    assert_eq!(sync.document()["error"]["code"], "relay_unknown", "{sync:?}");
    for (file, content) in [("pairing-keys.json", "{"), ("pairing.json", "no pairing")] {
        let (roost, paired) = pair(&format!("{LINK}\n{TOKEN}\n"));
        assert_eq!(paired.code, 0, "{paired:?}");
        std::fs::write(roost.data().join(file), content).unwrap();
        own_posts_are_there(&roost, |_| {});
        let doctor = roost.run(&["doctor", "--json"]);
        let checks = doctor.document()["checks"].as_array().unwrap().clone();
        let bad = |name: &str| {
            checks.iter().any(|check| check["name"] == name && check["health"] == "bad")
        };
        assert!(bad("relay") && !bad("store"), "{checks:#?}");
        // And it is never taken for a computer without a relay, which would post from here.
        assert_eq!(roost.run(&["sync"]).code, 1, "{file}");
    }
}

#[test]
fn the_token_outlives_a_new_pairing_with_the_same_relay_and_is_not_dropped_in_silence() {
    let (roost, paired) = pair(&format!("{LINK}\n{TOKEN}\n"));
    assert_eq!(paired.code, 0, "{paired:?}");
    let again = roost.run_with_input(&PAIR, LINK.replace("secret_key", "new_key").as_bytes());
    assert_eq!(again.code, 0, "{again:?}");
    assert!(kept(&roost).contains("rk_new_key") && kept(&roost).contains(TOKEN), "{again:?}");
    assert!(!again.stdout.contains("not kept any more"), "{again:?}");
    let other = roost.run_with_input(&PAIR, LINK.replace("A9", "A8").as_bytes());
    assert_eq!(other.code, 0, "{other:?}");
    assert!(!kept(&roost).contains(TOKEN));
    assert!(other.stdout.contains("is not kept any more"), "{other:?}");
    for said in [&again.stdout, &other.stdout, &other.stderr] {
        assert!(!said.contains("secret"), "{said}");
    }
}

#[test]
fn who_unpairs_has_the_relay_let_go_of_its_posts_and_its_keys_are_gone() {
    let (roost, _) = pair(&format!("{LINK}\n{TOKEN}\n"));
    assert_eq!(roost.run(&["unpair"]).code, 0, "it holds nothing");
    assert!(!roost.data().join("pairing.json").exists());
    assert!(!roost.data().join("pairing-keys.json").exists());
    let nothing = roost.run(&["unpair"]);
    assert_eq!(nothing.code, 1, "{nothing:?}");
    // One that holds posts and can't be asked keeps them, unless the person says that it is gone.
    let (roost, _) = pair(&format!("{LINK}\n{TOKEN}\n"));
    roost.json(&["posts", "create", "hello", "--at", "2099-03-01 09:00", "--zone", "UTC"]);
    let database = rusqlite::Connection::open(roost.data().join("roost.db")).unwrap();
    let held = "UPDATE scheduled_post SET offered_to = 'http://127.0.0.1:9', offered_revision = 1";
    assert_eq!(database.execute(held, []).unwrap(), 1);
    drop(database);
    let refused = roost.run(&["unpair"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("roost unpair --old-relay-is-gone"), "{refused:?}");
    assert!(roost.data().join("pairing.json").exists());
    assert_eq!(roost.run(&["unpair", "--old-relay-is-gone"]).code, 0);
    assert_eq!(roost.posts()[0]["status"], "pending");
}

/// A relay that speaks TLS with a certificate that vouches for itself, until it is dropped.
struct TlsRelay {
    database: std::path::PathBuf,
    address: String,
    pin: String,
    stop: tokio_util::sync::CancellationToken,
    _folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

impl Drop for TlsRelay {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl TlsRelay {
    fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let stop = tokio_util::sync::CancellationToken::new();
        let file = |name: &str| folder.path().join(name);
        let files = roost_listener::CertificateFiles {
            certificate: file("certificate.pem"),
            private_key: file("private-key.pem"),
        };
        let made = roost_listener::make_self_signed(vec!["127.0.0.1".to_owned()], files).unwrap();
        let (tls, follow) = made.files.open().unwrap();
        let socket = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("https://{}", socket.local_addr().unwrap());
        let database = file("relay.sqlite");
        let mut config = roost_relay::Config::new(&database);
        config.public_urls = vec![address.parse().unwrap()];
        let clock = std::sync::Arc::new(roost_core::clock::SystemClock);
        let relay = roost_relay::Relay::open(config, clock).unwrap();
        relay.watch_certificate(tls.state());
        relay.offer_scheduler(roost_relay::Secret::new("secret-token"));
        let listener = roost_listener::Listener {
            socket,
            tls: Some(tls),
            limits: roost_listener::Limits::default(),
        };
        runtime.spawn(follow);
        runtime.spawn(roost_listener::serve(listener, relay.router(), stop.clone()));
        let stopping = stop.clone();
        runtime.spawn(async move { relay.run(stopping).await });
        Self { database, address, pin: made.pin, stop, _folder: folder, _runtime: runtime }
    }

    fn link(&self, pin: &str) -> String {
        let now = roost_core::clock::Clock::now(&roost_core::clock::SystemClock);
        let code = roost_relay::admin::make_pairing_code(&self.database, now).unwrap();
        let mut link = url::Url::parse("roost://pair").unwrap();
        let mut query = link.query_pairs_mut();
        query.append_pair("relay", &self.address).append_pair("code", code.expose());
        query.append_pair("pin", pin);
        drop(query);
        link.into()
    }

    fn devices(&self) -> Vec<String> {
        let devices = roost_relay::admin::devices(&self.database).unwrap();
        devices.into_iter().map(|(name, _)| name).collect()
    }
}

#[test]
fn a_one_time_link_is_shown_first_and_lets_one_computer_in_through_the_pinned_certificate() {
    let relay = TlsRelay::start();
    let roost = Roost::new();
    let link = relay.link(&relay.pin);
    let asked = roost.run_with_input(&PAIR, link.as_bytes());
    assert_eq!(asked.code, 2, "nobody confirmed: {asked:?}");
    for shown in ["Fingerprint: ", relay.address.trim_start_matches("https://"), "--yes"] {
        assert!(asked.stderr.contains(shown), "{shown}: {asked:?}");
    }
    assert_eq!(relay.devices(), Vec::<String>::new());

    let confirmed = ["pair", "--key-in-file", "--yes", "--name", "laptop"];
    let stranger = relay.link(&roost_relay_api::Pin::of(b"another").to_string());
    let refused = roost.run_with_input(&confirmed, stranger.as_bytes());
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("another certificate"), "{refused:?}");
    assert!(!roost.data().join("pairing.json").exists());

    let paired = roost.run_with_input(&confirmed, link.as_bytes());
    assert_eq!(paired.code, 0, "{paired:?}");
    assert_eq!(relay.devices(), ["laptop"]);
    for said in [&paired.stdout, &paired.stderr, &asked.stderr, &refused.stderr] {
        assert!(!said.contains("pc_") && !said.contains("rk_"), "{said}");
    }
    assert!(kept(&roost).contains("rk_") && kept(&roost).contains("secret-token"));
    let health = roost.run(&["doctor", "--json"]).stdout;
    assert!(health.contains("\"relay\""), "{health}");
    assert!(!health.contains("could not be reached"), "{health}");

    let other = Roost::new();
    let used = other.run_with_input(&confirmed, link.as_bytes());
    assert_eq!(used.code, 1, "{used:?}");
    assert!(used.stderr.contains("was used"), "{used:?}");
    let taken = other.run_with_input(&confirmed, relay.link(&relay.pin).as_bytes());
    assert!(taken.stderr.contains("choose another name"), "{taken:?}");
    let second = relay.link(&relay.pin);
    let as_tower = ["pair", "--key-in-file", "--yes", "--name", "tower"];
    assert_eq!(other.run_with_input(&as_tower, second.as_bytes()).code, 0);
    assert_eq!(relay.devices(), ["laptop", "tower"]);
}
