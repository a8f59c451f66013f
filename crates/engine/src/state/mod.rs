//! What every use case stands on: the store, the clock, the services, and the listeners. It knows no
//! use case.
//!
//! # The order of locks
//!
//! From the top down; a lock is taken only while none below it is held.
//!
//! 1. [`EngineState::removal_lock`]: one removal on X at a time. It may be held for minutes, and no
//!    other lock but the store's and those of number 5 is taken under it.
//! 2. [`EngineState::pass_lock`]: one sync pass at a time, and whatever must not run beside one: a
//!    registration with the relay, a pause, a decision, a switch to another relay. It is held over
//!    requests, each of which the clients bound, and never over a call to X.
//! 3. [`EngineState::upload_lock`]: one upload at a time. It may be held for as long as an uplink needs
//!    for a video, and no other lock but those of numbers 4 and 5 is taken under it.
//! 4. The store's writer: one transaction, on a thread that may block; nothing is awaited in it.
//! 5. The mutexes of this struct (`moved`, `health`, `interrupted`, `file_health`, `activity`,
//!    `staged`, `uploads`) and the channel of `services`: each for one look or one change, never over an await, never two at once.
//!
//! Pulling results takes none of the first two. Where it finds that the relay does not know this
//! store, or that its cursor is gone, it returns that, and its caller (`relay/pull.rs`) acts.

mod file_health;
mod media_library;
mod moved;
mod run_activity;
mod service_health;
mod services;
mod uploads;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use roost_core::clock::{Clock, UnixMillis};
use roost_core::failure::Code;
use roost_core::id::{PostId, Revision};
use roost_media::Library;
use roost_relay_api::{ClientError, RefusalCode};
use roost_store::{Error as StoreError, MovedAway, Options, Read, Store, Tx};
use tokio::sync::{Notify, watch};
use tokio::task::JoinError;
use tokio::time::Instant;

pub(crate) use self::file_health::FileHealth;
pub(crate) use self::media_library::MediaLibrary;
pub(crate) use self::run_activity::{Activity, NotedActivity, RunActivity};
pub(crate) use self::service_health::ServiceHealth;
pub(crate) use self::services::{RefusedBy, Services};
pub(crate) use self::uploads::{Uploads, Wanted};

use self::moved::Moved;
use self::service_health::{Answered, Service};
use crate::beat::Beat;
use crate::change_feed::ChangeFeed;
use crate::open_import::OpenSessions;
use crate::view::{ChangeKind, ChangeSource, ChangedPosts, PostsChanged, Trouble};
use crate::{Change, Endpoint, Endpoints, EngineConfig, Error, Mode, Result};

/// Shared by all clones of an engine.
#[derive(Debug)]
pub(crate) struct EngineState {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: EngineConfig,
    /// Whether the data folder is a copy for which nobody has said that posts go out from it.
    copied: AtomicBool,
    /// Where the store went, when it was moved to another computer.
    moved: Moved,
    services: watch::Sender<Option<Services>>,
    pub(crate) changes: ChangeFeed,
    pub(crate) open_imports: OpenSessions,
    /// The folder of pictures and videos, beside the store.
    pub(crate) media: Arc<MediaLibrary>,
    uploads: Mutex<Uploads>,
    /// Rings when files are to be uploaded.
    pub(crate) upload_wake: Notify,
    /// One upload at a time: the next is the one that is needed soonest.
    pub(crate) upload_lock: tokio::sync::Mutex<()>,
    /// Whether what other processes write is noticed.
    pub(crate) is_watched: AtomicBool,
    /// When everything looks that looks again and again.
    pub(crate) beat: Beat,
    /// Rings when the running loop has something to do.
    pub(crate) wake: Notify,
    health: Mutex<ServiceHealth>,
    /// Posts of a rehearsal that were being sent when the last process ended.
    interrupted: Mutex<HashSet<PostId>>,
    file_health: Mutex<FileHealth>,
    /// What the loop does, for the start after an end that nobody planned.
    pub(crate) activity: RunActivity,
    /// Posts that the relay took while the scheduler was left alone, under which revision: they need
    /// not be staged again before it is asked.
    staged: Mutex<HashMap<PostId, Revision>>,
    /// One sync pass at a time.
    pub(crate) pass_lock: tokio::sync::Mutex<Pace>,
    /// One removal on X at a time.
    pub(crate) removal_lock: tokio::sync::Mutex<()>,
}

/// When the next batch may start: QStash takes two requests a second.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    pub(crate) next_batch: Option<Instant>,
    /// Refusals of the scheduler in a row.
    pub(crate) refusals: u32,
}

impl EngineState {
    pub(crate) fn open(config: EngineConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        let options = Options { tell: config.tell, ..Options::default() };
        let store = Store::open_with(&config.database, clock.clone(), options)?;
        let services = config
            .endpoints
            .as_ref()
            .map(|endpoints| Services::new(endpoints, config.transports.as_ref()))
            .transpose()?;
        let copied = AtomicBool::new(store.is_copy()?);
        let moved = Moved::new(store.read(|store| store.moved_away())?);
        let changes = ChangeFeed::new(&store)?;
        let health = ServiceHealth::unasked(services.as_ref());
        let open_imports = OpenSessions::beside(&config.database);
        let media = Arc::new(MediaLibrary::beside(&config.database));
        Ok(Self {
            store,
            clock,
            config,
            copied,
            moved,
            services: watch::Sender::new(services),
            changes,
            open_imports,
            media,
            uploads: Mutex::default(),
            upload_wake: Notify::new(),
            upload_lock: tokio::sync::Mutex::default(),
            is_watched: AtomicBool::new(false),
            beat: Beat::begin(),
            wake: Notify::new(),
            health: Mutex::new(health),
            interrupted: Mutex::default(),
            file_health: Mutex::default(),
            activity: RunActivity::default(),
            staged: Mutex::default(),
            pass_lock: tokio::sync::Mutex::default(),
            removal_lock: tokio::sync::Mutex::default(),
        })
    }

    pub(crate) fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    /// Runs `body` over one snapshot, on a thread that may block.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        body: impl FnOnce(&Read<'_>) -> std::result::Result<T, StoreError> + Send + 'static,
    ) -> Result<T> {
        let store = self.store.clone();
        self.run_blocking("read", move || store.read(body).map_err(Error::from)).await
    }

    /// Runs `body` in one transaction named `point`, on a thread that may block.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        point: &'static str,
        body: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (store, changes) = (self.store.clone(), self.changes.clone());
        self.run_blocking(point, move || changes.write(&store, point, body)).await
    }

    /// Runs what blocks where it may.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run_blocking("blocking", work).await
    }

    async fn run_blocking<T: Send + 'static>(
        &self,
        point: &'static str,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        done(self.config.executor.run(point, work).await)
    }

    /// The services, or why there are none.
    pub(crate) fn services(&self) -> Result<Services> {
        if let Some(trouble) = self.moved_trouble().or_else(|| self.relocation_trouble()) {
            return Err(Error::Withheld(trouble));
        }
        let services = self.services.borrow().clone();
        services.ok_or_else(|| match self.health().trouble.clone() {
            Some(trouble) => Error::Withheld(trouble),
            None => Error::NoServices,
        })
    }

    /// What keeps a store that went to another computer from being used.
    pub(crate) fn moved_trouble(&self) -> Option<Trouble> {
        self.moved.trouble()
    }

    /// Notes where the store is. Returns whether that is news.
    pub(crate) fn set_moved(&self, moved: Option<MovedAway>) -> bool {
        self.moved.set(moved)
    }

    /// What keeps a copied data folder from feeding any relay.
    pub(crate) fn relocation_trouble(&self) -> Option<Trouble> {
        self.copied.load(Ordering::SeqCst).then(|| {
            let message = "This data folder was copied or moved here, and the first one may be in \
                           use. Posts go out from here only when you choose so. From then on don't \
                           use the other one.";
            Trouble::new(Code::OtherStore, message)
        })
    }

    /// Looks whether somebody has chosen this copy since, in this process or another.
    pub(crate) async fn refresh_copied(&self) -> Result<()> {
        if !self.copied.load(Ordering::SeqCst) {
            return Ok(());
        }
        let store = self.store.clone();
        let copied = self.blocking(move || Ok(store.is_copy()?)).await?;
        self.copied.store(copied, Ordering::SeqCst);
        if !copied {
            self.publish(Change::Sync);
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Tells when other services are in use.
    pub(crate) fn services_changed(&self) -> watch::Receiver<Option<Services>> {
        self.services.subscribe()
    }

    pub(crate) fn use_endpoints(&self, endpoints: Option<&Endpoints>) -> Result<()> {
        let transports = self.config.transports.as_ref();
        let services =
            endpoints.map(|endpoints| Services::new(endpoints, transports)).transpose()?;
        self.replace_services(services);
        Ok(())
    }

    /// Keeps the relay, and takes another scheduler.
    pub(crate) fn use_scheduler(&self, endpoint: &Endpoint) -> Result<()> {
        let services =
            self.services()?.with_scheduler(endpoint, self.config.transports.as_ref())?;
        self.replace_services(Some(services));
        Ok(())
    }

    fn replace_services(&self, services: Option<Services>) {
        let before = self.services.borrow().clone();
        let services = services.map(|services| services.instead_of(before.as_ref()));
        let before = self.services.send_replace(services.clone());
        let mut health = self.health();
        health.services_changed(services.as_ref(), before.is_none());
        drop(health);
        self.publish(Change::Sync);
        self.wake.notify_one();
    }

    /// Takes the services away, and says why wherever they would be used.
    pub(crate) fn suspend_services(&self, trouble: Trouble) {
        self.services.send_replace(None);
        let now = self.now();
        self.health().suspend(trouble, now);
        self.publish(Change::Sync);
    }

    pub(crate) fn health(&self) -> MutexGuard<'_, ServiceHealth> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn interrupted(&self) -> MutexGuard<'_, HashSet<PostId>> {
        self.interrupted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn file_health(&self) -> MutexGuard<'_, FileHealth> {
        self.file_health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn uploads(&self) -> MutexGuard<'_, Uploads> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the folder of pictures and videos, made and opened the first time.
    pub(crate) async fn media_library(&self) -> Result<Arc<Library>> {
        let media = self.media.clone();
        self.blocking(move || media.library()).await
    }

    pub(crate) fn staged(&self) -> MutexGuard<'_, HashMap<PostId, Revision>> {
        self.staged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whoever listens; nobody may.
    pub(crate) fn publish(&self, change: Change) {
        self.changes.publish(change);
    }

    /// Tells of posts whose change is no event.
    pub(crate) fn publish_posts(&self, ids: Vec<PostId>, kind: ChangeKind, source: ChangeSource) {
        if ids.is_empty() {
            return;
        }
        let posts = match ids.len() {
            0..=ChangedPosts::IDS_MAX => ChangedPosts::Ids { ids },
            _ => ChangedPosts::Many,
        };
        self.publish(Change::Posts(PostsChanged { posts, kinds: vec![kind], source }));
    }

    /// Notes how the relay answered, and tells when that is news.
    pub(crate) fn relay_answered<T>(
        &self,
        asked: Instant,
        answer: std::result::Result<T, ClientError>,
    ) -> Result<T> {
        self.record_relay_answer(Some(asked), answer)
    }

    /// The same of a request that the relay may be unable to do for this one post, while it takes all
    /// others: that it can't says nothing of the relay as a whole.
    pub(crate) fn relay_answered_of_one<T>(
        &self,
        asked: Instant,
        answer: std::result::Result<T, ClientError>,
    ) -> Result<T> {
        let code = answer.as_ref().err().and_then(ClientError::refusal).map(|it| it.code);
        if code != Some(RefusalCode::Unavailable) {
            return self.relay_answered(asked, answer);
        }
        self.record_reachability(Service::Relay, Some(asked), Answered::Yes);
        answer.map_err(Error::Relay)
    }

    /// The same for a long poll, whose duration says nothing about the relay.
    pub(crate) fn relay_polled<T>(&self, answer: std::result::Result<T, ClientError>) -> Result<T> {
        self.record_relay_answer(None, answer)
    }

    fn record_relay_answer<T>(
        &self,
        asked: Option<Instant>,
        answer: std::result::Result<T, ClientError>,
    ) -> Result<T> {
        let answered = match &answer {
            // A refusal comes from a relay that was reached.
            Err(error) if error.refusal().is_none() => {
                Answered::No(Error::Relay(error.clone()).to_string())
            }
            _ => Answered::Yes,
        };
        self.record_reachability(Service::Relay, asked, answered);
        if self.health().record_refusal(answer.as_ref().err()) {
            self.publish(Change::Sync);
        }
        answer.map_err(Error::Relay)
    }

    /// Whether nothing can be told to the relay: it does not answer, or refuses this computer.
    pub(crate) fn relay_is_shut(&self) -> bool {
        self.health().relay_is_shut()
    }

    /// Notes how the scheduler answered, and tells when that is news.
    pub(crate) fn scheduler_answered<T>(
        &self,
        asked: Instant,
        answer: std::result::Result<T, roost_qstash::Error>,
    ) -> Result<T> {
        let answered = match &answer {
            Err(error) if error.concerns_all_requests() => {
                Answered::No(Error::Scheduler(error.clone()).to_string())
            }
            _ => Answered::Yes,
        };
        self.record_reachability(Service::Scheduler, Some(asked), answered);
        answer.map_err(Error::Scheduler)
    }

    fn record_reachability(&self, service: Service, asked: Option<Instant>, answered: Answered) {
        let now = self.now();
        if self.health().record_reachability(service, asked, answered, now) {
            self.publish(Change::Sync);
        }
    }

    /// Returns whose refusal counts now.
    pub(crate) fn current_refuser(&self) -> RefusedBy {
        if self.health().scheduler_is_new {
            return RefusedBy::Unknown;
        }
        let services = self.services.borrow();
        match services.as_ref().map(Services::scheduler) {
            Some(Ok(scheduler)) => RefusedBy::Scheduler(scheduler.base().to_owned()),
            None if self.mode() == Mode::ThisComputer => RefusedBy::ThisComputer,
            _ => RefusedBy::Unknown,
        }
    }

    /// Notes that the scheduler now in use was asked.
    pub(crate) fn note_scheduler_asked(&self) {
        self.health().scheduler_is_new = false;
    }

    pub(crate) const fn mode(&self) -> Mode {
        self.config.mode
    }
}

/// Runs what blocks on a thread of its own.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    done(tokio::task::spawn_blocking(work).await)
}

/// Returns what work that blocks came to; a panic goes on here.
fn done<T>(ended: std::result::Result<Result<T>, JoinError>) -> Result<T> {
    match ended {
        Ok(done) => done,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(error) => Err(Error::Internal(error.to_string())),
    }
}

/// How long to wait before the `attempt`-th repetition: 1 s, 2 s, 4 s … one minute.
pub(crate) fn backoff(attempt: u32) -> Duration {
    Duration::from_secs(1 << attempt.min(6)).min(Duration::from_mins(1))
}
