//! A large video passes through a relay, from a desktop to X, and is never in its memory.
#![cfg(target_os = "linux")]

#[path = "support/sandbox_grant.rs"]
mod sandbox_grant;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use roost_core::clock::{Clock, SystemClock};
use roost_core::id::{MediaId, PostId, Revision, StoreId, XUserId};
use roost_core::post::{Content, MediaCategory, MediaDigest, MediaFile, MediaKind, MediaRef, Part};
use roost_relay_api::{
    CHUNK_BYTES_MAX, Client, DeliveryState, Lookup, Manifest, Stage, StageBatch, StageOutcome,
};
use roost_x_sandbox::{NewAccount, Sandbox};
use sha2::{Digest, Sha256};

use sandbox_grant::grant_of;

const PATIENCE: Duration = Duration::from_secs(120);
/// Many times what the relay may grow by.
const VIDEO_BYTES: usize = 48 * 1024 * 1024;
const GROWTH_MAX_KB: u64 = 16 * 1024;

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    /// A size that the system tells of the program, in kB.
    fn memory_kb(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()));
        let status = status.expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

/// The bytes of the video from `offset` on, as many as a chunk has.
fn chunk(offset: usize) -> Vec<u8> {
    let end = (offset + CHUNK_BYTES_MAX).min(VIDEO_BYTES);
    let number = u8::try_from(offset / CHUNK_BYTES_MAX).expect("few chunks");
    let mut bytes = vec![number; end - offset];
    if offset == 0 {
        bytes[..12].copy_from_slice(b"\0\0\0\x18ftypmp42");
    }
    bytes
}

fn video() -> MediaFile {
    let mut hash = Sha256::new();
    (0..VIDEO_BYTES).step_by(CHUNK_BYTES_MAX).for_each(|offset| hash.update(chunk(offset)));
    let sha256 = MediaDigest(hash.finalize().into());
    let (kind, category) = (MediaKind::Mp4, MediaCategory::Video);
    MediaFile { sha256, kind, category, bytes: VIDEO_BYTES as u64 }
}

fn relay(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost-relay"));
    command.arg("--config").arg(config).env_remove("RUST_LOG");
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_video_is_never_in_the_memory_of_the_relay() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder");
    let x_config = roost_x_sandbox::Config::new(folder.path().join("x.sqlite"));
    let x = Sandbox::start(x_config, 0).await.expect("a sandbox");
    let port = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr());
    let address: SocketAddr = port.expect("a port");
    let config = folder.path().join("relay.toml");
    let text = format!(
        "database = \"relay.sqlite\"\nlisten = \"{address}\"\npublic_urls = [\"http://{address}\"]\n\
         x_api_base = \"{}\"\n[qstash]\ncurrent_signing_key = \"sig_1\"\n\
         next_signing_key = \"sig_2\"\n[limits]\nplan = \"demo\"\n[pace]\ntick_seconds = 0.05\n\
         backstop_after_seconds = 0.1\n",
        x.base_url()
    );
    std::fs::write(&config, text).expect("written");
    assert!(relay(&config).arg("init").output().expect("ran").status.success());
    let added = relay(&config).args(["device", "add", "test"]).output().expect("ran");
    let key = String::from_utf8(added.stdout).expect("a key").trim().to_owned();
    let serve = relay(&config).arg("serve").stderr(Stdio::null()).spawn();
    let relay = Program(serve.expect("started"));
    let client = Client::new(format!("http://{address}").parse().expect("a URL"), &key);
    let client = client.expect("a client");
    let deadline = Instant::now() + PATIENCE;
    while client.status().await.is_err() {
        assert!(Instant::now() < deadline, "the program does not answer");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (user, store) = introduce(&client, &x.sandbox).await;
    // One before, so that what every relay needs is there.
    goes_out(&client, &user, store, Part::of_text("first"), deadline).await;
    let base_kb = relay.memory_kb("VmRSS:");

    let file = video();
    let sha256 = file.sha256.to_string();
    for offset in (0..VIDEO_BYTES).step_by(CHUNK_BYTES_MAX) {
        let sent = client.put_media(&sha256, offset as u64, file.bytes, chunk(offset)).await;
        assert!(sent.expect("taken").received_bytes > offset as u64);
    }
    let media = vec![MediaRef {
        media_id: MediaId::new(SystemClock.now()),
        alt_text: None,
        file: Some(file),
    }];
    goes_out(&client, &user, store, Part { media, ..Part::of_text("a video") }, deadline).await;
    let grown_kb = relay.memory_kb("VmHWM:").saturating_sub(base_kb);
    println!("{base_kb} kB, and {grown_kb} kB more with a video of {VIDEO_BYTES} bytes");
    assert!(grown_kb <= GROWTH_MAX_KB, "it grew by {grown_kb} kB from {base_kb} kB");
}

/// Stages a post that is due now, and waits until it is out.
async fn goes_out(client: &Client, user: &XUserId, store: StoreId, part: Part, deadline: Instant) {
    let now = SystemClock.now();
    let item = Stage {
        post_id: PostId::new(now),
        revision: Revision(1),
        account: user.clone(),
        content: Content { parts: vec![part] },
        body_hash: None,
        due_at: now,
        not_after: now.plus(Duration::from_secs(3600)),
        follow_up: None,
    };
    let id = item.post_id;
    let batch = StageBatch { store_id: store, items: vec![item] };
    let staged = client.stage(&batch).await.expect("an answer");
    assert_eq!(staged.results[0].outcome, StageOutcome::Staged);
    loop {
        let found = client.lookup(&Lookup { post_ids: vec![id] }).await.expect("found");
        let delivery = &found.deliveries[0];
        if delivery.state == DeliveryState::Posted {
            return;
        }
        assert!(Instant::now() < deadline, "{delivery:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
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
