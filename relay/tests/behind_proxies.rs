//! A relay behind nginx and behind Caddy, as the examples in `deploy/` have them: nothing in them is changed
//! but name, ports and the places of certificates. The sandbox stands in X's place.
//!
//! Both are packages of Debian; without one its tests say so and end. `ROOST_FULL=1` uploads as much as X takes
//! of a video, and waits as long as a computer waits for news.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

#[path = "support/proxies.rs"]
mod proxies;
#[path = "support/sandbox_grant.rs"]
mod sandbox_grant;

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use roost_core::clock::{Clock, SystemClock};
use roost_core::id::{PostId, Revision, StoreId, XUserId};
use roost_core::post::Content;
use roost_qstash::signature::Signer;
use roost_relay_api::{
    CHUNK_BYTES_MAX, Client, Manifest, POST_TWEET_PATH, PairRequest, Stage, StageBatch,
};
use roost_x_sandbox::{NewAccount, Running, Sandbox};
use sha2::{Digest as _, Sha256};

use proxies::{CURRENT, Kind, World};
use sandbox_grant::grant_of;

/// The largest body that the relay takes.
const BODY_MAX_BYTES: usize = 16 * 1024 * 1024;
/// How long the engine has the relay hold an answer.
const LONG_POLL: Duration = Duration::from_secs(60);

fn is_full() -> bool {
    std::env::var_os("ROOST_FULL").is_some_and(|full| full == "1")
}

async fn sandbox(folder: &tempfile::TempDir) -> Running {
    let config = roost_x_sandbox::Config::new(folder.path().join("x.sqlite"));
    Sandbox::start(config, 0).await.expect("a sandbox")
}

/// A computer that was let in through the proxy, and an account of its.
struct Computer {
    client: Client,
    key: String,
    store_id: StoreId,
    account: XUserId,
}

impl Computer {
    async fn pairs(world: &World, x: &Running) -> Self {
        let key = format!("rk_{}", "k".repeat(43));
        let client = world.client(&key);
        let request = PairRequest { code: world.code(), device: "laptop".to_owned() };
        client.pair(&request).await.expect("let in");
        let store_id = StoreId::new(SystemClock.now());
        let epoch = client.status().await.expect("a status").epoch;
        let manifest = Manifest { epoch, store_id, posts: vec![], more: false };
        client.manifest(&manifest).await.expect("introduced");
        let granted = x.sandbox.grant(NewAccount::named("ada"), None).await.expect("a grant");
        let account = XUserId(granted.id.clone());
        let grant = grant_of(&granted, SystemClock.now().plus(Duration::from_secs(7000)));
        client.connect(&account, &grant).await.expect("connected");
        Self { client, key, store_id, account }
    }

    async fn stages(&self, text: &str) -> PostId {
        let now = SystemClock.now();
        let item = Stage {
            post_id: PostId::new(now),
            revision: Revision(1),
            account: self.account.clone(),
            content: Content::of_texts([text.to_owned()]),
            body_hash: None,
            due_at: now,
            not_after: now.plus(Duration::from_secs(3600)),
            follow_up: None,
        };
        let id = item.post_id;
        let batch = StageBatch { store_id: self.store_id, items: vec![item] };
        self.client.stage(&batch).await.expect("staged");
        id
    }

    /// Uploads a file of so many bytes, in chunks.
    async fn uploads(&self, bytes: usize) {
        let file: Vec<u8> = (0..bytes).map(|at| (at / 7 + at % 251) as u8).collect();
        let sha256: String =
            Sha256::digest(&file).iter().map(|byte| format!("{byte:02x}")).collect();
        let mut last = None;
        for (number, chunk) in file.chunks(CHUNK_BYTES_MAX).enumerate() {
            let offset = (number * CHUNK_BYTES_MAX) as u64;
            let answer = self.client.put_media(&sha256, offset, bytes as u64, chunk.to_vec());
            last = Some(answer.await.expect("taken"));
        }
        assert!(last.expect("chunks").is_complete, "the relay has the whole file");
    }
}

/// What a scheduler does when a post is due: a request from the world, through the proxy.
async fn deliver(world: &World, post: PostId) -> StatusCode {
    let body = serde_json::to_vec(&serde_json::json!({ "postId": post, "revision": 1 }));
    let body = body.expect("JSON");
    let url = format!("{}{POST_TWEET_PATH}", world.base);
    let signature = Signer::new(CURRENT).sign(&url, &body, SystemClock.now().0 / 1000);
    let request = world.http(None).post(url).header("Upstash-Signature", signature);
    let request = request.header("Upstash-Message-Id", format!("msg_{post}")).body(body);
    request.send().await.expect("an answer").status()
}

async fn a_post_goes_the_whole_way(kind: Kind) {
    let folder = tempfile::tempdir().expect("a folder");
    let x = sandbox(&folder).await;
    let Some(world) = World::start(kind, &x.base_url()).await else { return };
    let computer = Computer::pairs(&world, &x).await;
    let post = computer.stages("Through a proxy").await;
    for _ in 0..2 {
        assert!(deliver(&world, post).await.is_success(), "{}", world.log());
    }
    let page = computer.client.events(0, 100, LONG_POLL).await.expect("a page");
    assert!(!page.events.is_empty());
    proxies::eventually("the post is on X", async || {
        let ledger = x.sandbox.ledger(0, 10).await.expect("a ledger");
        assert!(ledger.len() <= 1, "{ledger:?}");
        ledger
            .iter()
            .any(|entry| entry.accepted && entry.text.as_deref() == Some("Through a proxy"))
    })
    .await;
    // An answer that nothing ends is held as long as the engine asks for it.
    let head = computer.client.events(0, 1000, Duration::ZERO).await.expect("a page").head;
    let wait = if is_full() { LONG_POLL } else { Duration::from_secs(2) };
    let held = computer.client.events(head, 100, wait).await.expect("an empty page");
    assert!(held.events.is_empty() || held.head > head);
}

async fn what_the_relay_takes_the_proxy_takes(kind: Kind) {
    let folder = tempfile::tempdir().expect("a folder");
    let x = sandbox(&folder).await;
    let Some(world) = World::start(kind, &x.base_url()).await else { return };
    let computer = Computer::pairs(&world, &x).await;
    computer.uploads(if is_full() { 512_000_000 } else { 9_000_000 }).await;
    // The relay itself has to say what it thinks of the largest body: its answers carry an id.
    let large = vec![b' '; BODY_MAX_BYTES - 1];
    let request = world.http(None).request(Method::POST, format!("{}/v1/stage", world.base));
    let request = request.bearer_auth(&computer.key).header("content-type", "application/json");
    let answer = request.body(large).send().await.expect("an answer");
    assert!(answer.headers().contains_key("x-request-id"), "{answer:?}\n{}", world.log());
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "blanks are no batch");
}

async fn nobody_writes_an_address_of_somebody_else(kind: Kind) {
    let folder = tempfile::tempdir().expect("a folder");
    let x = sandbox(&folder).await;
    let Some(world) = World::start(kind, &x.base_url()).await else { return };
    let guess = async |from: &str, claims: &str, base: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", claims.parse().expect("a header"));
        let request = world.http(Some(from)).post(format!("{base}/v1/pair"));
        let request = request.headers(headers).bearer_auth(format!("rk_{}", "g".repeat(43)));
        let body = PairRequest { code: "wrong".to_owned(), device: "x".to_owned() };
        request.json(&body).send().await.expect("an answer").status()
    };
    // One client that says each time that it is another one.
    for attempt in 0..10 {
        let claims = format!("198.51.100.{attempt}");
        let status = guess("127.0.0.2", &claims, &world.base).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{}", world.log());
    }
    let held_back = guess("127.0.0.2", "198.51.100.77", &world.base).await;
    assert_eq!(held_back, StatusCode::TOO_MANY_REQUESTS);
    // What it did holds nobody else back, whoever it named.
    let other = guess("127.0.0.3", "127.0.0.2", &world.base).await;
    assert_eq!(other, StatusCode::UNAUTHORIZED, "another client is another one");
    // Nor is the proxy's word taken from somebody who is not the proxy.
    let past = format!("http://{}", world.relay);
    for _ in 0..10 {
        assert_eq!(guess("127.0.0.4", "198.51.100.5", &past).await, StatusCode::UNAUTHORIZED);
    }
    let same = guess("127.0.0.4", "198.51.100.6", &past).await;
    assert_eq!(same, StatusCode::TOO_MANY_REQUESTS, "a stranger's word counts for nothing");
    // The world is never taken for this machine.
    for claims in ["127.0.0.1", "::1"] {
        let request = world.http(None).get(format!("{}/metrics", world.base));
        let answer = request.header("x-forwarded-for", claims).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{claims}");
    }
}

macro_rules! behind {
    ($module:ident, $kind:expr) => {
        mod $module {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            async fn a_computer_pairs_and_a_signed_delivery_posts_once() {
                a_post_goes_the_whole_way($kind).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn every_body_that_the_relay_takes_comes_through() {
                what_the_relay_takes_the_proxy_takes($kind).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn a_client_is_who_the_proxy_says_and_no_header_of_its_own_changes_that() {
                nobody_writes_an_address_of_somebody_else($kind).await;
            }
        }
    };
}

behind!(nginx, Kind::Nginx);
behind!(caddy, Kind::Caddy);
