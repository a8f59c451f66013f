//! Looks at everything that an alarm may be about.

use std::time::Duration;

use roost_core::alarm::{AlarmKind, Condition, PostFacts};
use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_relay_api::{AccountHealth, DeliveryState};
use rusqlite::Connection;

use super::recent::Recent;
use crate::alarm_settings::Alarms;
use crate::clock_check::Confidence;
use crate::rows::{account, app, given_up, part, post, relay};
use crate::shared::Shared;

/// How long a post that ended badly is news. Longer than that the relay was off for its channels, too.
const NEWS: Duration = Duration::from_secs(24 * 60 * 60);
/// The time over which the backstop, refused signatures and failing calls are counted.
const BACKSTOP_WITHIN: Duration = Duration::from_secs(60 * 60);
const SIGNATURES_WITHIN: Duration = Duration::from_secs(10 * 60);
const CALLS_WITHIN: Duration = Duration::from_secs(15 * 60);
/// Fewer calls than this are no rate.
const CALLS_MIN: u64 = 5;

/// Something that is wrong at this moment.
#[derive(Debug)]
pub(super) struct Found {
    /// What it is the trouble of.
    pub(super) key: String,
    pub(super) condition: Condition,
}

/// What a look showed.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) found: Vec<Found>,
    /// Why the ledger could not be read, if so: what it had to say stands as before then.
    pub(super) ledger_error: Option<String>,
}

impl Looked {
    fn find(&mut self, condition: Condition) {
        self.find_of("", condition);
    }

    fn find_of(&mut self, of: &str, condition: Condition) {
        let key = format!("{}:{of}", condition.kind());
        self.found.push(Found { key, condition });
    }
}

/// Returns whether a kind is told by the ledger, and by nothing else.
pub(super) const fn is_of_ledger(kind: AlarmKind) -> bool {
    !matches!(
        kind,
        AlarmKind::ClockWrong
            | AlarmKind::DiskLow
            | AlarmKind::DatabaseUnwritable
            | AlarmKind::Certificate
            | AlarmKind::DeliveriesFailing
    )
}

/// Looks at everything.
pub(super) async fn look(shared: &Shared, alarms: &Alarms, recent: &Recent) -> Looked {
    let now = shared.now();
    let mut looked = Looked::default();
    look_at_machine(shared, alarms, now, &mut looked).await;
    let calls = recent.grown(CALLS_WITHIN);
    let failed = calls.creates.saturating_sub(calls.created);
    if calls.creates >= CALLS_MIN
        && failed * 100 > calls.creates * u64::from(alarms.failing_percent)
    {
        looked.find(Condition::DeliveriesFailing { failed, calls: calls.creates });
    }
    let (shows_posts, silent_after) = (alarms.show_posts, alarms.silent_after);
    let overdue = now.minus(shared.config.pace.backstop_after);
    let of_ledger = shared.read("alarms", move |c| {
        let mut looked = Looked::default();
        let is_late = post::oldest_overdue(c, overdue)?.is_some();
        look_at_posts(c, now, shows_posts, &mut looked)?;
        look_at_accounts(c, now, &mut looked)?;
        look_at_coverage(c, now, silent_after, &mut looked)?;
        match given_up::unsettled(c)? {
            0 => {}
            posts => looked.find(Condition::GivenUp { posts }),
        }
        Ok((looked, is_late))
    });
    let (of_ledger, is_late) = match of_ledger.await {
        Ok(of_ledger) => of_ledger,
        Err(error) => {
            looked.ledger_error = Some(error.to_string());
            return looked;
        }
    };
    looked.found.extend(of_ledger.found);
    let backstop = recent.grown(BACKSTOP_WITHIN).backstop;
    if backstop > 0 {
        looked.find(Condition::BackstopUsed { posts: backstop });
    }
    let of_late = recent.grown(SIGNATURES_WITHIN);
    // Anybody can send a bad signature; it matters when a good one is missing.
    if of_late.signatures_refused > 0 && (is_late || of_late.backstop > 0) {
        looked.find(Condition::SignaturesRefused { deliveries: of_late.signatures_refused });
    }
    looked
}

async fn look_at_machine(shared: &Shared, alarms: &Alarms, now: UnixMillis, looked: &mut Looked) {
    if let Err(why) = shared.write_check.run(&shared.database).await {
        looked.find(Condition::DatabaseUnwritable { why: format!("{why}.") });
    }
    if let Confidence::Contradicted { ahead_ms } = shared.clock_skew.confidence(now) {
        looked.find(Condition::ClockWrong { ahead_s: ahead_ms / 1000 });
    }
    if let Some(why) = shared.certificate().and_then(|status| status.alarm(now.0)) {
        looked.find(Condition::Certificate { why });
    }
    if let Some(free) = free_bytes(&shared.config.database)
        && free < alarms.disk_low_bytes
    {
        looked.find(Condition::DiskLow { free_mb: free / (1024 * 1024) });
    }
}

/// What is left on the disk of a file for its user.
#[cfg(unix)]
fn free_bytes(file: &std::path::Path) -> Option<u64> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let disk = rustix::fs::statvfs(folder.unwrap_or(std::path::Path::new("."))).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_file: &std::path::Path) -> Option<u64> {
    None
}

fn look_at_posts(
    connection: &Connection,
    now: UnixMillis,
    shows_posts: bool,
    looked: &mut Looked,
) -> rusqlite::Result<()> {
    let ended = post::select(
        connection,
        "decided_at > ?1 AND body_hash IS NOT NULL
           AND state IN ('refused', 'expired', 'partial') ORDER BY decided_at",
        [now.minus(NEWS).0],
    )?;
    let parked = post::select(connection, "state = 'parked' ORDER BY updated_at", [])?;
    for post in ended.into_iter().chain(parked) {
        let facts = facts(connection, &post, shows_posts)?;
        let condition = match post.state {
            DeliveryState::Refused => Condition::PostFailed(facts),
            DeliveryState::Expired => Condition::PostMissed(facts),
            DeliveryState::Partial => Condition::PostInPart(facts),
            _ => Condition::PostNeedsCheck(facts),
        };
        looked.find_of(&format!("{}:{}", post.id, post.revision.0), condition);
    }
    Ok(())
}

fn facts(
    connection: &Connection,
    post: &post::Post,
    shows_posts: bool,
) -> rusqlite::Result<PostFacts> {
    let account =
        post.account.as_ref().map(|id| account::get(connection, id)).transpose()?.flatten();
    let text = match shows_posts {
        true => part::content(connection, post.id)?.map(|content| content.first_text().to_owned()),
        false => None,
    };
    // X's own words may repeat a post's; the code's are ours.
    let why = post.code.as_deref().and_then(|code| code.parse::<Code>().ok());
    Ok(PostFacts {
        username: account.map(|row| row.account.username).unwrap_or_default(),
        due_at: post.due_at,
        why: why.map(|code| code.text().to_owned()).unwrap_or_default(),
        text,
    })
}

fn look_at_accounts(
    connection: &Connection,
    now: UnixMillis,
    looked: &mut Looked,
) -> rusqlite::Result<()> {
    for row in account::list(connection)? {
        let is_out = row.account.health != AccountHealth::Connected;
        // One that a person signed out here is no trouble.
        if is_out && row.grant_sealed.is_some() {
            let code = match row.account.health {
                AccountHealth::Suspended => Code::AccountSuspended,
                _ => Code::SignInNeeded,
            };
            let why = row.account.message.clone().unwrap_or_else(|| code.text().to_owned());
            let username = row.account.username.clone();
            let id = row.account.x_user_id.0.clone();
            looked.find_of(&id, Condition::AccountDisconnected { username, why });
        }
        let held = app::get(connection, &row.client_id)?.filter(|hold| hold.until > now);
        let out_of_credits = held.filter(|hold| {
            let code = hold.code.parse::<Code>();
            matches!(code, Ok(Code::CreditsDepleted | Code::SpendCapReached))
        });
        let key = format!("{}:{}", AlarmKind::CreditsExhausted, row.client_id);
        if let Some(hold) = out_of_credits
            && !looked.found.iter().any(|found| found.key == key)
        {
            let why = match hold.code.parse::<Code>() {
                Ok(code) => code.text().to_owned(),
                Err(_) => hold.message,
            };
            looked.find_of(&row.client_id, Condition::CreditsExhausted { why });
        }
    }
    Ok(())
}

fn look_at_coverage(
    connection: &Connection,
    now: UnixMillis,
    silent_after: Duration,
    looked: &mut Looked,
) -> rusqlite::Result<()> {
    let row = relay::row(connection)?;
    let posts = row.posts_beyond;
    if posts == 0 || row.paused {
        return Ok(());
    }
    match (row.covered_until, row.covered_at) {
        (Some(until), _) if until < now => {
            looked.find(Condition::CoveragePassed { until, posts });
        }
        (_, Some(since)) if now.since(since) > silent_after => {
            looked.find(Condition::SyncMissed { since, posts });
        }
        _ => {}
    }
    Ok(())
}
