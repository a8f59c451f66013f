//! A calendar: how many posts stand on each day of a zone, and the first of them.

use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Problem};
use roost_core::id::XUserId;
use roost_core::status::Status;
use roost_core::zone::{InvalidWallTime, WallTime, Zone, resolve, wall_time_of};
use roost_store::{Error as StoreError, Filter, Read, Span, StatusCounts};

use crate::row::row;
use crate::state::EngineState;
use crate::view::{Agenda, AgendaDay, AgendaQuery, FreeSlot, StatusCount};
use crate::{Error, Result, posting_times, posts};

/// Days when the query does not say.
const DAYS: u32 = 31;
/// The most days that are counted at once: a year, and what a calendar shows around it.
const DAYS_MAX: u32 = 400;
/// The most posts that are shown of a day.
const ROWS_PER_DAY_MAX: u32 = 200;
/// The most free posting times of an account that are shown.
const FREE_SLOTS_MAX: usize = 2_000;

/// Returns the days that were asked for, with what stands on them.
pub(crate) async fn agenda(engine: &EngineState, query: &AgendaQuery) -> Result<Agenda> {
    let scene = posts::scene(engine).await?;
    let zone = match &query.zone {
        Some(name) => Zone::parse(name)?,
        None => scene.zone.clone(),
    };
    let first = match &query.from {
        Some(date) => midnight(date).map_err(|_| Error::Invalid(vec![no_date(date)]))?,
        None => day_of(wall_time_of(scene.now, &zone)),
    };
    let days = if query.days == 0 { DAYS } else { query.days.min(DAYS_MAX) };
    let (dates, spans) = spans(first, days, &zone);
    let (account, statuses) = (query.account.clone(), query.statuses.clone());
    let rows_per_day = query.rows_per_day.min(ROWS_PER_DAY_MAX) as usize;
    let free_slots = query.free_slots;
    engine
        .read(move |store| {
            let counts = store.counts_of_spans(&spans, account.as_ref())?;
            let mut free = match free_slots {
                true => free(store, account.as_ref(), &scene.zone, scene.now, &spans)?,
                false => Vec::new(),
            };
            let filter = Filter { account, statuses: statuses.clone(), ..Filter::default() };
            let mut first = match rows_per_day {
                0 => Vec::new(),
                limit => store.first_of_spans(&spans, &filter, limit)?,
            }
            .into_iter();
            let days = dates.into_iter().zip(spans).zip(counts).map(|((date, span), counts)| {
                let by_status = by_status(&counts, &statuses);
                let rows = first.next().unwrap_or_default().into_iter();
                let later = free.partition_point(|slot| slot.at < span.until);
                AgendaDay {
                    free: free.drain(..later).collect(),
                    date,
                    from: span.from,
                    until: span.until,
                    posts: by_status.iter().map(|count| count.posts).sum(),
                    by_status,
                    rows: rows.map(|(post, extras)| row(post, extras, &scene)).collect(),
                }
            });
            Ok(Agenda { days: days.collect(), zone: zone.name().to_owned() })
        })
        .await
}

/// Returns the free posting times within the days, soonest first.
fn free(
    store: &Read<'_>,
    account: Option<&XUserId>,
    zone: &Zone,
    now: UnixMillis,
    days: &[Span],
) -> std::result::Result<Vec<FreeSlot>, StoreError> {
    let Some((first, last)) = days.first().zip(days.last()) else { return Ok(Vec::new()) };
    // A posting time at the very beginning counts, and those after it are asked for.
    let after = now.max(UnixMillis(first.from.0 - 1));
    let mut free = Vec::new();
    for known in store.accounts()? {
        let id = known.x_user_id;
        if account.is_some_and(|asked| *asked != id) {
            continue;
        }
        let span = (after, last.until);
        let slots = posting_times::free_until(store, &id, zone, span, FREE_SLOTS_MAX)?;
        free.extend(slots.into_iter().map(|slot| FreeSlot { at: slot.at, account: id.clone() }));
    }
    free.sort_by_key(|slot| slot.at);
    Ok(free)
}

fn by_status(counts: &StatusCounts, asked: &[Status]) -> Vec<StatusCount> {
    let of = |status| StatusCount { status, posts: counts.of(status) };
    let asked = |status: &Status| asked.is_empty() || asked.contains(status);
    Status::ALL.into_iter().filter(asked).map(of).filter(|count| count.posts > 0).collect()
}

fn no_date(text: &str) -> Problem {
    let message = format!("\"{text}\" is no date: write it as 2027-03-01.");
    Problem::new(Code::TimeInvalid, message).in_field("from")
}

/// Returns the first moment of a day by its date.
fn midnight(date: &str) -> std::result::Result<WallTime, InvalidWallTime> {
    WallTime::parse(&format!("{date} 00:00"))
}

/// Returns the first moment of the day of a wall time.
pub(crate) fn day_of(wall: WallTime) -> WallTime {
    WallTime::new(wall.year(), wall.month(), wall.day(), 0, 0, 0).unwrap_or(wall)
}

/// Returns the dates of so many days, and their spans: a day of a clock change has 23 or 25 hours.
pub(crate) fn spans(first: WallTime, days: u32, zone: &Zone) -> (Vec<String>, Vec<Span>) {
    let mut day = first;
    let (mut dates, mut spans) = (Vec::new(), Vec::new());
    for _ in 0..days {
        let next = day.plus_hours(24);
        dates.push(day.date());
        spans.push(Span { from: resolve(&day, zone).instant, until: resolve(&next, zone).instant });
        day = next;
    }
    (dates, spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_meet_and_have_the_hours_of_their_zone() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let first = midnight("2027-03-27").unwrap();
        let (dates, spans) = spans(first, 3, &zone);
        assert_eq!(dates, ["2027-03-27", "2027-03-28", "2027-03-29"]);
        let hours: Vec<i64> =
            spans.iter().map(|span| (span.until.0 - span.from.0) / 3_600_000).collect();
        assert_eq!(hours, [24, 23, 24], "the clocks are put forward on the 28th");
        assert!(spans.windows(2).all(|days| days[0].until == days[1].from));
    }
}
