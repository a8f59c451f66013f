//! The summary, counted from the rows' facts and ends.

use std::collections::BTreeMap;

use super::across::Reason;
use super::kept::{Flags, Found};
use super::outcome::Outcome;
use super::summary::{CodeCount, DayCount, MonthCost, Summary};
use super::{Session, found, view};
use crate::finding::Severity;

/// Whether errors or warnings are among what was found in a row.
#[derive(Debug, Clone, Copy, Default)]
struct Severities {
    error: bool,
    warning: bool,
}

impl Severities {
    fn of(found: impl IntoIterator<Item = Found>) -> Self {
        found.into_iter().fold(Self::default(), |all, (_, severity)| match severity {
            Severity::Error => Self { error: true, ..all },
            Severity::Warning => Self { warning: true, ..all },
        })
    }

    const fn and(self, other: Self) -> Self {
        Self { error: self.error || other.error, warning: self.warning || other.warning }
    }
}

/// Counts what an import would do.
pub(super) fn summary(session: &Session) -> Summary {
    let mut summary = Summary {
        rows: u32::try_from(session.facts.len()).unwrap_or(u32::MAX),
        texts_compared: session.across.has_compared_texts(),
        zone: session.rules.zone.as_ref().unwrap_or(&session.surroundings.zone).name().to_owned(),
        ..Summary::default()
    };
    let mut by_set = vec![0_u32; session.sets.iter().count()];
    let severities: Vec<Severities> =
        session.sets.iter().map(|(_, set)| Severities::of(set.iter().copied())).collect();
    let mut by_code: BTreeMap<Found, u32> = BTreeMap::new();
    let mut days: BTreeMap<i32, (u32, i64)> = BTreeMap::new();
    let mut last_day = (i32::MIN, 0_u32, 0_i64);
    for (facts, end) in session.facts.iter().zip(session.across.ends()) {
        summary.past += u32::from(facts.flags.has(Flags::PAST));
        match end.outcome {
            Outcome::Ready => {
                summary.ready += 1;
                summary.cost_micros += i64::from(facts.cost);
                summary.with_link += u32::from(facts.flags.has(Flags::LINK));
                let at = end.at.get();
                summary.first_at = summary.first_at.into_iter().chain(at).min();
                summary.last_at = summary.last_at.into_iter().chain(at).max();
                if end.day != last_day.0 {
                    add_day(&mut days, last_day);
                    last_day = (end.day, 0, 0);
                }
                last_day.1 += 1;
                last_day.2 += i64::from(facts.cost);
            }
            Outcome::Draft => summary.drafts += 1,
            Outcome::Skipped => summary.skipped += 1,
            Outcome::Refused => summary.refused += 1,
        }
        let is_kept = matches!(end.outcome, Outcome::Ready | Outcome::Draft);
        summary.updated += u32::from(is_kept && end.updates);
        let is_repeat = matches!(end.reason, Reason::Repeat | Reason::OwnIdKnown);
        summary.duplicates += u32::from(is_repeat);
        summary.other_networks += u32::from(end.reason == Reason::OtherNetwork);
        let mut severities_of_row = Severities::of(found::among_others(end));
        if end.is_told() {
            by_set[facts.found as usize] += 1;
            severities_of_row = severities_of_row.and(severities[facts.found as usize]);
        }
        summary.with_error += u32::from(severities_of_row.error);
        summary.with_warning += u32::from(severities_of_row.warning);
        for found in found::among_others(end) {
            *by_code.entry(found).or_default() += 1;
            count(&mut summary, found, 1);
        }
    }
    add_day(&mut days, last_day);
    for ((_, set), rows) in session.sets.iter().zip(by_set).filter(|(_, rows)| *rows > 0) {
        let mut previous = None;
        for found in set {
            if !found::is_of_source(*found) {
                count(&mut summary, *found, u64::from(rows));
            }
            if previous != Some(found) {
                *by_code.entry(*found).or_default() += rows;
            }
            previous = Some(found);
        }
    }
    for finding in &session.file_findings {
        count(&mut summary, (finding.problem.code, finding.severity), 1);
    }
    summary.by_code = sorted(by_code);
    add_months(&mut summary, &days);
    summary
}

fn count(summary: &mut Summary, (_, severity): Found, rows: u64) {
    match severity {
        Severity::Error => summary.errors += rows,
        Severity::Warning => summary.warnings += rows,
    }
}

fn add_day(days: &mut BTreeMap<i32, (u32, i64)>, (day, posts, cost): (i32, u32, i64)) {
    if posts > 0 {
        let of_day = days.entry(day).or_default();
        of_day.0 += posts;
        of_day.1 += cost;
    }
}

fn add_months(summary: &mut Summary, days: &BTreeMap<i32, (u32, i64)>) {
    for (day, (posts, cost)) in days {
        let date = view::date_of(*day);
        let month = &date[..date.len() - 3];
        match summary.months.last_mut().filter(|last| last.month == month) {
            Some(last) => {
                last.posts += posts;
                last.cost_micros += cost;
            }
            None => summary.months.push(MonthCost {
                month: month.to_owned(),
                cost_micros: *cost,
                posts: *posts,
            }),
        }
        summary.days.push(DayCount { date, count: *posts });
    }
}

fn sorted(by_code: BTreeMap<Found, u32>) -> Vec<CodeCount> {
    let mut counts: Vec<CodeCount> = by_code
        .into_iter()
        .map(|((code, severity), rows)| CodeCount { code, severity, rows })
        .collect();
    counts.sort_by_key(|count| (count.severity, std::cmp::Reverse(count.rows), count.code));
    counts
}
