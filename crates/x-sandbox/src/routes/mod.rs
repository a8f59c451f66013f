//! The routes, and what all of them need: whose token is it, may it, does a fault strike.

mod admin;
mod consent;
mod create;
mod draft;
mod media;
mod page;
mod read;
mod rules;
mod token;

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware::{from_fn, map_response_with_state};
use axum::response::Response;
use axum::routing::{delete, get, post};
use http::{HeaderMap, HeaderValue};
use roost_core::clock::UnixMillis;

use crate::answer::Answer;
use crate::database::Error;
use crate::fault::{On, Subject, perform};
use crate::problem::refusal;
use crate::sandbox::Sandbox;
use crate::token::Bearer;

/// No request but an upload is larger; X's own longest post is 25,000 characters.
const BODY_LIMIT: usize = 256 * 1024;

pub(crate) fn router(sandbox: Sandbox) -> Router {
    let x = Router::new()
        .route("/2/tweets", post(create::create).get(read::posts_by_ids))
        .route("/2/tweets/{id}", delete(read::delete))
        .route("/2/users/me", get(read::me))
        .route("/2/users/{id}/tweets", get(read::timeline))
        .route("/2/oauth2/token", post(token::token))
        .route("/2/oauth2/revoke", post(token::revoke))
        .route("/2/openapi.json", get(document))
        .merge(media::router())
        .layer(map_response_with_state(sandbox.clone(), as_x));
    x.route("/", get(page::page))
        .route("/i/oauth2/authorize", get(consent::ask).post(consent::decide))
        .nest("/_sandbox", admin::router())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn(crate::guard::loopback_only))
        .layer(from_fn(crate::cut::break_elsewhere))
        .with_state(sandbox)
}

/// X's own description, which it shows to everybody. Here it is only there.
async fn document() -> Answer {
    Answer::ok(&serde_json::json!({ "openapi": "3.0.0" }))
}

/// The headers that X puts on every answer; its time is the sandbox's own.
async fn as_x(State(sandbox): State<Sandbox>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    if let Some(date) = date(sandbox.now()) {
        headers.insert(http::header::DATE, date);
    }
    headers.insert("api-version", HeaderValue::from_static("2.167"));
    headers.insert("x-access-level", HeaderValue::from_static("read-write"));
    let transaction = crate::token::fresh().unwrap_or_default();
    let id = transaction.get(..16).unwrap_or_default();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert("x-transaction-id", id);
    }
    response
}

/// A `Date` header; none for a time that it can't write.
fn date(now: UnixMillis) -> Option<HeaderValue> {
    let now = jiff::Timestamp::from_millisecond(now.0).ok()?;
    let text = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now).ok()?;
    HeaderValue::from_str(&text).ok()
}

/// The token of `Authorization: Bearer …`.
fn bearer_token(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// A route of an account: what it needs and how often it may be used in 15 minutes.
#[derive(Debug, Clone, Copy)]
struct Route {
    on: On,
    name: &'static str,
    scopes: &'static [&'static str],
    max: usize,
}

/// Serves a route of an account, unless its token, its scopes, its rate or a fault say otherwise.
/// It runs to its end even when the caller hangs up, as X does.
async fn serve<F, W>(sandbox: Sandbox, headers: HeaderMap, route: Route, work: F) -> Answer
where
    F: FnOnce(Sandbox, Bearer, Duration) -> W + Send + 'static,
    W: Future<Output = Result<Answer, Error>> + Send,
{
    let task = tokio::spawn(async move {
        let bearer = match find_bearer(&sandbox, &headers).await {
            Ok(bearer) => bearer,
            Err(error) => return Answer::broken(&error),
        };
        let subject = subject(bearer.as_ref());
        let faults = std::sync::Arc::clone(&sandbox.faults);
        perform(&faults, route.on, &subject, |lag| allowed(sandbox, bearer, route, lag, work))
            .await
            .answer
    });
    task.await.unwrap_or_else(|_| Answer::broken(&Error::Closed))
}

async fn allowed<F, W>(
    sandbox: Sandbox,
    bearer: Option<Bearer>,
    route: Route,
    lag: Duration,
    work: F,
) -> Answer
where
    F: FnOnce(Sandbox, Bearer, Duration) -> W,
    W: Future<Output = Result<Answer, Error>>,
{
    let Some(bearer) = bearer else { return refusal("unauthorized").answer };
    if !bearer.may(route.scopes) {
        return refusal("not_permitted").answer;
    }
    let used = sandbox.routes.count(bearer.account.id, route.name, route.max, sandbox.now());
    let answer = if used.fits || !sandbox.config.route_rates {
        Answer::from(work(sandbox, bearer, lag).await)
    } else {
        refusal("rate_limited").answer
    };
    answer
        .header("x-rate-limit-limit", route.max)
        .header("x-rate-limit-remaining", used.remaining)
        .header("x-rate-limit-reset", used.reset)
}

async fn find_bearer(sandbox: &Sandbox, headers: &HeaderMap) -> Result<Option<Bearer>, Error> {
    let Some(token) = bearer_token(headers) else { return Ok(None) };
    let now = sandbox.now().0;
    sandbox
        .database
        .write("sandbox.bearer", move |scope| crate::token::bearer(scope, &token, now))
        .await
}

fn subject(bearer: Option<&Bearer>) -> Subject {
    Subject {
        account_id: bearer.map(|bearer| bearer.account.id.to_string()),
        username: bearer.map(|bearer| bearer.account.username.clone()),
        text: None,
    }
}
