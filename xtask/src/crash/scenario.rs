//! What happens in a run: everything that a person, a network and a server's disk do to posts,
//! in about ten seconds.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use super::attached_file::AttachedFile;
use super::harness::Harness;
use super::inspect_db::{self, Row};
use super::planned_post::{Planned, import_file};

/// From the first command to the first post: time to hand over.
const LEAD_TIME_MS: i64 = 4_000;
/// From the making of a single post to its time, at least.
const NOTICE_MS: i64 = 3_000;
/// How often a post is made that came too late for its own time.
const CREATE_TRIES: u32 = 4;
/// How long a step waits for what it wants to meet. A step that does not meet it in time, because
/// a program died just then, goes on without.
const MEET: Duration = Duration::from_secs(6);
/// After this nothing is waited for any more: what is still open is stuck.
const DRAIN: Duration = Duration::from_secs(90);
const DRAIN_BROKEN: Duration = Duration::from_secs(5);

/// The whole scenario; gives what was planned.
pub(crate) fn play(harness: &mut Harness) -> Result<Vec<Planned>> {
    harness.begin()?;
    harness.lag(harness.plan.timeline_lag_ms())?;
    harness.engine.start()?;
    let begin = (super::now() + LEAD_TIME_MS).div_euclid(1000) * 1000 + 1000;
    let imported = ["plain", "pair", "lost", "held"].map(|key| Planned::new(key, 1, begin));
    import(harness, &imported)?;
    let thread = Planned::new("thread", 2, begin + 1000).with(AttachedFile::Picture);
    let edited = Planned::new("edited", 1, begin + 1000).with(AttachedFile::Picture);
    let early = Planned::new("early", 1, begin + 2000);
    let slow = Planned::new("slow", 1, begin + 1000).with(AttachedFile::Video);
    let late = Planned::new("late", 1, begin + 60_000);
    let mut posts: Vec<Planned> = imported.to_vec();
    for mut post in [thread, edited, early, slow, late] {
        create(harness, &mut post)?;
        posts.push(post);
    }
    // X does what it is asked, and the answer is lost; X takes its time.
    harness.fault(&json!({ "on": "create", "kind": "cut_after", "text": "lost/" }))?;
    harness.fault(&json!({ "on": "create", "kind": "slow", "millis": 1000, "text": "slow/" }))?;
    edit(harness, "edited")?;
    // From here on the relay knows of it, and has to be told that it is withdrawn.
    meet(harness, &["early"], "staged")?;
    cancel(harness, &mut posts, "early")?;
    let backup = back_up(harness, &posts)?;
    pause_for_a_moment(harness)?;
    deliver_while_sending(harness, "slow")?;
    meet(harness, &["plain", "pair", "lost", "thread", "edited", "slow"], "posted")?;
    for key in ["plain", "thread", "early"] {
        deliver_again(harness, key)?;
    }
    cancel(harness, &mut posts, "late")?;
    posts.push(restore(harness, &backup)?);
    posts.push(withdraw_in_hand(harness)?);
    drain(harness, &posts)?;
    Ok(posts)
}

/// Imports posts; an import that died after its commit is there, and is not repeated.
pub(crate) fn import(harness: &mut Harness, posts: &[Planned]) -> Result<()> {
    let file = harness.folder.join("import.json");
    std::fs::write(&file, import_file(posts)?)?;
    let file = file.to_string_lossy().into_owned();
    let key = posts[0].key.clone();
    let there = |harness: &Harness| Ok(!inspect_db::rows(&harness.folder, &key)?.is_empty());
    harness.roost(&["import", &file, "--past", "next-slot"], there).map(drop)
}

fn create(harness: &mut Harness, post: &mut Planned) -> Result<()> {
    for _ in 0..CREATE_TRIES {
        // Where everything is slow the planned time may be over.
        let soonest = (super::now() + NOTICE_MS).div_euclid(1000) * 1000;
        post.due_at = post.due_at.max(soonest);
        let at = post.wall_time();
        let mut arguments = vec!["posts", "create", &post.parts[0], "--at", &at, "--zone", "UTC"];
        for part in &post.parts[1..] {
            arguments.extend(["--thread", part]);
        }
        let file = post.files[0].first().copied();
        let path = file.map(|file| file.write_into(&harness.folder)).transpose()?;
        let path = path.map(|path| path.to_string_lossy().into_owned());
        let shows = file.map(AttachedFile::alt_text);
        if let (Some(path), Some(shows)) = (&path, &shows) {
            arguments.extend(["--media", path, "--alt", shows]);
        }
        let there =
            |harness: &Harness| Ok(!inspect_db::rows(&harness.folder, &post.key)?.is_empty());
        harness.roost(&arguments, there)?;
        if there(harness)? {
            return Ok(());
        }
    }
    bail!("\"{}\" could not be made", post.key)
}

fn edit(harness: &mut Harness, key: &str) -> Result<()> {
    let row = row(harness, key)?;
    let text = format!("{key}/1 says it better");
    harness.roost(&["posts", "edit", &row.id, "--text", &text], |_| Ok(false)).map(drop)
}

/// Withdraws a post, and remembers when the person was told that it is done.
fn cancel(harness: &mut Harness, posts: &mut [Planned], key: &str) -> Result<()> {
    let post = posts.iter_mut().find(|post| post.key == key).context("a planned post")?;
    withdraw(harness, post)
}

fn withdraw(harness: &mut Harness, post: &mut Planned) -> Result<()> {
    let row = row(harness, &post.key)?;
    harness.roost(&["posts", "cancel", &row.id], |_| Ok(false))?;
    if self::row(harness, &post.key)?.status == "cancelled" {
        post.withdrawn_at = Some(super::now());
    }
    Ok(())
}

fn row(harness: &Harness, key: &str) -> Result<Row> {
    inspect_db::rows(&harness.folder, key)?
        .pop()
        .with_context(|| format!("\"{key}\" is not in the store"))
}

/// Copies the relay's ledger once everything stands in it and little has gone out.
fn back_up(harness: &mut Harness, posts: &[Planned]) -> Result<String> {
    let known = |harness: &Harness| {
        let mut rows = posts.iter().map(|post| row(harness, &post.key));
        rows.try_fold(true, |all, row| {
            Ok(all && inspect_db::on_relay(&harness.folder, &row?.id).is_some())
        })
    };
    harness.until(MEET, known)?;
    let backup = harness.folder.join("backup.sqlite").to_string_lossy().into_owned();
    harness.relay_command(&["backup", &backup])?;
    Ok(backup)
}

fn pause_for_a_moment(harness: &mut Harness) -> Result<()> {
    harness.pause(true)?;
    let plain = row(harness, "held")?;
    harness.until(Duration::from_secs(2), |harness| {
        Ok(inspect_db::on_relay(&harness.folder, &plain.id).is_some_and(|state| state == "waiting"))
    })?;
    harness.pause(false)
}

/// A second delivery of a post that X is just being asked for.
fn deliver_while_sending(harness: &mut Harness, key: &str) -> Result<()> {
    let id = row(harness, key)?.id;
    harness.until(MEET, |harness| {
        let state = inspect_db::on_relay(&harness.folder, &id).unwrap_or_default();
        Ok(!["staged", "claimed", "waiting"].contains(&state.as_str()))
    })?;
    deliver_again(harness, key)
}

fn deliver_again(harness: &mut Harness, key: &str) -> Result<()> {
    let row = row(harness, key)?;
    harness.deliver_again(&row.id, row.revision)
}

/// Waits a while until the relay has brought these posts to a state; not all have to get there.
fn meet(harness: &mut Harness, keys: &[&str], state: &str) -> Result<()> {
    harness.until(MEET, |harness| {
        let mut rows = keys.iter().map(|key| row(harness, key));
        rows.try_fold(true, |all, row| {
            Ok(all && inspect_db::on_relay(&harness.folder, &row?.id).is_some_and(|at| at == state))
        })
    })?;
    Ok(())
}

/// The server's disk is replaced by an older one while the desktop sleeps; what the scheduler
/// delivers meanwhile has gone out already. Of one post that went out nobody remembers anything:
/// the desktop was off, and the backup is older.
fn restore(harness: &mut Harness, backup: &str) -> Result<Planned> {
    let mut unheard = Planned::new("unheard", 1, 0);
    create(harness, &mut unheard)?;
    meet(harness, &["unheard"], "staged")?;
    harness.engine.stop()?;
    meet(harness, &["unheard"], "posted")?;
    harness.relay.stop()?;
    harness.relay_command(&["restore", backup])?;
    harness.relay.start()?;
    harness.wait_for_relay()?;
    // The backup's grant was refreshed since: the relay says so, and the person signs in.
    harness.sign_in()?;
    for key in ["plain", "pair", "slow", "late"] {
        deliver_again(harness, key)?;
    }
    let ids = [row(harness, "plain")?.id, row(harness, "slow")?.id];
    harness.until(MEET, |harness| {
        let mut states = ids.iter().map(|id| inspect_db::on_relay(&harness.folder, id));
        Ok(states.all(|state| state.is_none_or(|state| state != "staged")))
    })?;
    let_it_happen(harness);
    harness.engine.start()?;
    Ok(unheard)
}

/// A post is withdrawn while the relay has it in hand and waits for a fresh token.
fn withdraw_in_hand(harness: &mut Harness) -> Result<Planned> {
    // A broken guard is to be seen on a busy machine, too.
    let millis = if harness.plan.broken.is_some() { 4000 } else { 1000 };
    harness.fault(&json!({ "on": "refresh", "kind": "slow", "millis": millis, "count": 2 }))?;
    let due_at = super::now().div_euclid(1000) * 1000 + 4000;
    let mut post = Planned::new("hand", 1, due_at);
    create(harness, &mut post)?;
    let due_at = post.due_at;
    let id = row(harness, "hand")?.id;
    harness.until(MEET + Duration::from_secs(4), |harness| {
        let state = inspect_db::on_relay(&harness.folder, &id).unwrap_or_default();
        Ok(super::now() >= due_at && !["", "staged"].contains(&state.as_str()))
    })?;
    withdraw(harness, &mut post)?;
    harness
        .until(MEET, |harness| Ok(inspect_db::token_lives_until(&harness.folder) > super::now()))?;
    let_it_happen(harness);
    Ok(post)
}

/// Not a wait for something: what must not happen has its chance.
fn let_it_happen(harness: &Harness) {
    let millis = if harness.plan.is_given_time() { 3000 } else { 400 };
    std::thread::sleep(Duration::from_millis(millis));
}

/// Waits until every post is decided, and does what a person is asked for.
pub(crate) fn drain(harness: &mut Harness, posts: &[Planned]) -> Result<()> {
    // Without a guard there may be no end to wait for.
    let patience = if harness.plan.is_given_time() { DRAIN_BROKEN } else { DRAIN };
    let deadline = std::time::Instant::now() + patience;
    while std::time::Instant::now() < deadline {
        let decided = |harness: &Harness| {
            posts.iter().try_fold(true, |all, post| {
                let rows = inspect_db::rows(&harness.folder, &post.key)?;
                Ok(all && rows.iter().all(Row::is_decided))
            })
        };
        if harness.until(Duration::from_secs(1), decided)? {
            return Ok(());
        }
        if harness.needs_sign_in() {
            harness.sign_in()?;
        }
    }
    Ok(())
}
