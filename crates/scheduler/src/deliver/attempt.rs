//! One attempt at one message: look, call, write down.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::callback;
use super::verdict::{Verdict, judge};
use crate::error::Error;
use crate::scheduler::Core;
use crate::store::message::{note_answer, note_attempt};
use crate::store::{Answer, DeadLetter, Event, Message, MessageState, State, Write};
use crate::timer::Due;

/// Before a failed read or write of the database is tried again.
const PATIENCE: Duration = Duration::from_secs(1);

/// Reads the messages that the timer started, all at once, and makes an attempt at each; `spawn`
/// runs them side by side.
pub(super) async fn make_all(
    core: Arc<Core>,
    started: Vec<Due>,
    spawn: impl Fn(BoxFuture<'static, ()>),
) {
    let seqs: Vec<i64> = started.iter().map(|due| due.seq).collect();
    let read = core.database.read(move |connection| {
        Ok(seqs.iter().map(|seq| Message::by_seq(connection, *seq)).collect::<Vec<_>>())
    });
    let mut found = match read.await {
        Ok(found) => found.into_iter(),
        Err(error) => {
            tracing::error!(%error, "due messages could not be read; trying again");
            Vec::new().into_iter()
        }
    };
    for due in started {
        let core = core.clone();
        match found.next() {
            Some(Ok(message)) => spawn(make(core, due, message).boxed()),
            Some(Err(Error::Row(error))) => {
                tracing::error!(seq = due.seq, %error, "a message can't be delivered");
                core.timer.finish(due.seq);
            }
            Some(Err(_)) | None => spawn(look_again(core, due).boxed()),
        }
    }
}

/// Makes the attempt at the message that the timer's entry belongs to.
async fn make(core: Arc<Core>, due: Due, message: Option<Message>) {
    let seq = due.seq;
    match message {
        // Only the entry that belongs to the row counts; others are of an earlier plan.
        Some(message) if message.may_start() && message.due_at == due.at => {
            carry_out(&core, message).await;
        }
        // Cancelled just when an earlier attempt ended: its time has come all the same.
        Some(message) if message.state == MessageState::Canceling => {
            let now = core.now();
            core.database.write_later("cancel-ended", move |write| end_cancelled(write, seq, now));
        }
        _ => {}
    }
    core.timer.finish(seq);
}

async fn look_again(core: Arc<Core>, due: Due) {
    tokio::time::sleep(PATIENCE).await;
    core.timer.finish(due.seq);
    core.timer.arm([due]);
}

async fn carry_out(core: &Arc<Core>, message: Message) {
    let (seq, begun_at) = (message.seq, core.now());
    core.database.write_later("attempt-begun", move |write| note_attempt(write, seq, begun_at));
    let answer = call(core, &message).await;
    let outcome = Arc::new((message, answer));
    loop {
        let (now, outcome) = (core.now(), outcome.clone());
        let (message, answer) = (&outcome.0, &outcome.1);
        let id = message.id.clone();
        tracing::debug!(message = id, status = answer.status, error = answer.error, "attempted");
        let written = core
            .database
            .write("attempt-ended", {
                let outcome = outcome.clone();
                move |write| record(write, &outcome.0, &outcome.1, now)
            })
            .await;
        match written {
            Ok(()) | Err(Error::Stopping) => return,
            // Asking the destination again would be worse than waiting for the disk.
            Err(error) => {
                tracing::error!(message = id, %error, "a result could not be written; waiting");
                tokio::time::sleep(PATIENCE).await;
            }
        }
    }
}

async fn call(core: &Core, message: &Message) -> Answer {
    let dial = match core.policy.dial(&message.spec.url) {
        Ok(dial) => dial,
        Err(error) => return Answer { error: Some(error), ..Answer::default() },
    };
    let signature = core.signer().sign(
        &message.spec.url,
        &message.body,
        // Rounded down: receivers refuse what was signed in their future.
        core.now().div_euclid(1000),
    );
    let mut own = vec![
        ("User-Agent", "Upstash-QStash".to_owned()),
        ("Upstash-Message-Id", message.id.clone()),
        ("Upstash-Retried", message.retried.to_string()),
        ("Upstash-Signature", signature),
        ("Upstash-Caller-Ip", message.spec.caller_ip.clone()),
        ("Upstash-Region", core.config.region.clone()),
    ];
    let of = [
        ("Upstash-Topic-Name", &message.spec.topic_name),
        ("Upstash-Schedule-Id", &message.spec.schedule_id),
    ];
    own.extend(of.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
    let longest = core.config.max_response;
    let timeout = message.spec.call.timeout_seconds.map_or(longest, Duration::from_secs);
    let limit = core.config.max_message_bytes;
    core.dialer.call("deliver", dial, message, &own, timeout.min(longest), limit).await
}

/// Writes down what was answered and what comes of it.
fn record(
    write: &mut Write<'_>,
    message: &Message,
    answer: &Answer,
    now: i64,
) -> Result<(), Error> {
    let seq = message.seq;
    // A cancelled message is not tried again, but what was delivered was delivered.
    let cancelled = Message::state_now(write, seq)? != Some(MessageState::Live);
    let mut letter = None;
    match judge(message, answer, now) {
        Verdict::Delivered => {
            note_answer(write, seq, now, State::Delivered, answer)?;
            Message::end(write, seq, MessageState::Delivered, now)?;
        }
        _ if cancelled => {
            note_answer(write, seq, now, State::Error, answer)?;
            return end_cancelled(write, seq, now);
        }
        Verdict::Retry { at } => {
            let next_delivery_time = Some(at);
            let event = Event { next_delivery_time, ..Event::of(seq, now, State::Error) };
            Event { answer: Some(answer.clone()), ..event }.insert(write)?;
            Event { next_delivery_time, ..Event::of(seq, now, State::Retry) }.insert(write)?;
            message.retry(write, at)?;
        }
        Verdict::Failed => {
            note_answer(write, seq, now, State::Error, answer)?;
            note_answer(write, seq, now, State::Failed, answer)?;
            Message::end(write, seq, MessageState::Failed, now)?;
            letter = Some(DeadLetter::insert(write, seq, now, answer)?);
        }
    }
    for callback in callback::due(message, answer, letter.as_deref(), now) {
        callback.insert(write, now)?;
    }
    Message::pass_turn(write, seq, now)
}

fn end_cancelled(write: &mut Write<'_>, seq: i64, now: i64) -> Result<(), Error> {
    Event::of(seq, now, State::Canceled).insert(write)?;
    Message::end(write, seq, MessageState::Canceled, now)?;
    Message::pass_turn(write, seq, now)
}
