//! What X charged, day by day.

use roost_core::zone::wall_time_of;
use roost_store::Span;

use crate::api::{DailyCosts, DayCost, ListDailyCosts};
use crate::state::EngineState;
use crate::{Result, agenda, preferences};

/// Days when the request does not say.
const DAYS: u32 = 30;
/// The most days that are asked for at once: a year and a day.
const DAYS_MAX: u32 = 366;

/// Returns what X charged on each of the last days, the newest first.
pub(crate) async fn daily(engine: &EngineState, wanted: ListDailyCosts) -> Result<DailyCosts> {
    let zone = preferences::zone(engine).await?;
    let days = if wanted.days == 0 { DAYS } else { wanted.days.min(DAYS_MAX) };
    let today = agenda::day_of(wall_time_of(engine.now(), &zone));
    let first = today.plus_hours(-24 * i64::from(days - 1));
    let (dates, spans) = agenda::spans(first, days, &zone);
    engine
        .read(move |store| {
            let charged = |(date, Span { from, until }): (String, Span)| {
                let charged = store.charged(from, until)?;
                Ok(DayCost {
                    date,
                    from,
                    parts: charged.parts,
                    deletions: charged.deletions,
                    cost_micros: charged.cost_micros,
                })
            };
            let days = dates.into_iter().zip(spans).rev().map(charged);
            let days = days.collect::<std::result::Result<_, roost_store::Error>>()?;
            Ok(DailyCosts { days, zone: zone.name().to_owned() })
        })
        .await
}
