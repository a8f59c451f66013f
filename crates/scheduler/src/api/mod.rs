//! The API: QStash's paths, read from the raw request line.

mod batch;
mod bulk;
mod dlq;
mod events;
mod flow;
mod guard;
mod keys;
mod messages;
mod metrics;
mod page;
mod publish;
mod query;
mod queues;
mod refusal;
mod schedules;
pub(crate) mod upload;
mod url_groups;
mod view;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::Value;

use crate::shared::Shared;
use query::Query;
use refusal::Refusal;

/// Elements of a batch that fit into one request body when all are as large as allowed.
const BODIES_PER_REQUEST: usize = 100;

/// What every route begins with.
struct Incoming {
    method: Method,
    /// Path and query, as they stood in the request line.
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
    caller_ip: String,
}

type Answered = Result<Response, Refusal>;

/// One address for one scheduler or more; the token says which of them answers.
pub(crate) fn router(schedulers: Vec<Arc<Shared>>) -> Router {
    Router::new().fallback(handle).with_state(Arc::from(schedulers))
}

async fn handle(State(schedulers): State<Arc<[Arc<Shared>]>>, request: Request) -> Response {
    // A token of nobody is refused like any other wrong one.
    let Some(shared) = guard::asked(&schedulers, &request).or(schedulers.first()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = match answer(shared, request).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    };
    if shared.config.cors {
        guard::allow_origin(&mut response, origin);
    }
    response
}

async fn answer(shared: &Arc<Shared>, request: Request) -> Answered {
    let (parts, body) = request.into_parts();
    guard::check_source(&shared.config, &parts.headers, &parts.uri)?;
    if shared.config.cors && parts.method == Method::OPTIONS {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let refused = guard::check_token(shared, &parts, &query);
    if refused.is_err() && guard::is_person_at_the_page(&parts) {
        return Ok(page::locked());
    }
    refused?;
    // Held until the answer: bodies in memory and waiting writes are bounded by it.
    let _place = shared.requests.try_acquire().map_err(|_| Refusal::busy())?;
    let upload = upload::read(shared, parts.uri.path(), body).await?;
    let caller = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let incoming = Incoming {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query,
        headers: parts.headers,
        body: upload.body.clone(),
        caller_ip: caller.map_or_else(|| "127.0.0.1".into(), |info| info.0.ip().to_string()),
    };
    route(shared, incoming).await
}

async fn route(shared: &Arc<Shared>, incoming: Incoming) -> Answered {
    let unknown = format!("there is no {} {}", incoming.method, incoming.path);
    match (incoming.method.as_str(), incoming.path.as_str()) {
        ("GET", "/") => return Ok(page::page()),
        ("GET", "/metrics") => return metrics::metrics(shared).await,
        _ => {}
    }
    let Some(path) = incoming.path.strip_prefix("/v2/") else {
        return Err(Refusal::not_found(unknown));
    };
    // The official Go client writes this one name with a capital.
    let path = match path.strip_prefix("Schedules/") {
        Some(rest) => format!("schedules/{rest}"),
        None => path.to_owned(),
    };
    if let Some(destination) = path.strip_prefix("publish/")
        && incoming.method == Method::POST
    {
        return publish::publish(shared, &incoming, None, destination).await;
    }
    if let Some((queue, destination)) =
        path.strip_prefix("enqueue/").and_then(|rest| rest.split_once('/'))
        && incoming.method == Method::POST
    {
        return publish::publish(shared, &incoming, Some(queue), destination).await;
    }
    if let Some(destination) = path.strip_prefix("schedules/")
        && incoming.method == Method::POST
        && !schedules::is_command(destination)
    {
        return schedules::upsert(shared, &incoming, destination).await;
    }
    let segments: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let query = Query::parse(&incoming.query);
    match (incoming.method.as_str(), segments.as_slice()) {
        ("POST", ["batch"]) => batch::batch(shared, &incoming).await,
        ("GET", ["messages", id]) => messages::get(shared, id).await,
        ("DELETE", ["messages", id]) => messages::cancel(shared, id).await,
        ("DELETE", ["messages"]) => messages::cancel_many(shared, &query, &incoming.body).await,
        ("GET", ["events" | "logs"]) => events::list(shared, &query).await,
        ("GET", ["dlq"]) => dlq::list(shared, &query).await,
        ("GET", ["dlq", id]) => dlq::get(shared, id).await,
        ("DELETE", ["dlq", id]) => dlq::delete(shared, id).await,
        ("DELETE", ["dlq"]) => dlq::delete_many(shared, &query, &incoming.body).await,
        ("POST", ["dlq", "retry", id]) => dlq::retry(shared, &incoming, id).await,
        ("POST", ["dlq", "retry"]) => dlq::retry_many(shared, &incoming, &query).await,
        ("POST", ["queues"]) => queues::upsert(shared, &incoming.body).await,
        ("GET", ["queues"]) => queues::list(shared).await,
        ("GET", ["queues", name]) => queues::get(shared, name).await,
        ("DELETE", ["queues", name]) => queues::delete(shared, name).await,
        ("POST", ["queues", name, "pause"]) => queues::pause(shared, name, true).await,
        ("POST", ["queues", name, "resume"]) => queues::pause(shared, name, false).await,
        ("GET", ["schedules"]) => schedules::list(shared).await,
        ("GET", ["schedules", id]) => schedules::get(shared, id).await,
        ("DELETE", ["schedules", id]) => schedules::delete(shared, id).await,
        ("POST" | "PATCH", ["schedules", id, "pause"]) => schedules::pause(shared, id, true).await,
        ("POST" | "PATCH", ["schedules", id, "resume"]) => {
            schedules::pause(shared, id, false).await
        }
        ("GET", ["topics"]) => url_groups::list(shared).await,
        ("GET", ["topics", name]) => url_groups::get(shared, name).await,
        ("DELETE", ["topics", name]) => url_groups::delete(shared, name).await,
        ("PATCH", ["topics", name]) => url_groups::set_headers(shared, name, &incoming.body).await,
        ("POST", ["topics", name, "endpoints"]) => {
            url_groups::add(shared, name, &incoming.body).await
        }
        ("DELETE", ["topics", name, "endpoints"]) => {
            url_groups::remove(shared, name, &incoming.body).await
        }
        ("GET", ["keys"]) => Ok(keys::get(shared)),
        // The second is what the official Go client asks for.
        ("POST", ["keys", "rotate"] | ["rotate"]) => keys::rotate(shared).await,
        ("GET", ["flowControl"]) => Ok(flow::list(shared, &query)),
        ("GET", ["flowControl", key]) => flow::get(shared, key),
        ("POST", ["flowControl", key, command]) => {
            flow::command(shared, key, command, &query).await
        }
        ("GET", ["globalParallelism"]) => Ok(flow::global(shared)),
        _ => Err(Refusal::not_found(unknown)),
    }
}

/// For what is done and has nothing to tell.
fn done() -> Response {
    StatusCode::OK.into_response()
}

fn json(status: StatusCode, value: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
