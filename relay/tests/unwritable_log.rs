//! The real program with a log that takes nothing: posts go out, what was lost is counted, and said
//! when there is room again.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]
#![cfg(unix)]

#[path = "support/sandbox_grant.rs"]
mod sandbox_grant;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use roost_core::clock::{Clock, SystemClock};
use roost_core::id::{PostId, Revision, StoreId, XUserId};
use roost_core::post::Content;
use roost_relay_api::{Client, Manifest, Stage, StageBatch};
use roost_x_sandbox::{NewAccount, Running, Sandbox};

use sandbox_grant::grant_of;

const PATIENCE: Duration = Duration::from_secs(120);
const POSTS: usize = 20;

/// The program, killed when the test ends however it ends.
struct Relay {
    child: Child,
    address: SocketAddr,
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Relay {
    fn start(config: &Path, address: SocketAddr, log: impl Into<Stdio>) -> Self {
        let mut command = program(config);
        command.arg("serve").env("RUST_LOG", "trace").stdin(Stdio::null()).stdout(Stdio::null());
        Self { child: command.stderr(log).spawn().expect("the program starts"), address }
    }

    async fn lines_lost(&self) -> u64 {
        let metrics = reqwest::get(format!("http://{}/metrics", self.address)).await;
        let metrics = metrics.expect("an answer").text().await.expect("text");
        let line =
            metrics.lines().find_map(|line| line.strip_prefix("roost_relay_log_lines_lost_total "));
        line.expect("the counter").parse().expect("a number")
    }
}

fn program(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost-relay"));
    command.arg("--config").arg(config);
    command
}

/// A relay's files, and an X.
struct World {
    folder: tempfile::TempDir,
    x: Running,
    address: SocketAddr,
    config: PathBuf,
    client: Client,
}

async fn world() -> World {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder");
    let x = Sandbox::start(roost_x_sandbox::Config::new(folder.path().join("x.sqlite")), 0);
    let x = x.await.expect("a sandbox");
    let port = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = port.local_addr().expect("an address");
    let config = folder.path().join("relay.toml");
    let text = format!(
        "database = \"relay.sqlite\"\nlisten = \"{address}\"\n\
         public_urls = [\"http://relay.roost.internal\"]\nx_api_base = \"{}\"\n[qstash]\n\
         current_signing_key = \"sig_current\"\nnext_signing_key = \"sig_next\"\n[limits]\n\
         plan = \"demo\"\n[pace]\ntick_seconds = 0.05\nbackstop_after_seconds = 0.1\n\
         overdue_after_seconds = 3600\n",
        x.base_url()
    );
    std::fs::write(&config, text).expect("written");
    assert!(program(&config).arg("init").output().expect("ran").status.success());
    let added = program(&config).args(["device", "add", "test"]).output().expect("ran");
    let key = String::from_utf8(added.stdout).expect("text");
    let url = format!("http://{address}").parse().expect("a URL");
    let client = Client::new(url, key.trim()).expect("a client");
    World { folder, x, address, config, client }
}

impl World {
    /// Hands posts over and waits until X has them all.
    async fn posts_go_out(&self, relay: &mut Relay) {
        let deadline = Instant::now() + PATIENCE;
        let epoch = loop {
            if let Ok(status) = self.client.status().await {
                break status.epoch;
            }
            let ended = relay.child.try_wait().expect("asked");
            assert_eq!(ended, None, "the relay ended because of its log");
            assert!(Instant::now() < deadline, "the relay does not answer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let store_id = StoreId::new(SystemClock.now());
        let manifest = Manifest { epoch, store_id, posts: vec![], more: false };
        self.client.manifest(&manifest).await.expect("introduced");
        let granted = self.x.sandbox.grant(NewAccount::named("ada"), None).await.expect("a grant");
        let account = XUserId(granted.id.clone());
        let now = SystemClock.now();
        let grant = grant_of(&granted, now.plus(Duration::from_secs(7000)));
        self.client.connect(&account, &grant).await.expect("connected");
        let post = |number: usize| Stage {
            post_id: PostId::new(now),
            revision: Revision(1),
            account: account.clone(),
            content: Content::of_texts([format!("Post number {number}")]),
            body_hash: None,
            due_at: now,
            not_after: now.plus(Duration::from_secs(6 * 3600)),
            follow_up: None,
        };
        let items = (0..POSTS).map(post).collect();
        self.client.stage(&StageBatch { store_id, items }).await.expect("staged");
        while self.x.sandbox.ledger(0, 1000).await.expect("a ledger").len() < POSTS {
            assert!(Instant::now() < deadline, "the posts do not go out");
            assert_eq!(relay.child.try_wait().expect("asked"), None, "the relay ended");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(self.x.sandbox.ledger(0, 1000).await.expect("a ledger").len(), POSTS);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_can_not_write_its_log_posts_and_counts_the_lines() {
    let closed = || {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        Stdio::from(writer)
    };
    let full = || Stdio::from(File::options().write(true).open("/dev/full").expect("a device"));
    let kinds: &[&dyn Fn() -> Stdio] =
        if cfg!(target_os = "linux") { &[&full, &closed] } else { &[&closed] };
    for log in kinds {
        let world = world().await;
        let mut relay = Relay::start(&world.config, world.address, log());
        world.posts_go_out(&mut relay).await;
        let lost = relay.lines_lost().await;
        assert!(lost >= POSTS as u64, "a line for each post and more: {lost}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_s_reader_that_hangs_holds_no_post_up() {
    let world = world().await;
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let mut relay = Relay::start(&world.config, world.address, writer);
    world.posts_go_out(&mut relay).await;
    drop(reader);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_says_how_many_lines_were_lost_once_somebody_reads_its_log_again() {
    let world = world().await;
    let pipe = world.folder.path().join("log");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("ran").success());
    // For reading and writing, so that neither end waits for the other.
    let first = File::options().read(true).write(true).open(&pipe).expect("opened");
    let writer = File::options().write(true).open(&pipe).expect("opened");
    let mut relay = Relay::start(&world.config, world.address, writer);
    drop(first);
    world.posts_go_out(&mut relay).await;
    assert!(relay.lines_lost().await >= POSTS as u64);
    let (lines, read) = mpsc::channel();
    std::thread::spawn(move || {
        let reader = BufReader::new(File::open(&pipe).expect("opened"));
        for line in reader.lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let line = read.recv_timeout(left).expect("the loss is said");
        let Some((before, count)) = line.split_once("lost_lines=") else { continue };
        assert!(before.contains(" WARN "), "{line}");
        assert!(count.parse::<u64>().expect("a number") >= POSTS as u64, "{line}");
        return;
    }
}
