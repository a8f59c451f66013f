//! `roost posts replace`

use roost_core::id::PostId;
use roost_engine::{Engine, Error};

use super::carry_out;
use crate::context::Context;
use crate::failure::Failure;
use crate::format;
use crate::output::{Exit, money};

/// Deletes on X what went out, and has the draft posted in its place.
pub(super) async fn replace(
    context: &Context,
    engine: &Engine,
    id: PostId,
) -> Result<Exit, Failure> {
    let before = engine.post(id).await?;
    let cost = before.late_edit.as_ref().map_or(0, |late| late.replace_cost_micros);
    let draft = match engine.replace(id).await {
        Ok(draft) => draft,
        // The wish is written down; the process with the relay inside carries it out.
        Err(Error::NoServices) if context.is_this_computer() => {
            let after = engine.post(id).await?;
            context.output.result(&after, || {
                format!(
                    "{id}: written down. The window or `roost sync --watch` deletes it on X and \
                     posts the new words: at once when it runs, else when it is started."
                )
            });
            return Ok(Exit::Done);
        }
        Err(error) => return Err(error.into()),
    };
    carry_out(context, engine).await;
    let relay = engine.sync_state().await?.relay;
    context.output.result(&draft, || {
        let (row, state) = (&draft.row, format::state(&draft.row, &relay));
        format!(
            "Deleted on X; in its place {} ({state}, {}), for {} in all.",
            row.id,
            format::when(row),
            money(cost)
        )
    });
    Ok(Exit::Done)
}
