//! A crash between any two steps of the hand-over is repaired by doing them again.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use roost_core::status::Status;
use roost_engine::Endpoint;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_stage_and_publish_is_repaired() {
    let mut world = World::new().await;
    let mut endpoints = world.endpoints();
    endpoints.qstash.as_mut().unwrap().url = "http://127.0.0.1:1".to_owned();
    world.engine.use_endpoints(Some(endpoints)).unwrap();
    let id = world.post_in("staged, not published", 3).await;
    assert!(world.engine.sync().await.is_err());
    assert_eq!(world.status(id).await, Status::Pending);
    world.crash().await;
    world.run();
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["staged, not published"]);
}

/// A scheduler whose answers get lost: it forwards every request, and answers the first batches
/// with an error of the way back.
#[derive(Clone)]
struct Lossy {
    behind: String,
    lost: Arc<AtomicUsize>,
    lose: usize,
}

async fn forward(State(lossy): State<Lossy>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let is_batch = parts.uri.path() == "/v2/batch";
    let url = format!("{}{}", lossy.behind, parts.uri);
    let mut headers = parts.headers;
    headers.remove("host");
    let answer = reqwest::Client::new()
        .request(parts.method, url)
        .headers(headers)
        .body(body)
        .send()
        .await
        .unwrap();
    if is_batch && lossy.lost.fetch_add(1, Ordering::SeqCst) < lossy.lose {
        return Response::builder().status(StatusCode::BAD_GATEWAY).body(Body::empty()).unwrap();
    }
    let status = answer.status();
    Response::builder().status(status).body(Body::from(answer.bytes().await.unwrap())).unwrap()
}

async fn lossy(world: &World, lose: usize) -> Endpoint {
    let qstash = world.endpoints().qstash.unwrap();
    let lossy = Lossy { behind: qstash.url, lost: Arc::default(), lose };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(forward).with_state(lossy);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Endpoint { url, bearer: qstash.bearer }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_publish_and_commit_is_repaired_by_the_same_message() {
    let mut world = World::new().await;
    let mut endpoints = world.endpoints();
    endpoints.qstash = Some(lossy(&world, 1).await);
    world.engine.use_endpoints(Some(endpoints)).unwrap();
    let id = world.post_in("published, not noted", 4).await;
    assert!(world.engine.sync().await.is_err(), "the answer was lost");
    let before = world.show(id).await;
    assert_eq!(before.row.status, Status::Pending);
    world.crash().await;
    world.engine.sync().await.unwrap();
    let after = world.show(id).await;
    assert_eq!(after.row.status, Status::Queued);
    assert_eq!(after.row.revision, before.row.revision, "the known message was taken");
    world.run();
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["published, not noted"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_delivered_before_it_was_noted_posts_once() {
    let mut world = World::new().await;
    let mut endpoints = world.endpoints();
    endpoints.qstash = Some(lossy(&world, 1).await);
    world.engine.use_endpoints(Some(endpoints)).unwrap();
    let id = world.post_in("delivered, not noted", 1).await;
    assert!(world.engine.sync().await.is_err(), "the answer was lost");
    // The relay has posted before the engine comes back and publishes again.
    for _ in 0..400 {
        if !world.texts().await.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    world.crash().await;
    world.run();
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["delivered, not noted"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_is_dropped_at_any_moment_of_a_hand_over_loses_and_doubles_nothing() {
    let mut world = World::new().await;
    for number in 0..120 {
        world.post_in(&format!("dropped {number}"), 8).await;
    }
    for millis in [0, 3, 10, 25, 60, 120, 300, 700] {
        let engine = world.engine.clone();
        let handing = tokio::spawn(async move { engine.sync().await });
        tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
        handing.abort();
        drop(handing.await);
        world.crash().await;
    }
    world.run();
    for row in world.rows().await {
        world.wait_for(row.id, Status::Posted).await;
    }
    let mut texts = world.texts().await;
    texts.sort_unstable();
    let all = texts.len();
    texts.dedup();
    assert_eq!((all, texts.len()), (120, 120));
}
