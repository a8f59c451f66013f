//! One attempt at one message: look, call, write down.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use http::header::USER_AGENT;
use tracing::Instrument as _;

use super::record::end_cancelled;
use super::results::Outcome;
use super::tasks::Tasks;
use super::write_down::write_down;
use crate::dial::CallOptions;
use crate::error::Error;
use crate::shared::Shared;
use crate::store::message::note_attempts;
use crate::store::{Answer, Message, MessageState, Write};
use crate::timer::Due;

/// Before a failed read or write of the database is tried again.
const PATIENCE: Duration = Duration::from_secs(1);

const MESSAGE_ID: HeaderName = HeaderName::from_static("upstash-message-id");
const RETRIED: HeaderName = HeaderName::from_static("upstash-retried");
const SIGNATURE: HeaderName = HeaderName::from_static("upstash-signature");
const CALLER_IP: HeaderName = HeaderName::from_static("upstash-caller-ip");
const REGION: HeaderName = HeaderName::from_static("upstash-region");
const TOPIC_NAME: HeaderName = HeaderName::from_static("upstash-topic-name");
const SCHEDULE_ID: HeaderName = HeaderName::from_static("upstash-schedule-id");

/// Reads the messages that the timer started, all at once, and begins an attempt at each, side by
/// side.
pub(super) async fn make_all(tasks: &Tasks, started: Vec<Due>) {
    let shared = &tasks.shared;
    let seqs: Vec<i64> = started.iter().map(|due| due.seq).collect();
    let read = shared.database.read(move |connection| {
        Ok(seqs.iter().map(|seq| Message::by_seq(connection, *seq)).collect::<Vec<_>>())
    });
    let mut found = match read.await {
        Ok(found) => found.into_iter(),
        Err(error) => {
            tracing::error!(%error, "due messages could not be read; trying again");
            Vec::new().into_iter()
        }
    };
    let mut begun = Vec::with_capacity(started.len());
    for due in started {
        match found.next() {
            // Only the entry that belongs to the row counts; others are of an earlier plan.
            Some(Ok(Some(message))) if message.may_start() && message.due_at == due.at => {
                begun.push(message);
            }
            Some(Ok(message)) => abort_start(shared, due.seq, message.map(|message| message.state)),
            Some(Err(Error::Row(error))) => {
                tracing::error!(seq = due.seq, %error, "a message can't be delivered");
                abort_start(shared, due.seq, None);
            }
            Some(Err(_)) | None => tasks.spawn(look_again(shared.clone(), due)),
        }
    }
    let (seqs, now) = (begun.iter().map(|message| message.seq).collect::<Vec<_>>(), shared.now());
    begun.iter().for_each(|message| shared.database.counters.begin(now - message.due_at));
    if !seqs.is_empty() {
        shared.database.write_later("attempt-begun", move |write| note_attempts(write, &seqs, now));
    }
    for message in begun {
        tasks.spawn(carry_out(tasks.clone(), message));
    }
}

/// Ends a flight without an attempt.
fn abort_start(shared: &Shared, seq: i64, state: Option<MessageState>) {
    let mut change = shared.timer.change();
    change.abort_start(seq);
    if !matches!(state, Some(MessageState::Live | MessageState::Canceling)) {
        return change.finish(seq);
    }
    drop(change);
    let (now, timer) = (shared.now(), shared.timer.clone());
    let body = move |write: &mut Write<'_>| {
        // Cancelled while it flew: nothing else will end it.
        if Message::state_now(write, seq)? == Some(MessageState::Canceling) {
            end_cancelled(write, seq, now)?;
        }
        write.land(seq);
        Ok(())
    };
    shared.database.write_then("cancel-ended", body, move |result| {
        if let Err(error) = result {
            tracing::error!(seq, %error, "a cancelled message could not be ended");
            timer.change().finish(seq);
        }
    });
}

async fn look_again(shared: Arc<Shared>, due: Due) {
    tokio::time::sleep(PATIENCE).await;
    let mut change = shared.timer.change();
    change.abort_start(due.seq);
    change.finish(due.seq);
    change.arm([due]);
}

async fn carry_out(tasks: Tasks, message: Message) {
    let attempt = message.retried + 1;
    let span = tracing::info_span!("attempt", message.id = message.id, attempt);
    let answer = call(&tasks.shared, &message).instrument(span.clone()).await;
    span.in_scope(|| {
        tracing::debug!(status = answer.status, error = answer.error, "attempted");
    });
    tasks.shared.timer.change().answered(message.seq);
    let (now, _counted) = (tasks.shared.now(), tasks.count());
    write_down(&tasks, Outcome { message, answer, now, _counted });
}

async fn call(shared: &Shared, message: &Message) -> Answer {
    let dial = match shared.policy.dial(&message.spec.url) {
        Ok(dial) => dial,
        Err(error) => return Answer { error: Some(error), ..Answer::default() },
    };
    let now = shared.now();
    // Rounded down: receivers refuse what was signed in their future.
    let signature = shared.signer().sign(&message.spec.url, &message.body, now.div_euclid(1000));
    let mut own = vec![
        (USER_AGENT, "Upstash-QStash".to_owned()),
        (MESSAGE_ID, message.id.clone()),
        (RETRIED, message.retried.to_string()),
        (SIGNATURE, signature),
        (CALLER_IP, message.spec.caller_ip.clone()),
        (REGION, shared.config.region.clone()),
    ];
    let of = [(TOPIC_NAME, &message.spec.topic_name), (SCHEDULE_ID, &message.spec.schedule_id)];
    own.extend(of.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
    let longest = shared.config.max_response;
    let timeout = message.spec.call.timeout_seconds.map_or(longest, Duration::from_secs);
    let options = CallOptions {
        point: "deliver",
        now,
        timeout: timeout.min(longest),
        limit: shared.config.max_message_bytes,
    };
    shared.dialer.call(options, dial, message, own).await
}
