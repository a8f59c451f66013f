//! Results that no event brought are asked for half an hour into each window.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use roost_core::clock::{Clock, ManualClock, SystemClock, UnixMillis};
use roost_core::status::Status;
use roost_core::window::window_at;
use roost_core::zone::Zone;
use roost_engine::{Endpoint, LatePolicy};

use crate::world::{PATIENCE, World};

/// More often than the loop reads its clock in one tick in which nothing is to be done.
const READS_OF_A_TICK: u64 = 12;

/// A clock that stands still until it is told otherwise, and counts who reads it.
#[derive(Debug)]
struct CountingClock {
    clock: ManualClock,
    reads: AtomicU64,
}

impl Clock for CountingClock {
    fn now(&self) -> UnixMillis {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.clock.now()
    }
}

impl CountingClock {
    /// Moves forward, and waits until the loop has begun a tick since.
    async fn advance(&self, engine: &roost_engine::Engine, duration: Duration) {
        self.clock.advance(duration);
        let begun = self.reads.load(Ordering::SeqCst);
        let end = tokio::time::Instant::now() + PATIENCE;
        while self.reads.load(Ordering::SeqCst) < begun + READS_OF_A_TICK {
            assert!(tokio::time::Instant::now() < end, "the loop stands still");
            engine.request_sync();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// A relay in front of the real one whose feed never says anything, and how often it was asked for
/// posts.
async fn silent(world: &World) -> (Endpoint, Arc<AtomicU32>) {
    async fn forward(
        State((behind, asked)): State<(String, Arc<AtomicU32>)>,
        request: Request,
    ) -> Response {
        let (parts, body) = request.into_parts();
        match parts.uri.path() {
            "/v1/events" => std::future::pending().await,
            "/v1/posts" => drop(asked.fetch_add(1, Ordering::SeqCst)),
            _ => {}
        }
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let path = parts.uri.path_and_query().unwrap().as_str();
        let mut headers = parts.headers;
        headers.remove("host");
        let answer = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .request(parts.method, format!("{}{path}", behind.trim_end_matches('/')))
            .headers(headers)
            .body(body)
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let body = Body::from(answer.bytes().await.unwrap());
        Response::builder().status(status).body(body).unwrap()
    }
    let relay = world.endpoints().relay;
    let asked = Arc::new(AtomicU32::new(0));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(forward).with_state((relay.url, asked.clone()));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Endpoint { url, bearer: relay.bearer }, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn half_an_hour_into_a_window_results_that_nobody_told_are_asked_for() {
    let mut world = World::new().await;
    let id = world.post_in("no event tells of it", 5).await;
    world.engine.sync().await.unwrap();
    // A window to come, so that the post's time has passed on the engine's clock.
    let zone = Zone::parse(&world.engine.preferences().await.unwrap().zone).unwrap();
    let start = window_at(SystemClock.now(), &zone).end;
    let half_past = start.plus(Duration::from_mins(30));
    let clock = Arc::new(CountingClock {
        clock: ManualClock::at(half_past.minus(Duration::from_secs(40))),
        reads: AtomicU64::new(0),
    });
    let (relay, asked) = silent(&world).await;
    let mut endpoints = world.endpoints();
    endpoints.relay = relay;
    world.engine = world.beside_at(Some(LatePolicy::POST), clock.clone());
    world.engine.use_endpoints(Some(endpoints)).unwrap();
    world.run();
    // The first question, at the start, is answered before the post goes out.
    let asks = async |at_least: u32| {
        let end = tokio::time::Instant::now() + PATIENCE;
        while asked.load(Ordering::SeqCst) < at_least {
            assert!(tokio::time::Instant::now() < end, "not asked {at_least} times");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    asks(1).await;
    let end = tokio::time::Instant::now() + PATIENCE;
    while world.texts().await.is_empty() {
        assert!(tokio::time::Instant::now() < end, "the post never went out");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_ne!(world.status(id).await, Status::Posted, "nobody told");
    let before = asked.load(Ordering::SeqCst);
    // The clock goes on in small steps: a large one would be a computer that slept.
    for step in 1..=5 {
        assert_eq!(asked.load(Ordering::SeqCst), before, "not before its time: step {step}");
        clock.advance(&world.engine, Duration::from_secs(8)).await;
    }
    world.wait_for(id, Status::Posted).await;
    assert!(asked.load(Ordering::SeqCst) > before);
}
