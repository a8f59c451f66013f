//! A row in words: judged again, with all that was found told.

use roost_core::failure::{Code, Problem};
use roost_core::zone::{Zone, wall_time_of};

use super::across::{Distance, End, Other, Reason};
use super::judge::{Judged, RowJudge, known_account};
use super::kept::Flags;
use super::outcome::{Outcome, SkipReason};
use super::{Session, found};
use crate::check::across::Repeat;
use crate::finding::{Finding, FixId, Sink};
use crate::row::Meant;
use crate::table::name_source;

/// A row in words.
pub(super) struct Told {
    pub(super) judged: Judged,
    /// What was found, errors first.
    pub(super) findings: Vec<Finding>,
    /// What is wrong with the source as a whole and stands in the way of the row; it is counted once.
    pub(super) of_source: Vec<Finding>,
    pub(super) reason: Option<SkipReason>,
}

/// Judges a row again, and tells all that was found in it.
pub(super) fn tell<'s>(session: &'s Session, judge: &mut RowJudge<'s>, row: u32) -> Option<Told> {
    let cells = session.table.row(row as usize - 1)?;
    let mut findings: Vec<Finding> = Vec::new();
    let judged = judge.judge(&cells, &mut findings);
    let end = *session.across.end(row);
    if !end.is_told() {
        findings.clear();
    }
    let other = other(session, judge, row, &end);
    let zone = judged.meant.zone.as_ref().unwrap_or(&session.surroundings.zone);
    across(session, row, &judged.meant, &end, other, zone, &mut findings);
    let is_of_source = |it: &mut Finding| found::is_of_source((it.problem.code, it.severity));
    let mut of_source: Vec<Finding> = findings.extract_if(.., is_of_source).collect();
    if end.is_told() && judged.meant.zone.is_none() && judged.meant.zone_word.is_none() {
        let of_zone = |it: &&Finding| it.problem.code == Code::UnknownZone;
        of_source.extend(session.file_findings.iter().filter(of_zone).cloned());
    }
    for finding in findings.iter_mut().chain(&mut of_source) {
        finding.problem.row = Some(row);
        finding.problem.line = Some(cells.line());
        if let Some(name) = session.table.source_of(row as usize - 1) {
            name_source(&mut finding.problem, name);
        }
    }
    findings.sort_by_key(|finding| finding.severity);
    let reason = reason(&end, other);
    Some(Told { judged, findings, of_source, reason })
}

/// Returns the other that says what a row says.
fn other(
    session: &Session,
    judge: &mut RowJudge<'_>,
    row: u32,
    end: &End,
) -> Option<(Distance, Other)> {
    end.repeat?;
    let ground = session.ground();
    let from = session.across.group_of(row, ground);
    if judge.group.as_ref().is_none_or(|(group, _)| *group != from) {
        judge.group = Some((from, session.across.repeats(from, ground, &session.known)));
    }
    let (_, repeats) = judge.group.as_ref()?;
    let at = repeats.binary_search_by_key(&row, |repeat| repeat.row).ok()?;
    repeats[at].other
}

fn across(
    session: &Session,
    row: u32,
    meant: &Meant,
    end: &End,
    other: Option<(Distance, Other)>,
    zone: &Zone,
    findings: &mut Vec<Finding>,
) {
    let found: Vec<_> = found::among_others(end).collect();
    for (code, severity) in found {
        match code {
            Code::DuplicateContent
            | Code::RepeatedSoon
            | Code::RepeatedText
            | Code::WaitsElsewhere => {
                if let Some(other) = other {
                    let mut told: Vec<Finding> = Vec::new();
                    repeat(other, end, end.waits_elsewhere).tell(zone, &mut told);
                    findings.extend(told.into_iter().map(|it| it.with_severity(severity)));
                }
            }
            Code::TimeMoved => moved(meant, end, zone, findings),
            Code::MadeDraft => made_draft(session, meant, findings),
            Code::OwnIdRepeated => {
                let facts = &session.facts[row as usize - 1];
                let first = session.across.same_own_id(row, facts).unwrap_or_default();
                let problem = Problem::new(code, format!("Row {first} has the same id."));
                findings.add(code, severity, || Finding::new(problem.in_field("id")));
            }
            Code::NearDuplicate => {
                if let Some(other) = session.across.near_other(row, session.ground()) {
                    other.words().tell(zone, findings);
                }
            }
            Code::TimesCollide => {
                let account = session.facts[row as usize - 1].account;
                if let Some(at) = end.at.get()
                    && let Some(neighbour) = session.across.plan().collision(row, account, at)
                {
                    neighbour.tell(at, zone, findings);
                }
            }
            Code::RateLimited => {
                let account = session.facts[row as usize - 1].account;
                if let Some(at) = end.at.get()
                    && let Some(overrun) = session.across.plan().overrun(row, account, at)
                {
                    overrun.tell(&whose(session, meant), findings);
                }
            }
            _ => {}
        }
    }
}

/// Returns what is told of the other: a row before or a post.
fn repeat((distance, other): (Distance, Other), end: &End, can_move: bool) -> Repeat {
    let apart = |at: Option<roost_core::clock::UnixMillis>| {
        let both = end.at.get().zip(at);
        both.map_or(0, |(one, other)| one.0.abs_diff(other.0).cast_signed())
    };
    match (distance, other) {
        (Distance::Same, Other::Row(first, _)) => Repeat::SameRow { first },
        (_, Other::Row(row, at)) => Repeat::Row { row, apart: apart(at) },
        (Distance::Soon | Distance::Later, Other::Post(post)) if post.at.is_some() => {
            Repeat::Post {
                id: post.id,
                at: post.at.unwrap_or(roost_core::clock::UnixMillis(0)),
                apart: apart(post.at),
                can_move,
            }
        }
        (_, Other::Post(post)) => Repeat::SamePost(post.id),
    }
}

fn moved(meant: &Meant, end: &End, zone: &Zone, findings: &mut Vec<Finding>) {
    let (Some(before), Some(at)) = (meant.when, end.at.get()) else { return };
    let after = wall_time_of(at, zone);
    findings.find(Code::TimeMoved, || {
        let message = format!("{} has passed; the post moves to {after}.", before.wall);
        Finding::new(Problem::new(Code::TimeMoved, message).in_field("scheduledAt"))
    });
}

fn made_draft(session: &Session, meant: &Meant, findings: &mut Vec<Finding>) {
    findings.find(Code::MadeDraft, || {
        let (message, remedy) = match known_account(&session.surroundings, meant.account) {
            _ if session.rules.is_timeless => {
                ("The text names no time".to_owned(), "Give it a time.")
            }
            Some(account) => (
                format!("The row names no time, and @{} has no posting times", account.username),
                "Give the row a time, or the account posting times.",
            ),
            None => ("The row names no time".to_owned(), "Give it a time."),
        };
        let problem =
            Problem::new(Code::MadeDraft, format!("{message}; the post becomes a draft."));
        Finding::new(problem.in_field("scheduledAt").with_remedy(remedy))
            .with_label(FixId::NextFreeTime, "Give it the next free time")
    });
}

fn whose(session: &Session, meant: &Meant) -> String {
    let account = known_account(&session.surroundings, meant.account);
    account.map_or_else(|| "this account".to_owned(), |account| format!("@{}", account.username))
}

/// Returns why a row is left out.
fn reason(end: &End, other: Option<(Distance, Other)>) -> Option<SkipReason> {
    if end.outcome != Outcome::Skipped {
        return None;
    }
    Some(match end.reason {
        Reason::None | Reason::Problem => SkipReason::Problem,
        Reason::Past => SkipReason::Past,
        Reason::Repeat => match other {
            Some((_, Other::Row(first, _))) => SkipReason::DuplicateOfRow { first },
            _ => SkipReason::AlreadyThere,
        },
        Reason::OwnIdKnown => SkipReason::OwnIdKnown,
        Reason::OtherNetwork => SkipReason::OtherNetwork,
        Reason::WentOut => SkipReason::WentOut,
        Reason::Cancelled => SkipReason::Cancelled,
        Reason::LeftOut => SkipReason::LeftOut,
    })
}

/// Returns why a row is a draft although it does not say so, or changes a post, in words.
pub(super) fn remark(judged: &Judged, end: &End) -> &'static str {
    if end.updates {
        return match end.kept_back {
            true => "it changes the waiting draft, which has media and stays one",
            false => "it changes the waiting post",
        };
    }
    match end.outcome {
        Outcome::Draft if end.has_same_id || judged.facts.flags.has(Flags::FAULTY) => {
            "it has an error, and becomes a draft"
        }
        Outcome::Draft if judged.facts.flags.has(Flags::PAST) => {
            "its time has passed, and it becomes a draft"
        }
        Outcome::Draft if end.lacks_time => "it names no time, and becomes a draft",
        Outcome::Ready if end.is_late => "its time has passed, and it takes the next free slot",
        Outcome::Ready if end.waits => "it takes the next free slot",
        _ => "",
    }
}
