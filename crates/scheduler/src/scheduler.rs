//! The scheduler: its parts put together.

use std::sync::{Arc, RwLock};

use axum::Router;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use roost_crash_points::{self as crash, Moment};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::api;
use crate::config::Config;
use crate::deliver;
use crate::destination_policy::Policy;
use crate::development;
use crate::dial::Dialer;
use crate::error::Error;
use crate::flow_rule::FlowRule;
use crate::secret::Token;
use crate::shared::Shared;
use crate::store::{Database, Message, Summary, keys, queue};
use crate::timer::Timer;

/// An embedded scheduler. Cheap to clone; the database is closed with the last clone, and with
/// the last router made from it.
#[derive(Debug, Clone)]
pub struct Scheduler {
    shared: Arc<Shared>,
}

impl Scheduler {
    /// Opens the database (made when it does not exist) with all that waits in it. What was
    /// in flight when the last process ended will be tried again.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn open(config: Config) -> Result<Self, Error> {
        if config.token.trim().is_empty() {
            return Err(Error::Config("the token is empty".into()));
        }
        development::check(&config)?;
        let timer = Arc::new(Timer::new(config.parallelism));
        let policy = Policy::new(config.destinations.clone(), &config.deliver_via)?;
        // As many as can be in use at once.
        let dialer = Dialer::new(config.parallelism, config.transport.clone())?;
        let database = Database::open(
            &config.database,
            timer.clone(),
            config.limits,
            config.executor.clone(),
        )?;
        let database = Arc::new(database);
        let (now, fixed, development) = ((config.clock)(), config.keys.clone(), config.development);
        let pair = database.write_now("start", move |write| {
            Message::end_canceling(write, now)?;
            queue::admit_all(write, now)?;
            if development && keys::kept(write.connection)?.is_some() {
                // What waits there would be signed with keys that everybody knows.
                return Err(Error::Config(
                    "the database was used without --dev and has signing keys of its own, so it \
                     is not for development; choose another --database"
                        .into(),
                ));
            }
            fixed.map_or_else(|| keys::load(write), Ok)
        })?;
        database.read_now(|connection| {
            let mut change = timer.change();
            for spec in Message::newest_of_each_flow(connection)? {
                spec.flow.iter().for_each(|flow| change.configure(flow));
            }
            FlowRule::all(connection)?.iter().for_each(|rule| change.decide(rule));
            Ok(())
        })?;
        let token = Token::new(config.token.trim());
        let reader = config.read_only_token.as_deref().map(str::trim);
        let read_only_token = reader.filter(|token| !token.is_empty()).map(Token::new);
        let keys = RwLock::new(pair);
        let requests = Semaphore::new(config.max_requests.clamp(1, Semaphore::MAX_PERMITS));
        let shared = Shared {
            body_budget: api::upload::body_budget(&config),
            config,
            database,
            timer,
            policy,
            token,
            read_only_token,
            dialer,
            requests,
            keys,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The API. Serve it with `into_make_service_with_connect_info::<SocketAddr>()` to have the
    /// publisher's address in `Upstash-Caller-Ip`.
    pub fn router(&self) -> Router {
        self.router_with(&[])
    }

    /// As [`Scheduler::router`], for several schedulers behind one address: the token says which
    /// of them answers.
    pub fn router_with(&self, others: &[Self]) -> Router {
        let others = others.iter().map(|other| other.shared.clone());
        api::router(std::iter::once(self.shared.clone()).chain(others).collect())
            .layer(axum::middleware::from_fn(answered))
    }

    /// Delivers what is due until `stop`; deliveries under way are given the configured grace,
    /// and what is not finished then is tried again after the next start.
    pub async fn run(&self, stop: CancellationToken) {
        deliver::run(self.shared.clone(), stop).await;
    }

    /// The signing keys: current and next.
    #[must_use]
    pub fn signing_keys(&self) -> (String, String) {
        self.shared.keys()
    }

    /// What the database holds now.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn summary(&self) -> Result<Summary, Error> {
        let now = self.shared.now();
        self.shared.database.read(move |connection| Summary::read(connection, now)).await
    }

    /// Looks at the clock at once. It is looked at every second anyway; this is for whoever sets
    /// the clock.
    pub fn wake(&self) {
        self.shared.timer.wake();
    }
}

/// Where an answer of the API may be lost: whatever was asked is done, and nobody knows.
async fn answered(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let answer = next.run(request).await;
    crash::point(path.split('/').nth(2).unwrap_or_default(), Moment::Answer);
    answer
}
