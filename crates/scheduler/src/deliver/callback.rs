//! Callbacks: messages that tell of an attempt.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::header;
use crate::spec::{Spec, Target};
use crate::store::{Answer, Message, NewMessage};

/// The callbacks that an attempt calls for; the failure callback only with a dead letter.
pub(super) fn due(
    message: &Message,
    answer: &Answer,
    dlq_id: Option<&str>,
    now: i64,
) -> Vec<NewMessage> {
    let failure = message.spec.failure_callback.as_ref().filter(|_| dlq_id.is_some());
    let targets = message.spec.callback.iter().map(|target| (target, None));
    let targets = targets.chain(failure.map(|target| (target, dlq_id)));
    targets.map(|(target, dlq_id)| new_message(message, target, answer, dlq_id, now)).collect()
}

fn new_message(
    message: &Message,
    target: &Target,
    answer: &Answer,
    dlq_id: Option<&str>,
    now: i64,
) -> NewMessage {
    let mut spec = Spec::new(target.url.clone(), message.spec.caller_ip.clone());
    spec.call = target.call.clone();
    spec.call.retries = target.call.retries.or(message.spec.call.retries);
    // It tells of what is hidden there: the source's body and headers are in its own body.
    spec.redaction = message.spec.redaction.of_a_copy();
    spec.topic_name.clone_from(&message.spec.topic_name);
    if !spec.call.headers.iter().any(|(name, _)| name == "Content-Type") {
        spec.call.headers.push(("Content-Type".into(), "application/json".into()));
    }
    let delay = i64::try_from(target.delay_seconds.unwrap_or(0)).unwrap_or(i64::MAX);
    NewMessage {
        spec,
        body: body(message, answer, dlq_id).to_string().into(),
        due_at: now.saturating_add(delay.saturating_mul(1000)),
        deduplication: None,
        turn: message.turn.clone(),
    }
}

fn body(message: &Message, answer: &Answer, dlq_id: Option<&str>) -> Value {
    let spec = &message.spec;
    let answered = match &answer.error {
        Some(error) if answer.status == 0 => error.as_bytes(),
        _ => &answer.body,
    };
    let mut body = Map::new();
    body.insert("status".into(), answer.status.into());
    body.insert("header".into(), header::as_json(&answer.headers));
    body.insert("body".into(), STANDARD.encode(answered).into());
    body.insert("retried".into(), message.retried.into());
    body.insert("maxRetries".into(), spec.max_retries().into());
    body.insert("sourceMessageId".into(), message.id.clone().into());
    body.insert("url".into(), spec.url.clone().into());
    body.insert("method".into(), spec.call.method.clone().into());
    body.insert("sourceHeader".into(), header::as_json(&spec.call.headers));
    body.insert("sourceBody".into(), STANDARD.encode(&message.body).into());
    body.insert("notBefore".into(), message.not_before.into());
    body.insert("createdAt".into(), message.created_at.into());
    body.insert("callerIP".into(), spec.caller_ip.clone().into());
    for (name, value) in [
        ("dlqId", dlq_id),
        ("topicName", spec.topic_name.as_deref()),
        ("endpointName", spec.endpoint_name.as_deref()),
        ("scheduleId", spec.schedule_id.as_deref()),
    ] {
        if let Some(value) = value {
            body.insert(name.into(), json!(value));
        }
    }
    Value::Object(body)
}
