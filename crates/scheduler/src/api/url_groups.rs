//! URL groups, which the API calls topics.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::refusal::Refusal;
use super::{Answered, done, view};
use crate::header::{Headers, canonical};
use crate::shared::Shared;
use crate::spec::{Deduplication, Settings, Spec, check_endpoint_name, check_name, due_at};
use crate::store::{UrlGroup, url_group};

#[derive(Deserialize)]
struct Endpoints {
    endpoints: Vec<Endpoint>,
}

#[derive(Deserialize)]
struct Endpoint {
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Defaults {
    headers: BTreeMap<String, OneOrMany>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

pub(super) async fn add(shared: &Shared, group: &str, body: &Bytes) -> Answered {
    check_name("url group name", group).map_err(Refusal::invalid)?;
    let wanted: Endpoints = read(body)?;
    if wanted.endpoints.is_empty() {
        return Err(Refusal::invalid("a url group needs an endpoint"));
    }
    let mut endpoints = Vec::with_capacity(wanted.endpoints.len());
    for endpoint in wanted.endpoints {
        let url = endpoint.url.ok_or_else(|| Refusal::invalid("an endpoint needs a url"))?;
        shared.policy.accept(&url).await.map_err(Refusal::invalid)?;
        let name = endpoint.name.filter(|name| !name.is_empty());
        if let Some(name) = &name {
            check_endpoint_name(name).map_err(Refusal::invalid)?;
        }
        endpoints.push((url, name));
    }
    let (group, now) = (group.to_owned(), shared.now());
    shared
        .database
        .write("url-group-add", move |write| url_group::add(write, &group, &endpoints, now))
        .await?;
    Ok(done())
}

pub(super) async fn remove(shared: &Shared, group: &str, body: &Bytes) -> Answered {
    let wanted: Endpoints = read(body)?;
    let endpoints: Vec<_> = wanted.endpoints.into_iter().map(|one| (one.url, one.name)).collect();
    let (group, now) = (group.to_owned(), shared.now());
    shared
        .database
        .write("url-group-remove", move |write| url_group::remove(write, &group, &endpoints, now))
        .await?;
    Ok(done())
}

pub(super) async fn list(shared: &Arc<Shared>) -> Answered {
    let groups = shared.database.read(UrlGroup::all).await?;
    let shown: Vec<Value> = groups.iter().map(|group| view::url_group(group).into()).collect();
    Ok(super::json(StatusCode::OK, &shown.into()))
}

pub(super) async fn get(shared: &Arc<Shared>, group: &str) -> Answered {
    let name = group.to_owned();
    let found =
        shared.database.read(move |connection| UrlGroup::by_name(connection, &name)).await?;
    Ok(super::json(StatusCode::OK, &view::url_group(&found.ok_or_else(not_found)?).into()))
}

/// A group that is gone already is what was asked for; official clients begin with it.
pub(super) async fn delete(shared: &Shared, group: &str) -> Answered {
    let group = group.to_owned();
    shared
        .database
        .write("url-group-delete", move |write| url_group::delete(write, &group))
        .await?;
    Ok(done())
}

/// Sets what every publish to the group asks for unless it says otherwise.
pub(super) async fn set_headers(shared: &Shared, group: &str, body: &Bytes) -> Answered {
    let wanted: Defaults = read(body)?;
    let mut headers = Headers::new();
    let mut settings = Settings::default();
    for (name, value) in wanted.headers {
        let value = match value {
            OneOrMany::One(value) => value,
            OneOrMany::Many(values) => values.join(","),
        };
        settings.add(&name, &value);
        headers.push((canonical(&name), value));
    }
    // What no publish could carry is refused here, not at each publish.
    check(shared, &settings).map_err(Refusal::invalid)?;
    let (group, now) = (group.to_owned(), shared.now());
    let known = shared
        .database
        .write("url-group-headers", move |write| {
            url_group::set_headers(write, &group, &headers, now)
        })
        .await?;
    if known { Ok(done()) } else { Err(not_found()) }
}

/// Reads the settings as each publish would.
fn check(shared: &Shared, settings: &Settings) -> Result<(), String> {
    let mut spec = Spec::new(String::new(), String::new());
    spec.apply(settings)?;
    due_at(settings, shared.now(), shared.config.max_delay_seconds)?;
    Deduplication::of(settings, &spec, &[]).map(|_| ())
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| Refusal::invalid(format!("the body is not understood: {error}")))
}

fn not_found() -> Refusal {
    Refusal::not_found("url group not found")
}
