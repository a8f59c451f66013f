//! A sandbox, a relay with its scheduler, and an engine over a store of its own.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock, SystemClock, UnixMillis};
use roost_core::id::{PostId, XUserId};
use roost_core::limits::Limits;
use roost_core::status::Status;
use roost_core::zone::{Zone, wall_time_of};
use roost_engine::api::ImportReport;
use roost_engine::view::{PostDetail, PostQuery, PostRow};
use roost_engine::{
    Endpoint, Endpoints, Engine, EngineConfig, ImportBytes, ImportRun, LatePolicy, NewPost, Secret,
};
use roost_import::choices::Choices;
use roost_local::{Local, LocalConfig};
use roost_relay_api::Grant;
use roost_store::Store;
use roost_x_sandbox::{Config, Entry, NewAccount, Running, Sandbox};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes; a test that waits so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

pub(crate) struct World {
    folder: tempfile::TempDir,
    pub(crate) sandbox: Running,
    pub(crate) local: Option<Local>,
    pub(crate) engine: Engine,
    running: Option<(CancellationToken, JoinHandle<()>)>,
    limits: Option<Limits>,
}

impl World {
    /// Everything is up, an account is connected; the engine's loop does not run yet.
    pub(crate) async fn new() -> Self {
        let world = Self::without_account().await;
        world.connect("demo").await;
        world
    }

    /// The same with a relay that sends by these limits.
    pub(crate) async fn with_limits(limits: Limits) -> Self {
        let world = Self::begin(Some(limits)).await;
        world.connect("demo").await;
        world
    }

    /// The same before anybody signed in.
    pub(crate) async fn without_account() -> Self {
        Self::begin(None).await
    }

    async fn begin(limits: Option<Limits>) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::start(Config::new(folder.path().join("x.db")), 0).await.unwrap();
        let engine = open(folder.path());
        let mut world = Self { folder, sandbox, local: None, engine, running: None, limits };
        world.start_local().await;
        world
    }

    /// Starts relay and scheduler, and points the engine at them.
    pub(crate) async fn start_local(&mut self) {
        self.start_local_at(Arc::new(SystemClock)).await;
    }

    /// The same by another clock.
    pub(crate) async fn start_local_at(&mut self, clock: Arc<dyn Clock>) {
        let mut config = LocalConfig::new(self.folder.path(), self.sandbox.base_url());
        config.overdue_spacing = Duration::from_millis(100);
        config.wait_for_release = true;
        config.clock = clock;
        if let Some(limits) = &self.limits {
            config.limits = limits.clone();
        }
        let local = Local::start(config).await.unwrap();
        self.engine.use_endpoints(Some(endpoints(&local))).unwrap();
        self.engine.flush_outbox().await.unwrap();
        local.release();
        self.local = Some(local);
    }

    pub(crate) async fn stop_local(&mut self) {
        self.local.take().unwrap().stop().await;
    }

    /// A connection to the relay's ledger, as another program would have it.
    pub(crate) fn relay_ledger(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("local/relay.db")).unwrap()
    }

    /// Removes the relay's database while nothing runs.
    pub(crate) fn lose_relay(&self) {
        for entry in std::fs::read_dir(self.folder.path().join("local")).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_str().unwrap().starts_with("relay.db") {
                std::fs::remove_file(path).unwrap();
            }
        }
    }

    pub(crate) fn endpoints(&self) -> Endpoints {
        endpoints(self.local.as_ref().unwrap())
    }

    pub(crate) async fn connect(&self, handle: &str) {
        self.connect_account(NewAccount::named(handle)).await;
    }

    /// Connects an account of any kind.
    pub(crate) async fn connect_account(&self, account: NewAccount) {
        let made = self.sandbox.sandbox.grant(account, None).await.unwrap();
        let grant = Grant {
            username: made.username,
            name: made.name,
            subscription_type: Some(made.subscription_type),
            client_id: made.client_id,
            client_secret: made.client_secret,
            access_token: made.access_token,
            refresh_token: made.refresh_token,
            expires_at: SystemClock.now().plus(Duration::from_secs(7200)),
            scope: made.scope,
        };
        self.engine.connect(XUserId(made.id), grant).await.unwrap();
    }

    /// Lets the engine's loop run.
    pub(crate) fn run(&mut self) {
        let stop = CancellationToken::new();
        let (engine, token) = (self.engine.clone(), stop.clone());
        let running = tokio::spawn(async move { engine.run(token).await.unwrap() });
        self.running = Some((stop, running));
    }

    pub(crate) async fn stop_engine(&mut self) {
        if let Some((stop, running)) = self.running.take() {
            stop.cancel();
            running.await.unwrap();
        }
    }

    /// A file of the data folder.
    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Forgets the engine wherever it stands and opens another over the same store: a crash.
    pub(crate) async fn crash(&mut self) {
        if let Some((_, running)) = self.running.take() {
            running.abort();
            drop(running.await);
        }
        self.engine = open(self.folder.path());
        self.engine.use_endpoints(Some(self.endpoints())).unwrap();
    }

    /// Ends the engine, puts a backup in the place of its store, and opens another over it.
    pub(crate) async fn restore(&mut self, backup: &roost_store::Backup) {
        self.stop_engine().await;
        let elsewhere = tempfile::tempdir().unwrap();
        self.engine = open(elsewhere.path());
        let path = self.path("roost.db");
        // The last handle may be with a thread that is about to end.
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            match roost_store::restore_backup(&path, &backup.path, &SystemClock) {
                Ok(_) => break,
                Err(error) if tokio::time::Instant::now() < end => drop(error),
                Err(error) => panic!("{error}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.engine = open(self.folder.path());
        self.engine.use_endpoints(Some(self.endpoints())).unwrap();
    }

    /// Another engine over the same store, without services: the command line.
    pub(crate) fn beside(&self) -> Engine {
        open(self.folder.path())
    }

    /// The relay, as the engine reaches it.
    pub(crate) fn relay(&self) -> roost_relay_api::Client {
        let Endpoint { url, bearer } = self.endpoints().relay;
        roost_relay_api::Client::new(url.parse().unwrap(), bearer.reveal()).unwrap()
    }

    /// The same with another late policy and another clock.
    pub(crate) fn beside_at(&self, late: Option<LatePolicy>, clock: Arc<dyn Clock>) -> Engine {
        let mut config = EngineConfig::new(self.folder.path().join("roost.db"));
        config.late = late;
        Engine::open(config, clock).unwrap()
    }

    /// The engine's store, to bring about what takes long.
    pub(crate) fn store(&self) -> Store {
        Store::open(self.folder.path().join("roost.db"), Arc::new(SystemClock)).unwrap()
    }

    /// Schedules a post so many seconds from now.
    pub(crate) async fn post_in(&self, text: &str, seconds: u64) -> PostId {
        self.engine.create(new_post(text, seconds)).await.unwrap().post.id
    }

    pub(crate) async fn show(&self, id: PostId) -> PostDetail {
        self.engine.post(id).await.unwrap()
    }

    pub(crate) async fn status(&self, id: PostId) -> Status {
        self.show(id).await.row.status
    }

    pub(crate) async fn rows(&self) -> Vec<PostRow> {
        self.engine.posts(&PostQuery { limit: 1000, ..PostQuery::default() }).await.unwrap().posts
    }

    /// Imports a file, or says what that would do.
    pub(crate) async fn import(
        &self,
        bytes: Vec<u8>,
        choices: Choices,
        dry_run: bool,
    ) -> ImportReport {
        let sources = vec![ImportBytes { name: "calendar.json".to_owned(), bytes, path: None }];
        let run = ImportRun { sources, choices, dry_run, ..ImportRun::default() };
        let going_on = Arc::new(|_| ControlFlow::Continue(()));
        self.engine.run_import(run, going_on).await.unwrap().report
    }

    /// Waits until a post is at `status`.
    pub(crate) async fn wait_for(&self, id: PostId, status: Status) -> PostDetail {
        self.wait_until(id, &format!("{status}"), |post| post.row.status == status).await
    }

    /// The same for a post that may not be in the store yet.
    pub(crate) async fn wait_for_row(&self, id: PostId, status: Status) -> PostDetail {
        let end = tokio::time::Instant::now() + PATIENCE;
        while self.engine.post(id).await.is_err() {
            assert!(tokio::time::Instant::now() < end, "no such post in time");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.wait_for(id, status).await
    }

    /// Waits until something holds of a post.
    pub(crate) async fn wait_until(
        &self,
        id: PostId,
        what: &str,
        holds: impl Fn(&PostDetail) -> bool,
    ) -> PostDetail {
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            let post = self.show(id).await;
            if holds(&post) {
                return post;
            }
            assert!(tokio::time::Instant::now() < end, "not {what} in time: {post:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Every request to create a post that X saw.
    pub(crate) async fn ledger(&self) -> Vec<Entry> {
        self.sandbox.sandbox.ledger(0, 10_000).await.unwrap()
    }

    /// The texts that are on X now, in the order in which they came.
    pub(crate) async fn timeline(&self) -> Vec<String> {
        let mut there = Vec::new();
        for entry in self.ledger().await.into_iter().filter(|entry| entry.accepted) {
            let tweet = entry.tweet_id.as_deref().unwrap().parse().unwrap();
            if self.sandbox.sandbox.is_there(tweet).await.unwrap() {
                there.extend(entry.text);
            }
        }
        there
    }

    /// The texts that X saw, in the order in which they arrived.
    pub(crate) async fn texts(&self) -> Vec<String> {
        self.ledger().await.into_iter().filter_map(|entry| entry.text).collect()
    }
}

/// A connection to a database, as another program would have it.
pub(crate) fn connection(path: &std::path::Path) -> rusqlite::Connection {
    rusqlite::Connection::open(path).unwrap()
}

pub(crate) fn new_post(text: &str, seconds: u64) -> NewPost {
    NewPost {
        text: text.to_owned(),
        wall_time: Some(wall_in(seconds)),
        zone: Some("Europe/Berlin".to_owned()),
        ..NewPost::default()
    }
}

/// A moment from now, on the clocks of Berlin.
pub(crate) fn wall_in(seconds: u64) -> String {
    wall_time(present().plus(Duration::from_secs(seconds)))
}

/// A moment that has passed, on the clocks of Berlin.
pub(crate) fn wall_ago(seconds: u64) -> String {
    wall_time(present().minus(Duration::from_secs(seconds)))
}

fn present() -> UnixMillis {
    UnixMillis::from_seconds(SystemClock.now().seconds_rounded_up())
}

fn wall_time(at: UnixMillis) -> String {
    wall_time_of(at, &Zone::parse("Europe/Berlin").unwrap()).to_string()
}

fn open(folder: &std::path::Path) -> Engine {
    let mut config = EngineConfig::new(folder.join("roost.db"));
    config.late = Some(LatePolicy::POST);
    Engine::open(config, Arc::new(SystemClock)).unwrap()
}

fn endpoints(local: &Local) -> Endpoints {
    let local = local.endpoints();
    Endpoints {
        relay: Endpoint {
            url: local.relay_url.clone(),
            bearer: Secret::new(local.relay_key.clone()),
        },
        relay_public_url: local.relay_public_url.clone(),
        pin: None,
        qstash: Some(Endpoint {
            url: local.qstash_url.clone(),
            bearer: Secret::new(local.qstash_token.clone()),
        }),
    }
}
