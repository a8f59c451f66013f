//! Making a series, and saying first what it would do.

use std::collections::HashSet;

use roost_core::id::SeriesId;
use roost_core::status::Actor;
use roost_store::Label;
use serde_json::Value;

use super::terms::{self, Terms};
use super::times::Times;
use super::{list, make, noted};
use crate::api::{NewSeries, SeriesPreview, SeriesSaved};
use crate::state::EngineState;
use crate::{Result, posts};

/// Times that are counted where a series ends.
const COUNTED_MAX: usize = 10_000;

/// Says what a series would do. Nothing is written.
pub(crate) async fn preview(engine: &EngineState, asked: NewSeries) -> Result<SeriesPreview> {
    let scene = posts::scene(engine).await?;
    engine
        .read(move |store| {
            let prices = store.prices()?;
            Ok(terms::judge(store, &asked, &scene, None).map(|terms| (terms, scene, prices)))
        })
        .await?
        .map(|(terms, scene, prices)| {
            let Terms { state, errors, warnings } = terms;
            let times = state.as_ref().and_then(|state| Times::of(state).ok());
            let (Some(state), Some(times)) = (state, times) else {
                return SeriesPreview {
                    rule: String::new(),
                    description: String::new(),
                    next: Vec::new(),
                    remaining: None,
                    cycle_cost_micros: 0,
                    month_posts: 0,
                    month_cost_micros: 0,
                    errors,
                    warnings,
                };
            };
            let rule = times.recurrence.rule();
            let ends = !matches!(rule.ends(), roost_core::recurrence::Ends::Never);
            let count = || times.ahead(&state, scene.now).take(COUNTED_MAX).count();
            let outlook = list::outlook(&state, &times, scene.now, &prices);
            SeriesPreview {
                rule: rule.to_string(),
                description: rule.describe(),
                remaining: ends.then(|| u32::try_from(count()).unwrap_or(u32::MAX)),
                next: outlook.next,
                cycle_cost_micros: outlook.cycle_cost_micros,
                month_posts: outlook.month_posts,
                month_cost_micros: outlook.month_cost_micros,
                errors,
                warnings,
            }
        })
}

/// Makes a series, and its posts of the next 90 days.
pub(crate) async fn create(engine: &EngineState, asked: NewSeries) -> Result<SeriesSaved> {
    let scene = posts::scene(engine).await?;
    let saved = engine
        .write("series.create", move |store| {
            store.label(Label::CreateSeries);
            let (mut state, warnings) = terms::judge(store, &asked, &scene, None)?.accepted()?;
            let id = SeriesId::new(store.now());
            let times = Times::of(&state)?;
            store.create_series(id, &state)?;
            let made = make::make(store, id, &mut state, &times, Actor::Person, &HashSet::new())?;
            store.save_series(id, &state, false)?;
            let change = (Value::Null, noted(&state)?);
            store.add_step(Label::CreateSeries, Some(id.to_string()), Some(change));
            let series = list::one(store, id)?;
            Ok(SeriesSaved { series, made, changed: 0, removed: 0, kept: 0, warnings })
        })
        .await?;
    engine.wake.notify_one();
    Ok(saved)
}
