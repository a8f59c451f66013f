//! Imports that were made: listed, and taken back as a whole.

use roost_core::id::ImportId;
use roost_core::status::Actor;
use roost_store::{Filter, Label, List};

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
            let undone = store.undo_import(id, Actor::Person)?;
            let mut cancelling = 0;
            let mut kept = 0;
            for (post, status) in undone.kept {
                let post = store.expect_post(post)?;
                if is_out(status) || remove(store, &post).is_err() {
                    kept += 1;
                } else {
                    cancelling += 1;
                }
            }
            Ok(Undone { removed: undone.removed, cancelling, kept })
        })
        .await?;
    engine.wake.notify_one();
    Ok(undone)
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
