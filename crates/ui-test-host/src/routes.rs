//! The routes: worlds, their operations, and what a test does to a world from outside.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use roost_engine::{Engine, api};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::world::{Failure, World};

/// The worlds, each by its number.
type Worlds = Arc<Mutex<HashMap<usize, Arc<World>>>>;

/// Returns the routes of the whole program.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/worlds", post(make))
        .route("/worlds/{world}", delete(remove))
        .route("/worlds/{world}/call", post(call))
        .route("/worlds/{world}/beside", post(call_beside))
        .route("/worlds/{world}/changes", get(changes))
        .route("/worlds/{world}/running/{which}/{state}", post(services))
        .with_state(Worlds::default())
}

/// What a world is to hold.
#[derive(Deserialize)]
struct NewWorld {
    /// Handles of the accounts that are signed in.
    accounts: Vec<String>,
    /// Whether the engine's loop runs; otherwise the test says when it hands over and learns.
    runs: bool,
}

async fn make(
    State(worlds): State<Worlds>,
    Json(new): Json<NewWorld>,
) -> Result<Json<Value>, Broken> {
    let world = Arc::new(World::start(&new.accounts, new.runs).await?);
    let sandbox = world.sandbox_url().to_owned();
    let mut worlds = lock(&worlds);
    let number = worlds.keys().max().map_or(1, |last| last + 1);
    worlds.insert(number, world);
    Ok(Json(json!({ "world": number, "sandbox": sandbox })))
}

async fn remove(State(worlds): State<Worlds>, Path(number): Path<usize>) -> StatusCode {
    let removed = lock(&worlds).remove(&number);
    if let Some(world) = removed {
        world.stop_services().await;
    }
    StatusCode::NO_CONTENT
}

/// An operation, as the window asks the desktop shell for it.
#[derive(Deserialize)]
struct Call {
    operation: String,
    params: Value,
}

async fn call(
    State(worlds): State<Worlds>,
    Path(number): Path<usize>,
    Json(call): Json<Call>,
) -> Result<Response, Broken> {
    Ok(carry_out(&find(&worlds, number)?.engine, call).await)
}

/// The same by another process over the same store, as the command line is beside the window.
async fn call_beside(
    State(worlds): State<Worlds>,
    Path(number): Path<usize>,
    Json(call): Json<Call>,
) -> Result<Response, Broken> {
    Ok(carry_out(&find(&worlds, number)?.beside()?, call).await)
}

async fn carry_out(engine: &Engine, Call { operation, params }: Call) -> Response {
    match api::call(engine, &operation, params).await {
        Ok(answer) => Json(answer).into_response(),
        Err(failure) => (StatusCode::UNPROCESSABLE_ENTITY, Json(failure)).into_response(),
    }
}

#[derive(Deserialize)]
struct After {
    after: usize,
}

async fn changes(
    State(worlds): State<Worlds>,
    Path(number): Path<usize>,
    Query(After { after }): Query<After>,
) -> Result<Json<Vec<Value>>, Broken> {
    // The world may end while its window still asks.
    let changes = find(&worlds, number)?.changes.clone();
    Ok(Json(changes.after(after).await))
}

/// Starts or stops relay and scheduler, or the X sandbox.
async fn services(
    State(worlds): State<Worlds>,
    Path((number, which, state)): Path<(usize, String, String)>,
) -> Result<StatusCode, Broken> {
    let world = find(&worlds, number)?;
    match (which.as_str(), state.as_str()) {
        ("x", "stop") => world.stop_x().await,
        ("x", _) => world.start_x().await?,
        (_, "stop") => world.stop_services().await,
        _ => world.start_services().await?,
    }
    Ok(StatusCode::NO_CONTENT)
}

fn find(worlds: &Worlds, number: usize) -> Result<Arc<World>, Broken> {
    let found = lock(worlds).get(&number).cloned();
    found.ok_or_else(|| Broken(format!("there is no world {number}").into()))
}

fn lock(worlds: &Worlds) -> MutexGuard<'_, HashMap<usize, Arc<World>>> {
    worlds.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something of the test's own that does not work.
struct Broken(Failure);

impl<E: Into<Failure>> From<E> for Broken {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Broken {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0.to_string()).into_response()
    }
}
