//! Thousands of connections that say nothing, against a relay with few file descriptors: posts go out
//! on time and memory does not grow.
#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

#[path = "support/sandbox_grant.rs"]
mod sandbox_grant;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use roost_core::clock::{Clock, SystemClock};
use roost_core::id::{PostId, Revision, StoreId, XUserId};
use roost_core::post::Content;
use roost_qstash::signature::Signer;
use roost_relay_api::{
    Client, DeliveryState, Lookup, Manifest, POST_TWEET_PATH, Stage, StageBatch,
};
use roost_x_sandbox::{NewAccount, Sandbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use sandbox_grant::grant_of;

const CURRENT: &str = "sig_current_key_of_the_idle";
const PUBLIC_URL: &str = "http://relay.roost.internal";
const PATIENCE: Duration = Duration::from_secs(60);
/// What many systems give a service.
const OPEN_FILES: usize = 1024;
const IDLE_CONNECTIONS: usize = 2000;
const DELIVERIES: usize = 30;
/// How late a post may be; a delivery is answered within the same time.
const LATENESS_MAX: Duration = Duration::from_secs(5);
const GROWTH_MAX_KB: u64 = 32 * 1024;

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    /// Starts `serve` with so few open files.
    fn serve(config: &Path) -> Self {
        let program = env!("CARGO_BIN_EXE_roost-relay");
        let command = format!("ulimit -n {OPEN_FILES} && exec \"$0\" --config \"$1\" serve");
        let child = Command::new("sh")
            .args(["-c", &command, program])
            .arg(config)
            .env_remove("RUST_LOG")
            .stderr(Stdio::null())
            .spawn();
        Self(child.expect("the program starts"))
    }

    /// Memory in use, in kB.
    fn memory_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()));
        let status = status.expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address")
}

/// Keeps a connection with half a header open, and opens another when it ends.
async fn idle(address: SocketAddr) {
    loop {
        if let Ok(mut stream) = TcpStream::connect(address).await {
            let _ = stream.write_all(b"POST /api/qstash/post-tweet HTTP/1.1\r\nHost: a").await;
            let _ = stream.read(&mut [0; 64]).await;
        }
        // What a client does that is turned away: it comes again, and not at once.
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_idle_connections_delay_no_post_and_take_little_memory() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    if roost_listener::raise_open_files() < IDLE_CONNECTIONS + 500 {
        println!("skipped: this test may not open {IDLE_CONNECTIONS} connections");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut x_config = roost_x_sandbox::Config::new(folder.path().join("x.sqlite"));
    x_config.duplicates = false;
    let x = Sandbox::start(x_config, 0).await.expect("a sandbox");
    let address = free_port();
    let config = folder.path().join("relay.toml");
    let text = format!(
        "database = \"relay.sqlite\"\nlisten = \"{address}\"\npublic_urls = [\"{PUBLIC_URL}\"]\n\
         x_api_base = \"{}\"\n[qstash]\ncurrent_signing_key = \"{CURRENT}\"\n\
         next_signing_key = \"sig_next\"\n[limits]\nplan = \"demo\"\n[pace]\n\
         backstop_after_seconds = 3600\n",
        x.base_url()
    );
    std::fs::write(&config, text).expect("written");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roost-relay"));
        let output = command.arg("--config").arg(&config).args(arguments).output().expect("ran");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    };
    run(&["init"]);
    let key = run(&["device", "add", "test"]);
    let relay = Program::serve(&config);
    let url = format!("http://{address}").parse().expect("a URL");
    let client = Client::new(url, &key).expect("a client");
    let deadline = Instant::now() + PATIENCE;
    while client.status().await.is_err() {
        assert!(Instant::now() < deadline, "the program does not answer");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (user, store) = introduce(&client, &x.sandbox).await;
    // One before, so that what every relay needs is there.
    post(&client, address, &user, store, "first").await;
    let base_kb = relay.memory_kb();

    let crowd: Vec<_> = (0..IDLE_CONNECTIONS).map(|_| tokio::spawn(idle(address))).collect();
    let mut grown_kb = 0;
    let begun = Instant::now();
    for number in 0..DELIVERIES {
        post(&client, address, &user, store, &format!("number {number}")).await;
        grown_kb = grown_kb.max(relay.memory_kb().saturating_sub(base_kb));
    }
    // Past the time that a header may take, so that the crowd was turned away at least once.
    while begun.elapsed() < Duration::from_secs(6) {
        post(&client, address, &user, store, &format!("at {:?}", begun.elapsed())).await;
        grown_kb = grown_kb.max(relay.memory_kb().saturating_sub(base_kb));
    }
    assert!(grown_kb <= GROWTH_MAX_KB, "it grew by {grown_kb} kB from {base_kb} kB");
    println!("{base_kb} kB, and {grown_kb} kB more with {IDLE_CONNECTIONS} idle connections");
    crowd.iter().for_each(tokio::task::JoinHandle::abort);
}

/// Stages a post that is due now, delivers it on a connection of its own, and waits until it is out.
async fn post(client: &Client, address: SocketAddr, user: &XUserId, store: StoreId, text: &str) {
    let begun = Instant::now();
    let now = SystemClock.now();
    let item = Stage {
        post_id: PostId::new(now),
        revision: Revision(1),
        account: user.clone(),
        content: Content::of_texts([text.to_owned()]),
        body_hash: None,
        due_at: now,
        not_after: now.plus(Duration::from_secs(3600)),
        follow_up: None,
    };
    let id = item.post_id;
    let batch = StageBatch { store_id: store, items: vec![item] };
    client.stage(&batch).await.expect("staged");
    let body = serde_json::to_vec(&serde_json::json!({ "postId": id, "revision": 1 }));
    let body = body.expect("JSON");
    let url = format!("{PUBLIC_URL}{POST_TWEET_PATH}");
    let signature = Signer::new(CURRENT).sign(&url, &body, now.0 / 1000);
    let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build();
    let answer = http
        .expect("a client")
        .post(format!("http://{address}{POST_TWEET_PATH}"))
        .header("Upstash-Signature", signature)
        .body(body)
        .timeout(LATENESS_MAX)
        .send()
        .await
        .expect("an answer");
    assert!(answer.status().is_success(), "{}", answer.status());
    loop {
        let found = client.lookup(&Lookup { post_ids: vec![id] }).await.expect("found");
        if found.deliveries[0].state == DeliveryState::Posted {
            break;
        }
        assert!(begun.elapsed() < LATENESS_MAX, "\"{text}\": {:?}", found.deliveries[0].state);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
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
