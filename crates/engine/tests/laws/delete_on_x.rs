//! Deleting on X what went out: because the person says so, once, and whatever comes in between.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_engine::api::{ListDailyCosts, ListHistory, StepState};
use roost_engine::view::Action;
use roost_engine::{Endpoint, Error};

use crate::world::World;

async fn posted(text: &str) -> (World, PostId) {
    let mut world = World::new().await;
    world.run();
    let id = world.post_in(text, 1).await;
    world.wait_for(id, Status::Posted).await;
    (world, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_out_is_deleted_on_x_at_its_price_and_the_receipt_and_history_say_so() {
    let (world, id) = posted("soon gone").await;
    let before = world.show(id).await;
    assert!(before.actions.contains(&Action::DeleteOnX));
    assert_eq!(before.delete_on_x_cost_micros, Some(10_000));
    assert_eq!(world.timeline().await, ["soon gone"]);

    let after = world.engine.delete_on_x(id).await.unwrap();
    assert!(world.timeline().await.is_empty());
    assert_eq!(after.row.status, Status::Posted, "it went out, and that stays told");
    assert!(after.row.gone_from_x_at.is_some());
    assert_eq!((after.delete_on_x_cost_micros, after.deleting_on_x), (None, false));
    assert!(after.receipt.iter().any(|line| line.title == "Deleted on X"), "{:?}", after.receipt);
    assert!(!after.actions.contains(&Action::DeleteOnX));

    // Once more is no error, and no second step.
    world.engine.delete_on_x(id).await.unwrap();
    let steps = world.engine.history(ListHistory::default()).await.unwrap().steps;
    let steps: Vec<_> = steps.iter().filter(|step| step.label == "delete_on_x").collect();
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].state, StepState::Final);
    assert!(steps[0].cannot.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_the_relay_did_not_hear_is_written_down_and_done_when_it_is_back() {
    let (mut world, id) = posted("gone later").await;
    let real = world.endpoints();
    let mut away = real.clone();
    away.relay.url = "http://127.0.0.1:1".to_owned();
    world.engine.use_endpoints(Some(away)).unwrap();
    let refused = world.engine.delete_on_x(id).await.unwrap_err();
    assert!(matches!(refused, Error::NotDeletedYet { .. }), "{refused}");
    let waits = world.show(id).await;
    assert!(waits.deleting_on_x && !waits.actions.contains(&Action::DeleteOnX));
    assert_eq!(world.timeline().await, ["gone later"]);

    // It outlives the process, and somebody else may have deleted it on X meanwhile.
    world.crash().await;
    world.engine.use_endpoints(Some(real)).unwrap();
    world.engine.delete_on_x(id).await.unwrap();
    assert!(world.timeline().await.is_empty());
    world.run();
    world.wait_until(id, "deleted", |post| !post.deleting_on_x).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_went_out_is_not_deleted_on_x() {
    let world = World::new().await;
    let id = world.post_in("to come", 3600).await;
    let refused = world.engine.delete_on_x(id).await.unwrap_err();
    assert_eq!(refused.code(), Code::ChangeNotAllowed, "{refused}");
    assert_eq!(world.show(id).await.delete_on_x_cost_micros, None);
}

/// A relay of an earlier release before the real one: it knows no removal.
async fn forward(State(behind): State<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if parts.uri.path().ends_with("/remove") {
        return Response::builder().status(StatusCode::NOT_FOUND).body(Body::empty()).unwrap();
    }
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let mut headers = parts.headers;
    headers.remove("host");
    let url = format!("{behind}{}", parts.uri.path_and_query().unwrap());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.request(parts.method, url).headers(headers).body(body);
    let answer = request.send().await.unwrap();
    let status = answer.status();
    Response::builder().status(status).body(Body::from(answer.bytes().await.unwrap())).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_deletes_nothing_is_to_be_updated_and_the_post_stays_on_x() {
    let (world, id) = posted("stays").await;
    let mut endpoints = world.endpoints();
    let behind = endpoints.relay.url.trim_end_matches('/').to_owned();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(forward).with_state(behind);
    tokio::spawn(async move { axum::serve(listener, router).await });
    endpoints.relay = Endpoint { url, bearer: endpoints.relay.bearer };
    world.engine.use_endpoints(Some(endpoints)).unwrap();
    let refused = world.engine.delete_on_x(id).await.unwrap_err();
    assert_eq!(refused.code(), Code::RelayOutdated, "{refused}");
    assert!(refused.to_string().contains("update the relay"), "{refused}");
    let after = world.show(id).await;
    assert!(!after.deleting_on_x && after.actions.contains(&Action::DeleteOnX));
    assert_eq!(world.timeline().await, ["stays"]);
    let notices = world.engine.notices(true, 10).await.unwrap();
    assert!(notices.iter().any(|notice| notice.kind == "not_deleted_on_x"), "{notices:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_month_s_cost_stays_when_what_went_out_is_removed_from_roost() {
    let (world, id) = posted("paid for").await;
    let month = async || world.engine.sync_state().await.unwrap().month_cost_micros;
    assert_eq!(month().await, 15_000);
    world.engine.delete_posts(&[id.into()]).await.unwrap();
    assert_eq!(month().await, 15_000, "X was paid");
    let days = world.engine.daily_costs(ListDailyCosts::default()).await.unwrap().days;
    assert_eq!(days.len(), 30);
    assert_eq!((days[0].parts, days[0].cost_micros), (1, 15_000));
    assert!(days[1..].iter().all(|day| day.cost_micros == 0));
}
