//! What every use case stands on: the store, the clock, the services, and who listens.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use roost_core::clock::{Clock, UnixMillis};
use roost_core::failure::Code;
use roost_core::id::{PostId, Revision};
use roost_relay_api::{ClientError, RefusalCode, RelayStatus};
use roost_store::{Error as StoreError, Options, Read, Store, Tx};
use tokio::sync::{Notify, broadcast, watch};
use tokio::time::Instant;
use url::Url;

use crate::diagnosis::file_check::FileHealth;
use crate::error::relay_code;
use crate::sync::scheduler_refusal::RefusedBy;
use crate::view::{Reach, Trouble};
use crate::{Change, Endpoint, Endpoints, EngineConfig, Error, Mode, Result};

/// Changes kept for a slow listener; one that misses some reads everything anew.
const CHANGES_KEPT: usize = 256;

/// Shared by all clones of an engine.
#[derive(Debug)]
pub(crate) struct EngineState {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: EngineConfig,
    /// Whether the data folder is a copy for which nobody has said that posts go out from it.
    copied: AtomicBool,
    services: watch::Sender<Option<Services>>,
    changes: broadcast::Sender<Change>,
    /// Rings when the running loop has something to do.
    pub(crate) wake: Notify,
    health: Mutex<ServiceHealth>,
    /// Posts of a rehearsal that were being sent when the last process ended.
    interrupted: Mutex<HashSet<PostId>>,
    file_health: Mutex<FileHealth>,
    /// Posts that the relay took while the scheduler was left alone, under which revision: they need
    /// not be staged again before it is asked.
    staged: Mutex<HashMap<PostId, Revision>>,
    /// One sync pass at a time.
    pub(crate) pass_lock: tokio::sync::Mutex<Pace>,
}

/// The clients of the services now in use. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Services {
    pub(crate) relay: roost_relay_api::Client,
    /// None while the person has not told its token.
    qstash: Option<roost_qstash::Client>,
    /// The relay as messages name it; also its name in the store, since ports change.
    pub(crate) relay_public_url: String,
}

/// What was last heard of the outside.
#[derive(Debug, Clone)]
pub(crate) struct ServiceHealth {
    pub(crate) relay: Reach,
    pub(crate) scheduler: Reach,
    pub(crate) syncing: bool,
    pub(crate) paused: bool,
    pub(crate) clock_skew_ms: Option<i64>,
    /// The relay was reached, and refuses whatever this computer asks.
    pub(crate) relay_refusal: Option<Trouble>,
    /// When the scheduler, which refused, is asked again.
    pub(crate) scheduler_next_try: Option<UnixMillis>,
    /// Other endpoints are in use than those whose scheduler refused: what it said is void.
    pub(crate) scheduler_is_new: bool,
    /// What the relay said of itself last.
    pub(crate) relay_status: Option<RelayStatus>,
    /// What keeps it from delivering a due post.
    pub(crate) relay_not_ready: Vec<String>,
    /// What only the person can end.
    pub(crate) trouble: Option<Trouble>,
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
        let services = config.endpoints.as_ref().map(Services::new).transpose()?;
        let copied = AtomicBool::new(store.is_copy()?);
        let health = ServiceHealth {
            relay: Services::unasked(services.as_ref()).0,
            scheduler: Services::unasked(services.as_ref()).1,
            syncing: false,
            paused: false,
            clock_skew_ms: None,
            relay_refusal: None,
            relay_status: None,
            relay_not_ready: Vec::new(),
            scheduler_next_try: None,
            scheduler_is_new: false,
            trouble: None,
        };
        Ok(Self {
            store,
            clock,
            config,
            copied,
            services: watch::Sender::new(services),
            changes: broadcast::channel(CHANGES_KEPT).0,
            wake: Notify::new(),
            health: Mutex::new(health),
            interrupted: Mutex::default(),
            file_health: Mutex::default(),
            staged: Mutex::default(),
            pass_lock: tokio::sync::Mutex::new(Pace::default()),
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
        blocking(move || store.read(body).map_err(Error::from)).await
    }

    /// Runs `body` in one transaction named `point`, on a thread that may block.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        point: &'static str,
        body: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let store = self.store.clone();
        blocking(move || store.try_write(point, body)).await
    }

    /// The services, or why there are none.
    pub(crate) fn services(&self) -> Result<Services> {
        if let Some(trouble) = self.relocation_trouble() {
            return Err(Error::Withheld(trouble));
        }
        let services = self.services.borrow().clone();
        services.ok_or_else(|| match self.health().trouble.clone() {
            Some(trouble) => Error::Withheld(trouble),
            None => Error::NoServices,
        })
    }

    /// What keeps a copied data folder from feeding any relay.
    pub(crate) fn relocation_trouble(&self) -> Option<Trouble> {
        self.copied.load(Ordering::SeqCst).then(|| Trouble {
            code: Code::OtherStore,
            message: "This data folder was copied or moved here, and the first one may be in use. \
                      Posts go out from here only when you choose so: `roost take-over`. From then \
                      on don't use the other one."
                .to_owned(),
        })
    }

    /// Looks whether somebody has chosen this copy since, in this process or another.
    pub(crate) async fn refresh_copied(&self) -> Result<()> {
        if !self.copied.load(Ordering::SeqCst) {
            return Ok(());
        }
        let store = self.store.clone();
        let copied = blocking(move || Ok(store.is_copy()?)).await?;
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
        let services = endpoints.map(Services::new).transpose()?;
        let unasked = Services::unasked(services.as_ref());
        let before = self.services.send_replace(services);
        let mut health = self.health();
        (health.relay, health.scheduler) = unasked;
        health.relay_refusal = None;
        health.relay_status = None;
        health.relay_not_ready.clear();
        health.trouble = None;
        health.scheduler_next_try = None;
        // The first endpoints of a process are those that its refusal was kept for.
        health.scheduler_is_new |= before.is_some();
        drop(health);
        self.publish(Change::Sync);
        self.wake.notify_one();
        Ok(())
    }

    /// Takes the services away, and says why wherever they would be used.
    pub(crate) fn suspend_services(&self, trouble: Trouble) {
        let reach = Reach::NotReached { since: self.now(), message: trouble.message.clone() };
        self.services.send_replace(None);
        let mut health = self.health();
        health.relay = reach.clone();
        health.scheduler = reach;
        health.trouble = Some(trouble);
        drop(health);
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

    pub(crate) fn staged(&self) -> MutexGuard<'_, HashMap<PostId, Revision>> {
        self.staged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whoever listens; nobody may.
    pub(crate) fn publish(&self, change: Change) {
        drop(self.changes.send(change));
    }

    pub(crate) fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
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
        self.record_reachability(|health| &mut health.relay, Some(asked), Ok(()));
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
        let reached = answer.as_ref().map(|_| ()).map_err(|error| {
            // A refusal comes from a relay that was reached.
            (error.refusal().is_none(), Error::Relay(error.clone()).to_string())
        });
        self.record_reachability(|health| &mut health.relay, asked, reached);
        self.record_refusal(answer.as_ref().err());
        answer.map_err(Error::Relay)
    }

    /// Notes whether the relay refuses this computer as a whole. A refusal of one post says nothing.
    fn record_refusal(&self, error: Option<&ClientError>) {
        let refusal = match error {
            None => None,
            Some(error) => match error.refusal().map(|refusal| refusal.code) {
                Some(
                    RefusalCode::Unauthorized | RefusalCode::OtherStore | RefusalCode::Unavailable,
                ) => Some(Trouble {
                    code: relay_code(error),
                    message: Error::Relay(error.clone()).to_string(),
                }),
                // It was reached and spoke of something else, or it was not reached.
                _ => return,
            },
        };
        let mut health = self.health();
        let changed = health.relay_refusal != refusal;
        health.relay_refusal = refusal;
        drop(health);
        if changed {
            self.publish(Change::Sync);
        }
    }

    /// Whether nothing can be told to the relay: it does not answer, or refuses this computer.
    pub(crate) fn relay_is_shut(&self) -> bool {
        let health = self.health();
        matches!(health.relay, Reach::NotReached { .. }) || health.relay_refusal.is_some()
    }

    /// Notes how the scheduler answered, and tells when that is news.
    pub(crate) fn scheduler_answered<T>(
        &self,
        asked: Instant,
        answer: std::result::Result<T, roost_qstash::Error>,
    ) -> Result<T> {
        let reached = answer.as_ref().map(|_| ()).map_err(|error| {
            (error.concerns_all_requests(), Error::Scheduler(error.clone()).to_string())
        });
        self.record_reachability(|health| &mut health.scheduler, Some(asked), reached);
        answer.map_err(Error::Scheduler)
    }

    fn record_reachability(
        &self,
        which: impl FnOnce(&mut ServiceHealth) -> &mut Reach,
        asked: Option<Instant>,
        answer: std::result::Result<(), (bool, String)>,
    ) {
        let now = self.now();
        let mut health = self.health();
        let reach = which(&mut health);
        let was_reached = matches!(reach, Reach::Reached { .. });
        match answer {
            Err((true, message)) => {
                let since = match reach {
                    Reach::NotReached { since, .. } => *since,
                    _ => now,
                };
                *reach = Reach::NotReached { since, message };
            }
            Ok(()) | Err((false, _)) => {
                let before = match reach {
                    Reach::Reached { latency_ms, .. } => *latency_ms,
                    _ => 0,
                };
                let latency_ms = asked.map_or(before, |asked| {
                    u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX)
                });
                *reach = Reach::Reached { at: now, latency_ms };
            }
        }
        let is_reached = matches!(reach, Reach::Reached { .. });
        drop(health);
        if was_reached != is_reached {
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

impl Services {
    fn new(endpoints: &Endpoints) -> Result<Self> {
        let address = |text: &str| Url::parse(text).map_err(|_| Error::Address(text.to_owned()));
        let relay = roost_relay_api::Client::new(
            address(&endpoints.relay.url)?,
            endpoints.relay.bearer.reveal(),
        )?;
        let qstash = |endpoint: &Endpoint| {
            let token = endpoint.bearer.reveal().to_owned();
            Ok::<_, Error>(roost_qstash::Client::new(address(&endpoint.url)?, token)?)
        };
        let qstash = endpoints.qstash.as_ref().map(qstash).transpose()?;
        let relay_public_url = endpoints.relay_public_url.trim_end_matches('/').to_owned();
        Ok(Self { relay, qstash, relay_public_url })
    }

    /// The scheduler.
    ///
    /// # Errors
    /// [`Error::NoScheduler`] while the person has not told its token.
    pub(crate) fn scheduler(&self) -> Result<&roost_qstash::Client> {
        self.qstash.as_ref().ok_or(Error::NoScheduler)
    }

    /// How relay and scheduler stand before the first question.
    fn unasked(services: Option<&Self>) -> (Reach, Reach) {
        let reach = |known| if known { Reach::NotAsked } else { Reach::NotConfigured };
        let scheduler = services.is_some_and(|services| services.qstash.is_some());
        (reach(services.is_some()), reach(scheduler))
    }
}

/// How long to wait before the `attempt`-th repetition: 1 s, 2 s, 4 s … one minute.
pub(crate) fn backoff(attempt: u32) -> Duration {
    Duration::from_secs(1 << attempt.min(6)).min(Duration::from_mins(1))
}

/// Runs what blocks where it may.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(error) => Err(Error::Internal(error.to_string())),
    }
}
