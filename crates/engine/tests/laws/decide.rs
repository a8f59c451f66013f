//! A person's decision is carried out once, however often it has to be told.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use roost_core::clock::{Clock, SystemClock};
use roost_core::id::{PostId, Revision};
use roost_core::status::Status;
use roost_engine::Finding;
use roost_relay_api::{Decision, Delivery, DeliveryState, Epoch, LookupAnswer, Resolve};
use roost_store::Outcome;

use crate::world::World;

/// A relay whose post parks again each time it was sent again, and what it was told.
struct Parking {
    post: PostId,
    told: Vec<Decision>,
}

impl Parking {
    fn delivery(&self) -> Delivery {
        Delivery {
            post_id: self.post,
            revision: Revision(1),
            account: None,
            state: DeliveryState::Parked,
            due_at: None,
            until: None,
            tweet_id: None,
            live: Vec::new(),
            code: None,
            message: None,
            attempts: 1 + u32::try_from(self.told.len()).unwrap(),
            posted_at: None,
            updated_at: SystemClock.now(),
        }
    }
}

type Shared = State<Arc<Mutex<Parking>>>;

async fn lookup(State(relay): Shared) -> Json<LookupAnswer> {
    let deliveries = vec![relay.lock().unwrap().delivery()];
    Json(LookupAnswer { epoch: Epoch("one".to_owned()), deliveries })
}

/// Carries the decision out; the first answer is lost on its way.
async fn decide(
    State(relay): Shared,
    Json(decision): Json<Decision>,
) -> Result<Json<Delivery>, StatusCode> {
    let mut relay = relay.lock().unwrap();
    relay.told.push(decision);
    if relay.told.len() == 1 { Err(StatusCode::BAD_GATEWAY) } else { Ok(Json(relay.delivery())) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_whose_answer_was_lost_is_told_again_about_what_was_seen() {
    let world = World::new().await;
    let id = world.post_in("parked", 3600).await;
    let unknown = Outcome {
        revision: Revision(1),
        status: Status::Unknown,
        state: "parked".to_owned(),
        live: Vec::new(),
        tweet_id: None,
        code: None,
        message: None,
        until: None,
        attempts: 1,
        posted_at: None,
        at: SystemClock.now(),
    };
    world.store().write("test", |store| store.record_outcome(id, &unknown)).unwrap();
    let relay = Arc::new(Mutex::new(Parking { post: id, told: Vec::new() }));
    let router = Router::new()
        .route("/v1/posts", post(lookup))
        .route("/v1/posts/{id}/resolve", post(decide))
        .with_state(relay.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut endpoints = world.endpoints();
    endpoints.relay.url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    world.engine.use_endpoints(Some(endpoints)).unwrap();

    assert!(world.engine.resolve(id, Finding::SendAgain).await.is_err());
    world.store().write("test", |store| store.outbox_hurry()).unwrap();
    world.engine.resolve(id, Finding::Verify).await.unwrap();

    let told = relay.lock().unwrap().told.clone();
    assert_eq!(told[0].resolve, Resolve::SendAgain);
    assert_eq!(told[0].seen.map(|seen| seen.attempts), Some(1));
    assert_eq!(told[1], told[0], "the same decision, about the same");
    assert_eq!(told[2].seen.map(|seen| seen.attempts), Some(3), "another one sees what is now");
}
