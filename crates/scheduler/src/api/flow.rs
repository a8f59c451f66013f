//! What flow control holds back right now.

use axum::response::Response;
use http::StatusCode;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::Answered;
use super::query::Query;
use super::refusal::Refusal;
use crate::scheduler::Core;
use crate::timer::LaneView;

pub(super) fn list(core: &Core, query: &Query) -> Response {
    let search = query.first("search").unwrap_or_default();
    let lanes = core.timer.lanes();
    let found = lanes.iter().filter(|(key, _)| key.contains(search));
    let shown: Vec<Value> = found.map(|(key, lane)| shown(key, lane)).collect();
    super::json(StatusCode::OK, &shown.into())
}

pub(super) fn get(core: &Core, key: &str) -> Answered {
    let key = percent_decode_str(key).decode_utf8_lossy();
    let lanes = core.timer.lanes();
    let found = lanes.iter().find(|(known, _)| **known == *key);
    let (key, lane) = found.ok_or_else(|| Refusal::not_found("flow control key not found"))?;
    Ok(super::json(StatusCode::OK, &shown(key, lane)))
}

pub(super) fn global(core: &Core) -> Response {
    let (most, taken) = core.timer.parallelism();
    super::json(StatusCode::OK, &json!({ "parallelismMax": most, "parallelismCount": taken }))
}

fn shown(key: &str, lane: &LaneView) -> Value {
    json!({
        "flowControlKey": key,
        "waitListSize": lane.waiting,
        "parallelismMax": lane.parallelism.unwrap_or(0),
        "parallelismCount": lane.active,
        "rateMax": lane.rate.unwrap_or(0),
        "rateCount": lane.passed,
        "ratePeriod": lane.period_seconds,
        "ratePeriodStart": lane.period_start.div_euclid(1000),
        "isPaused": false,
        "isPinnedParallelism": false,
        "isPinnedRate": false,
    })
}
