//! Many posts changed at once: new times, other words, account, tags or state. It is shown before it is
//! applied, applied whole or not at all, in one write under one label, and each post is changed by the
//! rules by which it is changed alone.

mod answer;
mod collisions;
mod fields;
mod ground;
mod invalid;
mod judge;
mod row;
mod scheduler_messages;
mod selection;
mod slots;
mod times;
mod token;

use roost_core::failure::Problem;
use roost_core::status::{Actor, Status};
use roost_store::{Label, Read, Tx, WithdrawTo};

use crate::api::{BulkEdit, BulkTerms, Reschedule, Rewrite, RewriteChange, Selection, TimeChange};
use crate::excerpt::excerpt;
use crate::state::EngineState;
use crate::{Error, Result, cancel, compose};
use ground::{Facts, Ground};
use row::Row;

/// Problems that an error lists of a selection that can't be changed as a whole.
const PROBLEMS_LISTED: usize = 20;

/// What is asked for.
pub(crate) struct Asked {
    selection: Selection,
    change: Change,
    terms: BulkTerms,
}

/// What becomes of the posts.
enum Change {
    Times(TimeChange),
    Fields(RewriteChange),
}

impl From<Reschedule> for Asked {
    fn from(asked: Reschedule) -> Self {
        let Reschedule { selection, change, terms } = asked;
        Self { selection, change: Change::Times(change), terms }
    }
}

impl From<Rewrite> for Asked {
    fn from(asked: Rewrite) -> Self {
        let Rewrite { selection, change, terms } = asked;
        Self { selection, change: Change::Fields(change), terms }
    }
}

/// Returns what would become of a selection. Nothing is written.
pub(crate) async fn preview(engine: &EngineState, asked: Asked) -> Result<BulkEdit> {
    let facts = Facts::read(engine).await?;
    // What is wrong with the request travels beside what the store can't do.
    engine.read(move |store| Ok(plan(store, &asked, facts).map(|plan| plan.shown(false)))).await?
}

/// Changes a selection in one transaction.
pub(crate) async fn apply(engine: &EngineState, asked: Asked) -> Result<BulkEdit> {
    let facts = Facts::read(engine).await?;
    let done = engine
        .write("bulk_edit.apply", move |store| {
            store.label(asked.change.label());
            let plan = plan(store, &asked, facts)?;
            let done = plan.shown(true);
            if asked.terms.token.as_ref().is_some_and(|token| *token != done.token) {
                return Err(Error::PreviewOutdated);
            }
            if !asked.terms.skip_refused {
                all_can_be_changed(&plan.rows)?;
            }
            for row in plan.rows.iter().filter(|row| row.is_changed()) {
                write(store, row, &plan.ground)?;
            }
            Ok(done)
        })
        .await?;
    engine.wake.notify_one();
    Ok(done)
}

/// A selection with what becomes of each post.
struct Plan {
    ground: Ground,
    rows: Vec<Row>,
    messages: crate::api::MessagesNeeded,
}

impl Plan {
    fn shown(&self, is_applied: bool) -> BulkEdit {
        answer::of(&self.rows, &self.ground, self.messages.clone(), is_applied)
    }
}

fn plan(store: &Read<'_>, asked: &Asked, facts: Facts) -> Result<Plan> {
    let ground = Ground::read(store, facts)?;
    let mut rows = selection::read(store, &asked.selection, &ground)?;
    match &asked.change {
        Change::Times(change) => {
            selection::refuse_times(&mut rows, change, &asked.terms);
            times::change(store, change, &mut rows, &ground)?;
        }
        Change::Fields(change) => {
            selection::refuse_fields(&mut rows, change, &asked.terms);
            fields::change(store, change, &mut rows, &ground)?;
        }
    }
    judge::needed_contents(store, &mut rows)?;
    rows.iter_mut().for_each(|row| judge::judge(row, &ground));
    collisions::warn(store, &mut rows, &ground)?;
    let messages = scheduler_messages::of(store, &rows, &ground)?;
    Ok(Plan { ground, rows, messages })
}

/// Refuses a selection of which a post can't be changed, with the reasons.
fn all_can_be_changed(rows: &[Row]) -> Result<()> {
    let problems = rows.iter().filter_map(|row| {
        let problem = row.refused.clone()?;
        let message = format!("\"{}\": {}", excerpt(&row.post.content), problem.message);
        Some(Problem { message, ..problem })
    });
    let problems: Vec<Problem> = problems.take(PROBLEMS_LISTED).collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// Changes one post as it is changed alone: what was handed over takes a fresh revision, and is taken back
/// where it becomes a draft or moves beyond the horizon.
fn write(store: &mut Tx<'_>, row: &Row, ground: &Ground) -> Result<()> {
    if row.after.is_deleted {
        cancel::remove(store, &row.post)?;
        return Ok(());
    }
    if row.after.status == Some(Status::Cancelled) {
        store.withdraw_post(row.post.id, WithdrawTo::Cancelled, Actor::Person)?;
        return Ok(());
    }
    if row.is_withdrawn_to_draft() {
        // It becomes a draft with the relay's proof.
        store.withdraw_post(row.post.id, WithdrawTo::Draft, Actor::Person)?;
        return Ok(());
    }
    let post = store.edit_read_post(&row.post, &row.edit(), Actor::Person)?;
    if row.touches_delivery() {
        compose::fence_if_needed(store, post, Status::Pending, ground.facts.horizon_end)?;
    }
    Ok(())
}

impl Change {
    /// Returns the name under which history knows the change.
    const fn label(&self) -> Label {
        match self {
            Self::Times(change) => match change {
                TimeChange::Shift { .. } => Label::Shift,
                TimeChange::MoveFirstTo { .. } => Label::Move,
                TimeChange::SetTimeOfDay { .. } => Label::SetTime,
                TimeChange::SetDate { .. } => Label::SetDate,
                TimeChange::Spread(_) => Label::Spread,
                TimeChange::NextSlots => Label::ToSlots,
                TimeChange::Arrange { .. } => Label::Arrange,
                TimeChange::Reverse => Label::Reverse,
                TimeChange::Swap => Label::Swap,
                TimeChange::Shuffle { .. } => Label::Shuffle,
                TimeChange::Compress { .. } => Label::Compress,
                TimeChange::PushBack { .. } => Label::PushBack,
                TimeChange::Insert { .. } => Label::Insert,
                TimeChange::OutOfWeekend { .. } => Label::OutOfWeekend,
                TimeChange::ByRules { .. } => Label::TimeRules,
                TimeChange::ToZone { .. } => Label::SetZone,
            },
            Self::Fields(change) => match change {
                RewriteChange::Replace(_) => Label::ReplaceText,
                RewriteChange::Append { .. } => Label::AppendText,
                RewriteChange::Prepend { .. } => Label::PrependText,
                RewriteChange::Split { .. } => Label::SplitText,
                RewriteChange::SetAccount { .. } => Label::SetAccount,
                RewriteChange::Tags { .. } => Label::SetTags,
                RewriteChange::SetNote { .. } => Label::SetNote,
                RewriteChange::ToDraft => Label::ToDraft,
                RewriteChange::Schedule => Label::Schedule,
                RewriteChange::Cancel => Label::Cancel,
                RewriteChange::Delete => Label::Delete,
            },
        }
    }
}
