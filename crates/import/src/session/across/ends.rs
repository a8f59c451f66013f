//! How a row ends, and why.

use roost_core::post::PastPolicy;
use roost_core::status::Status;
use roost_core::zone::wall_time_of;

use super::Ground;
use super::repeats::{Distance, Repeat, is_waiting};
use crate::choices::{Choices, ProblemPolicy};
use crate::session::judge::day_of;
use crate::session::kept::{Flags, Instant, Kept};
use crate::session::outcome::Outcome;
use crate::surroundings::KnownPost;

/// How a row ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct End {
    /// When it goes out: its own time, or the slot that it takes.
    pub(in super::super) at: Instant,
    /// The day on which it goes out, in days of the file's zone since 1970.
    pub(in super::super) day: i32,
    pub(in super::super) outcome: Outcome,
    pub(in super::super) reason: Reason,
    /// How near another is that says the same.
    pub(in super::super) repeat: Option<Distance>,
    /// Whether that other is a post that waits for another time.
    pub(in super::super) waits_elsewhere: bool,
    /// Whether it takes the next free slot.
    pub(in super::super) waits: bool,
    /// Whether it takes the slot because its own time has passed.
    pub(in super::super) is_late: bool,
    /// Whether it is a draft because it names no time.
    pub(in super::super) lacks_time: bool,
    /// Whether it changes a waiting post.
    pub(in super::super) updates: bool,
    /// When that goes out as it is, if it does.
    pub(in super::super) own_at: Instant,
    /// Whether that has what can't be sent yet, so that it stays a draft.
    pub(in super::super) kept_back: bool,
    /// Whether an earlier row has the same id of the person's own.
    pub(in super::super) has_same_id: bool,
    /// Whether another post of the account goes out minutes apart.
    pub(in super::super) collides: bool,
    /// Whether it is more than X lets out.
    pub(in super::super) overruns: bool,
    /// Whether an earlier row or a post says nearly the same.
    pub(in super::super) near: bool,
}

/// Why a row is left out; the words and the other row are found when they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in super::super) enum Reason {
    #[default]
    None,
    Past,
    Repeat,
    OwnIdKnown,
    OtherNetwork,
    WentOut,
    Cancelled,
    LeftOut,
    Problem,
}

impl Default for End {
    fn default() -> Self {
        Self {
            at: Instant::NONE,
            day: 0,
            outcome: Outcome::Refused,
            reason: Reason::None,
            repeat: None,
            waits_elsewhere: false,
            waits: false,
            is_late: false,
            lacks_time: false,
            updates: false,
            own_at: Instant::NONE,
            kept_back: false,
            has_same_id: false,
            collides: false,
            overruns: false,
            near: false,
        }
    }
}

impl End {
    /// Returns it as it was before the plan marked it and gave it a slot.
    pub(super) const fn without_plan(self) -> Self {
        let (at, day) = if self.waits { (Instant::NONE, 0) } else { (self.at, self.day) };
        Self { at, day, collides: false, overruns: false, ..self }
    }

    /// Has a row without a time of its own leave the post that it changes where it is: on its time, or a
    /// draft without one.
    pub(super) fn stay_with(&mut self, post: &KnownPost, facts: &Kept, ground: Ground<'_>) {
        self.lacks_time = false;
        if self.outcome == Outcome::Ready && was_given(facts, post, ground) {
            self.waits = false;
            self.at = Instant::of(post.at);
            if let Some((at, zone)) = post.at.zip(ground.rules.zone.as_ref()) {
                self.day = day_of(wall_time_of(at, zone));
            }
        }
    }

    /// Returns whether what was found in the row is told: a row that is left out for what it is needs
    /// nothing mended.
    pub(in super::super) const fn is_told(&self) -> bool {
        match self.outcome {
            Outcome::Ready | Outcome::Draft | Outcome::Refused => true,
            Outcome::Skipped => {
                matches!(self.reason, Reason::Problem | Reason::OtherNetwork | Reason::WentOut)
            }
        }
    }
}

/// How a row would end by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Early {
    /// It is imported, unless the same is there already.
    Goes {
        /// As a draft.
        is_draft: bool,
        /// The post with its id that it changes.
        updates: Option<KnownPost>,
    },
    /// It is not.
    Ends(Outcome, Reason),
}

/// The post that has the id of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnPost<'k> {
    pub(super) post: &'k KnownPost,
    /// Whether the row says otherwise, its time aside.
    pub(super) differs: bool,
    /// Whether it stays a draft, because it has what can't be sent yet.
    pub(super) is_kept_back: bool,
}

/// Decides how a row would end by itself.
pub(super) fn early(
    facts: &Kept,
    has_same_id: bool,
    own: Option<OwnPost<'_>>,
    ground: Ground<'_>,
) -> Early {
    let choices = ground.choices;
    let skipped = |reason| Early::Ends(Outcome::Skipped, reason);
    let is = |flag| facts.flags.has(flag);
    for (flag, reason) in [
        (Flags::LEFT_OUT, Reason::LeftOut),
        (Flags::OTHER_NETWORK, Reason::OtherNetwork),
        (Flags::WENT_OUT, Reason::WentOut),
        (Flags::CANCELLED, Reason::Cancelled),
    ] {
        if is(flag) {
            return skipped(reason);
        }
    }
    if is(Flags::PAST) && choices.past == PastPolicy::Skip {
        return skipped(Reason::Past);
    }
    let is_faulty = is(Flags::FAULTY) || has_same_id;
    let as_draft = is(Flags::DRAFT_ANYWAY);
    if is_faulty {
        let becomes_draft =
            (as_draft || choices.problems == ProblemPolicy::Draft) && is(Flags::SAYS);
        match choices.problems {
            _ if becomes_draft => {}
            ProblemPolicy::Refuse => return Early::Ends(Outcome::Refused, Reason::None),
            ProblemPolicy::Draft | ProblemPolicy::Skip => return skipped(Reason::Problem),
        }
    }
    let is_draft = is_faulty || as_draft || is(Flags::DRAFT);
    let Some(OwnPost { post, differs, is_kept_back }) = own.filter(|_| !has_same_id) else {
        return Early::Goes { is_draft: is_draft || is(Flags::TIMELESS), updates: None };
    };
    let has_no_time = is(Flags::TIMELESS) && !was_given(facts, post, ground);
    let is_draft = is_draft || has_no_time || is_kept_back;
    let is_same = is_at_its_time(facts, post, ground) && !differs;
    if is_same || !is_waiting(post.status) || !may_update(facts.flags, choices) {
        return skipped(Reason::OwnIdKnown);
    }
    Early::Goes { is_draft, updates: Some(*post) }
}

/// Returns whether a row may change a waiting post that has its id.
pub(in super::super) const fn may_update(flags: Flags, choices: &Choices) -> bool {
    choices.update || flags.has(Flags::UPDATE) || flags.has(Flags::MOVES)
}

/// Returns whether a row leaves its post at the time that it has.
fn is_at_its_time(facts: &Kept, post: &KnownPost, ground: Ground<'_>) -> bool {
    if facts.flags.has(Flags::MOVES) {
        return false;
    }
    match facts.at.get() {
        at @ Some(_) => post.at == at,
        // A draft may name no time.
        None => !facts.flags.has(Flags::WAITS) || was_given(facts, post, ground),
    }
}

/// Returns whether a row without a time of its own has the one that its post was given. A draft whose
/// time has passed needs another to go out.
fn was_given(facts: &Kept, post: &KnownPost, ground: Ground<'_>) -> bool {
    let is = |flag| facts.flags.has(flag);
    let names_none = is(Flags::TIMELESS) || is(Flags::WAITS) && !is(Flags::LATE);
    let serves = |at| post.status != Status::Draft || at > ground.surroundings.now;
    names_none && !is(Flags::MOVES) && post.at.is_some_and(serves)
}

/// Decides how a row ends among others.
pub(super) fn of(early: Early, has_same_id: bool, repeat: Option<&Repeat>, facts: &Kept) -> End {
    let mut end = End { at: facts.at, day: facts.day, has_same_id, ..End::default() };
    end.repeat = repeat.and_then(|repeat| repeat.other).map(|(distance, _)| distance);
    let is_draft = match early {
        Early::Ends(outcome, reason) => return End { outcome, reason, ..end },
        Early::Goes { is_draft, .. } => is_draft,
    };
    end.waits_elsewhere = repeat.is_some_and(|repeat| repeat.waits_elsewhere());
    end.updates = repeat.is_some_and(|repeat| repeat.updates.is_some());
    if repeat.is_some_and(|repeat| repeat.is_left_out) {
        return End { outcome: Outcome::Skipped, reason: Reason::Repeat, ..end };
    }
    end.outcome = if is_draft { Outcome::Draft } else { Outcome::Ready };
    let set_aside = [Flags::FAULTY, Flags::DRAFT_ANYWAY, Flags::DRAFT];
    let is_set_aside = has_same_id || set_aside.iter().any(|flag| facts.flags.has(*flag));
    end.lacks_time = is_draft && !is_set_aside && facts.flags.has(Flags::TIMELESS);
    end.waits = !is_draft && facts.flags.has(Flags::WAITS);
    end.is_late = end.waits && facts.flags.has(Flags::LATE);
    end.without_plan()
}
