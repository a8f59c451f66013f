//! Imports that were made: listed, and taken back as a whole.

use roost_core::id::{ImportId, PostId};
use roost_core::status::Actor;
use roost_store::{Filter, Label, List, Tx};

use crate::cancel::remove;
use crate::compose::is_out;
use crate::state::EngineState;
use crate::view::ImportRow;
use crate::{Error, Result, Undone};

/// Takes a whole import back: what never left is gone at once, what was handed over with the
/// relay's acknowledgement, what is on X stays.
pub(crate) async fn undo(engine: &EngineState, id: ImportId) -> Result<Undone> {
    let undone = engine
        .write("import.undo", move |store| {
            store.label(Label::UndoImport);
            if store.import(id)?.is_none() {
                return Err(Error::NoSuchImport(id));
            }
            let back = take_back(store, id)?;
            let count = |posts: usize| u64::try_from(posts).unwrap_or(u64::MAX);
            let (cancelling, kept) = (count(back.asked.len()), count(back.kept.len()));
            Ok(Undone { removed: back.removed, cancelling, kept })
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
    /// How many posts that it had changed are as they were.
    pub(crate) restored: u64,
    /// Posts that it had changed and that stay so.
    pub(crate) not_restored: Vec<PostId>,
}

/// Takes an import back within a transaction.
pub(crate) fn take_back(store: &mut Tx<'_>, id: ImportId) -> Result<TakenBack> {
    let undone = store.undo_import(id, Actor::Person)?;
    let (mut asked, mut kept) = (Vec::new(), Vec::new());
    for (id, status) in undone.kept {
        let post = store.expect_post(id)?;
        if is_out(status) || remove(store, &post).is_err() {
            kept.push(id);
        } else {
            asked.push(id);
        }
    }
    let not_restored = undone.not_restored.into_iter().map(|(id, _)| id).collect();
    let (removed, restored) = (undone.removed, undone.restored);
    Ok(TakenBack { removed, asked, kept, restored, not_restored })
}

/// All imports, newest first.
pub(crate) async fn list(engine: &EngineState) -> Result<Vec<ImportRow>> {
    engine
        .read(|store| {
            let imports = store.imports()?;
            imports
                .into_iter()
                .map(|import| {
                    let of = |list| Filter {
                        import: Some(import.id),
                        list: Some(list),
                        ..Filter::default()
                    };
                    Ok(ImportRow {
                        posted: store.count_posts(&of(List::Posted))?,
                        open: store.count_posts(&of(List::Upcoming))?,
                        id: import.id,
                        number: import.number,
                        source: import.source,
                        imported_at: import.created_at,
                        posts: import.imported,
                        undone_at: import.undone_at,
                    })
                })
                .collect()
        })
        .await
}
