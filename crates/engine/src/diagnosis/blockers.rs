//! What keeps posts from going out, or this computer from being closed: one list of blockers, each
//! with its own words and a remedy that exists. Pure: facts come in, blockers go out. What the list
//! means for closing this computer is in `safe_to_close`.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_store::Backlog;

use crate::clock_difference::clock_difference;
use crate::diagnosis::counted::counted;
use crate::diagnosis::holds;
use crate::sync::scheduler_refusal::SchedulerTrouble;
use crate::view::{Blocker, BlockerKind, Reach, Trouble, WaitingCount};
use crate::{Mode, NextStep};

/// Clocks may differ by so much: what is signed by the one is refused by the other beyond a minute.
pub(crate) const SKEW_MAX_MS: i64 = 30_000;

/// An account that can't post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unwell {
    pub(crate) username: String,
    pub(crate) code: Code,
    pub(crate) backlog: Backlog,
}

/// An account that is paused by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PausedAccount {
    pub(crate) username: String,
    pub(crate) backlog: Backlog,
}

/// How clocks differ, in milliseconds, where that is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Clocks {
    /// The relay's minus X's.
    pub(crate) relay_minus_x: Option<i64>,
    /// The relay's minus the scheduler's.
    pub(crate) relay_minus_scheduler: Option<i64>,
    /// The relay's minus this computer's.
    pub(crate) relay_minus_ours: Option<i64>,
}

/// What passes by itself has passed by then.
const PASSES_WITHIN: Duration = Duration::from_mins(10);

/// Everything that the list is made from.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) mode: Mode,
    pub(crate) now: UnixMillis,
    /// What only the person can end, as the host said it.
    pub(crate) trouble: Option<Trouble>,
    pub(crate) relay: Reach,
    /// The relay was reached, and refuses whatever this computer asks.
    pub(crate) relay_refusal: Option<Trouble>,
    /// The relay's database is the one that this store's posts were handed to.
    pub(crate) relay_knows_store: bool,
    /// What keeps the relay from delivering a due post, in its own words.
    pub(crate) relay_not_ready: Vec<String>,
    pub(crate) clocks: Clocks,
    pub(crate) scheduler: Option<SchedulerTrouble>,
    pub(crate) paused: bool,
    pub(crate) paused_accounts: Vec<PausedAccount>,
    /// Posts that are scheduled and not decided.
    pub(crate) open: u64,
    /// Of these, the ones that a relay was given.
    pub(crate) handed_over: u64,
    /// Posts inside the horizon that relay and scheduler do not both hold.
    pub(crate) not_handed_over: Backlog,
    /// Posts whose withdrawal the relay has not acknowledged.
    pub(crate) withdrawing: Backlog,
    /// Posts that name no account.
    pub(crate) without_account: Backlog,
    pub(crate) accounts: Vec<Unwell>,
    /// What posts wait for on the relay, by cause.
    pub(crate) waiting: Vec<WaitingCount>,
    /// Posts whose instants other clock rules than those of today gave.
    pub(crate) moved_by_rules: Backlog,
    /// Posts that no longer fit their accounts.
    pub(crate) outgrown: Backlog,
    /// Posts that wait on the relay for a turn that comes after their deadline.
    pub(crate) turns_too_late: Backlog,
    /// When the first post is due that only this computer has, inside the horizon or beyond.
    pub(crate) first_gap: Option<UnixMillis>,
}

/// Returns what is in the way, the gravest first.
pub(crate) fn blockers(facts: &Facts) -> Vec<Blocker> {
    let mut found = Vec::new();
    relay(facts, &mut found);
    clocks(facts.clocks, &mut found);
    time_rules(facts.moved_by_rules, &mut found);
    scheduler(facts, &mut found);
    here(facts, &mut found);
    accounts(facts, &mut found);
    found.extend(facts.waiting.iter().filter_map(held));
    if facts.turns_too_late.posts > 0 {
        found.push(missed(facts.turns_too_late));
    }
    if facts.outgrown.posts > 0 {
        found.push(no_longer_fit(facts.outgrown));
    }
    if facts.paused {
        found.push(Blocker { posts: facts.open, ..Blocker::of(BlockerKind::Paused, Code::Paused) });
    }
    found.extend(facts.paused_accounts.iter().map(account_paused));
    found
}

fn relay(facts: &Facts, found: &mut Vec<Blocker>) {
    if let Some(trouble) = &facts.trouble {
        found.push(Blocker {
            message: trouble.message.clone(),
            next_steps: trouble.next_steps.clone(),
            // The host's words name the remedy.
            remedy: String::new(),
            needs_person: true,
            posts: facts.open,
            ..Blocker::of(BlockerKind::Withheld, trouble.code)
        });
        return;
    }
    if let Some(refusal) = &facts.relay_refusal {
        found.push(refused(facts, refusal));
        return;
    }
    if let Reach::NotReached { since, message } = &facts.relay {
        found.push(Blocker {
            message: without_remedy(message, Code::RelayUnreachable),
            needs_person: true,
            posts: facts.open,
            since: Some(*since),
            ..Blocker::of(BlockerKind::RelayUnreachable, Code::RelayUnreachable)
        });
        return;
    }
    if !facts.relay_knows_store && facts.handed_over > 0 {
        let posts = counted(facts.handed_over, "post was", "posts were");
        found.push(Blocker {
            message: format!(
                "The relay's database is not the one that {posts} handed to: it was lost, restored \
                 or moved. Nothing of this computer goes out before the relay was told anew."
            ),
            remedy: "Keep Roost running: it tells the relay by itself.".into(),
            next_steps: vec![NextStep::SyncNow, NextStep::KeepRunning],
            needs_this_computer: true,
            posts: facts.handed_over,
            ..Blocker::of(BlockerKind::RelayLostStore, Code::RelayRefused)
        });
    }
    if !facts.relay_not_ready.is_empty() {
        found.push(Blocker {
            message: format!("The relay delivers nothing now. {}", facts.relay_not_ready.join(" ")),
            remedy: "On the relay's computer `roost-relay check` says how to mend it.".into(),
            needs_person: true,
            posts: facts.open,
            ..Blocker::of(BlockerKind::RelayNotReady, Code::RelayRefused)
        });
    }
}

/// Returns what it means that the relay refuses all: nobody can say what it holds.
fn refused(facts: &Facts, refusal: &Trouble) -> Blocker {
    let blocker = Blocker {
        needs_person: true,
        posts: facts.open,
        ..Blocker::of(BlockerKind::RelayRefuses, refusal.code)
    };
    match refusal.code {
        Code::RelayUnauthorized => Blocker {
            message: "The relay does not accept this computer's key: it may have lost its \
                      database, and nobody can say whether it still holds your posts."
                .into(),
            remedy: "On the relay's computer `roost-relay pair` prints a link: pair this \
                     computer with it."
                .into(),
            ..blocker
        },
        Code::OtherStore => Blocker {
            remedy: "Make this computer the one that feeds the relay, or use the other one.".into(),
            ..blocker
        },
        _ => Blocker { message: with_stop(&refusal.message), ..blocker },
    }
}

fn clocks(clocks: Clocks, found: &mut Vec<Blocker>) {
    let Clocks { relay_minus_x, relay_minus_scheduler, relay_minus_ours } = clocks;
    let far = |difference: Option<i64>| difference.filter(|ms| ms.abs() > SKEW_MAX_MS);
    let mut wrong = |whose: &str, ms: i64, posts_late: bool| {
        let effect = match (posts_late, ms < 0) {
            (true, true) => " Posts go out late by as much.",
            (true, false) => " Posts wait until X's clock has come to their time.",
            _ => "",
        };
        found.push(Blocker {
            message: format!("The relay's clock is {} {whose}.{effect}", clock_difference(ms)),
            needs_person: true,
            ..Blocker::of(BlockerKind::RelayClock, Code::ClockWrong)
        });
    };
    if let Some(ms) = far(relay_minus_x) {
        return wrong("X's", ms, true);
    }
    if let Some(ms) = far(relay_minus_scheduler) {
        return wrong("the scheduler's", ms, false);
    }
    // X agrees with the relay: then it is this computer's clock that is wrong.
    if let Some(ms) = far(relay_minus_ours) {
        let message = format!("This computer's clock is {} the relay's.", clock_difference(-ms));
        found.push(Blocker {
            message: format!("{message} New posts may be taken for late or for early ones."),
            remedy: "Set this computer's clock by NTP.".into(),
            needs_person: true,
            ..Blocker::of(BlockerKind::OwnClock, Code::ClockWrong)
        });
    }
}

fn time_rules(Backlog { posts, first }: Backlog, found: &mut Vec<Blocker>) {
    if posts == 0 {
        return;
    }
    let would = counted(posts, "post would move", "posts would move");
    found.push(Blocker {
        message: format!("{} {would}.", Code::TimeRulesChanged.text()),
        remedy: format!(
            "{} Until then they go out at the instants that they have.",
            Code::TimeRulesChanged.remedy()
        ),
        needs_person: true,
        posts,
        first_due: first,
        ..Blocker::of(BlockerKind::TimeRules, Code::TimeRulesChanged)
    });
}

fn scheduler(facts: &Facts, found: &mut Vec<Blocker>) {
    let Some(trouble) = &facts.scheduler else { return };
    let by_clock = "The relay posts what it holds by its own clock, about two minutes late.";
    let posts = facts.not_handed_over.posts.max(trouble.posts);
    let waiting = counted(posts, "post waits", "posts wait");
    found.push(Blocker {
        message: format!("{} {waiting} for it. {by_clock}", trouble.code.text()),
        next_steps: [vec![NextStep::TryNow], NextStep::of(trouble.code)].concat(),
        said: Some(trouble.message.clone()),
        needs_person: !trouble.passes || facts.now.since(trouble.since) > PASSES_WITHIN,
        posts,
        since: Some(trouble.since),
        next_try: Some(trouble.next_try),
        ..Blocker::of(BlockerKind::SchedulerRefuses, trouble.code)
    });
}

/// What waits on this computer and is due already.
fn here(facts: &Facts, found: &mut Vec<Blocker>) {
    let is_due = |backlog: Backlog| backlog.first.is_some_and(|first| first <= facts.now);
    let here = facts.mode != Mode::ThisComputer;
    let Backlog { posts, first } = facts.not_handed_over;
    if here && is_due(facts.not_handed_over) {
        let waiting = counted(posts, "post waits", "posts wait");
        found.push(Blocker {
            message: format!("{waiting} on this computer, and the first is due already."),
            remedy: "Keep this computer awake: Roost hands them over by itself.".into(),
            next_steps: vec![NextStep::SyncNow],
            needs_this_computer: true,
            posts,
            first_due: first,
            ..Blocker::of(BlockerKind::NotHandedOver, Code::RelayUnreachable)
        });
    }
    let Backlog { posts, first } = facts.withdrawing;
    if posts > 0 && here {
        let changes = counted(posts, "post", "posts");
        found.push(Blocker {
            message: format!(
                "The relay has not acknowledged the change or cancellation of {changes}; the old \
                 words may still go out."
            ),
            remedy: "Keep this computer awake: Roost tells the relay by itself.".into(),
            next_steps: vec![NextStep::SyncNow],
            needs_this_computer: is_due(facts.withdrawing),
            posts,
            first_due: first,
            ..Blocker::of(BlockerKind::Withdrawing, Code::RelayUnreachable)
        });
    }
    let Backlog { posts, first } = facts.without_account;
    if posts > 0 {
        let waiting = counted(posts, "post waits", "posts wait");
        found.push(Blocker {
            message: format!("{waiting} for an account: none is named."),
            remedy: "Choose one for each.".into(),
            needs_person: true,
            posts,
            first_due: first,
            ..Blocker::of(BlockerKind::WithoutAccount, Code::AccountMissing)
        });
    }
}

/// Returns that all posts are held by X or for the app; none for what concerns single posts.
fn held(waiting: &WaitingCount) -> Option<Blocker> {
    if !holds::is_of_the_whole(waiting.code) {
        return None;
    }
    let posts = counted(waiting.posts, "post waits", "posts wait");
    let of_the_app = holds::is_of_the_app(waiting.code);
    let (kind, remedy) = if of_the_app {
        (BlockerKind::AppHeld, waiting.code.remedy())
    } else if holds::is_of_sign_ins(waiting.code) {
        // Each has its own: a new sign-in ends a doubt, and nothing has to end a refusal.
        (BlockerKind::SignInsHeld, waiting.code.remedy())
    } else {
        (BlockerKind::XUnreachable, "The relay tries again by itself.")
    };
    let remedy = remedy.to_owned();
    Some(Blocker {
        message: format!("{} {posts} for it.", waiting.message),
        remedy,
        said: waiting.said.clone(),
        posts: waiting.posts,
        next_try: waiting.next_try,
        next_steps: match kind {
            BlockerKind::SignInsHeld => NextStep::of(waiting.code),
            _ => vec![NextStep::TryNow],
        },
        needs_person: of_the_app,
        ..Blocker::of(kind, waiting.code)
    })
}

fn account_paused(PausedAccount { username, backlog }: &PausedAccount) -> Blocker {
    let posts = counted(backlog.posts, "post waits", "posts wait");
    Blocker {
        message: format!("@{username} is paused, and {posts}."),
        next_steps: vec![NextStep::ResumeAccount { username: username.clone() }],
        posts: backlog.posts,
        first_due: backlog.first,
        account: Some(username.clone()),
        ..Blocker::of(BlockerKind::AccountPaused, Code::AccountPaused)
    }
}

fn missed(Backlog { posts, first }: Backlog) -> Blocker {
    let posts_words = counted(posts, "post waits", "posts wait");
    Blocker {
        message: format!("{posts_words} for a turn that comes too late, and will be missed."),
        remedy: "Give them a later time, settle what they wait for, or cancel them.".into(),
        next_steps: vec![NextStep::ShowNeedsYou],
        needs_person: true,
        posts,
        first_due: first,
        ..Blocker::of(BlockerKind::WillBeMissed, Code::Missed)
    }
}

fn no_longer_fit(Backlog { posts, first }: Backlog) -> Blocker {
    let waiting = counted(posts, "post waits", "posts wait");
    let what = "that X will refuse: an account's X Premium or its limits ended.";
    Blocker {
        message: format!("{waiting} {what}"),
        next_steps: vec![NextStep::ShowUpcoming],
        needs_person: true,
        posts,
        first_due: first,
        ..Blocker::of(BlockerKind::NoLongerFits, Code::NoLongerFits)
    }
}

fn accounts(facts: &Facts, found: &mut Vec<Blocker>) {
    for Unwell { username, code, backlog } in &facts.accounts {
        let posts = match backlog.posts {
            0 => "None of its posts waits.".to_owned(),
            1 => "Its 1 post waits, and goes out once that is settled.".to_owned(),
            count => format!("Its {count} posts wait, and go out once that is settled."),
        };
        let (kind, what, remedy) = match code {
            Code::AccountSuspended => (
                BlockerKind::AccountSuspended,
                format!("X suspended or locked @{username}."),
                "Settle it on x.com, then try again.".to_owned(),
            ),
            _ => (
                BlockerKind::AccountSignedOut,
                format!("The sign-in of @{username} no longer works."),
                format!("Sign in again as @{username}."),
            ),
        };
        found.push(Blocker {
            message: format!("{what} {posts}"),
            remedy,
            next_steps: match kind {
                BlockerKind::AccountSuspended => vec![NextStep::TryNow],
                _ => vec![NextStep::SignIn { username: Some(username.clone()) }],
            },
            needs_person: true,
            posts: backlog.posts,
            first_due: backlog.first,
            account: Some(username.clone()),
            ..Blocker::of(kind, *code)
        });
    }
}

impl Blocker {
    /// A blocker in the code's own words.
    pub(crate) fn of(kind: BlockerKind, code: Code) -> Self {
        Self {
            kind,
            code,
            message: code.text().to_owned(),
            remedy: code.remedy().to_owned(),
            next_steps: NextStep::of(code),
            said: None,
            posts: 0,
            account: None,
            first_due: None,
            since: None,
            next_try: None,
            needs_this_computer: false,
            needs_person: false,
        }
    }
}

/// Returns a message without the remedy that it ends with: it is told beside.
fn without_remedy(message: &str, code: Code) -> String {
    message.strip_suffix(code.remedy()).unwrap_or(message).trim_end().to_owned()
}

fn with_stop(message: &str) -> String {
    let message = message.trim();
    if message.ends_with(['.', '!', '?']) { message.to_owned() } else { format!("{message}.") }
}

#[cfg(test)]
mod tests;
