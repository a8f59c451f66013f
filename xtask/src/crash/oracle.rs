//! Holds the sandbox's ledger, and the databases, against what was planned.

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::Result;
use serde_json::Value;

use super::attached_file::AttachedFile;
use super::harness::Harness;
use super::inspect_db::{self, Row};
use super::planned_post::Planned;
use crate::http;
use crate::run::ledger::{Create, Ledger};

/// What a run came to.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub(crate) struct Findings {
    /// Create requests beyond one per post and part, definite refusals excepted.
    pub(crate) duplicates: usize,
    /// Posts that are gone, or whose end is not what the person is told.
    pub(crate) lost: usize,
    /// Posts without an end.
    pub(crate) stuck: usize,
    /// Requests before their post's time.
    pub(crate) early: usize,
    /// Requests after the person was told that the post is withdrawn.
    pub(crate) after_withdrawal: usize,
    /// Databases with damage, secrets that leaked, sign-ins that got lost.
    pub(crate) broken: usize,
    /// Posts on X.
    pub(crate) posted: usize,
    /// Posts that a person has to look at: nobody knows whether they went out.
    pub(crate) parked: usize,
    /// What was found, in words.
    #[serde(skip)]
    pub(crate) problems: Vec<String>,
}

impl Findings {
    /// Whether every invariant holds.
    pub(crate) fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.duplicates += other.duplicates;
        self.lost += other.lost;
        self.stuck += other.stuck;
        self.early += other.early;
        self.after_withdrawal += other.after_withdrawal;
        self.broken += other.broken;
        self.posted += other.posted;
        self.parked += other.parked;
        self.problems.extend_from_slice(&other.problems);
    }
}

/// Checks a run whose programs have ended against the plan.
pub(crate) fn check(harness: &Harness, posts: &[Planned]) -> Result<Findings> {
    let mut ledger = Ledger::of(harness.x.clone());
    ledger.refresh()?;
    let mut by_part: HashMap<&str, Vec<&Create>> = HashMap::new();
    for create in &ledger.creates {
        let part = create.text.split(' ').next().unwrap_or_default();
        by_part.entry(part).or_default().push(create);
    }
    let mut findings = Findings::default();
    for post in posts {
        let rows = inspect_db::rows(&harness.folder, &post.key)?;
        let requests: Vec<Vec<&Create>> = (1..=post.parts.len())
            .map(|n| by_part.remove(format!("{}/{n}", post.key).as_str()).unwrap_or_default())
            .collect();
        let in_doubt = match rows.first() {
            Some(row) => inspect_db::is_doubt_told(&harness.folder, &row.id)?,
            None => false,
        };
        count_requests(&mut findings, post, &rows, in_doubt, &requests);
        compare_files(&mut findings, harness, post, &requests);
        compare_order(&mut findings, post, &requests);
        match rows.as_slice() {
            [row] => hold_against(&mut findings, harness, post, row, &requests)?,
            _ => {
                findings.lost += 1;
                findings.problems.push(format!("{}: {} rows in the store", post.key, rows.len()));
            }
        }
    }
    for (part, requests) in by_part {
        findings.duplicates += requests.len();
        findings.problems.push(format!("\"{part}\" was never planned and went to X"));
    }
    look_over_files(&mut findings, harness)?;
    Ok(findings)
}

/// I1, I4 and the promise of a withdrawal, on the requests alone. Where the person was told that a post may be on
/// X or not, the desktop of a sandbox sends it again: then X's own word counts, whether its answer came or not.
fn count_requests(
    findings: &mut Findings,
    post: &Planned,
    rows: &[Row],
    in_doubt: bool,
    requests: &[Vec<&Create>],
) {
    let due_at = rows.first().and_then(|row| row.due_at).unwrap_or(post.due_at);
    for of_part in requests {
        let is_nothing =
            |create: &Create| create.refused() || (in_doubt && create.is_refused_by_x());
        let possible = of_part.iter().filter(|create| !is_nothing(create)).count();
        if possible > 1 {
            findings.duplicates += possible - 1;
            findings.problems.push(format!("{}: asked for {possible} times", post.key));
        }
        for create in of_part {
            if create.arrived_at < due_at {
                findings.early += 1;
                findings.problems.push(format!("{}: before its time", post.key));
            }
            if post.withdrawn_at.is_some_and(|at| create.arrived_at > at) {
                findings.after_withdrawal += 1;
                findings.problems.push(format!("{}: after its withdrawal", post.key));
            }
        }
    }
}

/// Whatever stands on X of a post has the files of its part, byte for byte, described and in order.
fn compare_files(
    findings: &mut Findings,
    harness: &Harness,
    post: &Planned,
    requests: &[Vec<&Create>],
) {
    for (files, requests) in post.files.iter().zip(requests).filter(|(files, _)| !files.is_empty())
    {
        for tweet in requests.iter().filter_map(|create| create.tweet_id.as_deref()) {
            let url = format!("{}/_sandbox/posts/{tweet}/media", harness.x);
            let told = http::get(&url, "").map(|(_, media)| media).unwrap_or_default();
            let media = told.as_array().map(Vec::as_slice).unwrap_or_default();
            let is_same = |(file, on_x): (&AttachedFile, &Value)| {
                on_x["sha256"] == file.sha256().as_str()
                    && on_x["alt_text"] == file.alt_text().as_str()
            };
            if media.len() != files.len() || !files.iter().zip(media).all(is_same) {
                findings.lost += 1;
                findings.problems.push(format!("{}: on X without its files, but {told}", post.key));
            }
        }
    }
}

/// Each part of a thread answers the one before it.
fn compare_order(findings: &mut Findings, post: &Planned, requests: &[Vec<&Create>]) {
    let accepted =
        |of_part: &Vec<&Create>| of_part.iter().copied().find(|create| create.accepted).cloned();
    for (number, pair) in requests.windows(2).enumerate() {
        let (Some(before), Some(after)) = (accepted(&pair[0]), accepted(&pair[1])) else {
            continue;
        };
        if after.reply_to() != before.tweet_id {
            findings.lost += 1;
            findings.problems.push(format!("{}/{}: out of order", post.key, number + 2));
        }
    }
}

/// I2 and I3: the end that the person is told is what X has.
fn hold_against(
    findings: &mut Findings,
    harness: &Harness,
    post: &Planned,
    row: &Row,
    requests: &[Vec<&Create>],
) -> Result<()> {
    let (key, status) = (&post.key, row.status.as_str());
    let texts = inspect_db::texts(&harness.folder, &row.id)?;
    let on_x = |n: usize| requests[n].iter().find(|create| create.accepted);
    let whole = (0..requests.len())
        .all(|n| on_x(n).is_some_and(|create| Some(&create.text) == texts.get(n)));
    let any = (0..requests.len()).any(|n| on_x(n).is_some());
    let wrong = match status {
        "posted" => (!whole).then_some("is not on X as it is told"),
        "cancelled" => any.then_some("is on X, and the person is told that it is not"),
        "unknown" | "partial" => None,
        "failed" | "missed" => Some("did not go out"),
        _ => {
            findings.stuck += 1;
            let on_relay = inspect_db::on_relay(&harness.folder, &row.id);
            findings
                .problems
                .push(format!("{key}: still {status} ({}), on the relay {on_relay:?}", row.error));
            return Ok(());
        }
    };
    findings.posted += usize::from(status == "posted");
    findings.parked += usize::from(matches!(status, "unknown" | "partial"));
    if let Some(wrong) = wrong {
        findings.lost += 1;
        findings.problems.push(format!("{key}: {status}, but {wrong} ({})", row.error));
    } else if !inspect_db::is_told(&harness.folder, &row.id, status)? {
        findings.lost += 1;
        findings.problems.push(format!("{key}: {status}, and nobody is told"));
    }
    Ok(())
}

/// I6 and I7: the files are whole, and no secret is in them or in a log.
fn look_over_files(findings: &mut Findings, harness: &Harness) -> Result<()> {
    let folder = &harness.folder;
    let databases = ["roost/roost.db", "relay/relay.sqlite", "scheduler/scheduler.db"];
    for database in databases.map(|name| folder.join(name)) {
        if let Some(damage) = inspect_db::damage(&database)? {
            findings.broken += 1;
            findings.problems.push(damage);
        }
    }
    for file in files(&[folder.join("logs"), folder.join("relay"), folder.join("roost")])? {
        // The two files that are made to keep keys.
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if ["pairing-keys.json", "relay.toml"].contains(&name) {
            continue;
        }
        let bytes = std::fs::read(&file).unwrap_or_default();
        for secret in &harness.secrets {
            if bytes.windows(secret.len()).any(|window| window == secret.as_bytes()) {
                findings.broken += 1;
                findings.problems.push(format!("{} holds a secret", file.display()));
            }
        }
    }
    Ok(())
}

fn files(folders: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in folders {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_file() {
                files.push(path);
            }
        }
    }
    Ok(files)
}
