//! The network between the processes: requests go to routers in this process, late, and not always.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::process::Process;
use super::rng::Rng;
use super::trace::Trace;

/// How long a request or an answer is on its way, at most, by timers.
const LATENCY_MAX_MS: u64 = 40;

/// How a link between two processes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Link {
    /// It works.
    #[default]
    Up,
    /// No connection comes about.
    Refused,
    /// Requests leave and get nowhere.
    Silent,
    /// Requests arrive, and answers are lost.
    LosesAnswers,
    /// What is at the other end answers that it is asked too often, and does nothing.
    Busy,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    NotConnected,
    TimedOut,
    Cut,
}

struct Server {
    router: Router,
    process: Arc<Process>,
}

/// All links and what stands at their ends.
pub(crate) struct Network {
    rng: Arc<Rng>,
    trace: Arc<Trace>,
    servers: Mutex<BTreeMap<&'static str, Server>>,
    links: Mutex<BTreeMap<(&'static str, &'static str), Link>>,
    /// How many exchanges of a thousand break by themselves.
    broken_per_mille: AtomicU64,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Network").finish_non_exhaustive()
    }
}

impl Network {
    pub(crate) fn new(rng: &Arc<Rng>, trace: &Arc<Trace>) -> Arc<Self> {
        Arc::new(Self {
            rng: Arc::clone(rng),
            trace: Arc::clone(trace),
            servers: Mutex::default(),
            links: Mutex::default(),
            broken_per_mille: AtomicU64::new(0),
        })
    }

    /// From now on `router` answers for the process, until that ends.
    pub(crate) fn serve(&self, router: Router, process: &Arc<Process>) {
        let server = Server { router, process: Arc::clone(process) };
        lock(&self.servers).insert(process.name(), server);
    }

    pub(crate) fn unserve(&self, name: &str) {
        lock(&self.servers).remove(name);
    }

    pub(crate) fn set(&self, from: &'static str, to: &'static str, link: Link) {
        self.trace.note(format_args!("{from} to {to}: {link:?}"));
        lock(&self.links).insert((from, to), link);
    }

    /// How many exchanges of a thousand break by themselves from now on.
    pub(crate) fn break_per_mille(&self, chance: u64) {
        self.broken_per_mille.store(chance, Ordering::Relaxed);
    }

    /// Everything works again.
    pub(crate) fn heal(&self) {
        lock(&self.links).clear();
        self.break_per_mille(0);
    }

    /// Exchanges one request. Where the asking process ends meanwhile, this never returns.
    pub(crate) async fn exchange(
        &self,
        from: &Process,
        to: &'static str,
        request: Request<Body>,
        timeout: Duration,
    ) -> Result<Response<Bytes>, Failure> {
        let path = request.uri().path().to_owned();
        if !from.cross(&path, "ask") {
            return std::future::pending().await;
        }
        let line = format!("{} to {to}: {} {path}", from.name(), request.method());
        let exchange = tokio::time::timeout(timeout, self.carry(from.name(), to, request));
        let answer = exchange.await.unwrap_or(Err(Failure::TimedOut));
        match &answer {
            Ok(answer) => self.trace.note(format_args!("{line}: {}", answer.status().as_u16())),
            Err(failure) => self.trace.note(format_args!("{line}: {failure:?}")),
        }
        if !from.cross(&path, "answered") {
            return std::future::pending().await;
        }
        answer
    }

    async fn carry(
        &self,
        from: &'static str,
        to: &'static str,
        request: Request<Body>,
    ) -> Result<Response<Bytes>, Failure> {
        let link = self.link(from, to);
        self.travel().await;
        match link {
            Link::Refused => return Err(Failure::NotConnected),
            Link::Silent => return std::future::pending().await,
            Link::Busy => return Ok(too_many_requests()),
            Link::Up | Link::LosesAnswers => {}
        }
        let server = lock(&self.servers)
            .get(to)
            .filter(|server| !server.process.is_over())
            .map(|server| (server.router.clone(), Arc::clone(&server.process)));
        let Some((router, process)) = server else { return Err(Failure::NotConnected) };
        // It works on what arrived also when the asker hangs up.
        let worked_on = tokio::spawn(work_on(router, process, request));
        let answer = worked_on.await.unwrap_or(Err(Failure::Cut));
        self.travel().await;
        match link {
            Link::LosesAnswers => Err(Failure::Cut),
            _ => answer,
        }
    }

    fn link(&self, from: &'static str, to: &'static str) -> Link {
        let link = lock(&self.links).get(&(from, to)).copied().unwrap_or_default();
        if link == Link::Up && self.rng.per_mille(self.broken_per_mille.load(Ordering::Relaxed)) {
            let broken = [Link::Refused, Link::Silent, Link::LosesAnswers];
            return self.rng.pick(&broken).copied().unwrap_or_default();
        }
        link
    }

    async fn travel(&self) {
        let millis = self.rng.below(LATENCY_MAX_MS);
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}

/// Lets a process work on a request. Where it ends meanwhile, the connection breaks.
async fn work_on(
    router: Router,
    process: Arc<Process>,
    request: Request<Body>,
) -> Result<Response<Bytes>, Failure> {
    let path = request.uri().path().to_owned();
    let answered = async {
        let Ok(answer) = router.oneshot(request).await;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.map_err(|_| Failure::Cut)?.to_bytes();
        Ok(Response::from_parts(head, body))
    };
    let answer = tokio::select! {
        biased;
        () = process.ended() => return Err(Failure::Cut),
        answer = answered => answer,
    };
    if process.cross(&path, "answer") { answer } else { Err(Failure::Cut) }
}

/// The answer of a service that is asked too often.
fn too_many_requests() -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from_static(b"{\"error\":\"too many requests\"}"));
    *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    answer.headers_mut().insert(http::header::RETRY_AFTER, HeaderValue::from_static("30"));
    answer
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
