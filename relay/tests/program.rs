//! The real program, killed without warning while it works: nothing is lost, nothing goes out
//! twice.
#![expect(
    clippy::disallowed_methods,
    reason = "the test plays another program's part on the file and the wire"
)]

#[path = "support/sandbox_grant.rs"]
mod sandbox_grant;

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use roost_core::clock::{Clock, SystemClock};
use roost_core::id::{PostId, Revision, StoreId, XUserId};
use roost_core::post::Content;
use roost_qstash::signature::Signer;
use roost_relay_api::{
    Client, DeliveryState, Lookup, Manifest, POST_TWEET_PATH, Stage, StageBatch, StageOutcome,
};
use roost_x_sandbox::{Fault, FaultKind, NewAccount, On, Sandbox};

use sandbox_grant::grant_of;

const CURRENT: &str = "sig_current_key_of_the_kill_test";
const PUBLIC_URL: &str = "http://relay.roost.internal";
const POSTS: usize = 120;
const PATIENCE: Duration = Duration::from_secs(120);

fn program(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost-relay"));
    command.arg("--config").arg(config);
    command.env_remove("RUST_LOG");
    command
}

/// The program, killed when the test ends however it ends.
struct Running(Child);

impl Running {
    fn start(config: &Path) -> Self {
        let child = program(config)
            .arg("serve")
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        Self(child)
    }

    fn kill(&mut self) {
        self.0.kill().expect("killed");
        self.0.wait().expect("gone");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address")
}

fn write_config(folder: &Path, address: SocketAddr, x: &str) -> PathBuf {
    let path = folder.join("relay.toml");
    let text = format!(
        "database = \"relay.sqlite\"\nlisten = \"{address}\"\npublic_urls = [\"{PUBLIC_URL}\"]\n\
         x_api_base = \"{x}\"\n[qstash]\ncurrent_signing_key = \"{CURRENT}\"\n\
         next_signing_key = \"sig_next\"\n[limits]\nplan = \"demo\"\n[pace]\n\
         tick_seconds = 0.05\nlooks_seconds = [0.2, 0.5, 1.0, 2.0]\n\
         overdue_spacing_seconds = 0.01\nbackstop_after_seconds = 3600\n\
         retry_first_seconds = 0.1\n"
    );
    std::fs::write(&path, text).expect("written");
    path
}

async fn ready(client: &Client) {
    let deadline = Instant::now() + PATIENCE;
    while client.status().await.is_err() {
        assert!(Instant::now() < deadline, "the program does not answer");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn posts(account: &XUserId) -> Vec<Stage> {
    let now = SystemClock.now();
    (0..POSTS)
        .map(|number| Stage {
            post_id: PostId::new(now),
            revision: Revision(1),
            account: account.clone(),
            content: Content::of_texts([format!("Post number {number}")]),
            body_hash: None,
            due_at: now,
            not_after: now.plus(Duration::from_secs(6 * 3600)),
            follow_up: None,
        })
        .collect()
}

/// Delivers as a scheduler does: again and again until it is told that the post is decided.
async fn deliver(http: reqwest::Client, address: SocketAddr, item: Stage) {
    let body = serde_json::to_vec(&serde_json::json!({
        "postId": item.post_id, "revision": item.revision
    }))
    .expect("JSON");
    let deadline = Instant::now() + PATIENCE;
    loop {
        let now = SystemClock.now().0 / 1000;
        let url = format!("{PUBLIC_URL}{POST_TWEET_PATH}");
        let answer = http
            .post(format!("http://{address}{POST_TWEET_PATH}"))
            .header("Upstash-Signature", Signer::new(CURRENT).sign(&url, &body, now))
            .body(body.clone())
            .send()
            .await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            return;
        }
        assert!(Instant::now() < deadline, "the delivery is never taken");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_killed_again_and_again_loses_nothing_and_doubles_nothing() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder");
    let mut x_config = roost_x_sandbox::Config::new(folder.path().join("x.sqlite"));
    x_config.duplicates = false;
    let x = Sandbox::start(x_config, 0).await.expect("a sandbox");
    // X takes its time, before it decides and after, so that kills fall into calls.
    for processed in [true, false] {
        let mut slow = Fault::new(On::Create, FaultKind::Slow);
        (slow.millis, slow.count, slow.processed) = (Some(60), Some(POSTS as u32 / 2), processed);
        x.sandbox.arm(slow).expect("armed");
    }
    let address = free_port();
    let config = write_config(folder.path(), address, &x.base_url());
    let made = program(&config).arg("init").output().expect("ran");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let added = program(&config).args(["device", "add", "test"]).output().expect("ran");
    let key = String::from_utf8(added.stdout).expect("text");
    let client = Client::new(format!("http://{address}").parse().expect("a URL"), key.trim())
        .expect("a client");

    let mut relay = Running::start(&config);
    ready(&client).await;
    let account = introduce(&client, &x.sandbox).await;
    let items = posts(&account.0);
    for batch in items.chunks(100) {
        let batch = StageBatch { store_id: account.1, items: batch.to_vec() };
        let results = client.stage(&batch).await.expect("staged").results;
        assert!(results.iter().all(|result| result.outcome == StageOutcome::Staged));
    }
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let deliveries: Vec<_> = items
        .iter()
        .map(|item| tokio::spawn(deliver(http.clone(), address, item.clone())))
        .collect();
    for round in 0_u64..8 {
        // Not a wait for something: the kill is to fall anywhere.
        tokio::time::sleep(Duration::from_millis(120 + 70 * round)).await;
        relay.kill();
        relay = Running::start(&config);
        ready(&client).await;
    }
    for delivery in deliveries {
        delivery.await.expect("delivered");
    }
    let states = decided(&client, &items).await;
    drop(relay);

    let creates = x.sandbox.ledger(0, 100_000).await.expect("a ledger");
    for (item, state) in &states {
        let text = &item.content.parts[0].text;
        let calls = creates.iter().filter(|entry| entry.text.as_ref() == Some(text)).count();
        let accepted = creates
            .iter()
            .filter(|entry| entry.accepted && entry.text.as_ref() == Some(text))
            .count();
        assert!(calls <= 1, "\"{text}\" was called for {calls} times");
        match state {
            DeliveryState::Posted => assert_eq!(accepted, 1, "\"{text}\""),
            // The kill fell between the intent and the call: a person decides.
            DeliveryState::Parked => assert_eq!(accepted, 0, "\"{text}\""),
            other => panic!("\"{text}\" ended {}", other.as_str()),
        }
    }
    let posted = states.iter().filter(|(_, state)| *state == DeliveryState::Posted).count();
    assert!(posted * 2 > POSTS, "{posted} of {POSTS} posted");
}

async fn introduce(client: &Client, x: &Sandbox) -> (XUserId, StoreId) {
    let store = StoreId::new(SystemClock.now());
    let epoch = client.status().await.expect("a status").epoch;
    let manifest = Manifest { epoch, store_id: store, posts: vec![], more: false };
    client.manifest(&manifest).await.expect("introduced");
    let granted = x.grant(NewAccount::named("ada"), None).await.expect("a grant");
    let user = XUserId(granted.id.clone());
    let grant = grant_of(&granted, SystemClock.now().plus(Duration::from_secs(7000)));
    client.connect(&user, &grant).await.expect("connected");
    (user, store)
}

/// Waits until every post has its outcome.
async fn decided(client: &Client, items: &[Stage]) -> Vec<(Stage, DeliveryState)> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut states = Vec::new();
        for batch in items.chunks(100) {
            let post_ids = batch.iter().map(|item| item.post_id).collect();
            let found = client.lookup(&Lookup { post_ids }).await.expect("found").deliveries;
            assert_eq!(found.len(), batch.len(), "no post is lost");
            states.extend(batch.iter().cloned().zip(found.into_iter().map(|found| found.state)));
        }
        let open = states
            .iter()
            .filter(|(_, state)| !matches!(state, DeliveryState::Posted | DeliveryState::Parked));
        let open = open.count();
        if open == 0 {
            return states;
        }
        assert!(Instant::now() < deadline, "{open} posts have no outcome");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_scheduler_delivers_to_its_own_relay_and_nowhere_else() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder");
    let x = Sandbox::start(roost_x_sandbox::Config::new(folder.path().join("x.sqlite")), 0)
        .await
        .expect("a sandbox");
    let address = free_port();
    let config = write_config(folder.path(), address, &x.base_url());
    assert!(program(&config).arg("init").status().expect("ran").success());
    let added = program(&config).args(["device", "add", "test"]).output().expect("ran");
    let key = String::from_utf8(added.stdout).expect("text");
    let url: url::Url = format!("http://{address}").parse().expect("a URL");
    let client = Client::new(url.clone(), key.trim()).expect("a client");
    let _relay = Running(
        program(&config)
            .args(["serve", "--embedded-scheduler"])
            .env("QSTASH_TOKEN", "token_of_the_test")
            .env("RUST_LOG", "warn")
            .spawn()
            .expect("the program starts"),
    );
    ready(&client).await;
    let (user, store) = introduce(&client, &x.sandbox).await;
    let item = posts(&user).remove(0);
    let batch = StageBatch { store_id: store, items: vec![item.clone()] };
    client.stage(&batch).await.expect("staged");

    let scheduler =
        roost_qstash::Client::new(url, "token_of_the_test".to_owned()).expect("a client");
    let publish = |destination: String| roost_qstash::Publish {
        destination,
        body: serde_json::to_vec(&serde_json::json!({
            "postId": item.post_id, "revision": item.revision
        }))
        .expect("JSON"),
        deduplication_id: Some(format!("{}-r1", item.post_id)),
        ..roost_qstash::Publish::default()
    };
    let elsewhere = publish("https://example.com/api/qstash/post-tweet".to_owned());
    assert!(scheduler.publish(&elsewhere).await.is_err(), "this relay's URLs and no other");
    let here = publish(format!("{PUBLIC_URL}{POST_TWEET_PATH}"));
    scheduler.publish(&here).await.expect("published");
    let states = decided(&client, &[item]).await;
    assert_eq!(states[0].1, DeliveryState::Posted);
    assert_eq!(x.sandbox.ledger(0, 10).await.expect("a ledger").len(), 1);
}

#[test]
fn a_second_program_on_the_same_ledger_says_so_and_leaves() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = write_config(folder.path(), free_port(), "http://127.0.0.1:9");
    let made = program(&config).arg("init").output().expect("ran");
    assert!(made.status.success());
    let mut first = Running::start(&config);
    let stderr = first.0.stderr.take().expect("piped");
    let line = BufReader::new(stderr).lines().next().expect("a line").expect("text");
    assert!(line.contains("the relay listens"), "{line}");
    let second = program(&config).arg("serve").output().expect("ran");
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("another relay already works on"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_key_that_systemd_hands_over_is_taken_although_the_mode_shows_its_access_list() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let config = write_config(folder.path(), free_port(), "http://127.0.0.1:9");
    let credentials = folder.path().join("credentials");
    std::fs::create_dir(&credentials).expect("a folder");
    let key = credentials.join("roost-relay-key");
    std::fs::write(&key, [7; 32]).expect("a key");
    let init = |mode: u32| {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).expect("set");
        let mut command = program(&config);
        command.arg("init").env("CREDENTIALS_DIRECTORY", &credentials).output().expect("ran")
    };
    assert!(!init(0o444).status.success(), "everybody may read it");
    let made = init(0o440);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(!folder.path().join("relay.key").exists(), "no second key is made");
}

#[test]
fn a_backup_is_whole_and_a_restored_one_has_a_new_mark() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = write_config(folder.path(), free_port(), "http://127.0.0.1:9");
    let run = |arguments: &[&str]| {
        let output = program(&config).args(arguments).output().expect("ran");
        let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.push_str(&String::from_utf8_lossy(&output.stderr));
        (output.status.success(), said)
    };
    let epoch = |said: &str| {
        let (_, rest) = said.split_once("epoch ").expect("an epoch");
        rest.split(')').next().expect("an epoch").to_owned()
    };
    let (ok, made) = run(&["init"]);
    assert!(ok, "{made}");
    #[cfg(unix)]
    for name in ["relay.sqlite", "relay.key"] {
        use std::os::unix::fs::PermissionsExt;
        let file = std::fs::metadata(folder.path().join(name)).expect("a file");
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name} is its owner's alone");
    }
    assert!(run(&["device", "add", "laptop"]).0);
    assert!(!run(&["device", "add", "laptop"]).0, "the name is taken");
    let backup = folder.path().join("backup.sqlite");
    let backup = backup.to_str().expect("text");
    assert!(run(&["backup", backup]).0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(backup).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(!run(&["backup", backup]).0, "nothing is overwritten");
    let (ok, said) = run(&["restore", backup]);
    assert!(ok, "{said}");
    let (ok, checked) = run(&["check"]);
    assert!(ok, "{checked}");
    assert_ne!(epoch(&made), epoch(&checked), "the mark is new");
    let (ok, devices) = run(&["device", "list"]);
    assert!(ok && devices.contains("laptop"), "{devices}");
    let mut garbage = Vec::new();
    std::fs::File::open(backup).expect("a file").read_to_end(&mut garbage).expect("read");
    garbage[100..2000].fill(0xff);
    let broken = folder.path().join("broken.sqlite");
    std::fs::write(&broken, garbage).expect("written");
    let (ok, said) = run(&["restore", broken.to_str().expect("text")]);
    assert!(!ok, "a damaged backup is refused: {said}");
    assert!(run(&["check"]).0, "and what stood there still stands");
}

/// Sends a signal to a program.
#[cfg(unix)]
fn signal(child: &Running, name: &str) {
    let command = format!("kill -{name} {}", child.0.id());
    assert!(Command::new("sh").args(["-c", &command]).status().expect("ran").success());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_slept_over_a_second_one_and_over_changes_doubles_nothing() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder");
    let mut x_config = roost_x_sandbox::Config::new(folder.path().join("x.sqlite"));
    x_config.duplicates = false;
    let x = Sandbox::start(x_config, 0).await.expect("a sandbox");
    let mut slow = Fault::new(On::Create, FaultKind::Slow);
    (slow.millis, slow.count) = (Some(80), Some(0));
    x.sandbox.arm(slow).expect("armed");
    let address = free_port();
    let config = write_config(folder.path(), address, &x.base_url());
    assert!(program(&config).arg("init").status().expect("ran").success());
    let added = program(&config).args(["device", "add", "test"]).output().expect("ran");
    let key = String::from_utf8(added.stdout).expect("text");
    let url = format!("http://{address}").parse().expect("a URL");
    let client = Client::new(url, key.trim()).expect("a client");
    // Nobody reads what it says: a full pipe would hold it up.
    let serve = program(&config).arg("serve").stderr(Stdio::null()).spawn();
    let relay = Running(serve.expect("the program starts"));
    ready(&client).await;
    let (user, store) = introduce(&client, &x.sandbox).await;
    let items = posts(&user);
    for batch in items.chunks(100) {
        let batch = StageBatch { store_id: store, items: batch.to_vec() };
        client.stage(&batch).await.expect("staged");
    }
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let deliver = |item: &Stage| tokio::spawn(deliver(http.clone(), address, item.clone()));
    let deliveries: Vec<_> = items.iter().map(deliver).collect();
    seen_by_x(&x.sandbox, 10).await;
    signal(&relay, "STOP");

    // While it sleeps, a second one finds the ledger taken and leaves.
    let second = program(&config).arg("serve").output().expect("ran");
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("another relay already works on"), "{said}");
    // And where no lock holds, another writer takes posts away from under it.
    let taken = loop {
        match take_away(&folder.path().join("relay.sqlite")) {
            Ok(taken) => break taken,
            // It fell asleep over a transaction of its own: a moment more.
            Err(error) => println!("{error}; once more"),
        }
        signal(&relay, "CONT");
        signal(&relay, "STOP");
    };
    assert!(!taken.is_empty(), "it slept in the middle of its work");
    signal(&relay, "CONT");

    for delivery in deliveries {
        delivery.await.expect("delivered");
    }
    let kept: Vec<Stage> =
        items.iter().filter(|item| !taken.contains(&item.post_id.to_string())).cloned().collect();
    decided(&client, &kept).await;
    let creates = x.sandbox.ledger(0, 100_000).await.expect("a ledger");
    for item in &items {
        let text = item.content.parts[0].text.as_str();
        let calls = creates.iter().filter(|entry| entry.text.as_deref() == Some(text)).count();
        let was_taken = taken.contains(&item.post_id.to_string());
        assert!(calls <= usize::from(!was_taken), "\"{text}\" was called for {calls} times");
    }
}

/// Withdraws everything that was not begun, behind the relay's back.
#[cfg(unix)]
fn take_away(ledger: &Path) -> rusqlite::Result<Vec<String>> {
    let ledger = rusqlite::Connection::open(ledger)?;
    ledger.busy_timeout(Duration::from_millis(100))?;
    let mut taken = ledger.prepare(
        "UPDATE post SET state = 'withdrawn', revision = revision + 1
          WHERE state IN ('staged', 'claimed', 'waiting') RETURNING post_id",
    )?;
    taken.query_map([], |row| row.get(0))?.collect()
}

/// Waits until X saw so many calls.
#[cfg(unix)]
async fn seen_by_x(x: &Sandbox, calls: usize) {
    let deadline = Instant::now() + PATIENCE;
    while x.ledger(0, 100_000).await.expect("a ledger").len() < calls {
        assert!(Instant::now() < deadline, "X never saw {calls} calls");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
