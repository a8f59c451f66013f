//! Diagnostics: what a person passes on to others when something is wrong. Numbers, versions and states
//! only; a test holds it against a store, a log and services that are full of canaries.

mod redact;

use std::path::Path;

use roost_core::failure::Code;
use roost_store::Error as StoreError;

use crate::api::{Diagnostics, DiagnosticsFact, DiagnosticsSection, GetDiagnostics};
use crate::diagnosis::{disk, doctor};
use crate::state::EngineState;
use crate::view::{CheckHealth, Reach, SafeToClose, SyncState};
use crate::{Mode, Result, accounts, preferences, status};

/// Lines of the log that are told.
const LOG_LINES: usize = 60;
/// What the host says of itself is cut to so much, in characters.
const SAID_MAX: usize = 120;
/// The name of the folder of log files, beside the store.
pub const LOG_FOLDER: &str = "logs";

/// Gathers all. What can't be told is said to be so by the code of the failure alone: its words may name
/// what is the person's own.
pub(crate) async fn gather(engine: &EngineState, asked: GetDiagnostics) -> Diagnostics {
    let checks = doctor::examine(engine).await;
    let state = status::sync_state(engine).await;
    let mut sections = vec![
        section("Roost", program(&asked)),
        section("Store", told(store(engine).await)),
        section("Time", told(time(engine, state.as_ref().ok()).await)),
    ];
    match &state {
        Ok(state) => {
            sections.push(section("Relay and scheduler", services(engine, state)));
            sections.push(section("Coverage", coverage(state)));
            sections.push(section("In the way", blockers(state)));
        }
        Err(error) => sections.push(section("Relay and scheduler", untold(error.code()))),
    }
    let found = checks.iter().map(|check| fact(&check.name, health(check.health)));
    sections.push(section("Checks", found.collect()));
    let log = log(engine).await;
    let markdown = markdown(&sections, &log);
    Diagnostics { sections, log, markdown }
}

fn section(title: &str, facts: Vec<DiagnosticsFact>) -> DiagnosticsSection {
    DiagnosticsSection { title: title.to_owned(), facts }
}

fn fact(name: &str, value: impl ToString) -> DiagnosticsFact {
    DiagnosticsFact { name: name.to_owned(), value: value.to_string() }
}

fn told(found: Result<Vec<DiagnosticsFact>>) -> Vec<DiagnosticsFact> {
    found.unwrap_or_else(|error| untold(error.code()))
}

fn untold(code: Code) -> Vec<DiagnosticsFact> {
    vec![fact("not told", code)]
}

const fn health(health: CheckHealth) -> &'static str {
    match health {
        CheckHealth::Good => "ok",
        CheckHealth::Warning => "look",
        CheckHealth::Bad => "bad",
    }
}

fn program(asked: &GetDiagnostics) -> Vec<DiagnosticsFact> {
    let said = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or("not told");
        let is_plain = |it: &char| it.is_alphanumeric() || " .,:;()×@%+-_/".contains(*it);
        text.chars().filter(is_plain).take(SAID_MAX).collect::<String>()
    };
    vec![
        fact("version", env!("CARGO_PKG_VERSION")),
        fact("asked by", said(&asked.host)),
        fact("system", format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
        fact("display", said(&asked.display)),
    ]
}

async fn store(engine: &EngineState) -> Result<Vec<DiagnosticsFact>> {
    let database = engine.config.database.clone();
    let (bytes, backups) = engine
        .blocking(move || {
            let files = roost_private_files::of_database(&database);
            let size = |path: &std::path::PathBuf| std::fs::metadata(path).map_or(0, |it| it.len());
            Ok((files.iter().map(size).sum::<u64>(), roost_store::backups(&database)?))
        })
        .await?;
    let (format, counts) = engine
        .read(|store| Ok::<_, StoreError>((store.format()?, store.status_counts(None)?)))
        .await?;
    let mut facts = vec![
        fact("size", format!("{} ({bytes} bytes)", disk::megabytes(bytes))),
        fact("schema", format),
        fact("SQLite", roost_store::sqlite_version()),
        fact("checked whole", engine.store.checked_at()),
        fact("backups", backups.len()),
    ];
    facts.extend(backups.first().map(|newest| fact("newest backup", newest.made_at)));
    let mut known = 0;
    for status in roost_core::status::Status::ALL {
        let posts = counts.of(status);
        known += posts;
        if posts > 0 {
            facts.push(fact(status.label(), posts));
        }
    }
    facts.push(fact("posts", known));
    Ok(facts)
}

async fn time(engine: &EngineState, state: Option<&SyncState>) -> Result<Vec<DiagnosticsFact>> {
    let skew = state.and_then(|state| state.clock_skew_ms);
    let skew = skew.map_or_else(|| "not compared".to_owned(), |skew| format!("{skew} ms"));
    Ok(vec![
        fact("now", engine.now()),
        fact("zone", preferences::zone(engine).await?),
        fact("tzdb", roost_core::zone::tzdb_version()),
        fact("relay's clock minus this one", skew),
    ])
}

fn services(engine: &EngineState, state: &SyncState) -> Vec<DiagnosticsFact> {
    let mode = match state.mode {
        Mode::ThisComputer => "this computer",
        Mode::Server => "a relay with its own scheduler",
        Mode::ServerQstash => "a relay with QStash",
    };
    let relay = engine.health().relay_status.as_ref().map(|status| status.version.clone());
    let reach = |reach: &Reach| match reach {
        Reach::NotConfigured => "not configured".to_owned(),
        Reach::NotAsked => "not asked".to_owned(),
        Reach::Reached { at, latency_ms } => format!("reached at {at}, in {latency_ms} ms"),
        Reach::NotReached { since, .. } => format!("not reached since {since}"),
    };
    let mut facts = vec![
        fact("posts go out from", mode),
        fact("relay", reach(&state.relay)),
        fact("relay's version", relay.as_deref().unwrap_or("not told")),
        fact("scheduler", reach(&state.scheduler)),
        fact("paused", state.paused),
        fact("sandbox", state.sandbox),
    ];
    facts.extend(state.trouble.as_ref().map(|trouble| fact("trouble", trouble.code)));
    facts
}

fn coverage(state: &SyncState) -> Vec<DiagnosticsFact> {
    let safe = match state.safe_to_close {
        SafeToClose::Everything => "everything is handed over".to_owned(),
        SafeToClose::Until { at } => format!("until {at}"),
        SafeToClose::OnlyWhileAwake => "no: posts go out while this computer is awake".to_owned(),
        SafeToClose::NotNow => "not now".to_owned(),
        SafeToClose::Blocked { until: Some(at) } => format!("blocked, and needed at {at}"),
        SafeToClose::Blocked { until: None } => "blocked".to_owned(),
    };
    let last = state.last_sync_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    vec![
        fact("handed over", state.handed_over),
        fact("waiting here", state.waiting_here),
        fact("beyond the horizon", state.waiting_beyond),
        fact("horizon", state.horizon_until),
        fact("last complete run", last),
        fact("changes on their way", state.intentions),
        fact("safe to close", safe),
    ]
}

fn blockers(state: &SyncState) -> Vec<DiagnosticsFact> {
    let waiting = state.waiting.iter().map(|it| fact(it.code.as_str(), posts(it.posts)));
    let found = state.blockers.iter().map(|it| fact(it.code.as_str(), posts(it.posts)));
    let facts: Vec<_> = found.chain(waiting).collect();
    if facts.is_empty() { vec![fact("nothing", "-")] } else { facts }
}

fn posts(count: u64) -> String {
    super::counted::counted(count, "post", "posts")
}

/// Returns the last lines of the log files beside the store.
async fn log(engine: &EngineState) -> Vec<String> {
    let folder = engine.config.database.with_file_name(LOG_FOLDER);
    let private = private(engine).await;
    let read = engine.blocking(move || Ok(roost_log_writer::last_lines(&folder, LOG_LINES)));
    match read.await {
        Ok(Ok(lines)) => lines.iter().filter_map(|line| redact::redacted(line, &private)).collect(),
        Ok(Err(error)) => vec![format!("the log files can't be read: {:?}", error.kind())],
        Err(error) => vec![format!("the log files can't be read: {}", error.code())],
    }
}

/// Returns what a line may name and others are not to read, in lower case: handles, names and ids of
/// accounts, the hosts of relay and scheduler, the folder's owner.
async fn private(engine: &EngineState) -> Vec<String> {
    let mut private = Vec::new();
    for account in accounts::list(engine).await.unwrap_or_default() {
        private.extend([account.username, account.x_user_id.0]);
    }
    if let Ok(services) = engine.services() {
        private.extend(host(&services.relay_public_url));
        private.extend(services.scheduler().ok().and_then(|it| host(it.base())));
    }
    let folder = engine.config.database.parent().map(Path::to_owned);
    private.extend(folder.map(|folder| folder.display().to_string()));
    private.iter().map(|name| name.to_lowercase()).filter(|name| name.len() > 1).collect()
}

fn host(address: &str) -> Option<String> {
    url::Url::parse(address).ok()?.host_str().map(str::to_owned)
}

fn markdown(sections: &[DiagnosticsSection], log: &[String]) -> String {
    let mut text =
        "# Roost diagnostics\n\nNo texts, handles, addresses or keys are in it.\n".to_owned();
    for section in sections {
        text += &format!("\n## {}\n\n| | |\n| --- | --- |\n", section.title);
        for fact in &section.facts {
            text += &format!("| {} | {} |\n", fact.name, fact.value.replace('|', "/"));
        }
    }
    text += "\n## The log's last lines\n\n";
    match log {
        [] => text += "There are no log files.\n",
        lines => text += &format!("```text\n{}\n```\n", lines.join("\n").replace("```", "'''")),
    }
    text
}
