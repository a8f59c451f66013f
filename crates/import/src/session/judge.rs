//! What a row is by itself: read, checked, and kept in some words of memory.

use std::hash::{DefaultHasher, Hash, Hasher};

use roost_core::duplicate::DuplicateKey;
use roost_core::failure::{Code, Findings, Problem};
use roost_core::limits::Subscription;
use roost_core::post::{self, Content, MediaSource, Part, PastPolicy};
use roost_core::text;
use roost_core::zone::{WallTime, Zone, wall_time_of};

use super::across::Repeat;
use super::edits::{Decision, Decisions};
use super::kept::{Flags, Instant, Kept};
use crate::check;
use crate::check::content::Measured;
use crate::check::time::Past;
use crate::facts::NO_ACCOUNT;
use crate::finding::{Finding, FixId, Severity, Sink, Watched, with_core};
use crate::row::{Basis, Meant, MeantAccount, MeantTime, Reader, Standing, Written};
use crate::surroundings::{FindMedia, KnownAccount, NamedMedia, Prices, Surroundings};
use crate::table::{RawTable, Row};

/// A row that was read and checked by itself.
pub(super) struct Judged {
    pub(super) facts: Kept,
    pub(super) meant: Meant,
    /// What repeats of it have in common, whole.
    pub(super) key: DuplicateKey,
}

/// Judges rows by themselves.
pub(super) struct RowJudge<'s> {
    basis: Basis<'s>,
    decisions: &'s Decisions,
    reader: Reader<'s>,
    /// Where the rows begin that say the same as the last one, and what was found of them: many rows
    /// of one text are judged together once.
    pub(super) group: Option<(usize, Vec<Repeat>)>,
}

impl<'s> RowJudge<'s> {
    pub(super) fn new(basis: Basis<'s>, decisions: &'s Decisions) -> Self {
        Self { basis, decisions, reader: Reader::new(basis), group: None }
    }

    /// Reads and checks a row; what is found goes to `sink`.
    pub(super) fn judge(&mut self, row: &Row<'s>, sink: &mut impl Sink) -> Judged {
        let decision = self.decisions.get(&row.number()).copied();
        let meant = self.reader.read(row, sink);
        let mut facts = Kept {
            account: account_index(meant.account),
            own_id: own_id(&meant, self.basis.table),
            ..Kept::default()
        };
        facts.flags.set(Flags::LEFT_OUT, decision == Some(Decision::LeaveOut));
        facts.flags.set(Flags::UPDATE, decision == Some(Decision::Update));
        facts.flags.set(Flags::MOVES, decision == Some(Decision::NextSlot));
        facts.flags.set(Flags::DRAFT_ANYWAY, decision == Some(Decision::Draft));
        facts.flags.set(Flags::SAYS, says(&meant.content));
        let key = meant.content.duplicate_key();
        facts.key = half(key);
        facts.at = Instant::of(meant.when.and_then(|when| when.at));
        match meant.standing {
            Standing::Planned => self.check(&meant, decision, &mut facts, sink),
            Standing::OtherNetwork => {
                facts.flags.set(Flags::OTHER_NETWORK, true);
                warn(sink, Code::OtherNetwork, "network");
            }
            Standing::WentOut => {
                facts.flags.set(Flags::WENT_OUT, true);
                warn(sink, Code::AlreadyPosted, "status");
            }
            Standing::Cancelled => facts.flags.set(Flags::CANCELLED, true),
        }
        if let Some(when) = meant.when.filter(|when| when.at.is_some()) {
            facts.day = self.day(&when, meant.zone.as_ref());
        }
        Judged { facts, meant, key }
    }

    fn check(
        &self,
        meant: &Meant,
        decision: Option<Decision>,
        facts: &mut Kept,
        sink: &mut impl Sink,
    ) {
        let mut sink = Watched::new(sink);
        let Basis { surroundings, .. } = self.basis;
        let account = known_account(surroundings, meant.account);
        let measured = check_content(&meant.content, account, surroundings, &mut sink);
        let follow_up = meant.follow_up.as_ref().map(|it| Part::of_text(&*it.text));
        let follow_up_cost = follow_up.map_or(0, |reply| {
            check_follow_up(&reply, account, surroundings, &mut sink);
            u32::try_from(reply.cost_at(&surroundings.prices).0).unwrap_or(u32::MAX)
        });
        let is_kept_back = check_attachments(&meant.content, &*surroundings.media, &mut sink);
        with_core(&mut sink, |findings| post::check_tags(&meant.tags, findings));
        self.check_zone(meant, account, &mut sink);
        facts.flags.set(Flags::LINK, measured.parts_with_link > 0);
        let own_cost = cost(&meant.content, measured, &surroundings.prices);
        facts.cost = own_cost.saturating_add(follow_up_cost);
        facts.flags.set(Flags::DRAFT, meant.is_draft || is_kept_back);
        self.check_time(meant, account, decision, facts, &mut sink);
        facts.flags.set(Flags::FAULTY, meant.is_faulty || sink.has_error());
    }

    fn check_zone(&self, meant: &Meant, account: Option<&KnownAccount>, sink: &mut impl Sink) {
        let Basis { surroundings, rules, .. } = self.basis;
        let Some(zone) = &meant.zone else { return };
        // What the source or the person says of all rows counts where the time of a row depends on it.
        let of_all = || {
            let depends = meant.when.is_some_and(|when| when.written == Written::Wall);
            rules
                .zone_word
                .as_ref()
                .filter(|_| depends && meant.zone.as_ref() == rules.zone.as_ref())
        };
        if let Some(word) = meant.zone_word.as_ref().or_else(of_all) {
            let hints = [rules.zone.as_ref(), account.and_then(|it| it.zone.as_ref())];
            let mut hints: Vec<&Zone> = hints.into_iter().flatten().collect();
            hints.push(&surroundings.zone);
            check::zone::abbreviation(word, &hints, sink);
        }
        if let Some(when) = &meant.when
            && when.written == Written::Utc
            && meant.zone_is_named
            && let Some(at) = when.at
        {
            check::time::utc_mark(at, zone, sink);
        }
    }

    /// Decides what becomes of a time that has passed, and of none.
    fn check_time(
        &self,
        meant: &Meant,
        account: Option<&KnownAccount>,
        decision: Option<Decision>,
        facts: &mut Kept,
        sink: &mut impl Sink,
    ) {
        let Basis { choices, surroundings, .. } = self.basis;
        // A draft does not go out: it may have no time, or one that has passed.
        if facts.flags.has(Flags::DRAFT) {
            return;
        }
        if decision == Some(Decision::NextSlot) {
            facts.flags.set(Flags::WAITS, true);
            return;
        }
        let Some(when) = meant.when else {
            if meant.has_time {
                return;
            }
            let has_slots = account.is_some_and(|account| !account.slots.is_empty());
            facts.flags.set(if has_slots { Flags::WAITS } else { Flags::TIMELESS }, true);
            return;
        };
        let (Some(at), Some(zone)) = (when.at, &meant.zone) else { return };
        let Some(past) = check::time::past(when.wall, at, surroundings.now) else { return };
        facts.flags.set(Flags::PAST, true);
        match (choices.past, past) {
            (PastPolicy::Skip, Past::Late | Past::LongPast) => {}
            (PastPolicy::Draft, Past::Late | Past::LongPast) => {
                facts.flags.set(Flags::DRAFT, true);
                sink.find(Code::MadeDraft, || {
                    let message =
                        format!("{} in {zone} has passed; the post becomes a draft.", when.wall);
                    let problem = Problem::new(Code::MadeDraft, message).in_field("scheduledAt");
                    let finding = Finding::new(problem);
                    // A date years ago is no late post.
                    if past == Past::LongPast {
                        finding.without(FixId::NextFreeTime)
                    } else {
                        finding
                    }
                });
            }
            (PastPolicy::NextSlot, Past::Late) => {
                facts.flags.set(Flags::WAITS, true);
                facts.flags.set(Flags::LATE, true);
            }
            // A cell without a date is no post that is late.
            (_, Past::NoDate) => {
                facts.flags.unset(Flags::PAST);
                check::time::tell_past(past, &when.wall, zone, sink);
            }
            (PastPolicy::Error | PastPolicy::NextSlot, _) => {
                check::time::tell_past(past, &when.wall, zone, sink);
            }
        }
    }

    /// Returns the day of a time in the zone of rows that name none, in days since 1970.
    fn day(&self, when: &MeantTime, zone: Option<&Zone>) -> i32 {
        let file_zone = self.basis.rules.zone.as_ref();
        match (when.at, file_zone, zone) {
            (Some(at), Some(file), Some(own)) if file != own => day_of(wall_time_of(at, file)),
            _ => day_of(when.wall),
        }
    }
}

/// Returns the day of a wall time, in days since 1970.
pub(super) fn day_of(wall: WallTime) -> i32 {
    // The count of days by Howard Hinnant: years begin in March, so that the leap day is their last.
    let (year, month, day) =
        (i32::from(wall.year()), i32::from(wall.month()), i32::from(wall.day()));
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month = (month + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Returns the account of a row, where it is known.
pub(super) fn known_account(
    surroundings: &Surroundings,
    account: MeantAccount,
) -> Option<&KnownAccount> {
    match account {
        MeantAccount::Known(at) => surroundings.accounts.get(at),
        MeantAccount::Awaited | MeantAccount::Unclear => None,
    }
}

fn account_index(account: MeantAccount) -> u16 {
    match account {
        MeantAccount::Known(at) => u16::try_from(at).unwrap_or(NO_ACCOUNT),
        MeantAccount::Awaited | MeantAccount::Unclear => NO_ACCOUNT,
    }
}

fn says(content: &Content) -> bool {
    let says = |part: &post::Part| !text::is_blank(&part.text) || part.has_attachment();
    content.parts.iter().any(says)
}

fn check_content(
    content: &Content,
    account: Option<&KnownAccount>,
    surroundings: &Surroundings,
    sink: &mut impl Sink,
) -> Measured {
    let limits = account.and_then(|it| it.limits.as_ref()).unwrap_or(&surroundings.limits);
    let subscription = account.map_or(Subscription::None, |account| account.subscription);
    check::content::check(content, limits, subscription, &surroundings.prices, sink)
}

/// Checks the reply that is to follow a post.
fn check_follow_up(
    reply: &Part,
    account: Option<&KnownAccount>,
    surroundings: &Surroundings,
    sink: &mut impl Sink,
) {
    let limits = account.and_then(|it| it.limits.as_ref()).unwrap_or(&surroundings.limits);
    let subscription = account.map_or(Subscription::None, |account| account.subscription);
    let field = || "followUp".to_owned();
    with_core(sink, |findings| {
        post::check_part(reply, limits, subscription, &field, findings);
    });
}

/// Checks what the parts have beside their texts. Files are taken in at the commit; that one can't be had
/// is no error of an import but makes a draft: then the answer is true.
fn check_attachments(content: &Content, files: &dyn FindMedia, sink: &mut impl Sink) -> bool {
    let is_refused =
        |it: &MediaSource| matches!(files.find(&it.source), Some(NamedMedia::Refused(_)));
    let parts = content.parts.iter().enumerate();
    let mut is_kept_back = false;
    for (index, part) in parts.filter(|(_, part)| !part.is_text_alone()) {
        is_kept_back |= part.media_sources.iter().any(is_refused);
        let field = || check::content::field_of(index, content.parts.len());
        let mut findings = Findings::telling(usize::MAX);
        post::check_attachments(part, &field, &mut findings);
        for problem in findings.errors.listed {
            // The row itself says which file it is and why.
            if problem.code != Code::MediaNotFetched {
                sink.add(problem.code, Severity::Error, || Finding::new(problem));
            }
        }
    }
    is_kept_back
}

/// Returns what posting a content costs, in millionths of a dollar: its texts and its descriptions.
fn cost(content: &Content, measured: Measured, prices: &Prices) -> u32 {
    let named = content.parts.iter().flat_map(|part| &part.media_sources).map(|it| &it.alt_text);
    let taken = content.parts.iter().flat_map(|part| &part.media).map(|it| &it.alt_text);
    let described = named.chain(taken).flatten().count();
    let descriptions = prices.alt_text.0.saturating_mul(i64::try_from(described).unwrap_or(0));
    let sum = measured.cost.0.saturating_add(descriptions);
    u32::try_from(sum.max(0)).unwrap_or(u32::MAX)
}

/// Returns the first half of a key: a million rows have no two halves in common by chance.
pub(super) fn half(key: DuplicateKey) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&key.0[..8]);
    u64::from_be_bytes(bytes)
}

/// Returns the hash of a row's id within its plan; 0 where it has none.
fn own_id(meant: &Meant, table: &RawTable) -> u64 {
    let plan = meant.plan.as_deref().or(table.defaults.plan.as_deref());
    meant.own_id.as_deref().map_or(0, |id| own_id_hash(plan, id))
}

/// Returns the hash of an id within a plan; never 0, which stands for none.
pub(super) fn own_id_hash(plan: Option<&str>, id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (plan.unwrap_or_default(), id).hash(&mut hasher);
    hasher.finish().max(1)
}

fn warn(sink: &mut impl Sink, code: Code, field: &str) {
    sink.add(code, Severity::Warning, || {
        Finding::new(Problem::new(code, code.text()).in_field(field))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970_through_leap_years() {
        let day = |text: &str| day_of(WallTime::parse(text).unwrap());
        assert_eq!(day("1970-01-01 00:00"), 0);
        assert_eq!(day("1969-12-31 23:59"), -1);
        assert_eq!(day("2000-03-01 00:00"), 11_017);
        assert_eq!(day("2027-01-01 12:00"), 20_819);
        assert_eq!(day("2028-03-01 00:00") - day("2028-02-28 00:00"), 2);
    }
}
