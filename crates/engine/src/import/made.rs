//! Imports that were made.

use roost_store::{Filter, List};

use crate::Result;
use crate::state::EngineState;
use crate::view::ImportRow;

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
                        plan: import.plan,
                    })
                })
                .collect()
        })
        .await
}
