//! Everything that could be wrong, looked at one by one. What the blockers say stands beside what
//! was looked at; nothing is said twice.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use roost_core::status::Status;
use roost_core::zone::version_in;
use roost_store::Error as StoreError;
use tokio::time::Instant;

use crate::diagnosis::check::{bad_unless, check, good};
use crate::diagnosis::counted::counted;
use crate::diagnosis::disk;
use crate::relay::{account_sync, session, signing_keys};
use crate::state::EngineState;
use crate::view::{Blocker, BlockerKind, Check, CheckHealth, KeysAtRelay, Reach, SyncState};
use crate::{Error, Mode, NextStep, Result, status};

/// From this age on a newest backup is worth a look.
const BACKUP_IS_OLD: Duration = Duration::from_hours(7 * 24);

/// Looks at everything. A check that can't be made is a bad one, not a missing one.
pub(crate) async fn examine(engine: &EngineState) -> Vec<Check> {
    let mut checks = vec![
        bad_unless(store(engine).await, "store"),
        bad_unless(disk::check_space(engine).await, "disk"),
        bad_unless(backups(engine).await, "backups"),
    ];
    let services = engine.services();
    let (relay, scheduler) = match &services {
        Ok(_) => (Some(relay(engine).await), Some(scheduler(engine).await)),
        Err(_) => (None, None),
    };
    // Read after relay and scheduler were asked, so that the blockers know the answers.
    let state = match status::sync_state(engine).await {
        Ok(state) => state,
        Err(error) => {
            checks.push(bad_unless(Err(error), "handed over"));
            return checks;
        }
    };
    checks.push(judged("time zone", zone(engine).await, &state, ZONES));
    checks.push(bad_unless(accounts(engine, &state).await, "accounts"));
    checks.push(bad_unless(posts(engine, &state).await, "posts"));
    match (services, relay, scheduler) {
        (Ok(_), Some(relay), Some(scheduler)) => {
            checks.push(judged("relay", relay, &state, RELAY));
            checks.push(judged("clock", Ok(clock(&state)), &state, CLOCKS));
            checks.push(judged("scheduler", scheduler, &state, SCHEDULER));
        }
        (Err(error), ..) => checks.push(no_services(engine, error)),
        _ => {}
    }
    checks.push(judged("handed over", Ok(handed_over(&state)), &state, HERE));
    checks
}

const RELAY: &[BlockerKind] = &[
    BlockerKind::RelayRefuses,
    BlockerKind::RelayUnreachable,
    BlockerKind::RelayLostStore,
    BlockerKind::RelayNotReady,
];
const CLOCKS: &[BlockerKind] = &[BlockerKind::RelayClock, BlockerKind::OwnClock];
const ZONES: &[BlockerKind] = &[BlockerKind::TimeRules];
const SCHEDULER: &[BlockerKind] = &[BlockerKind::SchedulerRefuses];
const HERE: &[BlockerKind] = &[
    BlockerKind::NotHandedOver,
    BlockerKind::Withdrawing,
    BlockerKind::Paused,
    BlockerKind::AccountPaused,
];
const ACCOUNTS: &[BlockerKind] = &[BlockerKind::AccountSignedOut, BlockerKind::AccountSuspended];
const POSTS: &[BlockerKind] =
    &[BlockerKind::WithoutAccount, BlockerKind::WillBeMissed, BlockerKind::NoLongerFits];

/// Returns a check with what is in the way there, in the blockers' words.
fn judged(name: &str, made: Result<Check>, state: &SyncState, kinds: &[BlockerKind]) -> Check {
    let of = |blocker: &&Blocker| kinds.contains(&blocker.kind);
    let found: Vec<&Blocker> = state.blockers.iter().filter(of).collect();
    let made = match made {
        Ok(check) => check,
        // What could not be asked is said by its blocker, where there is one.
        Err(_) if !found.is_empty() => good(name, String::new()),
        Err(error) => return bad_unless(Err(error), name),
    };
    let Some(first) = found.first() else { return made };
    // Posts that want a decision are no fault of the installation.
    let is_grave = |blocker: &&Blocker| {
        !POSTS.contains(&blocker.kind) && (blocker.needs_person || blocker.needs_this_computer)
    };
    let health = if found.iter().any(is_grave) { CheckHealth::Bad } else { CheckHealth::Warning };
    let mut findings: Vec<String> = found.iter().map(|blocker| blocker.message.clone()).collect();
    findings.extend(first.said.as_ref().map(|said| format!("It said: {said}.")));
    if !made.finding.is_empty() {
        findings.push(format!("({})", made.finding.trim_end_matches('.')));
    }
    let mut remedies: Vec<&str> = found.iter().map(|blocker| blocker.remedy.as_str()).collect();
    remedies.dedup();
    let mut steps: Vec<NextStep> =
        found.iter().flat_map(|blocker| blocker.next_steps.iter().cloned()).collect();
    let mut seen = HashSet::new();
    steps.retain(|step| seen.insert(step.clone()));
    let made = check(name, health, findings.join(" "), Some(remedies.join(" ").as_str()));
    Check { next_steps: steps, ..made }
}

/// Reads the whole file.
async fn store(engine: &EngineState) -> Result<Check> {
    if let Err(error) = crate::diagnosis::file_check::check(engine).await {
        // Its words name the remedy.
        let made = check("store", CheckHealth::Bad, error.to_string(), None);
        return Ok(Check { next_steps: error.next_steps(), ..made });
    }
    let total = engine.read(|store| Ok(store.status_counts(None)?.total())).await?;
    let path = engine.config.database.display();
    let total = counted(total, "post", "posts");
    Ok(good("store", format!("{path}: sound, {total}")))
}

/// Says how old the newest backup is. One is made each day that Roost runs, so an old one tells only
/// that it did not, or that there was no room.
async fn backups(engine: &EngineState) -> Result<Check> {
    let path = engine.config.database.clone();
    let found = engine.blocking(move || Ok(roost_store::backups(path)?)).await?;
    let Some(newest) = found.first() else {
        return Ok(good("backups", "none yet; one is made each day that Roost runs".to_owned()));
    };
    let bytes = found.iter().map(|backup| backup.bytes).sum();
    let count = counted(found.len() as u64, "backup", "backups");
    let size = disk::megabytes(bytes);
    let finding = format!("{count} of {size}, the newest of {}", newest.made_at);
    if engine.now().since(newest.made_at) < BACKUP_IS_OLD {
        return Ok(good("backups", finding));
    }
    let remedy = "Make one now: it is a file beside the store, and takes a second or two.";
    Ok(check("backups", CheckHealth::Warning, finding, Some(remedy)))
}

async fn zone(engine: &EngineState) -> Result<Check> {
    let zone = crate::preferences::zone(engine).await?;
    let tzdb = roost_core::zone::tzdb_version();
    let finding = format!("{zone}, tzdb {tzdb}");
    let system = engine.blocking(|| Ok(system_tzdb(Path::new(ZONEINFO)))).await?;
    Ok(match system.filter(|system| is_newer(system, tzdb)) {
        None => good("time zone", finding),
        Some(system) => {
            let finding = format!(
                "{finding}; this system's is newer ({system}): clocks of a zone that changed since \
                 differ from Roost's"
            );
            check("time zone", CheckHealth::Warning, finding, Some("Update Roost."))
        }
    })
}

/// Where systems keep their zone database.
const ZONEINFO: &str = "/usr/share/zoneinfo";

/// Returns the version of the system's zone database; none where it doesn't tell. Blocking.
fn system_tzdb(zoneinfo: &Path) -> Option<String> {
    let text = |name| std::fs::read_to_string(zoneinfo.join(name)).ok();
    let told = text("tzdata.zi").and_then(|zi| version_in(&zi).map(str::to_owned));
    told.or_else(|| text("+VERSION").map(|version| version.trim().to_owned()))
}

/// Returns whether a version such as `2026f` comes after another.
fn is_newer(version: &str, than: &str) -> bool {
    let parts = |version: &str| {
        let digits = version.find(|it: char| !it.is_ascii_digit()).unwrap_or(version.len());
        let (year, letters) = version.split_at(digits);
        Some((year.parse::<u32>().ok()?, letters.len(), letters.to_owned()))
    };
    matches!((parts(version), parts(than)), (Some(one), Some(other)) if one > other)
}

async fn accounts(engine: &EngineState, state: &SyncState) -> Result<Check> {
    let accounts = crate::accounts::list(engine).await?;
    if accounts.is_empty() {
        let made = check("accounts", CheckHealth::Warning, "none connected".to_owned(), None);
        return Ok(Check { next_steps: vec![NextStep::SignIn { username: None }], ..made });
    }
    let well: Vec<String> = accounts
        .iter()
        .filter(|account| account_sync::code(account_sync::stored_health(account.health)).is_none())
        .map(|account| format!("@{}", account.username))
        .collect();
    let finding = match (well.len(), accounts.len()) {
        (0, _) => String::new(),
        (some, all) if some < all => format!("{} can post", well.join(", ")),
        _ => well.join(", "),
    };
    Ok(judged("accounts", Ok(good("accounts", finding)), state, ACCOUNTS))
}

/// Posts that nobody can post, and those that a person has to decide.
async fn posts(engine: &EngineState, state: &SyncState) -> Result<Check> {
    let counts =
        engine.read(|store| -> std::result::Result<_, StoreError> { store.status_counts(None) });
    let counts = counts.await?;
    let wanting: Vec<String> = [
        (Status::Unknown, "needs a check", "need a check"),
        (Status::Partial, "is on X in part", "are on X in part"),
        (Status::Failed, "failed", "failed"),
        (Status::Missed, "was missed", "were missed"),
    ]
    .into_iter()
    .filter(|(status, ..)| counts.of(*status) > 0)
    .map(|(status, one, many)| {
        counted(counts.of(status), &format!("post {one}"), &format!("posts {many}"))
    })
    .collect();
    let is_of_posts = |blocker: &Blocker| POSTS.contains(&blocker.kind);
    let made = if wanting.is_empty() && state.blockers.iter().any(is_of_posts) {
        good("posts", String::new())
    } else if wanting.is_empty() {
        good("posts", "none needs you".to_owned())
    } else {
        let made = check("posts", CheckHealth::Warning, wanting.join(", "), None);
        Check { next_steps: vec![NextStep::ShowNeedsYou], ..made }
    };
    let steps = made.next_steps.clone();
    let mut judged = judged("posts", Ok(made), state, POSTS);
    judged.next_steps.extend(steps);
    let mut seen = HashSet::new();
    judged.next_steps.retain(|step| seen.insert(step.clone()));
    Ok(judged)
}

async fn relay(engine: &EngineState) -> Result<Check> {
    let services = engine.services()?;
    let asked = Instant::now();
    let status = session::check_readiness(engine, &services).await?;
    let latency = asked.elapsed().as_millis();
    let finding = format!(
        "version {}, answers in {latency} ms, {} open, {} overdue",
        status.version, status.open, status.overdue
    );
    if status.overdue > 0 {
        let made = check("relay", CheckHealth::Warning, finding, None);
        return Ok(Check { next_steps: vec![NextStep::ShowUpcoming], ..made });
    }
    Ok(good("relay", finding))
}

fn clock(state: &SyncState) -> Check {
    match state.clock_skew_ms {
        None => good("clock", "not compared: the relay was not reached".to_owned()),
        Some(skew) => good("clock", format!("the relay's and this computer's differ by {skew} ms")),
    }
}

async fn scheduler(engine: &EngineState) -> Result<Check> {
    let services = engine.services()?;
    let asked = Instant::now();
    let answer = services.scheduler()?.keys().await;
    engine.scheduler_answered(asked, answer)?;
    let latency = asked.elapsed().as_millis();
    let finding = format!("answers in {latency} ms");
    // Its keys were rotated perhaps since the last look.
    Ok(match signing_keys::follow(engine, &services).await {
        Ok(KeysAtRelay::OwnScheduler | KeysAtRelay::RelayIsOlder) => good("scheduler", finding),
        Ok(KeysAtRelay::Known) => {
            good("scheduler", format!("{finding}, and the relay knows its signing keys"))
        }
        Ok(KeysAtRelay::Sent) => {
            good("scheduler", format!("{finding}; the relay was sent its signing keys just now"))
        }
        // The relay's own line says what is wrong with it.
        Err(_) => good("scheduler", finding),
    })
}

fn no_services(engine: &EngineState, error: Error) -> Check {
    if let Error::Withheld(trouble) = error {
        // Its words name the remedy.
        let made = check("relay", CheckHealth::Bad, trouble.message, None);
        return Check { next_steps: trouble.next_steps, ..made };
    }
    if engine.mode() == Mode::ThisComputer {
        let finding = "inside Roost: posts go out while it runs".to_owned();
        return good("relay", finding);
    }
    bad_unless(Err(error), "relay")
}

fn handed_over(state: &SyncState) -> Check {
    let known = match state.relay {
        Reach::NotReached { .. } => "as last heard: ",
        _ => "",
    };
    let finding = format!(
        "{known}{} handed over, {} waiting here ({} beyond {}), {} on their way",
        state.handed_over,
        state.waiting_here,
        state.waiting_beyond,
        state.horizon_until,
        counted(state.intentions, "change", "changes")
    );
    good("handed over", finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_whose_zone_rules_are_newer_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(system_tzdb(folder.path()), None);
        std::fs::write(folder.path().join("+VERSION"), "2026c\n").unwrap();
        assert_eq!(system_tzdb(folder.path()).as_deref(), Some("2026c"));
        std::fs::write(folder.path().join("tzdata.zi"), "# version 2026d\nR A 1916\n").unwrap();
        assert_eq!(system_tzdb(folder.path()).as_deref(), Some("2026d"));
        for (version, than, newer) in [
            ("2026b", "2026a", true),
            ("2027a", "2026z", true),
            ("2026za", "2026z", true),
            ("2026a", "2026a", false),
            ("2025c", "2026a", false),
            ("unknown", "2026a", false),
        ] {
            assert_eq!(is_newer(version, than), newer, "{version} after {than}");
        }
    }
}
