//! A relay that is down loses nothing, and the row says so.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use roost_core::clock::{Clock, ManualClock, SystemClock};
use roost_core::id::XUserId;
use roost_core::status::Status;
use roost_engine::view::Reach;
use roost_engine::{Endpoint, LatePolicy, NewPost};
use roost_relay_api::{DeliveryState, Lookup};
use roost_store::{Account, AccountHealth, RelayFeed};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_while_the_relay_was_down_goes_out_when_it_is_back() {
    let mut world = World::new().await;
    world.stop_local().await;
    world.run();
    let id = world.post_in("patient", 1).await;
    world.wait_until(id, "refused", |_| matches!(reach(&world), Reach::NotReached { .. })).await;
    assert_eq!(world.status(id).await, Status::Pending, "nothing is concluded alone");
    world.start_local().await;
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["patient"]);
}

fn reach(world: &World) -> Reach {
    let engine = world.engine.clone();
    tokio::task::block_in_place(|| {
        tokio::runtime::Handle::current().block_on(engine.sync_state()).unwrap().relay
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_out_while_the_engine_was_off_is_known_at_its_next_start() {
    let mut world = World::new().await;
    let id = world.post_in("alone", 1).await;
    world.engine.sync().await.unwrap();
    // The relay posts without the engine.
    for _ in 0..400 {
        if world.texts().await == ["alone"] {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    world.crash().await;
    world.run();
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["alone"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_s_post_is_noticed() {
    let mut world = World::new().await;
    world.run();
    // Another engine over the same store, as the command line is beside the window.
    let beside = world.beside();
    let id = beside.create(crate::world::new_post("from beside", 2)).await.unwrap().post.id;
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["from beside"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_loop_runs_for_one_store() {
    let mut world = World::new().await;
    world.run();
    let id = world.post_in("one loop", 1).await;
    world.wait_for(id, Status::Posted).await;
    let stop = tokio_util::sync::CancellationToken::new();
    let error = world.beside().run(stop.clone()).await.unwrap_err();
    assert!(error.to_string().contains("runs already"), "{error}");
    world.stop_engine().await;
    stop.cancel();
    world.beside().run(stop).await.unwrap();
}

/// A relay in front of the real one that keeps no old events.
async fn forgetful(world: &World) -> Endpoint {
    async fn forward(
        State((behind, gone)): State<(String, Arc<AtomicBool>)>,
        request: Request,
    ) -> Response {
        let (parts, body) = request.into_parts();
        let is_feed = parts.uri.path() == "/v1/events";
        if is_feed && gone.swap(false, Ordering::SeqCst) {
            let refusal = r#"{"code":"cursor_gone","message":"The cursor is too old."}"#;
            return Response::builder().status(410).body(Body::from(refusal)).unwrap();
        }
        let mut headers = parts.headers;
        headers.remove("host");
        let answer = reqwest::Client::new()
            .request(parts.method, format!("{behind}{}", parts.uri))
            .headers(headers)
            .body(to_bytes(body, usize::MAX).await.unwrap())
            .send()
            .await
            .unwrap();
        let status = answer.status();
        Response::builder().status(status).body(Body::from(answer.bytes().await.unwrap())).unwrap()
    }
    let relay = world.endpoints().relay;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let state = (relay.url, Arc::new(AtomicBool::new(true)));
    let router = Router::new().fallback(forward).with_state(state);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Endpoint { url, bearer: relay.bearer }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_lost_the_cursor_is_made_good_by_asking_for_every_post() {
    let mut world = World::new().await;
    let id = world.post_in("no event tells of it", 1).await;
    world.engine.sync().await.unwrap();
    for _ in 0..400 {
        if !world.texts().await.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let mut endpoints = world.endpoints();
    endpoints.relay = forgetful(&world).await;
    world.engine.use_endpoints(Some(endpoints)).unwrap();
    world.run();
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["no event tells of it"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_with_a_problem_of_its_own_keeps_no_other_from_its_result() {
    let mut world = World::new().await;
    let id = world.post_in("its event was missed", 1).await;
    world.engine.sync().await.unwrap();
    let relay = world.relay();
    let lookup = Lookup { post_ids: vec![id] };
    for _ in 0..400 {
        let found = relay.lookup(&lookup).await.unwrap().deliveries;
        if found[0].state == DeliveryState::Posted {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let status = relay.status().await.unwrap();
    let feed = RelayFeed { epoch: status.epoch.0, cursor: status.head };
    let name = world.endpoints().relay_public_url;
    world.store().write("test", |store| store.save_relay_feed(&name, &feed)).unwrap();
    world.store().write("test", |store| store.save_account(&stranger())).unwrap();
    let problem = NewPost { account: Some("404".to_owned()), ..crate::world::new_post("x", 900) };
    world.engine.create(problem).await.unwrap();
    // Late enough for a result to be missed.
    let clock = ManualClock::at(SystemClock.now().plus(Duration::from_mins(2)));
    world.engine = world.beside_at(Some(LatePolicy::POST), Arc::new(clock));
    world.engine.use_endpoints(Some(world.endpoints())).unwrap();
    world.run();
    world.wait_for(id, Status::Posted).await;
}

/// An account that the relay never heard of.
fn stranger() -> Account {
    Account {
        x_user_id: XUserId("404".to_owned()),
        username: "stranger".to_owned(),
        name: "Stranger".to_owned(),
        subscription_type: None,
        health: AccountHealth::Connected,
        message: None,
        proven_at: None,
        removed_at: None,
        limits: None,
    }
}
