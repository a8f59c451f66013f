//! Two relays. What one was given is no other's to send, and only its own word proves a withdrawal.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use roost_core::clock::{Clock, SystemClock};
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_engine::view::WaitingFor;
use roost_engine::{Edit, Endpoint, Endpoints, OtherRelay, Secret};
use roost_local::{Local, LocalConfig};
use roost_relay_api::{DeliveryState, Lookup};

use crate::world::World;

/// The public address of the second relay.
const SECOND: &str = "http://second.example";

/// A second relay with its scheduler, as somebody's server has them.
struct Second {
    local: Local,
    endpoints: Endpoints,
    _folder: tempfile::TempDir,
}

impl Second {
    async fn start(world: &World) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = LocalConfig::new(folder.path(), world.sandbox.base_url());
        let local = Local::start(config).await.unwrap();
        let it = local.endpoints();
        let endpoint =
            |url: &str, bearer: &str| Endpoint { url: url.to_owned(), bearer: Secret::new(bearer) };
        let scheduler = named(&it.qstash_url, &it.relay_public_url).await;
        let endpoints = Endpoints {
            relay: endpoint(&it.relay_url, &it.relay_key),
            relay_public_url: SECOND.to_owned(),
            pin: None,
            qstash: Some(endpoint(&scheduler, &it.qstash_token)),
        };
        Self { local, endpoints, _folder: folder }
    }
}

/// A door to a scheduler on this computer, behind which the second relay has its own name.
async fn named(scheduler: &str, name: &str) -> String {
    async fn forward(State((behind, name)): State<(String, String)>, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        let mut headers = parts.headers;
        for header in ["host", "content-length"] {
            headers.remove(header);
        }
        let path = parts.uri.path_and_query().unwrap().as_str();
        let answer = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .request(parts.method, format!("{behind}{path}"))
            .headers(headers)
            .body(body.replace(SECOND, &name))
            .send()
            .await
            .unwrap();
        let status = answer.status();
        Response::builder().status(status).body(Body::from(answer.bytes().await.unwrap())).unwrap()
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let state = (scheduler.trim_end_matches('/').to_owned(), name.to_owned());
    let router = Router::new().fallback(forward).with_state(state);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// Where a post stands on a relay.
async fn on(endpoints: &Endpoints, id: PostId) -> Option<DeliveryState> {
    let Endpoint { url, bearer } = &endpoints.relay;
    let relay = roost_relay_api::Client::new(url.parse().unwrap(), bearer.reveal()).unwrap();
    let answer = relay.lookup(&Lookup { post_ids: vec![id] }).await.unwrap();
    answer.deliveries.first().map(|delivery| delivery.state)
}

/// The texts that X saw, sorted.
async fn seen(world: &World) -> Vec<String> {
    let mut texts = world.texts().await;
    texts.sort_unstable();
    texts
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_relay_holds_is_not_handed_to_another_and_goes_out_once() {
    let mut world = World::new().await;
    let (first, second) = (world.endpoints(), Second::start(&world).await);
    let mut posts = Vec::new();
    for text in ["one", "three", "two"] {
        posts.push(world.post_in(text, 8).await);
    }
    world.engine.sync().await.unwrap();
    world.engine.use_endpoints(Some(second.endpoints.clone())).unwrap();
    world.connect("demo").await;
    // Edited while another relay is in use, it waits for the one that holds it.
    let edit = Edit { text: Some("never".to_owned()), ..Edit::default() };
    world.engine.edit(posts[1], edit).await.unwrap();
    let own = world.post_in("the second's own", 1).await;
    world.run();
    world.wait_for(own, Status::Posted).await;
    for id in &posts {
        assert_eq!(on(&second.endpoints, *id).await, Some(DeliveryState::Withdrawn), "fenced");
    }
    let state = world.engine.sync_state().await.unwrap();
    assert!(state.trouble.unwrap().message.contains(&first.relay_public_url));
    while seen(&world).await.len() < 4 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    world.engine.use_endpoints(Some(first)).unwrap();
    for id in posts {
        world.wait_for(id, Status::Posted).await;
    }
    assert_eq!(seen(&world).await, ["one", "the second's own", "three", "two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_left_lets_go_of_its_posts_before_another_gets_them() {
    let mut world = World::new().await;
    let (first, second) = (world.endpoints(), Second::start(&world).await);
    let (kept, cancelled) = (world.post_in("kept", 6).await, world.post_in("no", 6).await);
    world.engine.sync().await.unwrap();
    world.engine.cancel(&[cancelled]).await.unwrap();
    let left = world.engine.detach_relay().await.unwrap();
    assert_eq!(left.still_there, []);
    assert_eq!(on(&first, kept).await, Some(DeliveryState::Withdrawn));
    assert_eq!(world.status(kept).await, Status::Pending);
    assert_eq!(world.engine.other_relays(None).await.unwrap(), []);
    drop(left);
    world.engine.use_endpoints(Some(second.endpoints.clone())).unwrap();
    world.connect("demo").await;
    world.run();
    world.wait_for(kept, Status::Posted).await;
    assert_eq!(world.status(cancelled).await, Status::Cancelled);
    assert_eq!(seen(&world).await, ["kept"]);
    second.local.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_relay_proves_that_another_withdrew_a_post() {
    let mut world = World::new().await;
    let second = Second::start(&world).await;
    let id = world.post_in("cancelled", 3600).await;
    world.engine.sync().await.unwrap();
    world.stop_local().await;
    world.engine.cancel(&[id]).await.unwrap();
    assert!(world.engine.sync().await.is_err(), "the relay is away");
    world.engine.use_endpoints(Some(second.endpoints.clone())).unwrap();
    world.engine.flush_outbox().await.unwrap();
    world.engine.sync().await.unwrap();
    let row = world.show(id).await.row;
    assert_eq!((row.status, row.waiting_for), (Status::Queued, Some(WaitingFor::Cancel)));
    world.start_local().await;
    assert_eq!(world.status(id).await, Status::Cancelled, "its own relay says so");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_was_called_gone_and_comes_back_learns_what_changed_before_it_posts() {
    let mut world = World::new().await;
    let (first, second) = (world.endpoints(), Second::start(&world).await);
    let (edited, cancelled) = (world.post_in("old words", 9).await, world.post_in("no", 9).await);
    world.engine.sync().await.unwrap();
    let other = OtherRelay { relay: first.relay_public_url.clone(), posts: 2 };
    assert_eq!(world.engine.other_relays(None).await.unwrap(), [other]);
    world.stop_local().await;
    world.engine.forget_relay(first.relay_public_url.clone()).await.unwrap();
    world.engine.use_endpoints(Some(second.endpoints.clone())).unwrap();
    world.connect("demo").await;
    let edit = Edit { text: Some("new words".to_owned()), ..Edit::default() };
    world.engine.edit(edited, edit).await.unwrap();
    world.engine.cancel(&[cancelled]).await.unwrap();
    world.engine.sync().await.unwrap();
    assert_eq!(world.status(cancelled).await, Status::Cancelled);
    assert_eq!(on(&second.endpoints, edited).await, Some(DeliveryState::Staged));
    // Back to the first: settled before it may act, it is told of both.
    world.start_local().await;
    let due = world.show(edited).await.row.scheduled_at.unwrap();
    let control = world.post_in("control", 10).await;
    world.run();
    world.wait_for(control, Status::Posted).await;
    assert!(SystemClock.now() > due);
    assert_eq!(seen(&world).await, ["control", "new words"]);
}
