//! What the tests share: a scheduler that listens, a destination that records, a clock to set.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use roost_qstash::Client;
use roost_qstash::signature::{Claims, Verifier};
use roost_scheduler::{Config, Destinations, Scheduler, system_clock};
use tokio_util::sync::CancellationToken;

pub(crate) const TOKEN: &str = "canary-token";

/// Waits until `probe` gives something; the limit is for a broken program, not for a slow one.
pub(crate) async fn eventually<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let end = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < end, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A clock that stands still until it is set.
#[derive(Clone)]
pub(crate) struct Clock(Arc<AtomicI64>);

impl Clock {
    pub(crate) fn at(now: i64) -> Self {
        Self(Arc::new(AtomicI64::new(now)))
    }

    pub(crate) fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A scheduler that listens and delivers.
pub(crate) struct Server {
    pub(crate) scheduler: Scheduler,
    pub(crate) base: String,
    pub(crate) client: Client,
    pub(crate) http: reqwest::Client,
    clock: Option<Clock>,
    stop: CancellationToken,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

pub(crate) fn config(folder: &Path) -> Config {
    rustls::crypto::ring::default_provider().install_default().ok();
    let mut config = Config::new(folder.join("scheduler.db"), TOKEN.into());
    config.destinations = Destinations::Any;
    config
}

impl Server {
    pub(crate) async fn start(folder: &Path) -> Self {
        Self::with(config(folder), None).await
    }

    pub(crate) async fn at(folder: &Path, clock: &Clock) -> Self {
        Self::with(config(folder), Some(clock.clone())).await
    }

    pub(crate) async fn with(mut config: Config, clock: Option<Clock>) -> Self {
        if let Some(clock) = clock.clone() {
            config.clock = Arc::new(move || clock.now());
        }
        let scheduler = Scheduler::open(config).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let service = scheduler.router().into_make_service_with_connect_info::<SocketAddr>();
        let (ending, delivering, running) = (stop.clone(), scheduler.clone(), stop.clone());
        let tasks = vec![
            tokio::spawn(async move {
                let serving = axum::serve(listener, service);
                serving.with_graceful_shutdown(ending.cancelled_owned()).await.unwrap();
            }),
            tokio::spawn(async move { delivering.run(running).await }),
        ];
        let client = Client::new(base.parse().unwrap(), TOKEN.into()).unwrap();
        // No kept connections: the server must be able to stop.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
        Self { scheduler, base, client, http, clock, stop, tasks }
    }

    /// Sets the clock and lets the scheduler look at it.
    pub(crate) fn set(&self, now: i64) {
        self.clock.as_ref().unwrap().0.store(now, Ordering::SeqCst);
        self.scheduler.wake();
    }

    /// A request to the API; path with query, as it is written.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> (u16, serde_json::Value) {
        let url = format!("{}{path}", self.base);
        let mut request = self.http.request(method.parse().unwrap(), url).body(body.into());
        if !headers.iter().any(|(name, _)| *name == "Authorization") {
            request = request.bearer_auth(TOKEN);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(serde_json::Value::Null))
    }

    /// Publishes and tells the id.
    pub(crate) async fn publish(&self, url: &str, headers: &[(&str, &str)], body: &str) -> String {
        let (status, answer) = self.ask("POST", &format!("/v2/publish/{url}"), headers, body).await;
        assert_eq!(status, 200, "{answer}");
        answer["messageId"].as_str().unwrap().to_owned()
    }

    /// The states of a message, oldest first.
    pub(crate) async fn states(&self, id: &str) -> Vec<String> {
        let (_, page) = self.ask("GET", &format!("/v2/events?messageId={id}"), &[], "").await;
        let lines = page["events"].as_array().unwrap().iter().rev();
        lines.map(|line| line["state"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn until_state(&self, id: &str, state: &str) -> Vec<String> {
        eventually(state, async || {
            let states = self.states(id).await;
            states.iter().any(|known| known == state).then_some(states)
        })
        .await
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

/// A delivery as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) method: String,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Unix milliseconds of the machine.
    pub(crate) at: i64,
}

impl Delivery {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Verifies the signature as a receiver at `url` would, at `now` (Unix milliseconds).
    pub(crate) fn claims(&self, server: &Server, url: &str, now: i64) -> Claims {
        let (current, next) = server.scheduler.signing_keys();
        Verifier::new(current, next)
            .verify(self.header("upstash-signature"), &self.body, &[url], now.div_euclid(1000))
            .unwrap()
    }
}

type Answers = dyn Fn(&Delivery) -> Response + Send + Sync;

/// A destination.
#[derive(Clone)]
pub(crate) struct Destination {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Delivery>>>,
    answers: Arc<Answers>,
}

impl Destination {
    pub(crate) async fn ok() -> Self {
        Self::new(|_| Response::new(Body::empty())).await
    }

    pub(crate) async fn status(status: u16) -> Self {
        Self::new(move |_| Response::builder().status(status).body("no".into()).unwrap()).await
    }

    pub(crate) async fn new(
        answers: impl Fn(&Delivery) -> Response + Send + Sync + 'static,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let destination = Self { url, seen: Arc::default(), answers: Arc::new(answers) };
        let router = Router::new().fallback(receive).with_state(destination.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        destination
    }

    pub(crate) fn seen(&self) -> Vec<Delivery> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn forget(&self) {
        self.seen.lock().unwrap().clear();
    }

    pub(crate) async fn until(&self, count: usize) -> Vec<Delivery> {
        eventually("deliveries", async || {
            let seen = self.seen();
            (seen.len() >= count).then_some(seen)
        })
        .await
    }
}

async fn receive(State(destination): State<Destination>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let delivery = Delivery {
        method: parts.method.to_string(),
        uri: parts.uri,
        headers: parts.headers,
        body: axum::body::to_bytes(body, usize::MAX).await.unwrap(),
        at: system_clock()(),
    };
    destination.seen.lock().unwrap().push(delivery.clone());
    (destination.answers)(&delivery)
}
