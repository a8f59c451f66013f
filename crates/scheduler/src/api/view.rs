//! Messages, dead letters and events as the API shows them: with every name that one of the
//! official clients reads, and with the redacted parts hidden.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::header::{as_json, redacted};
use crate::spec::{Spec, Target};
use crate::store::{DeadLetter, Event, Message, MessageState, Schedule, UrlGroup};

type Object = Map<String, Value>;

/// A message that waits.
pub(super) fn message(message: &Message) -> Object {
    let mut object = common(&message.spec);
    put(&mut object, "messageId", message.id.as_str());
    put(&mut object, "notBefore", message.not_before);
    put(&mut object, "createdAt", message.created_at);
    // The name under which the official Go client looks for it.
    put_some(&mut object, "urlGroup", message.spec.topic_name.as_deref());
    put(&mut object, "header", message.spec.redaction.shown(&message.spec.call.headers));
    if message.spec.redaction.body {
        put(&mut object, "body", redacted(&message.body));
    } else {
        put_bytes(&mut object, ("body", "bodyBase64"), &message.body);
    }
    object
}

/// A message that was given up.
pub(super) fn dead_letter(letter: &DeadLetter) -> Object {
    let mut object = message(&letter.message);
    put(&mut object, "dlqId", letter.dlq_id.as_str());
    put(&mut object, "responseStatus", letter.answer.status);
    put(&mut object, "responseHeader", as_json(&letter.answer.headers));
    put_bytes(&mut object, ("responseBody", "responseBodyBase64"), &letter.answer.body);
    object
}

/// A line of the log; the bodies, when they were read.
pub(super) fn event(event: &Event, of: &Message, bodies: bool) -> Object {
    let mut object = common(&of.spec);
    put(&mut object, "time", event.time);
    put(&mut object, "messageId", of.id.as_str());
    put(&mut object, "state", event.state.as_str());
    put(&mut object, "notBefore", of.not_before);
    put(&mut object, "createdAt", of.created_at);
    put(&mut object, "header", of.spec.redaction.shown(&of.spec.call.headers));
    if bodies {
        let hidden = of.spec.redaction.body;
        put(
            &mut object,
            "body",
            if hidden { redacted(&of.body) } else { STANDARD.encode(&of.body) },
        );
    }
    put_some(&mut object, "nextDeliveryTime", event.next_delivery_time);
    if let Some(answer) = &event.answer {
        put_some(&mut object, "error", answer.error.as_deref());
        if answer.status != 0 {
            put(&mut object, "responseStatus", answer.status);
            if bodies {
                put(&mut object, "responseBody", STANDARD.encode(&answer.body));
            }
            // The documentation says the one, an official client reads the other.
            put(&mut object, "responseHeaders", as_json(&answer.headers));
            put(&mut object, "responseHeader", as_json(&answer.headers));
        }
    }
    object
}

/// A schedule, with the messages that it made last.
pub(super) fn schedule(schedule: &Schedule, last: &[(String, MessageState)]) -> Object {
    let spec = &schedule.spec;
    let mut object = common(spec);
    object.remove("url");
    object.remove("maxRetries");
    put(&mut object, "scheduleId", schedule.id.as_str());
    put(&mut object, "cron", schedule.cron.as_str());
    put(&mut object, "destination", spec.url.as_str());
    put(&mut object, "createdAt", schedule.created_at);
    put(&mut object, "retries", spec.max_retries());
    put(&mut object, "isPaused", schedule.paused);
    put(&mut object, "header", spec.redaction.shown(&spec.call.headers));
    if spec.redaction.body {
        put(&mut object, "body", redacted(&schedule.body));
    } else {
        put_bytes(&mut object, ("body", "bodyBase64"), &schedule.body);
    }
    put_some(&mut object, "delay", Some(schedule.delay_seconds).filter(|delay| *delay > 0));
    put_some(&mut object, "lastScheduleTime", schedule.last_at);
    put_some(&mut object, "nextScheduleTime", schedule.next_at);
    put_some(&mut object, "error", schedule.error.as_deref());
    let states: Object = last
        .iter()
        .map(|(id, state)| {
            let word = match state {
                MessageState::Live | MessageState::Canceling => "IN_PROGRESS",
                MessageState::Delivered => "SUCCESS",
                MessageState::Failed | MessageState::Canceled => "FAIL",
            };
            (id.clone(), word.into())
        })
        .collect();
    if !states.is_empty() {
        put(&mut object, "lastScheduleStates", states);
    }
    object
}

/// A URL group.
pub(super) fn url_group(group: &UrlGroup) -> Object {
    let mut object = Object::new();
    put(&mut object, "name", group.name.as_str());
    put(&mut object, "createdAt", group.created_at);
    put(&mut object, "updatedAt", group.updated_at);
    let endpoints: Vec<Value> = group
        .endpoints
        .iter()
        .map(|(url, name)| {
            let mut endpoint = Object::new();
            put(&mut endpoint, "url", url.as_str());
            put_some(&mut endpoint, "name", name.as_deref());
            endpoint.into()
        })
        .collect();
    put(&mut object, "endpoints", endpoints);
    if !group.headers.is_empty() {
        put(&mut object, "headers", as_json(&group.headers));
    }
    object
}

fn common(spec: &Spec) -> Object {
    let mut object = Object::new();
    put(&mut object, "url", spec.url.as_str());
    put(&mut object, "method", spec.call.method.as_str());
    put(&mut object, "maxRetries", spec.max_retries());
    put(&mut object, "callerIP", spec.caller_ip.as_str());
    put(&mut object, "callerIp", spec.caller_ip.as_str());
    put_some(&mut object, "topicName", spec.topic_name.as_deref());
    put_some(&mut object, "endpointName", spec.endpoint_name.as_deref());
    put_some(&mut object, "queueName", spec.queue_name.as_deref());
    put_some(&mut object, "scheduleId", spec.schedule_id.as_deref());
    put_some(&mut object, "timeout", spec.call.timeout_seconds.map(|n| n.saturating_mul(1000)));
    put_some(&mut object, "retryDelayExpression", spec.call.retry_delay.as_deref());
    put_some(&mut object, "retryDelayExpr", spec.call.retry_delay.as_deref());
    put_target(&mut object, spec, spec.callback.as_ref(), "callback");
    put_target(&mut object, spec, spec.failure_callback.as_ref(), "failureCallback");
    if let Some(first) = spec.labels.first() {
        put(&mut object, "label", first.as_str());
        put(&mut object, "labels", spec.labels.clone());
    }
    if let Some(flow) = &spec.flow {
        put(&mut object, "flowControlKey", flow.key.as_str());
        put_some(&mut object, "parallelism", flow.parallelism);
        put_some(&mut object, "rate", flow.rate);
        put(&mut object, "period", flow.period_seconds);
    }
    object
}

fn put_target(object: &mut Object, spec: &Spec, target: Option<&Target>, name: &str) {
    let Some(target) = target else { return };
    put(object, name, target.url.as_str());
    if !target.call.headers.is_empty() {
        let shown = spec.redaction.shown(&target.call.headers);
        // As with the answer's headers: both names are read somewhere.
        put(object, &format!("{name}Header"), shown.clone());
        put(object, &format!("{name}Headers"), shown);
    }
}

fn put(object: &mut Object, name: &str, value: impl Into<Value>) {
    object.insert(name.to_owned(), value.into());
}

fn put_some(object: &mut Object, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        put(object, name, value);
    }
}

/// Text as text, everything else as base64 under the other name.
fn put_bytes(object: &mut Object, (text, base64): (&str, &str), bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok("") => {}
        Ok(words) => put(object, text, words),
        Err(_) => put(object, base64, STANDARD.encode(bytes)),
    }
}
