//! Rail and status bar.

use roost_core::clock::UnixMillis;
use roost_core::zone::Zone;
use roost_engine::view::{self, BlockerKind};
use serde::Serialize;

use super::post::same_words;
use crate::ipc::Type;
use crate::words;

/// Everything around the list.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Overview {
    /// Today, in the zone that the window shows.
    today: String,
    zone: String,
    counts: Counts,
    accounts: Vec<Account>,
    relay: Reach,
    last_sync_at: Option<i64>,
    syncing: bool,
    paused: bool,
    /// Whether X is the sandbox.
    sandbox: bool,
    /// What keeps posts from going out until the person has done something, in plain words.
    trouble: Option<String>,
    /// What else is in the way of posts, the gravest first.
    blockers: Vec<Blocker>,
    /// Whether the computer may be closed, and until when: one honest sentence.
    coverage: String,
    /// The same at more length.
    coverage_hint: String,
    /// The month that `month_cost` is about.
    month: String,
    /// Micro-dollars.
    month_cost: i64,
    month_forecast: i64,
    /// A file that a newcomer may import to try things.
    sample: Option<String>,
}

/// One thing that is in the way of posts, with what to do about it.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Blocker {
    /// Which; unchanged while it lasts.
    key: String,
    /// What is, and what to do: whole sentences.
    words: String,
    /// The other side's own words, when it said any.
    said: Option<String>,
    /// Whether the person, or this computer, is needed for it.
    is_grave: bool,
    /// Whether trying now may end it.
    try_now: bool,
}

/// Posts by place of the rail.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counts {
    today: u64,
    upcoming: u64,
    drafts: u64,
    needs_you: u64,
    posted: u64,
    open: u64,
    total: u64,
}

/// An account.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    x_user_id: String,
    username: String,
    name: String,
    health: AccountHealth,
    message: Option<String>,
    /// Its posts that wait and can be cancelled.
    pending: u64,
}

/// Whether an account can post.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AccountHealth {
    /// It can.
    Connected,
    /// X refused the grant.
    Disconnected,
    /// X suspended or locked it.
    Suspended,
}

/// How a service answered.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(tag = "state", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub(crate) enum Reach {
    /// No address is known.
    NotConfigured,
    /// Not asked yet.
    NotAsked,
    /// It answered.
    Reached {
        /// When it last did.
        at: i64,
        /// How long it took.
        latency_ms: u64,
    },
    /// It did not answer.
    NotReached {
        /// Since when.
        since: i64,
        /// What happened and what to do.
        message: String,
    },
    /// It answered, and refuses this computer.
    Refuses {
        /// What happened and what to do.
        message: String,
    },
}

/// What an [`Overview`] is made of.
pub(crate) struct Parts {
    /// The wall clock.
    pub now: UnixMillis,
    /// The zone that the window shows.
    pub zone: Zone,
    /// Counts of the rail.
    pub counts: view::Counts,
    /// Accounts.
    pub accounts: Vec<view::AccountRow>,
    /// The status bar.
    pub sync: view::SyncState,
    /// A file to try things with.
    pub sample: Option<String>,
}

impl From<Parts> for Overview {
    fn from(parts: Parts) -> Self {
        let Parts { now, zone, counts, accounts, sync, sample } = parts;
        let (coverage, coverage_hint) = words::coverage(&sync, &counts, &zone);
        let refusal = sync.blockers.iter().find(|it| it.kind == BlockerKind::RelayRefuses);
        let relay = match refusal {
            Some(refusal) => Reach::Refuses { message: words::blocker(refusal, &zone) },
            None => sync.relay.into(),
        };
        let blockers = sync.blockers.iter().filter(|it| !has_a_place(it.kind));
        let blockers = blockers.map(|it| Blocker::shown_in(&zone, it)).collect();
        Self {
            today: words::day_and_time(now, &zone).0,
            zone: zone.name().to_owned(),
            counts: counts.into(),
            accounts: accounts.into_iter().map(Into::into).collect(),
            relay,
            last_sync_at: sync.last_sync_at.map(|at| at.0),
            syncing: sync.syncing,
            paused: sync.paused,
            sandbox: sync.sandbox,
            trouble: sync.trouble.map(|trouble| trouble.message),
            blockers,
            coverage,
            coverage_hint,
            month: words::month(now, &zone),
            month_cost: sync.month_cost_micros,
            month_forecast: sync.month_forecast_micros,
            sample,
        }
    }
}

/// Whether the window shows it elsewhere: as the trouble, at the account, at the pause.
const fn has_a_place(kind: BlockerKind) -> bool {
    matches!(
        kind,
        BlockerKind::Withheld
            | BlockerKind::AccountSignedOut
            | BlockerKind::AccountSuspended
            | BlockerKind::Paused
    )
}

impl Blocker {
    fn shown_in(zone: &Zone, blocker: &view::Blocker) -> Self {
        Self {
            key: format!("{:?}:{}", blocker.kind, blocker.code),
            words: words::blocker(blocker, zone),
            said: blocker.said.clone(),
            is_grave: blocker.needs_person || blocker.needs_this_computer,
            try_now: matches!(
                blocker.kind,
                BlockerKind::SchedulerRefuses | BlockerKind::AppHeld | BlockerKind::XUnreachable
            ),
        }
    }
}

impl From<view::Counts> for Counts {
    fn from(counts: view::Counts) -> Self {
        Self {
            today: counts.today,
            upcoming: counts.upcoming,
            drafts: counts.drafts,
            needs_you: counts.needs_you,
            posted: counts.posted,
            open: counts.open,
            total: counts.total,
        }
    }
}

impl From<view::AccountRow> for Account {
    fn from(account: view::AccountRow) -> Self {
        Self {
            x_user_id: account.x_user_id.0,
            username: account.username,
            name: account.name,
            health: account.health.into(),
            message: account.message,
            pending: account.pending,
        }
    }
}

impl From<view::Reach> for Reach {
    fn from(reach: view::Reach) -> Self {
        match reach {
            view::Reach::NotConfigured => Self::NotConfigured,
            view::Reach::NotAsked => Self::NotAsked,
            view::Reach::Reached { at, latency_ms } => Self::Reached { at: at.0, latency_ms },
            view::Reach::NotReached { since, message } => {
                Self::NotReached { since: since.0, message }
            }
        }
    }
}

same_words!(roost_relay_api::AccountHealth => AccountHealth: Connected, Disconnected, Suspended);
