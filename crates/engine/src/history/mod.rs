//! History: what the person did, step by step; undone and redone by commands through the ordinary rules,
//! never by putting rows back. The store's `table/history.rs` says how the stacks follow from the steps.
//!
//! A preview is the undo itself, in a transaction that is rolled back: it can't say anything else than what
//! would happen.

mod net;
mod post;
mod report;
mod series;
mod settings;
mod trash;
mod words;

use roost_core::id::ImportId;
use roost_store::{Error as StoreError, EventKind, Label, ListedStep, Read, Reversed, Tx};

use self::net::net_changes;
use self::post::{Around, PostOutcome};
use self::report::Report;
use crate::api::{History, HistoryStep, ListHistory, MoveInHistory, PostReversal, Reversal};
use crate::import::take_back;
use crate::state::EngineState;
use crate::{Change, EngineConfig, Error, Result};

pub(crate) use self::trash::{list as list_trash, restore};

/// Steps of a page when the request does not say.
const PAGE: u32 = 50;
/// Steps of a page at most.
const PAGE_MAX: u32 = 1_000;

/// Which way to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Undo,
    Redo,
}

impl Direction {
    const fn label(self) -> Label {
        match self {
            Self::Undo => Label::Undo,
            Self::Redo => Label::Redo,
        }
    }
}

/// Returns the steps, newest first.
pub(crate) async fn list(engine: &EngineState, asked: ListHistory) -> Result<History> {
    let limit = if asked.limit == 0 { PAGE } else { asked.limit.min(PAGE_MAX) };
    engine
        .read(move |store| {
            let redo = redoable(store)?;
            let listed = store.history(asked.before, limit)?;
            let is_full = listed.len() == limit as usize;
            let next = listed.last().map(|last| last.step.seq).filter(|_| is_full);
            let steps = listed.into_iter().map(|step| words::step(store, step, &redo));
            Ok(History {
                steps: steps.collect::<std::result::Result<_, _>>()?,
                next,
                undo: store.undo_stack(None)?.first().map(|it| it.change.seq),
                redo: redo.first().copied(),
                newest: store.newest_step()?,
            })
        })
        .await
}

/// Returns the changes that can be redone, the next one first.
fn redoable(store: &Read<'_>) -> std::result::Result<Vec<i64>, StoreError> {
    let all = store.redo_stack()?;
    Ok(all.into_iter().map(|it| it.change.seq).collect())
}

/// Undoes or redoes.
pub(crate) async fn carry_out(
    engine: &EngineState,
    direction: Direction,
    asked: MoveInHistory,
) -> Result<Reversal> {
    let around = Around::now(engine).await?;
    let config = engine.config.clone();
    let point = match direction {
        Direction::Undo => "history.undo",
        Direction::Redo => "history.redo",
    };
    let done = engine
        .write(point, move |store| reverse(store, &config, &around, direction, asked, false))
        .await?;
    if done.steps.iter().any(|it| it.message.is_some()) {
        engine.publish(Change::Everything);
        engine.publish(Change::Accounts);
    }
    engine.wake.notify_one();
    Ok(done)
}

/// Says what undoing or redoing would do: does it, and rolls it back.
pub(crate) async fn rehearse(
    engine: &EngineState,
    direction: Direction,
    asked: MoveInHistory,
) -> Result<Reversal> {
    enum Ended {
        Rehearsed(Box<Reversal>),
        Failed(Error),
    }
    impl From<StoreError> for Ended {
        fn from(error: StoreError) -> Self {
            Self::Failed(error.into())
        }
    }
    let around = Around::now(engine).await?;
    let (store, config) = (engine.store.clone(), engine.config.clone());
    engine
        .blocking(move || {
            let ended = store.try_write("history.rehearse", |store| {
                let done = reverse(store, &config, &around, direction, asked, true);
                Err::<(), _>(
                    done.map_or_else(Ended::Failed, |done| Ended::Rehearsed(Box::new(done))),
                )
            });
            match ended {
                Err(Ended::Rehearsed(done)) => Ok(*done),
                Err(Ended::Failed(error)) => Err(error),
                Ok(()) => Err(Error::Internal("a rehearsal was written".to_owned())),
            }
        })
        .await
}

fn reverse(
    store: &mut Tx<'_>,
    config: &EngineConfig,
    around: &Around,
    direction: Direction,
    asked: MoveInHistory,
    dry_run: bool,
) -> Result<Reversal> {
    if asked.based_on.is_some_and(|seen| store.newest_step().is_ok_and(|newest| newest != seen)) {
        return Err(Error::HistoryMoved);
    }
    let stack = stack(store, direction, asked.to)?;
    let redo = redoable(store)?;
    let mut report = Report::new(dry_run, passed(store, direction, asked.to)?);
    for reversed in stack {
        let undone_at = (direction == Direction::Redo).then_some(reversed.effect.at);
        let shown = ListedStep { step: reversed.change.clone(), undone_at };
        report.begin(words::step(store, shown, &redo)?);
        store.label(direction.label());
        reverse_step(store, config, around, direction, &reversed, &mut report)?;
        store.end_reversal(direction.label(), reversed.change.seq)?;
    }
    Ok(report.end(store.newest_step()?))
}

/// Returns the steps to go, or why there are none.
fn stack(store: &Read<'_>, direction: Direction, to: Option<i64>) -> Result<Vec<Reversed>> {
    let stack = match direction {
        Direction::Undo => store.undo_stack(to)?,
        Direction::Redo => {
            let mut stack = store.redo_stack()?;
            let is_last = |it: &Reversed| to.is_none_or(|to| it.change.seq == to);
            let last = stack.iter().position(is_last);
            stack.truncate(last.map_or(0, |last| last + 1));
            stack
        }
    };
    let is_there = to.is_none_or(|to| stack.iter().any(|it| it.change.seq == to));
    match to {
        None if stack.is_empty() => Err(match direction {
            Direction::Undo => Error::NothingToUndo,
            Direction::Redo => Error::NothingToRedo,
        }),
        Some(to) if !is_there => Err(no_such_step(store, direction, to)?),
        _ => Ok(stack),
    }
}

fn no_such_step(store: &Read<'_>, direction: Direction, to: i64) -> Result<Error> {
    let step = store.history_step(to)?.filter(|step| step.origin.is_none());
    let why = match step {
        None => return Ok(Error::NoSuchStep(to)),
        Some(step) if !step.label.can_be_undone() => {
            words::cannot(step.label).unwrap_or_default().to_owned()
        }
        Some(_) => match direction {
            Direction::Undo => "It is undone already.".to_owned(),
            Direction::Redo => {
                "It is in force, or something else was done since it was undone.".to_owned()
            }
        },
    };
    Ok(Error::StepStays { step: to, why })
}

/// Returns the steps between that can't be undone.
fn passed(store: &Read<'_>, direction: Direction, to: Option<i64>) -> Result<Vec<HistoryStep>> {
    let Some(to) = to.filter(|_| direction == Direction::Undo) else { return Ok(Vec::new()) };
    let mut passed = Vec::new();
    let mut before = None;
    loop {
        let page = store.history(before, PAGE_MAX)?;
        before = page.last().map(|last| last.step.seq);
        for listed in page.into_iter().take_while(|listed| listed.step.seq > to) {
            if !listed.step.label.can_be_undone() {
                passed.push(words::step(store, listed, &[])?);
            }
        }
        if before.is_none_or(|before| before <= to) {
            return Ok(passed);
        }
    }
}

/// Takes back the effect of one step.
fn reverse_step(
    store: &mut Tx<'_>,
    config: &EngineConfig,
    around: &Around,
    direction: Direction,
    reversed: &Reversed,
    report: &mut Report,
) -> Result<()> {
    let Reversed { change, effect } = reversed;
    let told = settings::reverse(store, config, change.label, effect, direction.label())?;
    if let Some(message) = told {
        report.say(message);
        return Ok(());
    }
    if let Some(import) = change.import {
        // Undoing an import, and redoing that an import was taken back, are one thing.
        if (change.label == Label::Import) == (direction == Direction::Undo) {
            return undo_import(store, around, import, report);
        }
        store.mark_import_redone(import)?;
    }
    let of_series = match change.label.is_of_series() {
        true => match series::reverse(store, effect, direction.label(), report)? {
            Some(reversed) => Some(reversed),
            None => return Ok(()),
        },
        false => None,
    };
    if let Some((first, last)) = effect.events {
        let mut changes = net_changes(store.events_between(first, last)?);
        if of_series.is_some() {
            // What was made last gives its time free for what was there before.
            changes.reverse();
        }
        for change in changes {
            let became = post::reverse(store, around, &change)?;
            if of_series.is_some() {
                series::place(store, &change)?;
            }
            report.add(store, change.post, became)?;
        }
    }
    match of_series {
        Some(reversed) => series::drop_made_since(store, around, effect, &reversed, report),
        None => Ok(()),
    }
}

/// Takes a whole import back: the import's own undo.
fn undo_import(
    store: &mut Tx<'_>,
    around: &Around,
    import: ImportId,
    report: &mut Report,
) -> Result<()> {
    let first = store.last_event()? + 1;
    let back = match take_back(store, import) {
        Err(Error::Store(StoreError::AlreadyUndone { .. })) => {
            report.say("The import was taken back before.".to_owned());
            return Ok(());
        }
        back => back?,
    };
    let stays = back.changed.not_restored.into_iter().map(|(id, _)| id);
    for id in back.kept.into_iter().chain(stays) {
        let kept = post::stays(store, around, id)?;
        report.add(store, id, kept)?;
    }
    for id in &back.asked {
        let post = store.expect_post(*id)?;
        report.add(store, *id, post::to_trash_asked(&post))?;
    }
    // The first of the others are named, and all are counted.
    let (mut removed, mut restored) = (back.removed, back.changed.restored.len() as u64);
    let room = i64::try_from(report.room()).unwrap_or(0);
    let last = store.last_event()?.min(first + room);
    for event in store.events_between(first, last)? {
        let (left, message) = match event.kind {
            EventKind::Deleted => (&mut removed, "To the trash."),
            EventKind::Edited | EventKind::Tagged => (&mut restored, "As before the import."),
            _ => continue,
        };
        if *left > 0 {
            *left -= 1;
            report.add(store, event.post_id, PostOutcome::done(message))?;
        }
    }
    report.count(PostReversal::Done, removed + restored);
    Ok(())
}

/// Notes something that the person did and that can't be undone.
pub(crate) async fn note(
    engine: &EngineState,
    label: Label,
    subject: Option<String>,
) -> Result<()> {
    engine
        .write("history.note", move |store| {
            store.add_step(label, subject, None);
            Ok(())
        })
        .await
}
