//! The scheduler's dead-letter queue: messages that it gave up. The relay has their posts all the same,
//! and posts what is still wanted by its own clock; a message that is published anew changes nothing of
//! what was decided.

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_qstash::{DeadLetter, DlqFilter, Error as SchedulerError};
use tokio::time::Instant;

use crate::api::{DeadLetters, DeadLettersDone, ListDeadLetters};
use crate::excerpt::excerpt;
use crate::state::EngineState;
use crate::view::DeadLetterRow;
use crate::{Error, Result};

/// Letters of a page when the request does not say.
const PAGE: u32 = 50;
/// The most letters that QStash lists at once.
const PAGE_MAX: u32 = 100;
/// Bytes of the last answer that are shown.
const ANSWER_BYTES_MAX: usize = 500;

/// Returns the messages of this store that the scheduler gave up.
pub(crate) async fn list(engine: &EngineState, wanted: ListDeadLetters) -> Result<DeadLetters> {
    let limit = if wanted.limit == 0 { PAGE } else { wanted.limit.min(PAGE_MAX) };
    let filter = DlqFilter {
        cursor: wanted.after,
        count: Some(limit),
        label: Some(format!("roost-{}", engine.store.id())),
        ..DlqFilter::default()
    };
    let services = engine.services()?;
    let asked = Instant::now();
    let page = services.scheduler()?.dlq(&filter).await;
    let page = engine.scheduler_answered(asked, page)?;
    let letters = engine
        .read(move |store| {
            let mut letters = Vec::with_capacity(page.messages.len());
            for letter in page.messages {
                let id = post_of(&letter);
                let post = match id {
                    Some(id) => store.post(id)?,
                    None => None,
                };
                let text = post.as_ref().map(|post| excerpt(&post.content));
                letters.push(row(&letter, id, post.map(|post| post.status), text));
            }
            Ok((letters, page.cursor))
        })
        .await?;
    Ok(DeadLetters { letters: letters.0, next: letters.1 })
}

/// The post that a message is for, by its label.
fn post_of(letter: &DeadLetter) -> Option<PostId> {
    letter.message.labels().iter().find_map(|label| label.strip_prefix("p-")?.parse().ok())
}

fn row(
    letter: &DeadLetter,
    post_id: Option<PostId>,
    status: Option<Status>,
    text: Option<String>,
) -> DeadLetterRow {
    let mut answer = letter.response_body();
    answer.truncate(ANSWER_BYTES_MAX);
    let instant = |ms: i64| (ms > 0).then_some(UnixMillis(ms));
    DeadLetterRow {
        id: letter.dlq_id.clone(),
        message_id: letter.message.message_id.clone(),
        post_id,
        post_status: status,
        text,
        due_at: instant(letter.message.not_before),
        published_at: instant(letter.message.created_at),
        response_status: u16::try_from(letter.response_status).ok().filter(|status| *status > 0),
        response: String::from_utf8_lossy(&answer).into_owned(),
    }
}

/// Publishes dead letters anew. The relay answers each with what became of its post.
pub(crate) async fn retry(engine: &EngineState, ids: Vec<String>) -> Result<DeadLettersDone> {
    let services = engine.services()?;
    let mut done = DeadLettersDone::default();
    for id in ids {
        let asked = Instant::now();
        let answer = services.scheduler()?.dlq_retry(&id).await;
        match engine.scheduler_answered(asked, answer) {
            Ok(_) => done.done.push(id),
            Err(Error::Scheduler(SchedulerError::NotFound(_))) => done.gone.push(id),
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Deletes dead letters. Nothing of their posts changes.
pub(crate) async fn delete(engine: &EngineState, ids: Vec<String>) -> Result<DeadLettersDone> {
    let services = engine.services()?;
    let mut done = DeadLettersDone::default();
    for id in ids {
        let asked = Instant::now();
        let answer = services.scheduler()?.dlq_delete(&id).await;
        let deleted = engine.scheduler_answered(asked, answer)?;
        if deleted { &mut done.done } else { &mut done.gone }.push(id);
    }
    Ok(done)
}
