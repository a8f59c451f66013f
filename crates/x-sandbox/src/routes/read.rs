//! What is read and deleted: the token's account, timelines, posts by id.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use serde_json::{Value, json};

use super::{Route, serve};
use crate::account::Account;
use crate::answer::Answer;
use crate::fault::On;
use crate::problem::{self, Refusal};
use crate::sandbox::Sandbox;
use crate::token::millis;
use crate::tweet::{Range, Tweet, timeline as posts_of};
use crate::wire::parse_id;
use crate::wire::post::{FIELDS, Names, post};

const READ: &[&str] = &["tweet.read", "users.read"];

type Parameters = HashMap<String, String>;

/// `DELETE /2/tweets/{id}`
pub(super) async fn delete(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Answer {
    let route = Route {
        on: On::Delete,
        name: "delete",
        scopes: &["tweet.read", "tweet.write", "users.read"],
        max: 50,
    };
    serve(sandbox, headers, route, |sandbox, bearer, _| async move {
        let Some(id) = parse_id(&id) else { return Ok(bad_id("id", &id).answer) };
        let now = sandbox.now().0;
        let deleted = move |scope: &mut crate::database::Scope<'_>| {
            Tweet::delete(scope, bearer.account.id, id, now)
        };
        let deleted = sandbox.database.write("sandbox.delete", deleted).await?;
        Ok(Answer::ok(&json!({ "data": { "deleted": deleted } })))
    })
    .await
}

/// `GET /2/users/me`
pub(super) async fn me(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
) -> Answer {
    let route = Route { on: On::Me, name: "me", scopes: READ, max: 75 };
    serve(sandbox, headers, route, |_, bearer, _| async move {
        let fields = list(&parameters, "user.fields");
        Ok(Answer::ok(&json!({ "data": bearer.account.wire(&fields) })))
    })
    .await
}

/// `GET /2/tweets?ids=`
pub(super) async fn posts_by_ids(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
) -> Answer {
    let route = Route { on: On::Lookup, name: "lookup", scopes: READ, max: 5000 };
    serve(sandbox, headers, route, |sandbox, _, lag| async move {
        let (fields, names) = match post_fields(&parameters) {
            Ok(fields) => fields,
            Err(refusal) => return Ok(refusal.answer),
        };
        let asked = list(&parameters, "ids");
        let ids: Option<Vec<i64>> = asked.iter().map(|id| parse_id(id)).collect();
        let Some(ids) = ids.filter(|ids| (1..=100).contains(&ids.len())) else {
            return Ok(bad_id("ids", &asked.join(",")).answer);
        };
        let latest = sandbox.now().0 - millis(lag);
        let body = sandbox
            .database
            .write("sandbox.read", move |scope| {
                let (mut data, mut errors) = (Vec::new(), Vec::new());
                for id in ids {
                    match Tweet::by_id(scope, id)?.filter(|tweet| tweet.created_at <= latest) {
                        Some(tweet) => data.push(post(&tweet, &fields, names)),
                        None => errors.push(absent("tweet", "ids", id)),
                    }
                }
                Ok(with_errors(data, errors))
            })
            .await?;
        Ok(Answer::ok(&body))
    })
    .await
}

/// `GET /2/users/{id}/tweets`
pub(super) async fn timeline(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Answer {
    let route = Route { on: On::Timeline, name: "timeline", scopes: READ, max: 900 };
    serve(sandbox, headers, route, |sandbox, _, lag| async move {
        let (fields, names) = match post_fields(&parameters) {
            Ok(fields) => fields,
            Err(refusal) => return Ok(refusal.answer),
        };
        let Some(user) = parse_id(&id) else { return Ok(bad_id("id", &id).answer) };
        let mut range = match range(&parameters) {
            Ok(range) => range,
            Err(refusal) => return Ok(refusal.answer),
        };
        range.to = range.to.min(sandbox.now().0 - millis(lag));
        let with_users = list(&parameters, "expansions").iter().any(|name| name == "author_id");
        let user_fields = list(&parameters, "user.fields");
        let body = sandbox
            .database
            .write("sandbox.read", move |scope| {
                let Some(account) = Account::by_id(scope, user)? else {
                    return Ok(json!({ "errors": [absent("user", "id", user)] }));
                };
                // One more than asked for tells whether there is a next page.
                let more = Range { limit: range.limit + 1, ..range };
                let mut posts = posts_of(scope, Some(user), &more)?;
                let has_next = posts.len() > range.limit as usize;
                posts.truncate(range.limit as usize);
                let mut body = page(&posts, has_next, &fields, names);
                if with_users && !posts.is_empty() {
                    body["includes"] = json!({ "users": [account.wire(&user_fields)] });
                }
                Ok(body)
            })
            .await?;
        Ok(Answer::ok(&body))
    })
    .await
}

fn page(posts: &[Tweet], has_next: bool, fields: &[String], names: Names) -> Value {
    let (Some(newest), Some(oldest)) = (posts.first(), posts.last()) else {
        return json!({ "meta": { "result_count": 0 } });
    };
    let mut meta = json!({
        "result_count": posts.len(),
        "newest_id": newest.id.to_string(),
        "oldest_id": oldest.id.to_string(),
    });
    if has_next {
        meta["next_token"] = URL_SAFE_NO_PAD.encode(format!("before {}", oldest.id)).into();
    }
    let data: Vec<Value> = posts.iter().map(|tweet| post(tweet, fields, names)).collect();
    json!({ "data": data, "meta": meta })
}

fn range(parameters: &Parameters) -> Result<Range, Refusal> {
    let mut range = Range { limit: 10, ..Range::ALL };
    for (name, value) in parameters {
        let wrong = || bad(name, value, "is not valid");
        match name.as_str() {
            "max_results" => {
                let limit = value.parse().ok().filter(|limit| (5..=100).contains(limit));
                range.limit = limit.ok_or_else(|| bad(name, value, "is not between 5 and 100"))?;
            }
            "since_id" => range.since_id = parse_id(value).ok_or_else(wrong)?,
            "until_id" => range.until_id = range.until_id.min(parse_id(value).ok_or_else(wrong)?),
            "start_time" => range.from = instant(value).ok_or_else(wrong)?,
            "end_time" => range.to = instant(value).ok_or_else(wrong)? - 1,
            "pagination_token" => {
                let before = before(value).ok_or_else(wrong)?;
                range.until_id = range.until_id.min(before);
            }
            "exclude" => {
                let names: Vec<&str> = value.split(',').collect();
                if names.iter().any(|name| !["replies", "retweets"].contains(name)) {
                    return Err(wrong());
                }
                range.with_replies = !names.contains(&"replies");
            }
            _ => {}
        }
    }
    Ok(range)
}

fn before(token: &str) -> Option<i64> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    parse_id(text.strip_prefix("before ")?)
}

fn instant(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

/// The post's fields that were asked for, under old or new names.
fn post_fields(parameters: &Parameters) -> Result<(Vec<String>, Names), Refusal> {
    let (name, names) = if parameters.contains_key("post.fields") {
        ("post.fields", Names::New)
    } else {
        ("tweet.fields", Names::Old)
    };
    let fields = list(parameters, name);
    match fields.iter().find(|field| !FIELDS.contains(&field.as_str())) {
        Some(unknown) => Err(bad(name, unknown, "is not one of the post's fields")),
        None => Ok((fields, names)),
    }
}

fn list(parameters: &Parameters, name: &str) -> Vec<String> {
    let values = parameters.get(name).map(String::as_str).unwrap_or_default();
    values.split(',').filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

fn bad(name: &str, value: &str, what: &str) -> Refusal {
    let message = format!("The `{name}` query parameter value [{value}] {what}");
    problem::invalid(&[(&message, name, value)])
}

fn bad_id(name: &str, value: &str) -> Refusal {
    bad(name, value, "does not match ^[0-9]{1,19}$")
}

fn absent(kind: &str, parameter: &str, id: i64) -> Value {
    let id = id.to_string();
    json!({
        "value": id,
        "detail": format!("Could not find {kind} with {parameter}: [{id}]."),
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": id,
        "type": "https://api.x.com/2/problems/resource-not-found",
    })
}

fn with_errors(data: Vec<Value>, errors: Vec<Value>) -> Value {
    let mut body = json!({});
    if !data.is_empty() {
        body["data"] = data.into();
    }
    if !errors.is_empty() {
        body["errors"] = errors.into();
    }
    body
}
