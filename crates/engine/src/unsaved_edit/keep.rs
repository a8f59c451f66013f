//! A change of a post that is being written: kept beside it until the person saves it or throws it away.

use roost_core::id::PostId;
use roost_store::{KeptUnsaved, Meant};

use crate::api::KeepUnsavedEdit;
use crate::state::EngineState;
use crate::view::{ChangeKind, ChangeSource, UnsavedKept};
use crate::{NewPost, Result, compose, posts, row};

/// Keeps a change beside its post, which goes out as it was until the change is saved.
///
/// # Errors
/// When there is no such post, or the store can't be written.
pub(crate) async fn keep(engine: &EngineState, asked: KeepUnsavedEdit) -> Result<UnsavedKept> {
    const POINT: &str = "unsaved_edit.keep";
    let scene = posts::scene(engine).await?;
    let KeepUnsavedEdit { id, content, wall_time, zone, account } = asked;
    let (kept, is_news) = engine
        .write(POINT, move |store| {
            let post = compose::live(store, id)?;
            let new =
                NewPost { content: Some(content), wall_time, zone, account, ..NewPost::default() };
            let is_account_named = new.account.is_some();
            let reading = compose::read(store, &new, &scene)?;
            let draft = reading.draft;
            // What can't be read yet is as it was.
            let meant = Meant {
                schedule: compose::schedule(&draft).or_else(|| post.schedule.clone()),
                account: draft.account.filter(|_| is_account_named).or(post.account),
                content: draft.content,
            };
            let kept = store.keep_unsaved_edit(id, &meant)?;
            let draft = match kept {
                KeptUnsaved::Draft(draft) => Some(row::of(store, draft, &scene)?),
                KeptUnsaved::Beside { .. } | KeptUnsaved::Nothing => None,
            };
            let is_news = kept != KeptUnsaved::Beside { is_new: false };
            Ok((UnsavedKept { kept_at: store.now(), draft }, is_news))
        })
        .await?;
    if is_news {
        tell(engine, id, POINT);
    }
    Ok(kept)
}

/// Throws the change away that is kept beside a post.
///
/// # Errors
/// When there is no such post, or the store can't be written.
pub(crate) async fn drop(engine: &EngineState, id: PostId) -> Result<()> {
    const POINT: &str = "unsaved_edit.drop";
    let was_there = engine
        .write(POINT, move |store| {
            compose::live(store, id)?;
            Ok(store.drop_unsaved_edit(id)?)
        })
        .await?;
    if was_there {
        tell(engine, id, POINT);
    }
    Ok(())
}

/// No event says that a change is kept: the post did not change.
fn tell(engine: &EngineState, id: PostId, point: &str) {
    let source = ChangeSource::ThisProcess { operation: point.to_owned() };
    engine.publish_posts(vec![id], ChangeKind::Edited, source);
}
