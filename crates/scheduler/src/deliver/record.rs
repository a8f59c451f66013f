//! What comes of an attempt: the message ends, or is tried again.

use super::attempt_result::{AttemptResult, evaluate};
use super::callback;
use crate::error::Error;
use crate::store::{Answer, DeadLetter, Message, MessageState, State, Write, note};

/// Writes down what was answered and what comes of it.
pub(super) fn record(
    write: &mut Write<'_>,
    message: &Message,
    answer: &Answer,
    now: i64,
) -> Result<(), Error> {
    let seq = message.seq;
    let result = evaluate(message, answer, now);
    // A cancelled message is not tried again, but what was delivered was delivered.
    if result != AttemptResult::Delivered
        && Message::state_now(write, seq)? != Some(MessageState::Live)
    {
        note(write, seq, now, State::Error, None, Some(answer))?;
        return end_cancelled(write, seq, now);
    }
    let mut letter = None;
    match result {
        AttemptResult::Delivered => {
            note(write, seq, now, State::Delivered, None, Some(answer))?;
            Message::end(write, seq, MessageState::Delivered, now)?;
        }
        AttemptResult::Retry { at } => {
            note(write, seq, now, State::Error, Some(at), Some(answer))?;
            note(write, seq, now, State::Retry, Some(at), None)?;
            message.retry(write, at)?;
        }
        AttemptResult::Failed => {
            note(write, seq, now, State::Error, None, Some(answer))?;
            note(write, seq, now, State::Failed, None, Some(answer))?;
            Message::end(write, seq, MessageState::Failed, now)?;
            letter = Some(DeadLetter::insert(write, seq, now, answer)?);
        }
    }
    for callback in callback::due(message, answer, letter.as_deref(), now) {
        callback.insert(write, now)?;
    }
    if message.turn.is_some() { Message::pass_turn(write, seq, now) } else { Ok(()) }
}

/// Ends a message that was cancelled while an attempt was under way.
pub(super) fn end_cancelled(write: &mut Write<'_>, seq: i64, now: i64) -> Result<(), Error> {
    note(write, seq, now, State::Canceled, None, None)?;
    Message::end(write, seq, MessageState::Canceled, now)?;
    Message::pass_turn(write, seq, now)
}
