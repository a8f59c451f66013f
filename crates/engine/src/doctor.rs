//! Everything that could be wrong, looked at one by one.

use roost_core::failure::Code;
use roost_relay_api::AccountHealth;
use tokio::time::Instant;

use crate::inner::Inner;
use crate::view::{Check, CheckHealth, SafeToClose};
use crate::{Error, Mode, Result, contact, horizon, status};

/// QStash's signatures live five minutes; the relay refuses a minute of difference.
const SKEW_MAX_MS: i64 = 30_000;

/// Looks at everything. A check that can't be made is a bad one, not a missing one.
pub(crate) async fn examine(inner: &Inner) -> Vec<Check> {
    let mut checks = vec![
        bad_unless(store(inner).await, "store"),
        bad_unless(zone(inner).await, "time zone"),
        bad_unless(accounts(inner).await, "accounts"),
        bad_unless(without_account(inner).await, "posts"),
    ];
    match inner.services() {
        Ok(_) => {
            checks.push(bad_unless(relay(inner).await, "relay"));
            checks.push(clock(inner));
            checks.push(bad_unless(scheduler(inner).await, "scheduler"));
        }
        Err(error) => checks.push(no_services(inner, error)),
    }
    checks.push(bad_unless(handed_over(inner).await, "handed over"));
    checks
}

fn check(name: &str, health: CheckHealth, finding: String, remedy: Option<&str>) -> Check {
    Check { name: name.to_owned(), health, finding, remedy: remedy.map(str::to_owned) }
}

fn bad_unless(made: Result<Check>, name: &str) -> Check {
    made.unwrap_or_else(|error| {
        check(name, CheckHealth::Bad, error.to_string(), Some(error.code().remedy()))
    })
}

/// Reads the whole file.
async fn store(inner: &Inner) -> Result<Check> {
    if let Err(error) = crate::file_check::check(inner).await {
        // Its words name the remedy.
        return Ok(check("store", CheckHealth::Bad, error.to_string(), None));
    }
    let total = inner.read(|store| Ok(store.status_counts(None)?.total())).await?;
    let path = inner.config.database.display();
    let total = counted(total, "post", "posts");
    Ok(check("store", CheckHealth::Good, format!("{path}: sound, {total}"), None))
}

fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// Posts that nobody can post.
async fn without_account(inner: &Inner) -> Result<Check> {
    let waiting = inner.read(|store| store.count_without_account()).await?;
    if waiting == 0 {
        let finding = "every scheduled post has an account".to_owned();
        return Ok(check("posts", CheckHealth::Good, finding, None));
    }
    let posts = counted(waiting, "post has no account and waits", "posts have no account and wait");
    let remedy = Some("Choose one: `roost posts edit ID --account HANDLE`.");
    Ok(check("posts", CheckHealth::Warning, format!("{posts} for one"), remedy))
}

async fn zone(inner: &Inner) -> Result<Check> {
    let zone = crate::preferences::zone(inner).await?;
    let tzdb = roost_core::zone::tzdb_version();
    Ok(check("time zone", CheckHealth::Good, format!("{zone}, tzdb {tzdb}"), None))
}

async fn accounts(inner: &Inner) -> Result<Check> {
    let accounts = crate::accounts::list(inner).await?;
    if accounts.is_empty() {
        let remedy = Some("Connect one: `roost login`.");
        return Ok(check("accounts", CheckHealth::Warning, "none connected".to_owned(), remedy));
    }
    let names: Vec<String> =
        accounts.iter().map(|account| format!("@{}", account.username)).collect();
    let sick = accounts.iter().find(|account| account.health != AccountHealth::Connected);
    Ok(match sick {
        None => check("accounts", CheckHealth::Good, names.join(", "), None),
        Some(account) => {
            let code = match account.health {
                AccountHealth::Suspended => Code::AccountSuspended,
                _ => Code::SignInNeeded,
            };
            let finding = format!("@{}: {}", account.username, code.text());
            check("accounts", CheckHealth::Bad, finding, Some(code.remedy()))
        }
    })
}

async fn relay(inner: &Inner) -> Result<Check> {
    let services = inner.services()?;
    let asked = Instant::now();
    let status = contact::status(inner, &services).await?;
    let latency = asked.elapsed().as_millis();
    let finding = format!(
        "version {}, answers in {latency} ms, {} open, {} overdue",
        status.version, status.open, status.overdue
    );
    Ok(if let Some(ahead) = status.clock_ahead_ms {
        let finding = format!("{finding}; its clock is {} s from X's", ahead / 1000);
        check("relay", CheckHealth::Bad, finding, Some(Code::ClockWrong.remedy()))
    } else if status.paused {
        check("relay", CheckHealth::Warning, format!("{finding}; paused"), Some("Resume it."))
    } else if status.overdue > 0 {
        let remedy = Some("`roost posts list --view upcoming` shows what waits, and why.");
        check("relay", CheckHealth::Warning, finding, remedy)
    } else {
        check("relay", CheckHealth::Good, finding, None)
    })
}

fn clock(inner: &Inner) -> Check {
    match inner.heard().clock_skew_ms {
        None => check("clock", CheckHealth::Warning, "not compared".to_owned(), None),
        Some(skew) if skew.abs() <= SKEW_MAX_MS => {
            check("clock", CheckHealth::Good, format!("{skew} ms from the relay's"), None)
        }
        Some(skew) => check(
            "clock",
            CheckHealth::Bad,
            format!("{} s from the relay's", skew / 1000),
            Some("Set both clocks by NTP."),
        ),
    }
}

async fn scheduler(inner: &Inner) -> Result<Check> {
    let services = inner.services()?;
    let asked = Instant::now();
    let answer = services.scheduler()?.keys().await;
    inner.scheduler_answered(asked, answer)?;
    let latency = asked.elapsed().as_millis();
    Ok(check("scheduler", CheckHealth::Good, format!("answers in {latency} ms"), None))
}

fn no_services(inner: &Inner, error: Error) -> Check {
    if let Error::Withheld(trouble) = error {
        // Its words name the remedy.
        return check("relay", CheckHealth::Bad, trouble.message, None);
    }
    if inner.mode() == Mode::ThisComputer {
        let finding = "inside Roost: runs with `roost sync --watch` or the window".to_owned();
        return check("relay", CheckHealth::Good, finding, None);
    }
    bad_unless(Err(error), "relay")
}

async fn handed_over(inner: &Inner) -> Result<Check> {
    let state = status::sync_state(inner).await?;
    let end = horizon::end(inner).await?;
    let finding = format!(
        "{} handed over, {} waiting here ({} beyond {end}), {} on their way",
        state.handed_over,
        state.waiting_here,
        state.waiting_beyond,
        counted(state.intentions, "change", "changes")
    );
    let health = match state.safe_to_close {
        SafeToClose::NotNow => CheckHealth::Warning,
        _ => CheckHealth::Good,
    };
    let remedy = (health != CheckHealth::Good).then_some("Run `roost sync`.");
    Ok(check("handed over", health, finding, remedy))
}
