//! Writing down until when posts wait.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, Revision};
use roost_relay_api::{AccountHealth, DeliveryState};
use rusqlite::Connection;

use crate::ledger::Event;
use crate::ledger_write::LedgerWrite;
use crate::rows::{account, follow_up, manifest_epoch, pause, post};
use crate::transitions::{apply, save, set_reason};

/// What becomes of a post that does not go out now.
#[derive(Debug, Clone)]
pub(super) struct Deferral {
    pub(super) post: PostId,
    pub(super) revision: Revision,
    pub(super) why: Why,
}

#[derive(Debug, Clone)]
pub(super) enum Why {
    /// It waits, as a person is told.
    Wait { code: Code, message: String, until: Option<UnixMillis> },
    /// It waits for X's limits as before, and its turn is another.
    Turn { until: UnixMillis },
    /// It rests without a word, until something wakes it.
    Rest,
    /// Its deadline passed.
    Late,
}

/// Applies deferrals to posts that still are where the publisher saw them. Gives how many
/// deadlines passed.
pub(super) fn defer(
    ledger: &mut LedgerWrite<'_>,
    deferrals: &[Deferral],
    now: UnixMillis,
) -> rusqlite::Result<u64> {
    let mut expired = 0;
    for deferral in deferrals {
        let Some(mut post) = post::get(ledger, deferral.post)? else { continue };
        if post.revision != deferral.revision {
            continue;
        }
        match &deferral.why {
            Why::Wait { code, message, until } => {
                let before = (post.state, post.code.clone(), post.next_at);
                if apply(&mut post, Event::Hold).is_err() {
                    continue;
                }
                let until = match until {
                    None if !is_still_true(ledger, &post, Some(*code))? => Some(now),
                    until => *until,
                };
                wait(&mut post, *code, message, until, now);
                if before == (post.state, post.code.clone(), post.next_at) {
                    continue;
                }
                save(ledger, &mut post, now)?;
            }
            Why::Turn { until } => {
                let code = Code::RateLimited;
                let waits = post.state == DeliveryState::Waiting;
                if waits && post.code.as_deref() == Some(code.as_str()) {
                    wait(&mut post, code, code.text(), Some(*until), now);
                    save(ledger, &mut post, now)?;
                }
            }
            Why::Rest => {
                let taken_up =
                    matches!(post.state, DeliveryState::Claimed | DeliveryState::Waiting);
                if taken_up {
                    let rests = is_still_true(ledger, &post, None)?;
                    post.next_at = (!rests).then_some(now);
                    post::put(ledger, &post)?;
                    if rests {
                        log_rest(&post);
                    }
                }
            }
            Why::Late => {
                if expire(ledger, &mut post, now)? {
                    expired += 1;
                }
            }
        }
    }
    Ok(expired)
}

/// Nothing of the post changes, and so the journal has no line for it; whoever looks for it finds
/// what it rests for.
fn log_rest(post: &post::Post) {
    tracing::warn!(
        post.id = %post.id,
        post.revision = post.revision.0,
        store.id = post.store.map_or_else(String::new, |store| store.to_string()),
        "rests until its desktop has told the relay what it knows"
    );
}

/// Sets why and until when a post waits. One whose turn comes past its deadline is told so at once:
/// it will be missed, unless an earlier turn becomes free.
pub(super) fn wait(
    post: &mut post::Post,
    code: Code,
    message: &str,
    until: Option<UnixMillis>,
    now: UnixMillis,
) {
    // What is past it already and waits all the same is not missed by this clock.
    let deadline = post.not_after.filter(|at| *at >= now && code != Code::ClockWrong);
    match until.zip(deadline).filter(|(until, deadline)| until > deadline) {
        Some((until, deadline)) => {
            let message = format!(
                "{message} Its turn comes at {until}, past its deadline: it is missed at {deadline} \
                 unless an earlier one becomes free."
            );
            set_reason(post, code, message);
        }
        None => set_reason(post, code, message),
    }
    post.next_at = until;
}

/// Whether what a post waits for without an end is still so; nothing but its end wakes the post.
/// The publisher decided by what it had read, and that may have passed in between. Without a code
/// the post rests until its store is introduced.
pub(super) fn is_still_true(
    connection: &Connection,
    post: &post::Post,
    code: Option<Code>,
) -> rusqlite::Result<bool> {
    let account = match &post.account {
        Some(id) => account::get(connection, id)?,
        None => None,
    };
    let health = account.as_ref().map(|row| row.account.health);
    Ok(match code {
        None => match post.store {
            Some(store) => !manifest_epoch::is_complete(connection, store)?,
            None => true,
        },
        Some(code @ (Code::Paused | Code::AccountPaused)) => {
            pause::of(connection, post.account.as_ref())? == Some(code)
        }
        Some(code @ (Code::AwaitsParent | Code::ParentNotOut)) => {
            let parent = follow_up::standing(connection, post)?;
            parent.and_then(|parent| parent.reason()).is_some_and(|(now, _)| now == code)
        }
        Some(Code::AccountUnknown) => account.is_none(),
        Some(Code::SignInNeeded) => {
            health.is_none_or(|health| health == AccountHealth::Disconnected)
                || account.is_some_and(|row| row.grant_sealed.is_none())
        }
        Some(Code::AccountSuspended) => health == Some(AccountHealth::Suspended),
        Some(_) => true,
    })
}

/// Ends a post whose deadline passed; false when it is past that.
pub(super) fn expire(
    ledger: &mut LedgerWrite<'_>,
    post: &mut post::Post,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let waited_for = post.message.take().filter(|_| post.state == DeliveryState::Waiting);
    if apply(post, Event::Deadline).is_err() {
        return Ok(false);
    }
    let message = waited_for.map_or_else(
        || Code::Missed.text().to_owned(),
        |reason| format!("{} It waited: {reason}", Code::Missed.text()),
    );
    set_reason(post, Code::Missed, message);
    save(ledger, post, now)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::test_ledger;

    #[test]
    fn a_post_waits_without_an_end_only_while_the_reason_stands() {
        let wait = |code: Code| Why::Wait { code, message: String::new(), until: None };
        for (why, reason) in [
            (wait(Code::Paused), "UPDATE relay SET paused = 1"),
            (
                wait(Code::AccountPaused),
                "INSERT INTO paused_account (x_user_id, since) VALUES ('1', 0)",
            ),
            (wait(Code::AccountUnknown), "DELETE FROM account"),
            (wait(Code::SignInNeeded), "UPDATE account SET health = 'disconnected'"),
            (wait(Code::SignInNeeded), "UPDATE account SET grant_sealed = NULL"),
            (wait(Code::AccountSuspended), "UPDATE account SET health = 'suspended'"),
            (Why::Rest, "UPDATE desk SET manifest_epoch = NULL"),
        ] {
            let now = UnixMillis(150);
            for (change, next_at) in [(reason, None), ("", Some(now))] {
                let ledger = test_ledger::ledger();
                ledger.execute_batch(change).expect("changed");
                let deferral =
                    Deferral { post: test_ledger::post(), revision: Revision(3), why: why.clone() };
                defer(&mut LedgerWrite::new(&ledger), &[deferral], now).expect("deferred");
                let post = post::get(&ledger, test_ledger::post()).expect("read").expect("a post");
                assert_eq!(post.next_at, next_at, "{why:?} after \"{change}\"");
            }
        }
    }
}
