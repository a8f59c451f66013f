//! A small world: X, a relay, a desktop's client, a scheduler's signature, and a clock to turn.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use roost_core::clock::{Clock, ManualClock, UnixMillis};
use roost_core::id::{PostId, Revision, StoreId, XUserId};
use roost_core::limits::{Limits, Plan};
use roost_core::post::Content;
use roost_qstash::signature::Signer;
use roost_relay::{Config, DeviceKey, QstashKeys, Relay, Secret};
use roost_relay_api::{
    Client, Delivery, DeliveryState, Grant, Lookup, Manifest, POST_TWEET_PATH, RelayStatus, Stage,
    StageBatch, StageOutcome, StageResult, Withdraw, WithdrawBatch, WithdrawResult,
};
use roost_x_sandbox::{Entry, NewAccount, Running, Sandbox};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::sandbox_grant::grant_of;

pub(crate) const PUBLIC_URL: &str = "http://relay.roost.internal";
pub(crate) const DEVICE_KEY: &str = "rk_test_canary_key";
pub(crate) const CURRENT: &str = "sig_current_key_of_the_tests";
pub(crate) const NEXT: &str = "sig_next_key_of_the_tests";
/// 2027-01-15 08:00:00 UTC.
pub(crate) const START: UnixMillis = UnixMillis(1_800_000_000_000);
/// How long a condition may take to come true, in real time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) x: Running,
    pub(crate) config: Config,
    pub(crate) store: StoreId,
    pub(crate) account: XUserId,
    pub(crate) grant: Grant,
    pub(crate) http: reqwest::Client,
    served: Option<Served>,
}

struct Served {
    relay: Relay,
    client: Client,
    url: Url,
    cancel: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

pub(crate) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}, |_| {}).await
    }

    /// A world in which relay and X are set up otherwise.
    pub(crate) async fn with(
        tune: impl FnOnce(&mut Config),
        tune_x: impl FnOnce(&mut roost_x_sandbox::Config),
    ) -> Self {
        // Another test may have installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::at(START));
        let mut x_config = roost_x_sandbox::Config::new(folder.path().join("x.sqlite"));
        x_config.clock = Arc::clone(&clock) as Arc<dyn Clock>;
        x_config.duplicates = false;
        tune_x(&mut x_config);
        let x = Sandbox::start(x_config, 0).await.expect("a sandbox");
        let granted = x.sandbox.grant(NewAccount::named("ada"), None).await.expect("an account");
        let expires_at = START.plus(seconds(u64::try_from(granted.expires_in).unwrap_or(0)));
        let grant = grant_of(&granted, expires_at);
        let mut config = Config::new(folder.path().join("relay.sqlite"));
        config.public_urls = vec![Url::parse(PUBLIC_URL).expect("a URL")];
        config.x_api_base = Url::parse(&x.base_url()).expect("a URL");
        config.device_keys =
            vec![DeviceKey { name: "desktop".to_owned(), key: Secret::new(DEVICE_KEY) }];
        config.qstash_keys =
            Some(QstashKeys { current: Secret::new(CURRENT), next: Secret::new(NEXT) });
        config.limits = Limits::of(Plan::Demo);
        config.loopback = true;
        config.pace.tick = Duration::from_millis(10);
        config.pace.call_timeout = seconds(5);
        tune(&mut config);
        let mut world = Self {
            folder,
            clock,
            x,
            config,
            store: StoreId::new(START),
            account: XUserId(granted.id),
            grant,
            http: reqwest::Client::builder().no_proxy().build().expect("a client"),
            served: None,
        };
        world.start_relay().await;
        world.introduce(vec![]).await;
        world.client().connect(&world.account, &world.grant).await.expect("connected");
        world
    }

    /// Connects another account of the same app.
    pub(crate) async fn also(&self, name: &str) -> XUserId {
        let granted = self.x.sandbox.grant(NewAccount::named(name), None).await.expect("granted");
        let seconds_left = u64::try_from(granted.expires_in).unwrap_or(0);
        let grant = grant_of(&granted, self.clock.now().plus(seconds(seconds_left)));
        let id = XUserId(granted.id);
        self.client().connect(&id, &grant).await.expect("connected");
        id
    }

    /// Starts the relay anew, with X at another address.
    pub(crate) async fn restart_with_x_at(&mut self, base: Url) {
        self.stop_relay().await;
        self.config.x_api_base = base;
        self.start_relay().await;
    }

    pub(crate) async fn start_relay(&mut self) {
        let relay = Relay::open(self.config.clone(), Arc::clone(&self.clock) as Arc<dyn Clock>)
            .expect("a relay");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let cancel = CancellationToken::new();
        let (router, stop) = (relay.router(), cancel.clone());
        let serving = tokio::spawn(async move {
            axum::serve(
                listener,
                router.into_make_service_with_connect_info::<std::net::SocketAddr>(),
            )
            .with_graceful_shutdown(stop.cancelled_owned())
            .await
            .expect("served");
        });
        let (running, stop) = (relay.clone(), cancel.clone());
        let working = tokio::spawn(async move { running.run(stop).await });
        let url = Url::parse(&format!("http://{address}")).expect("a URL");
        self.served = Some(Served {
            relay,
            client: Client::new(url.clone(), DEVICE_KEY).expect("a client"),
            url,
            cancel,
            tasks: vec![serving, working],
        });
    }

    /// Stops the relay and waits until it let go of its files.
    pub(crate) async fn stop_relay(&mut self) {
        let served = self.served.take().expect("a relay runs");
        served.cancel.cancel();
        // Idle connections of our clients would keep the server waiting.
        self.http = reqwest::Client::builder().no_proxy().build().expect("a client");
        for task in served.tasks {
            task.await.expect("the relay ended well");
        }
        drop((served.relay, served.client));
        let lock = self.file("relay.sqlite.lock");
        until("the relay lets go of its files", || {
            let file = std::fs::File::open(&lock).expect("a lock file");
            file.try_lock().is_ok()
        })
        .await;
    }

    /// Ends the relay's work and leaves it listening.
    pub(crate) fn stop_work(&self) {
        self.served().tasks[1].abort();
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn served(&self) -> &Served {
        self.served.as_ref().expect("a relay runs")
    }

    pub(crate) fn relay(&self) -> &Relay {
        &self.served().relay
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.served().url.as_str().trim_end_matches('/'))
    }

    pub(crate) fn client(&self) -> Client {
        self.served().client.clone()
    }

    pub(crate) fn client_with(&self, key: &str) -> Client {
        Client::new(self.served().url.clone(), key).expect("a client")
    }

    pub(crate) async fn status(&self) -> RelayStatus {
        self.client().status().await.expect("a status")
    }

    pub(crate) async fn introduce(&self, posts: Vec<roost_relay_api::ManifestPost>) {
        let epoch = self.status().await.epoch;
        let manifest = Manifest { epoch, store_id: self.store, posts, more: false };
        self.client().manifest(&manifest).await.expect("introduced");
    }

    /// Writes a backup of the ledger.
    pub(crate) fn back_up(&self) -> PathBuf {
        let backup = self.file("backup.sqlite");
        roost_relay::admin::backup(&self.config.database, &backup).expect("a backup");
        backup
    }

    /// Puts a backup in the ledger's place.
    pub(crate) async fn restore(&mut self, backup: &std::path::Path) {
        self.stop_relay().await;
        roost_relay::admin::restore(backup, &self.config.database, self.clock.now())
            .expect("restored");
        self.start_relay().await;
    }

    /// Loses the ledger; the account signs in again after `introduce`.
    pub(crate) async fn lose_the_ledger(&mut self) {
        self.stop_relay().await;
        for name in ["relay.sqlite", "relay.sqlite-wal", "relay.sqlite-shm"] {
            let _ = std::fs::remove_file(self.file(name));
        }
        self.start_relay().await;
    }

    /// A post of this world's account, due `after` from now.
    pub(crate) fn post(&self, text: &str, after: Duration) -> Stage {
        self.thread(&[text], after)
    }

    pub(crate) fn thread(&self, texts: &[&str], after: Duration) -> Stage {
        let due_at = self.clock.now().plus(after);
        Stage {
            post_id: PostId::new(self.clock.now()),
            revision: Revision(1),
            account: self.account.clone(),
            content: Content::of_texts(texts.iter().copied()),
            body_hash: None,
            due_at,
            not_after: due_at.plus(seconds(6 * 3600)),
            follow_up: None,
        }
    }

    pub(crate) async fn stage(&self, items: &[Stage]) -> Vec<StageResult> {
        let batch = StageBatch { store_id: self.store, items: items.to_vec() };
        self.client().stage(&batch).await.expect("an answer").results
    }

    /// Stages a post that must be taken.
    pub(crate) async fn staged(&self, text: &str, after: Duration) -> Stage {
        let item = self.post(text, after);
        let result = self.stage(std::slice::from_ref(&item)).await.remove(0);
        assert_eq!(result.outcome, StageOutcome::Staged, "{result:?}");
        item
    }

    /// Stages a post of another account, which must be taken.
    pub(crate) async fn stage_for(&self, account: &XUserId, text: &str, after: Duration) -> Stage {
        let mut item = self.post(text, after);
        item.account = account.clone();
        let result = self.stage(std::slice::from_ref(&item)).await.remove(0);
        assert_eq!(result.outcome, StageOutcome::Staged, "{result:?}");
        item
    }

    pub(crate) async fn withdraw(&self, post_id: PostId, revision: i64) -> WithdrawResult {
        let items = vec![Withdraw { post_id, revision: Revision(revision) }];
        let batch = WithdrawBatch { store_id: self.store, items };
        self.client().withdraw(&batch).await.expect("an answer").results.remove(0)
    }

    pub(crate) fn trigger(item: &Stage) -> Vec<u8> {
        serde_json::to_vec(&serde_json::json!({
            "postId": item.post_id, "revision": item.revision
        }))
        .expect("JSON")
    }

    pub(crate) fn sign(&self, body: &[u8]) -> String {
        let url = format!("{PUBLIC_URL}{POST_TWEET_PATH}");
        Signer::new(CURRENT).sign(&url, body, self.clock.now().0 / 1000)
    }

    /// Sends a body with a signature to the webhook.
    pub(crate) async fn hook(&self, body: Vec<u8>, signature: &str) -> reqwest::Response {
        self.http
            .post(self.url(POST_TWEET_PATH))
            .header("Upstash-Signature", signature)
            .header("Content-Type", "application/json")
            .body(body)
            .send()
            .await
            .expect("an answer")
    }

    /// Delivers a post as the scheduler does.
    pub(crate) async fn deliver(&self, item: &Stage) -> (StatusCode, Value) {
        let body = Self::trigger(item);
        let signature = self.sign(&body);
        let response = self.hook(body, &signature).await;
        let status = response.status();
        (status, response.json().await.expect("a JSON answer"))
    }

    pub(crate) async fn delivery(&self, post_id: PostId) -> Option<Delivery> {
        let lookup = Lookup { post_ids: vec![post_id] };
        self.client().lookup(&lookup).await.expect("an answer").deliveries.pop()
    }

    /// Waits until the post is in a state.
    pub(crate) async fn reaches(&self, post_id: PostId, state: DeliveryState) -> Delivery {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let delivery = self.delivery(post_id).await.expect("the relay knows the post");
            if delivery.state == state {
                return delivery;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "the post did not become {}: {delivery:?}",
                state.as_str()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Turns the clock on, as often as it takes, until the post is in a state.
    pub(crate) async fn comes_to(
        &self,
        post_id: PostId,
        state: DeliveryState,
        step: Duration,
    ) -> Delivery {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let delivery = self.delivery(post_id).await.expect("the relay knows the post");
            if delivery.state == state {
                return delivery;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "the post did not come to {}: {delivery:?}",
                state.as_str()
            );
            // A call in hand left at a time that X is to see too.
            if self.metric("in_hand").await == 0 {
                self.clock.advance(step);
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Turns the clock on until the post waits for a later time than it did.
    pub(crate) async fn deferred_beyond(&self, post_id: PostId, until: Option<UnixMillis>) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while self.delivery(post_id).await.expect("known").until <= until {
            assert!(tokio::time::Instant::now() < deadline, "never deferred beyond {until:?}");
            self.clock.advance(seconds(5));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Every request to create a post that X ever saw.
    pub(crate) async fn creates(&self) -> Vec<Entry> {
        self.x.sandbox.ledger(0, 10_000).await.expect("a ledger")
    }

    /// Lets the relay do whatever it would still do: the publisher went round, and has nothing in
    /// hand that it took up meanwhile.
    pub(crate) async fn settle(&self) {
        let begun = self.metric("rounds_total").await;
        self.counts("rounds_total", begun + 3).await;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while self.metric("in_hand").await > 0 {
            assert!(tokio::time::Instant::now() < deadline, "the publisher never came to rest");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let rested = self.metric("rounds_total").await;
        self.counts("rounds_total", rested + 2).await;
    }

    /// Waits until a fault struck for the first time.
    pub(crate) async fn strikes(&self, fault: u64) {
        let url = format!("{}/_sandbox/faults", self.x.base_url().trim_end_matches('/'));
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let answer = self.http.get(&url).send().await.expect("an answer");
            let armed: Vec<Value> = answer.json().await.expect("the faults");
            let struck = |armed: &Value| armed["id"] == fault && armed["struck"] != 0;
            // One that struck as often as it may is not armed any more.
            if armed.iter().all(|armed| armed["id"] != fault) || armed.iter().any(struck) {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "the fault never struck");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until a metric is at least so much.
    pub(crate) async fn counts(&self, name: &str, at_least: u64) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while self.metric(name).await < at_least {
            assert!(tokio::time::Instant::now() < deadline, "{name} never came to {at_least}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// An address that nobody answers.
    pub(crate) fn nowhere() -> Url {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        Url::parse(&format!("http://{address}")).expect("a URL")
    }

    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let text = self
            .http
            .get(self.url("/metrics"))
            .send()
            .await
            .expect("an answer")
            .text()
            .await
            .expect("text");
        let line = format!("roost_relay_{name} ");
        text.lines()
            .find_map(|found| found.strip_prefix(&line))
            .and_then(|value| value.parse().ok())
            .unwrap_or_else(|| panic!("no metric {name} in\n{text}"))
    }
}

/// X's limits with one rate alone: so many calls a day for each account.
pub(crate) fn calls_a_day(max: u32) -> Limits {
    let scope = roost_core::limits::Scope::Account;
    let rates = vec![roost_core::limits::Rate { scope, max, per_seconds: 24 * 3600 }];
    Limits { rates, ..Limits::of(Plan::Demo) }
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !is_so() {
        assert!(tokio::time::Instant::now() < deadline, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
