//! Series as they are shown.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::cost::Prices;
use roost_core::id::SeriesId;
use roost_store::{Error as StoreError, Read, Series, SeriesState, Tx};

use super::is_open;
use super::times::{Times, turn};
use crate::api::{ListSeries, SeriesDetail, SeriesList, SeriesRow, SeriesStanding, SeriesTime};
use crate::state::EngineState;
use crate::{Error, Result, posts, row};

/// Times that are shown of what is to come.
const NEXT_SHOWN: usize = 5;
/// Decided posts that are shown.
const DECIDED_SHOWN: usize = 20;
/// What a month of costs counts.
const MONTH: Duration = Duration::from_hours(30 * 24);

/// What is to come of a series, and what it costs.
#[derive(Debug, Default)]
pub(super) struct Outlook {
    pub(super) next: Vec<SeriesTime>,
    pub(super) cycle_cost_micros: i64,
    pub(super) month_posts: u32,
    pub(super) month_cost_micros: i64,
}

/// Returns what is to come of a series by its rule. What was changed of single posts is not asked.
pub(super) fn outlook(
    state: &SeriesState,
    times: &Times,
    now: UnixMillis,
    prices: &Prices,
) -> Outlook {
    let costs: Vec<i64> = state.variants.iter().map(|it| it.cost_at(prices).0).collect();
    let mut outlook = Outlook { cycle_cost_micros: costs.iter().sum(), ..Outlook::default() };
    let end = now.plus(MONTH);
    // Those that are made already took their turns.
    let made = match &state.made_until {
        Some(until) => {
            times.ahead(state, now).take_while(|time| time.occurrence.to_string() <= *until).count()
        }
        None => 0,
    };
    let variants = state.variants.len().max(1);
    let back = u32::try_from(variants - made % variants).unwrap_or_default();
    for (number, time) in times.ahead(state, now).enumerate() {
        let variant = turn(state.next_variant + back, number, variants);
        if number < NEXT_SHOWN {
            outlook.next.push(time.view(variant));
        }
        if time.at <= end {
            let place = usize::try_from(variant).unwrap_or_default();
            outlook.month_posts += 1;
            outlook.month_cost_micros += costs.get(place).copied().unwrap_or_default();
        } else if number >= NEXT_SHOWN {
            break;
        }
    }
    outlook
}

/// Returns the series.
pub(crate) async fn list(engine: &EngineState, wanted: ListSeries) -> Result<SeriesList> {
    let now = engine.now();
    engine
        .read(move |store| {
            let mut series = Vec::new();
            for one in store.all_series()? {
                let row = view(store, one, now)?;
                if wanted.all || row.standing == SeriesStanding::Active {
                    series.push(row);
                }
            }
            Ok(SeriesList { series })
        })
        .await
}

/// Returns a series with its posts.
pub(crate) async fn detail(engine: &EngineState, id: SeriesId) -> Result<SeriesDetail> {
    let scene = posts::scene(engine).await?;
    engine
        .read(move |store| {
            let Some(series) = store.series(id)?.filter(|it| it.state.removed_at.is_none()) else {
                return Ok(None);
            };
            let all = store.posts_of_series(id, None)?;
            let decided = all.iter().filter(|post| !is_open(post)).count();
            let mut hidden = decided.saturating_sub(DECIDED_SHOWN);
            let mut rows = Vec::new();
            for post in all {
                if !is_open(&post) && hidden > 0 {
                    hidden -= 1;
                    continue;
                }
                rows.push(row::of(store, post.id, &scene)?);
            }
            let series = view(store, series, scene.now)?;
            Ok(Some(SeriesDetail { series, posts: rows }))
        })
        .await?
        .ok_or(Error::NoSuchSeries(id))
}

/// Returns one series that is there.
pub(super) fn one(store: &Tx<'_>, id: SeriesId) -> Result<SeriesRow> {
    let series = store.series(id)?.ok_or(Error::NoSuchSeries(id))?;
    Ok(view(store, series, store.now())?)
}

fn view(
    store: &Read<'_>,
    series: Series,
    now: UnixMillis,
) -> std::result::Result<SeriesRow, StoreError> {
    let Series { id, state, version, created_at, .. } = series;
    let prices = store.prices()?;
    let times = Times::of(&state).ok();
    let outlook = match &times {
        Some(times) if state.is_active() => outlook(&state, times, now, &prices),
        _ => Outlook {
            cycle_cost_micros: state.variants.iter().map(|it| it.cost_at(&prices).0).sum(),
            ..Outlook::default()
        },
    };
    let standing = match (state.ended_at, outlook.next.is_empty()) {
        (Some(_), _) => SeriesStanding::Ended,
        (None, true) => SeriesStanding::Finished,
        (None, false) => SeriesStanding::Active,
    };
    let account = match &state.account {
        Some(account) => store.account(account)?,
        None => None,
    };
    let posts = store.posts_of_series(id, None)?;
    let planned = posts.iter().filter(|post| is_open(post)).count();
    let rule = times.as_ref().map(|times| times.recurrence.rule().describe());
    Ok(SeriesRow {
        id,
        version,
        standing,
        account: state.account,
        username: account.map(|account| account.username),
        variants: state.variants,
        description: rule.unwrap_or_else(|| state.rule.clone()),
        rule: state.rule,
        first: state.first,
        zone: state.zone,
        tags: state.tags,
        skipped: state.skipped,
        next: outlook.next,
        planned: u32::try_from(planned).unwrap_or(u32::MAX),
        cycle_cost_micros: outlook.cycle_cost_micros,
        month_posts: outlook.month_posts,
        month_cost_micros: outlook.month_cost_micros,
        created_at,
    })
}
