//! One cause, one action: what failed, waits or was missed for the same reason stands together, and is
//! tried again, moved or cancelled together, through the rules for single posts.

use std::collections::BTreeMap;

use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Problem};
use roost_core::id::PostId;
use roost_core::zone::{When, Zone, resolve as resolve_wall};
use roost_store::{Backlog, Error as StoreError, Read, Troubled};

use crate::api::{ActOnCause, CauseDone, CauseStep};
use crate::cause_posts::{self, Key};
use crate::diagnosis::holds;
use crate::state::EngineState;
use crate::view::{BulkDone, Cause, CauseAct, CauseState, RefusedPost};
use crate::{
    Error, Finding, NextStep, Result, Target, bulk_change, cancel, pause, preferences, resolve,
    time_rules,
};

/// Minutes between posts that are given new times, unless the request says otherwise.
const INTERVAL_MINUTES: u32 = 30;

/// Returns the causes, the most frequent first.
pub(crate) async fn list(engine: &EngineState) -> Result<Vec<Cause>> {
    let now = engine.now();
    engine
        .read(move |store| {
            let mut causes = causes(store)?;
            causes.extend(time_rules(store, now)?);
            causes.sort_by_key(|cause| std::cmp::Reverse(cause.posts));
            Ok(causes)
        })
        .await
}

/// Returns the posts that changed clock rules would move as one cause. What settles them are its steps.
fn time_rules(store: &Read<'_>, now: UnixMillis) -> std::result::Result<Option<Cause>, StoreError> {
    let Backlog { posts, first } = time_rules::backlog(store, now)?;
    let code = Code::TimeRulesChanged;
    Ok((posts > 0).then(|| Cause {
        id: Key { state: CauseState::Waiting, code, account: None }.id(),
        state: CauseState::Waiting,
        code,
        message: code.text().to_owned(),
        remedy: code.remedy().to_owned(),
        said: None,
        account: None,
        posts,
        first_due: first,
        actions: Vec::new(),
        next_steps: NextStep::of(code),
    }))
}

fn causes(store: &Read<'_>) -> std::result::Result<Vec<Cause>, StoreError> {
    let mut found: BTreeMap<Key, Cause> = BTreeMap::new();
    for row in store.troubled()? {
        let key = Key::of(&row);
        if let Some(known) = found.get_mut(&key) {
            known.posts += row.posts;
            known.first_due = known.first_due.into_iter().chain(row.first).min();
            continue;
        }
        let account = match &key.account {
            Some(id) => store.account(id)?.map(|account| account.username),
            None => None,
        };
        found.insert(key.clone(), cause(&key, row, account));
    }
    let mut causes: Vec<Cause> = found.into_values().collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.posts));
    Ok(causes)
}

fn cause(key: &Key, row: Troubled, account: Option<String>) -> Cause {
    let next_steps = match (key.code, &account) {
        (Code::AccountPaused, Some(username)) => {
            vec![NextStep::ResumeAccount { username: username.clone() }]
        }
        (Code::SignInNeeded, Some(username)) => {
            vec![NextStep::SignIn { username: Some(username.clone()) }]
        }
        (code, _) if holds::is_of_x(code) => vec![NextStep::TryNow],
        (code, _) => NextStep::of(code),
    };
    Cause {
        id: key.id(),
        state: key.state,
        code: key.code,
        message: key.code.text().to_owned(),
        remedy: key.code.remedy().to_owned(),
        said: row.said.filter(|said| said != key.code.text()),
        account,
        posts: row.posts,
        first_due: row.first,
        actions: match key.state {
            CauseState::NeedsCheck => vec![CauseAct::Retry, CauseAct::Cancel],
            _ => vec![CauseAct::Retry, CauseAct::Reschedule, CauseAct::Cancel],
        },
        next_steps,
    }
}

/// Does one thing with all posts of a cause. What the rules refuse for a post is named with the reason.
pub(crate) async fn act(engine: &EngineState, wanted: ActOnCause) -> Result<CauseDone> {
    let id = wanted.cause.clone();
    let (cause, posts) = engine
        .read(move |store| {
            let cause = causes(store)?.into_iter().find(|cause| cause.id == id);
            let posts = match &cause {
                Some(cause) => cause_posts::of(store, &cause.id)?,
                None => Vec::new(),
            };
            Ok((cause, posts))
        })
        .await?;
    let Some(cause) = cause else { return Err(unknown(&wanted.cause)) };
    if let Some(seen) = wanted.posts.filter(|seen| *seen != posts.len() as u64) {
        return Err(changed(seen, posts.len()));
    }
    let done = match (wanted.step, cause.state) {
        (CauseStep::Retry, CauseState::Failed | CauseState::Missed) => {
            bulk_change::retry(engine, posts).await?
        }
        (CauseStep::Retry, CauseState::NeedsCheck) => check_again(engine, posts).await?,
        (CauseStep::Retry, CauseState::Waiting) => {
            pause::try_now(engine, &engine.services()?).await?;
            engine.wake.notify_one();
            BulkDone { done: posts, refused: Vec::new() }
        }
        (CauseStep::Reschedule { .. }, CauseState::NeedsCheck) => return Err(needs_check()),
        (CauseStep::Reschedule { from, zone, interval_minutes }, _) => {
            let zone = zone.unwrap_or(preferences::get(engine).await?.zone);
            let zone = Zone::parse(&zone)?;
            let from = match When::parse(&from) {
                Ok(When::Wall(wall)) => resolve_wall(&wall, &zone).instant,
                Ok(When::Instant(instant)) => instant,
                Err(error) => return Err(invalid(Code::TimeInvalid, format!("{error}."))),
            };
            let interval = interval_minutes.unwrap_or(INTERVAL_MINUTES);
            bulk_change::reschedule(engine, posts, from, zone, interval).await?
        }
        (CauseStep::Cancel, _) => cancel_all(engine, posts).await?,
    };
    Ok(CauseDone { cause: wanted.cause, done })
}

/// Has the relay look for each post on X once more.
async fn check_again(engine: &EngineState, posts: Vec<PostId>) -> Result<BulkDone> {
    let mut done = BulkDone::default();
    for id in posts {
        match resolve::resolve(engine, Target::from(id), Finding::Verify).await {
            Ok(()) => done.done.push(id),
            Err(error @ (Error::NotAllowed { .. } | Error::NoSuchPost(_))) => {
                done.refused.push(RefusedPost {
                    id,
                    code: error.code(),
                    message: error.to_string(),
                });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

async fn cancel_all(engine: &EngineState, posts: Vec<PostId>) -> Result<BulkDone> {
    let targets = posts.into_iter().map(Target::from).collect();
    let cancelled = cancel::cancel(engine, targets).await?;
    let refused = cancelled.too_late.iter().map(|id| RefusedPost {
        id: *id,
        code: Code::TooLate,
        message: Code::TooLate.text().to_owned(),
    });
    Ok(BulkDone { refused: refused.collect(), done: cancelled.withdrawn().collect() })
}

fn unknown(cause: &str) -> Error {
    invalid(Code::BadRequest, format!("No posts fail, wait or were missed for \"{cause}\" now."))
}

fn changed(seen: u64, now: usize) -> Error {
    invalid(
        Code::Stale,
        format!("There are {now} such posts by now, not {seen}: nothing was done, look again."),
    )
}

fn needs_check() -> Error {
    let message = "Posts that need a check may be on X: look at them before they get a new time.";
    invalid(Code::ChangeNotAllowed, message.to_owned())
}

fn invalid(code: Code, message: String) -> Error {
    Error::Invalid(vec![Problem::new(code, message)])
}
