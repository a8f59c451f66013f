//! Ending a series: it makes no more posts.

use roost_core::status::Actor;
use roost_store::{Error as StoreError, Label, Series, Tx, WithdrawTo};

use super::{active, is_open, list, noted};
use crate::Result;
use crate::api::{EndSeries, SeriesSaved};
use crate::state::EngineState;

/// Ends a series. The posts that wait are cancelled, unless they are to be kept.
pub(crate) async fn end(engine: &EngineState, asked: EndSeries) -> Result<SeriesSaved> {
    let saved = engine
        .write("series.end", move |store| {
            store.label(Label::EndSeries);
            end_in(store, asked)
        })
        .await?;
    engine.wake.notify_one();
    Ok(saved)
}

fn end_in(store: &mut Tx<'_>, asked: EndSeries) -> Result<SeriesSaved> {
    let Series { id, state: before, .. } = active(store, asked.id, None)?;
    let mut state = before.clone();
    state.ended_at = Some(store.now());
    let (mut removed, mut kept) = (0, 0);
    for post in store.posts_of_series(id, None)?.into_iter().filter(is_open) {
        if asked.keep_posts {
            kept += 1;
            continue;
        }
        match store.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person) {
            Ok(_) => removed += 1,
            // It is being sent.
            Err(StoreError::Refused { .. }) => kept += 1,
            Err(error) => return Err(error.into()),
        }
    }
    store.save_series(id, &state, true)?;
    let change = (noted(&before)?, noted(&state)?);
    store.add_step(Label::EndSeries, Some(id.to_string()), Some(change));
    let series = list::one(store, id)?;
    Ok(SeriesSaved { series, made: 0, changed: 0, removed, kept, warnings: Vec::new() })
}
