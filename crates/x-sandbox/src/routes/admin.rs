//! `/_sandbox/…`: what X does not have. The ledger, the accounts, the faults.

use axum::Json;
use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::account::{Account, NewAccount};
use crate::database::Error;
use crate::fault::Fault;
use crate::sandbox::Sandbox;

/// How many entries one answer carries.
const PAGE: u32 = 10_000;

pub(super) fn router() -> Router<Sandbox> {
    Router::new()
        .route("/ledger", get(entries))
        .route("/ledger/summary", get(summary))
        .route("/posts/{id}/media", get(posted_media))
        .route("/accounts", get(accounts).post(grant))
        .route("/accounts/{username}/disconnect", post(disconnect))
        .route("/faults", get(faults).post(arm).delete(disarm_all))
        .route("/faults/catalogue", get(catalogue))
        .route("/faults/{id}", delete(disarm))
        .route("/media/{id}", get(super::media::picture))
}

fn answer<T: Serialize>(status: StatusCode, result: Result<T, Error>) -> Response {
    match result {
        Ok(value) => (status, Json(value)).into_response(),
        Err(Error::Invalid(message)) => {
            (StatusCode::BAD_REQUEST, Json(json!({ "error": message }))).into_response()
        }
        Err(error) => {
            let body = Json(json!({ "error": error.to_string() }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}

fn read<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, Error> {
    body.map(|Json(body)| body).map_err(|rejection| Error::Invalid(rejection.body_text()))
}

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: i64,
}

/// The entries after number `since`; ask again with the last number for more.
async fn entries(State(sandbox): State<Sandbox>, Query(query): Query<Since>) -> Response {
    answer(StatusCode::OK, sandbox.ledger(query.since, PAGE).await)
}

async fn summary(State(sandbox): State<Sandbox>) -> Response {
    answer(StatusCode::OK, sandbox.summary().await)
}

/// The media of a post, in order.
async fn posted_media(State(sandbox): State<Sandbox>, Path(id): Path<i64>) -> Response {
    answer(StatusCode::OK, sandbox.media_of(id).await)
}

async fn accounts(State(sandbox): State<Sandbox>) -> Response {
    answer(StatusCode::OK, sandbox.database.write("sandbox.read", |s| Account::all(s)).await)
}

/// An account to be made or changed, and the app it gives tokens to.
#[derive(Deserialize)]
struct GrantRequest {
    #[serde(default)]
    client_id: Option<String>,
    #[serde(flatten)]
    account: serde_json::Map<String, serde_json::Value>,
}

async fn grant(
    State(sandbox): State<Sandbox>,
    body: Result<Json<GrantRequest>, JsonRejection>,
) -> Response {
    let account = read(body).and_then(|request| {
        serde_json::from_value::<NewAccount>(request.account.into())
            .map(|account| (account, request.client_id))
            .map_err(|error| Error::Invalid(error.to_string()))
    });
    match account {
        Ok((account, app)) => answer(StatusCode::CREATED, sandbox.grant(account, app).await),
        Err(error) => answer::<()>(StatusCode::CREATED, Err(error)),
    }
}

async fn disconnect(State(sandbox): State<Sandbox>, Path(username): Path<String>) -> Response {
    let result = sandbox.disconnect(&username).await;
    answer(StatusCode::OK, result.map(|()| json!({ "disconnected": username })))
}

async fn faults(State(sandbox): State<Sandbox>) -> Response {
    answer(StatusCode::OK, Ok(sandbox.faults.list()))
}

/// Arms one fault, or a list of them.
async fn arm(
    State(sandbox): State<Sandbox>,
    body: Result<Json<serde_json::Value>, JsonRejection>,
) -> Response {
    let armed = read(body).and_then(|body| {
        let list = if body.is_array() { body } else { json!([body]) };
        let faults: Vec<Fault> =
            serde_json::from_value(list).map_err(|error| Error::Invalid(error.to_string()))?;
        faults.into_iter().map(|fault| sandbox.arm(fault)).collect::<Result<Vec<_>, _>>()
    });
    answer(StatusCode::CREATED, armed)
}

async fn disarm_all(State(sandbox): State<Sandbox>) -> Response {
    sandbox.disarm(None);
    StatusCode::NO_CONTENT.into_response()
}

async fn disarm(State(sandbox): State<Sandbox>, Path(id): Path<u64>) -> Response {
    sandbox.disarm(Some(id));
    StatusCode::NO_CONTENT.into_response()
}

async fn catalogue() -> Json<&'static [&'static str]> {
    Json(crate::problem::catalogue())
}
