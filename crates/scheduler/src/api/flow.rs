//! Flow control: what is held back right now, and what somebody decides about it.

use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::query::Query;
use super::refusal::Refusal;
use super::{Answered, done};
use crate::flow_rule::FlowRule;
use crate::shared::Shared;
use crate::spec::Flow;
use crate::timer::FlowKeyView;

pub(super) fn list(shared: &Shared, query: &Query) -> Response {
    let (search, now) = (query.first("search").unwrap_or_default(), shared.now());
    let mut found: Vec<Value> = Vec::new();
    let mut lanes = shared.timer.lanes(None, now);
    while let Some((last, _)) = lanes.last() {
        let last = last.clone();
        let matching = lanes.iter().filter(|(key, _)| key.contains(search));
        found.extend(matching.map(|(key, lane)| shown(key, lane)));
        lanes = shared.timer.lanes(Some(&last), now);
    }
    super::json(StatusCode::OK, &found.into())
}

pub(super) fn get(shared: &Shared, key: &str) -> Answered {
    let key = decoded(key);
    let lane = shared.timer.lane(&key, shared.now()).ok_or_else(not_found)?;
    Ok(super::json(StatusCode::OK, &shown(&key, &lane)))
}

pub(super) fn global(shared: &Shared) -> Response {
    let (most, taken) = shared.timer.parallelism();
    super::json(StatusCode::OK, &json!({ "parallelismMax": most, "parallelismCount": taken }))
}

/// `POST /v2/flowControl/{key}/{command}`.
pub(super) async fn command(
    shared: &Arc<Shared>,
    key: &str,
    command: &str,
    query: &Query,
) -> Answered {
    let key = decoded(key);
    match command {
        "pause" => change(shared, key, |rule| rule.paused = true).await,
        "resume" => change(shared, key, |rule| rule.paused = false).await,
        "pin" => pin(shared, key, query).await,
        "unpin" => {
            let is_on = |name| query.first(name).is_some_and(|value| value == "true");
            let (parallelism, rate) = (is_on("parallelism"), is_on("rate"));
            change(shared, key, move |rule| {
                rule.parallelism.take_if(|_| parallelism);
                rule.rate.take_if(|_| rate);
                rule.period_seconds.take_if(|_| rate);
            })
            .await
        }
        // The second is what it was called before.
        "resetRate" | "reset" if shared.timer.reset_rate(&key, shared.now()) => Ok(done()),
        _ => Err(not_found()),
    }
}

async fn pin(shared: &Arc<Shared>, key: String, query: &Query) -> Answered {
    let given = |name: &str| query.first(name).map(|value| format!("{name}={value}"));
    let parts: Vec<String> =
        ["parallelism", "rate", "period"].into_iter().filter_map(given).collect();
    // Read as messages give it, so that the same is understood and the same is refused.
    let flow = Flow::parse(&key, Some(&parts.join(","))).map_err(Refusal::invalid)?;
    let period = u32::try_from(flow.period_seconds).ok();
    change(shared, key, move |rule| {
        rule.parallelism = flow.parallelism.or(rule.parallelism);
        if flow.rate.is_some() {
            (rule.rate, rule.period_seconds) = (flow.rate, period);
        }
    })
    .await
}

async fn change(
    shared: &Arc<Shared>,
    key: String,
    change: impl FnOnce(&mut FlowRule) + Send + 'static,
) -> Answered {
    shared.database.write("flow-rule", move |write| FlowRule::change(write, &key, change)).await?;
    Ok(done())
}

fn decoded(key: &str) -> String {
    percent_decode_str(key).decode_utf8_lossy().into_owned()
}

fn not_found() -> Refusal {
    Refusal::not_found("flow control key not found")
}

fn shown(key: &str, lane: &FlowKeyView) -> Value {
    json!({
        "flowControlKey": key,
        "waitListSize": lane.waiting,
        "parallelismMax": lane.parallelism.unwrap_or(0),
        "parallelismCount": lane.active,
        "rateMax": lane.rate.unwrap_or(0),
        "rateCount": lane.passed,
        "ratePeriod": lane.period_seconds,
        "ratePeriodStart": lane.period_start.div_euclid(1000),
        "isPaused": lane.paused,
        "isPinnedParallelism": lane.parallelism_is_pinned,
        "isPinnedRate": lane.rate_is_pinned,
    })
}
