//! A removal on X that takes long, while other posts go their way.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_engine::{Edit, Endpoint};
use roost_relay_api::{DeliveryState, Lookup};
use tokio::sync::watch;

use crate::world::{PATIENCE, World, new_post};

/// A relay in front of the real one that keeps removals waiting until it is opened.
#[derive(Clone)]
struct Gate {
    behind: String,
    waiting: Arc<AtomicU32>,
    is_open: watch::Sender<bool>,
}

impl Gate {
    async fn before(world: &World) -> (Self, Endpoint) {
        let relay = world.endpoints().relay;
        let gate = Self {
            behind: relay.url.trim_end_matches('/').to_owned(),
            waiting: Arc::default(),
            is_open: watch::Sender::new(false),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(forward).with_state(gate.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (gate, Endpoint { url, bearer: relay.bearer })
    }

    /// Waits until a removal has come this far.
    async fn holds_one(&self) {
        let end = tokio::time::Instant::now() + PATIENCE;
        while self.waiting.load(Ordering::SeqCst) == 0 {
            assert!(tokio::time::Instant::now() < end, "no removal was asked for");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

async fn forward(State(gate): State<Gate>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if parts.uri.path().ends_with("/remove") {
        gate.waiting.fetch_add(1, Ordering::SeqCst);
        gate.is_open.subscribe().wait_for(|is_open| *is_open).await.unwrap();
    }
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let path = parts.uri.path_and_query().unwrap().as_str();
    let mut headers = parts.headers;
    headers.remove("host");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.request(parts.method, format!("{}{path}", gate.behind));
    let answer = request.headers(headers).body(body).send().await.unwrap();
    let status = answer.status();
    let body = Body::from(answer.bytes().await.unwrap());
    Response::builder().status(status).body(body).unwrap()
}

/// A post that went out with its old words, and whose change came too late.
async fn changed_too_late(world: &World) -> PostId {
    let id = world.engine.create(new_post("the old words", 1)).await.unwrap().post.id;
    world.engine.sync().await.unwrap();
    let lookup = Lookup { post_ids: vec![id] };
    let state = async || world.relay().lookup(&lookup).await.unwrap().deliveries[0].state;
    let end = tokio::time::Instant::now() + PATIENCE;
    while state().await != DeliveryState::Posted {
        assert!(tokio::time::Instant::now() < end, "the post never went out");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let edit = Edit { text: Some("the new words".to_owned()), ..Edit::default() };
    world.engine.edit(id, edit).await.unwrap();
    world.engine.sync().await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_takes_long_keeps_no_cancellation_and_no_other_post_waiting() {
    let mut world = World::new().await;
    let replaced = changed_too_late(&world).await;
    let taken_back = world.post_in("taken back meanwhile", 3600).await;
    world.engine.sync().await.unwrap();
    let (gate, relay) = Gate::before(&world).await;
    let endpoints = roost_engine::Endpoints { relay, ..world.endpoints() };
    world.engine.use_endpoints(Some(endpoints)).unwrap();
    world.run();

    let engine = world.engine.clone();
    let replacing = tokio::spawn(async move { engine.replace(replaced).await });
    gate.holds_one().await;
    world.engine.cancel(&[taken_back]).await.unwrap();
    world.wait_for(taken_back, Status::Cancelled).await;
    let other = world.post_in("handed over meanwhile", 3600).await;
    world.wait_for(other, Status::Queued).await;
    world.engine.pause(true).await.unwrap();
    world.engine.pause(false).await.unwrap();
    assert!(!replacing.is_finished(), "X has not answered yet");
    assert!(world.show(replaced).await.late_edit.unwrap().replacing);

    gate.is_open.send_replace(true);
    let draft = replacing.await.unwrap().unwrap();
    world.wait_for(draft.row.id, Status::Posted).await;
    assert_eq!(world.timeline().await, ["the new words"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_loop_asks_for_a_removal_once_while_it_is_under_way() {
    let mut world = World::new().await;
    let replaced = changed_too_late(&world).await;
    let draft = world.show(replaced).await.late_edit.unwrap().draft.unwrap();
    world.relay().pause(roost_relay_api::Pause { paused: true }).await.unwrap();
    assert!(world.engine.replace(replaced).await.is_err(), "it is written down");
    world.relay().pause(roost_relay_api::Pause { paused: false }).await.unwrap();
    let (gate, relay) = Gate::before(&world).await;
    let endpoints = roost_engine::Endpoints { relay, ..world.endpoints() };
    world.engine.use_endpoints(Some(endpoints)).unwrap();
    world.store().write("test", |store| store.outbox_hurry()).unwrap();
    world.run();

    gate.holds_one().await;
    // Two more hand-overs: the loop has looked for removals since, more than once.
    for text in ["one more", "and another"] {
        let other = world.post_in(text, 3600).await;
        world.wait_for(other, Status::Queued).await;
    }
    assert_eq!(gate.waiting.load(Ordering::SeqCst), 1);
    gate.is_open.send_replace(true);
    world.wait_for(draft, Status::Posted).await;
    assert_eq!(world.timeline().await, ["the new words"]);
}
