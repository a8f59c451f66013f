//! The judgement at the end: I1 to I7, on X's ledger, the person's list and the files.
#![expect(clippy::disallowed_methods, reason = "it looks at the files from outside")]

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::post::{MediaRef, Part};
use roost_core::status::Status;
use roost_engine::view::{Action, PostDetail, PostRow};
use roost_x_sandbox::{Entry, Outcome, PostedMedia};
use rusqlite::{Connection, OpenFlags};

use super::known::{Fact, Known, key_of};
use super::world::{DEVICE_KEY, QSTASH_TOKEN, World};

/// A request, with the files of the post that X made of it.
struct Request {
    entry: Entry,
    files: Vec<PostedMedia>,
}

/// Requests of one key, by part.
type Requests = BTreeMap<String, BTreeMap<u32, Vec<Request>>>;

/// Adds what is wrong at the end.
pub(crate) async fn judge(
    world: &World,
    known: &Known,
    violations: &mut Vec<String>,
) -> Result<()> {
    let requests = requests(world).await?;
    duplicates(known, &requests, violations);
    for (id, fact) in &known.posts {
        let Some(row) = &fact.row else {
            if !fact.may_be_gone {
                violations.push(format!("I2: {} is gone, and nobody removed it", fact.key));
            }
            continue;
        };
        let id = *id;
        let shown = world.ask("open", |engine| async move { engine.post(id).await }).await;
        let Some(shown) = shown else {
            violations.push(format!("I2: {} can't be opened", fact.key));
            continue;
        };
        violations.extend(ends(row, &shown).map(|it| format!("{}: {it}", words(id, row))));
        let of_key = requests.get(&fact.key);
        violations
            .extend(is_on_x(&shown, fact, of_key).map(|it| format!("{}: {it}", words(id, row))));
    }
    for account in
        world.ask("accounts", |it| async move { it.accounts().await }).await.iter().flatten()
    {
        if account.health != roost_relay_api::AccountHealth::Connected {
            violations.push(format!("I5: @{} is not connected", account.username));
        }
    }
    for name in ["roost.db", "relay.db", "scheduler.db"] {
        violations.extend(damage(&world.path(name))?.map(|it| format!("I6: {name}: {it}")));
    }
    secrets(world, violations);
    Ok(())
}

/// Returns all requests to X that name a post of the person's.
async fn requests(world: &World) -> Result<Requests> {
    let mut requests = Requests::new();
    for entry in world.x.ledger(0, 100_000).await? {
        let Some((key, part)) = entry.text.as_deref().and_then(key_of) else { continue };
        let tweet = entry.tweet_id.as_deref().and_then(|id| id.parse().ok());
        let files = match tweet {
            Some(tweet) => world.x.media_of(tweet).await?,
            None => Vec::new(),
        };
        let of_part = requests.entry(key).or_default().entry(part).or_default();
        of_part.push(Request { entry, files });
    }
    Ok(requests)
}

fn words(id: PostId, row: &PostRow) -> String {
    format!("{id} (\"{}\", {}, {:?})", row.text, row.status, row.reason.as_ref().map(|it| it.code))
}

/// I1: one request for each post and part that may have been processed.
fn duplicates(known: &Known, requests: &Requests, violations: &mut Vec<String>) {
    for (key, parts) in requests {
        let posts = known.of_key(key).len().max(1);
        let allowed = posts + known.send_again.get(key).copied().unwrap_or(0);
        for (part, entries) in parts {
            let possible = entries.iter().filter(|it| !is_definite_refusal(&it.entry)).count();
            if possible > allowed {
                violations.push(format!("I1: {key}/{part} was asked for {possible} times"));
            }
        }
    }
}

fn is_definite_refusal(entry: &Entry) -> bool {
    entry.outcome == Outcome::Refused && entry.answered
}

/// I2: every post ends in a state that the person can see and act on.
fn ends(row: &PostRow, shown: &PostDetail) -> Option<String> {
    if row.waiting_for.is_some() {
        return Some(format!("I2: still waits for {:?}", row.waiting_for));
    }
    match row.status {
        Status::Draft | Status::Posted | Status::Cancelled => None,
        status if !status.is_decided() => Some("I2: has no end".to_owned()),
        _ if row.reason.is_none() => Some("I2: nobody says why".to_owned()),
        _ if !shown.actions.iter().any(|action| *action != Action::OpenOnX) => {
            Some("I2: nothing can be done with it".to_owned())
        }
        _ => None,
    }
}

/// I3 and I4: what the person is told is what X has, word for word and file for file, and not before its
/// time. A time that
/// was changed after the post had gone out, while nobody could tell, is not the one that counts.
fn is_on_x(
    shown: &PostDetail,
    fact: &Fact,
    requests: Option<&BTreeMap<u32, Vec<Request>>>,
) -> Option<String> {
    let accepted = |part: usize| {
        let number = u32::try_from(part + 1).unwrap_or(u32::MAX);
        let entries = requests.and_then(|parts| parts.get(&number));
        let text = &shown.parts[part];
        entries?.iter().find(|it| it.entry.accepted && it.entry.text.as_ref() == Some(text))
    };
    let mut parts = 0..shown.parts.len();
    match shown.row.status {
        Status::Posted => {
            for part in parts {
                let Some(Request { entry, files }) = accepted(part) else {
                    return Some(format!("I3: part {} is not on X as it is told", part + 1));
                };
                if !has_files(shown.content.parts.get(part), files) {
                    return Some(format!("I3: part {} is on X with other files", part + 1));
                }
                let is_early =
                    |due: Option<UnixMillis>| due.is_some_and(|due| entry.arrived_at < due.0);
                let was_due = fact.due_as_seen_at(entry.arrived_at);
                if is_early(shown.row.scheduled_at) && is_early(was_due) {
                    return Some(format!("I4: part {} came before its time", part + 1));
                }
            }
            None
        }
        Status::Failed | Status::Missed if parts.any(|part| accepted(part).is_some()) => {
            Some("I3: is on X, and the person is told that it is not".to_owned())
        }
        _ => None,
    }
}

/// Returns whether X has the files of a part, with their descriptions and in their order.
fn has_files(part: Option<&Part>, files: &[PostedMedia]) -> bool {
    let shown = part.map_or(&[][..], |part| &part.media);
    let is_same = |(shown, on_x): (&MediaRef, &PostedMedia)| {
        let digest = shown.file.map(|file| file.sha256.to_string());
        digest == on_x.sha256 && shown.alt_text == on_x.alt_text
    };
    shown.len() == files.len() && shown.iter().zip(files).all(is_same)
}

/// I6: what is wrong with a file.
fn damage(path: &Path) -> Result<Option<String>> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let verdict: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Ok(Some(verdict));
    }
    let orphans: i64 =
        connection.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |r| r.get(0))?;
    Ok((orphans > 0).then(|| format!("{orphans} rows refer to nothing")))
}

/// I7: no secret is in a file that is not made to keep it.
fn secrets(world: &World, violations: &mut Vec<String>) {
    for name in ["roost.db", "roost.db-wal", "relay.db", "relay.db-wal"] {
        let bytes = std::fs::read(world.path(name)).unwrap_or_default();
        for secret in [DEVICE_KEY, QSTASH_TOKEN].map(str::as_bytes) {
            if bytes.windows(secret.len()).any(|window| window == secret) {
                violations.push(format!("I7: {name} holds a secret"));
            }
        }
    }
}
