//! A cancellation or an edit that comes while X is being called: should the call come to nothing, the
//! wish counts, or the person is told.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use roost_core::clock::{Clock, SystemClock};
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_engine::Edit;
use roost_engine::view::WaitingFor;
use roost_local::{Local, LocalConfig};
use roost_relay_api::{DeliveryState, Lookup};
use tokio::sync::Semaphore;

use crate::world::World;

/// Until when X refuses, in seconds.
const REFUSES: u64 = 8;

/// An X in front of the sandbox that takes its time over the first post, and then refuses it for a
/// while.
async fn refusing(world: &World) -> (String, Arc<Semaphore>) {
    struct Front {
        behind: String,
        answer: Arc<Semaphore>,
        first: Semaphore,
    }
    async fn forward(State(front): State<Arc<Front>>, request: Request) -> Response {
        let is_post = request.uri().path() == "/2/tweets" && request.method() == "POST";
        if is_post && let Ok(first) = front.first.try_acquire() {
            first.forget();
            front.answer.acquire().await.unwrap().forget();
            let reset = SystemClock.now().plus(Duration::from_secs(REFUSES)).seconds_rounded_up();
            return Response::builder()
                .status(429)
                .header("x-rate-limit-limit", "100")
                .header("x-rate-limit-remaining", "0")
                .header("x-rate-limit-reset", reset)
                .body(Body::from(r#"{"title":"Too Many Requests","status":429}"#))
                .unwrap();
        }
        let (parts, body) = request.into_parts();
        let mut headers = parts.headers;
        headers.remove("host");
        let path = parts.uri.path_and_query().unwrap().as_str();
        let answer = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .request(parts.method, format!("{}{path}", front.behind))
            .headers(headers)
            .body(to_bytes(body, usize::MAX).await.unwrap())
            .send()
            .await
            .unwrap();
        let status = answer.status();
        Response::builder().status(status).body(Body::from(answer.bytes().await.unwrap())).unwrap()
    }
    let answer = Arc::new(Semaphore::new(0));
    let behind = world.sandbox.base_url().trim_end_matches('/').to_owned();
    let front = Front { behind, answer: answer.clone(), first: Semaphore::new(1) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(forward).with_state(Arc::new(front));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, answer)
}

/// A post that the relay is sending while this computer believes it queued; X answers when it is let.
async fn under_way(world: &mut World, text: &str) -> (PostId, Arc<Semaphore>) {
    world.stop_local().await;
    let (x, answer) = refusing(world).await;
    world.local = Some(Local::start(LocalConfig::new(world.path(""), x)).await.unwrap());
    world.engine.use_endpoints(Some(world.endpoints())).unwrap();
    let id = world.post_in(text, 2).await;
    world.engine.sync().await.unwrap();
    let lookup = Lookup { post_ids: vec![id] };
    let state = async || world.relay().lookup(&lookup).await.unwrap().deliveries[0].state;
    while state().await != DeliveryState::Sending {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(world.status(id).await, Status::Queued);
    (id, answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cancelled_while_it_was_sent_and_came_back_never_goes_out() {
    let mut world = World::new().await;
    let (id, answer) = under_way(&mut world, "cancelled").await;
    assert_eq!(world.engine.cancel(&[id]).await.unwrap().cancelling, [id]);
    world.engine.flush_outbox().await.unwrap();
    let row = world.show(id).await.row;
    assert_eq!((row.status, row.waiting_for), (Status::Sending, Some(WaitingFor::Cancel)));
    world.run();
    answer.add_permits(1);
    world.wait_for(id, Status::Cancelled).await;
    let control = world.post_in("control", REFUSES).await;
    world.wait_for(control, Status::Posted).await;
    assert_eq!(world.texts().await, ["control"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_edited_while_it_was_sent_and_came_back_goes_out_with_the_new_words() {
    let mut world = World::new().await;
    let (id, answer) = under_way(&mut world, "old words").await;
    let edit = Edit { text: Some("new words".to_owned()), ..Edit::default() };
    world.engine.edit(id, edit).await.unwrap();
    world.run();
    let sending = world.wait_for(id, Status::Sending).await;
    assert_eq!(sending.row.text, "old words");
    let late = sending.late_edit.expect("meanwhile it is shown, and kept");
    assert_eq!(late.meant, ["new words"]);
    answer.add_permits(1);
    let posted = world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["new words"]);
    assert_eq!((posted.row.text.as_str(), posted.late_edit), ("new words", None));
    assert!(world.engine.post(late.draft.unwrap()).await.is_err(), "the draft went with it");
    let told = world.engine.take_notices().await.unwrap();
    assert!(told.iter().all(|notice| notice.kind != "edit_too_late"), "{told:?}");
}
