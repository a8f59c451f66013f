//! Which parts have a file.

use crate::api::{ListMediaUses, MediaUseRow, MediaUses};
use crate::state::EngineState;
use crate::{Result, posts, row};

/// Parts that are told.
const USES_MAX: u32 = 100;

/// Returns the parts that have a file, those of the newest posts first.
pub(crate) async fn uses(engine: &EngineState, wanted: ListMediaUses) -> Result<MediaUses> {
    let scene = posts::scene(engine).await?;
    let uses = engine
        .read(move |store| {
            let parts = store.media_parts(wanted.media_id, USES_MAX)?.into_iter();
            parts
                .map(|part| {
                    Ok(MediaUseRow {
                        row: row::of(store, part.post_id, &scene)?,
                        part: part.position + 1,
                        is_described: part.is_described,
                    })
                })
                .collect::<std::result::Result<Vec<_>, _>>()
        })
        .await?;
    Ok(MediaUses { uses })
}
