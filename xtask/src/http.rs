//! Plain requests to the services of a run. A service that is down answers nothing, and the task asks
//! it again.
#![expect(clippy::disallowed_methods, reason = "the tasks ask services here and nowhere else")]

use std::time::Duration;

use anyhow::Result;
use serde_json::Value;
use ureq::Agent;

/// Nothing on this machine takes longer, unless it is being killed.
const PATIENCE: Duration = Duration::from_secs(5);

fn agent() -> Agent {
    Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        .build()
        .into()
}

/// The status and the JSON of the answer; none without an answer.
pub(crate) type Answer = Option<(u16, Value)>;

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let mut answer = answer.ok()?;
    let text = answer.body_mut().read_to_string().ok()?;
    Some((answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null)))
}

pub(crate) fn get(url: &str, bearer: &str) -> Answer {
    read(agent().get(url).header("Authorization", format!("Bearer {bearer}")).call())
}

/// Sends JSON with more headers.
pub(crate) fn post(url: &str, bearer: &str, headers: &[(&str, String)], body: &Value) -> Answer {
    let mut request = agent().post(url).header("Authorization", format!("Bearer {bearer}"));
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    read(request.content_type("application/json").send(body.to_string()))
}

pub(crate) fn put(url: &str, bearer: &str, body: &Value) -> Answer {
    let request = agent().put(url).header("Authorization", format!("Bearer {bearer}"));
    read(request.content_type("application/json").send(body.to_string()))
}

/// Returns the text at `url`, of a service that is up, up to `bytes_max`.
pub(crate) fn text(url: &str, bytes_max: u64) -> Result<String> {
    let mut answer = ureq::get(url).call()?;
    Ok(answer.body_mut().with_config().limit(bytes_max).read_to_string()?)
}
