//! Taking an import back, and what that would do.

use roost_core::failure::clip;
use roost_core::id::{ImportId, PostId};
use roost_core::status::{Actor, Status};
use roost_store::{
    Error as StoreError, Label, NotRestored, Read, Restored, Tx, UndoneImport, UndonePosts,
};

use crate::api::undone::{UndoFate, Undone, UndonePost};
use crate::cancel::remove;
use crate::compose::is_out;
use crate::state::EngineState;
use crate::{Error, Result};

/// Posts that are listed; all are counted.
const LISTED_MAX: u32 = 200;
/// Characters of a post's text that are told.
const TEXT_CHARS_MAX: usize = 100;

/// What becomes of a post.
type Fate = (PostId, UndoFate, Option<&'static str>);

/// Returns what taking a whole import back would do.
pub(crate) async fn preview(engine: &EngineState, id: ImportId) -> Result<Undone> {
    let preview = engine
        .read(move |store| {
            let Some(import) = store.import(id)? else { return Ok(None) };
            if import.undone_at.is_some() {
                return Err(StoreError::AlreadyUndone { import: id });
            }
            would_undo(store, id).map(Some)
        })
        .await?;
    preview.ok_or(Error::NoSuchImport(id))
}

fn would_undo(store: &Read<'_>, id: ImportId) -> std::result::Result<Undone, StoreError> {
    let UndonePosts { removed, out, handed_over, updated: _ } = store.undo_preview(id)?;
    let restored = store.posts_to_restore(id)?;
    let made = store.posts_to_undo(id, LISTED_MAX)?;
    let made = made.into_iter().map(|(post, status, never_left)| match status {
        _ if never_left => (post, UndoFate::Removed, None),
        status if is_out(status) => (post, UndoFate::Kept, Some(out_words(status))),
        _ => (post, UndoFate::Cancelling, Some(HANDED_OVER)),
    });
    let fates = made.chain(restored_fates(&restored)).collect();
    Ok(Undone {
        removed,
        cancelling: handed_over,
        kept: out,
        restored: restored.restored.len() as u64,
        not_restored: restored.not_restored.len() as u64,
        posts: listed(store, fates)?,
    })
}

/// Takes a whole import back: what never left is gone at once, what was handed over with the
/// relay's acknowledgement, what is on X stays.
pub(crate) async fn undo(engine: &EngineState, id: ImportId) -> Result<Undone> {
    let undone = engine
        .write("import.undo", move |store| {
            store.label(Label::UndoImport);
            if store.import(id)?.is_none() {
                return Err(Error::NoSuchImport(id));
            }
            let made = store.posts_to_undo(id, LISTED_MAX)?;
            let removed = made.into_iter().filter(|(_, _, never_left)| *never_left);
            let removed = removed.map(|(post, ..)| (post, UndoFate::Removed, None));
            let mut fates: Vec<Fate> = removed.collect();
            let back = take_back(store, id)?;
            let removed = back.removed;
            fates.extend(
                back.asked.iter().map(|post| (*post, UndoFate::Cancelling, Some(HANDED_OVER))),
            );
            for id in &back.kept {
                let status = store.expect_post(*id)?.status;
                let words = if is_out(status) { out_words(status) } else { TOO_LATE };
                fates.push((*id, UndoFate::Kept, Some(words)));
            }
            fates.extend(restored_fates(&back.changed));
            let count = |fate| fates.iter().filter(|(_, it, _)| *it == fate).count() as u64;
            Ok(Undone {
                removed,
                cancelling: count(UndoFate::Cancelling),
                kept: count(UndoFate::Kept),
                restored: count(UndoFate::Restored),
                not_restored: count(UndoFate::NotRestored),
                posts: listed(store, fates)?,
            })
        })
        .await?;
    engine.wake.notify_one();
    Ok(undone)
}

/// What taking an import back did.
pub(crate) struct TakenBack {
    /// How many of its posts are in the trash.
    pub(crate) removed: u64,
    /// Posts of it that go to the trash once the relay confirms that they won't go out.
    pub(crate) asked: Vec<PostId>,
    /// Posts of it that stay: they are out, or are being sent.
    pub(crate) kept: Vec<PostId>,
    /// Posts that it had changed.
    pub(crate) changed: Restored,
}

/// Takes an import back within a transaction.
pub(crate) fn take_back(store: &mut Tx<'_>, id: ImportId) -> Result<TakenBack> {
    let UndoneImport { removed, kept: stay, restored, not_restored } =
        store.undo_import(id, Actor::Person)?;
    let (mut asked, mut kept) = (Vec::new(), Vec::new());
    for (id, status) in stay {
        let post = store.expect_post(id)?;
        if is_out(status) || remove(store, &post).is_err() {
            kept.push(id);
        } else {
            asked.push(id);
        }
    }
    Ok(TakenBack { removed, asked, kept, changed: Restored { restored, not_restored } })
}

const HANDED_OVER: &str = "The relay has it: it goes once the relay acknowledges that.";
const TOO_LATE: &str = "It is too late for it.";

const fn out_words(status: Status) -> &'static str {
    match status {
        Status::Sending => "It is being sent.",
        Status::Partial => "A part of it is on X.",
        Status::Unknown => "It may be on X.",
        _ => "It is on X.",
    }
}

fn restored_fates(restored: &Restored) -> impl Iterator<Item = Fate> {
    let back = restored.restored.iter().map(|post| (*post, UndoFate::Restored, None));
    let stays = restored.not_restored.iter().map(|(post, reason)| {
        let words = match reason {
            NotRestored::Gone => "It is gone.",
            NotRestored::Out(status) => out_words(*status),
            NotRestored::HandedOver => "The relay has it: cancel it first.",
            NotRestored::ChangedSince => "It was changed since.",
        };
        (*post, UndoFate::NotRestored, Some(words))
    });
    back.chain(stays)
}

/// Returns the first posts with their words: those that stay in front, those that are removed last.
fn listed(
    store: &Read<'_>,
    mut fates: Vec<Fate>,
) -> std::result::Result<Vec<UndonePost>, StoreError> {
    fates.sort_by_key(|(_, fate, _)| *fate as u8);
    fates.truncate(LISTED_MAX as usize);
    let mut posts = Vec::with_capacity(fates.len());
    for (id, fate, reason) in fates {
        let (text, at) = match store.posts_and_contents(&[id])?.pop() {
            Some((post, content)) => {
                let at = post.posted_at.or(post.schedule.map(|schedule| schedule.at));
                (clip(content.first_text(), TEXT_CHARS_MAX), at)
            }
            None => (String::new(), None),
        };
        posts.push(UndonePost { id, text, at, fate, reason: reason.map(str::to_owned) });
    }
    Ok(posts)
}
