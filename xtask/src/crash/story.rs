//! What happens in a world: everything that a person, a network and a server's disk do to posts,
//! in about ten seconds.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use super::books::{self, Row};
use super::plan::{Planned, import_file};
use super::world::World;

/// From the first command to the first post: time to hand over.
const LEAD_MS: i64 = 4_000;
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

/// The whole story; gives what was planned.
pub(crate) fn play(world: &mut World) -> Result<Vec<Planned>> {
    world.begin()?;
    world.lag(world.ordeal.lag_ms())?;
    world.engine.start()?;
    let begin = (super::now() + LEAD_MS).div_euclid(1000) * 1000 + 1000;
    let imported = ["plain", "pair", "lost", "held"].map(|key| Planned::new(key, 1, begin));
    import(world, &imported)?;
    let thread = Planned::new("thread", 2, begin + 1000);
    let edited = Planned::new("edited", 1, begin + 1000);
    let early = Planned::new("early", 1, begin + 2000);
    let slow = Planned::new("slow", 1, begin + 1000);
    let late = Planned::new("late", 1, begin + 60_000);
    let mut posts: Vec<Planned> = imported.to_vec();
    for mut post in [thread, edited, early, slow, late] {
        create(world, &mut post)?;
        posts.push(post);
    }
    // X does what it is asked, and the answer is lost; X takes its time.
    world.fault(&json!({ "on": "create", "kind": "cut_after", "text": "lost/" }))?;
    world.fault(&json!({ "on": "create", "kind": "slow", "millis": 1000, "text": "slow/" }))?;
    edit(world, "edited")?;
    // From here on the relay knows of it, and has to be told that it is withdrawn.
    meet(world, &["early"], "staged")?;
    cancel(world, &mut posts, "early")?;
    let backup = back_up(world, &posts)?;
    pause_for_a_moment(world)?;
    deliver_while_sending(world, "slow")?;
    meet(world, &["plain", "pair", "lost", "thread", "edited", "slow"], "posted")?;
    for key in ["plain", "thread", "early"] {
        deliver_again(world, key)?;
    }
    cancel(world, &mut posts, "late")?;
    posts.push(restore(world, &backup)?);
    posts.push(withdraw_in_hand(world)?);
    drain(world, &posts)?;
    Ok(posts)
}

/// Imports posts; an import that died after its commit is there, and is not repeated.
pub(crate) fn import(world: &mut World, posts: &[Planned]) -> Result<()> {
    let file = world.folder.join("import.json");
    std::fs::write(&file, import_file(posts)?)?;
    let file = file.to_string_lossy().into_owned();
    let key = posts[0].key.clone();
    let there = |world: &World| Ok(!books::rows(&world.folder, &key)?.is_empty());
    world.roost(&["import", &file, "--past", "next-slot"], there).map(drop)
}

fn create(world: &mut World, post: &mut Planned) -> Result<()> {
    for _ in 0..CREATE_TRIES {
        // Where everything is slow the planned time may be over.
        let soonest = (super::now() + NOTICE_MS).div_euclid(1000) * 1000;
        post.due_at = post.due_at.max(soonest);
        let at = post.wall_time();
        let mut arguments = vec!["posts", "create", &post.parts[0], "--at", &at, "--zone", "UTC"];
        for part in &post.parts[1..] {
            arguments.extend(["--thread", part]);
        }
        let there = |world: &World| Ok(!books::rows(&world.folder, &post.key)?.is_empty());
        world.roost(&arguments, there)?;
        if there(world)? {
            return Ok(());
        }
    }
    bail!("\"{}\" could not be made", post.key)
}

fn edit(world: &mut World, key: &str) -> Result<()> {
    let row = row(world, key)?;
    let text = format!("{key}/1 says it better");
    world.roost(&["posts", "edit", &row.id, "--text", &text], |_| Ok(false)).map(drop)
}

/// Withdraws a post, and remembers when the person was told that it is done.
fn cancel(world: &mut World, posts: &mut [Planned], key: &str) -> Result<()> {
    let post = posts.iter_mut().find(|post| post.key == key).context("a planned post")?;
    withdraw(world, post)
}

fn withdraw(world: &mut World, post: &mut Planned) -> Result<()> {
    let row = row(world, &post.key)?;
    world.roost(&["posts", "cancel", &row.id], |_| Ok(false))?;
    if self::row(world, &post.key)?.status == "cancelled" {
        post.withdrawn_at = Some(super::now());
    }
    Ok(())
}

fn row(world: &World, key: &str) -> Result<Row> {
    books::rows(&world.folder, key)?.pop().with_context(|| format!("\"{key}\" is not in the store"))
}

/// Copies the relay's ledger once everything stands in it and little has gone out.
fn back_up(world: &mut World, posts: &[Planned]) -> Result<String> {
    let known = |world: &World| {
        let mut rows = posts.iter().map(|post| row(world, &post.key));
        rows.try_fold(
            true,
            |all, row| Ok(all && books::on_relay(&world.folder, &row?.id).is_some()),
        )
    };
    world.until(MEET, known)?;
    let backup = world.folder.join("backup.sqlite").to_string_lossy().into_owned();
    world.relay_command(&["backup", &backup])?;
    Ok(backup)
}

fn pause_for_a_moment(world: &mut World) -> Result<()> {
    world.pause(true)?;
    let plain = row(world, "held")?;
    world.until(Duration::from_secs(2), |world| {
        Ok(books::on_relay(&world.folder, &plain.id).is_some_and(|state| state == "waiting"))
    })?;
    world.pause(false)
}

/// A second delivery of a post that X is just being asked for.
fn deliver_while_sending(world: &mut World, key: &str) -> Result<()> {
    let id = row(world, key)?.id;
    world.until(MEET, |world| {
        let state = books::on_relay(&world.folder, &id).unwrap_or_default();
        Ok(!["staged", "claimed", "waiting"].contains(&state.as_str()))
    })?;
    deliver_again(world, key)
}

fn deliver_again(world: &mut World, key: &str) -> Result<()> {
    let row = row(world, key)?;
    world.deliver_again(&row.id, row.revision)
}

/// Waits a while until the relay has brought these posts to a state; not all have to get there.
fn meet(world: &mut World, keys: &[&str], state: &str) -> Result<()> {
    world.until(MEET, |world| {
        let mut rows = keys.iter().map(|key| row(world, key));
        rows.try_fold(true, |all, row| {
            Ok(all && books::on_relay(&world.folder, &row?.id).is_some_and(|at| at == state))
        })
    })?;
    Ok(())
}

/// The server's disk is replaced by an older one while the desktop sleeps; what the scheduler
/// delivers meanwhile has gone out already. Of one post that went out nobody remembers anything:
/// the desktop was off, and the backup is older.
fn restore(world: &mut World, backup: &str) -> Result<Planned> {
    let mut unheard = Planned::new("unheard", 1, 0);
    create(world, &mut unheard)?;
    meet(world, &["unheard"], "staged")?;
    world.engine.stop()?;
    meet(world, &["unheard"], "posted")?;
    world.relay.stop()?;
    world.relay_command(&["restore", backup])?;
    world.relay.start()?;
    world.wait_for_relay()?;
    // The backup's grant was refreshed since: the relay says so, and the person signs in.
    world.sign_in()?;
    for key in ["plain", "pair", "slow", "late"] {
        deliver_again(world, key)?;
    }
    let ids = [row(world, "plain")?.id, row(world, "slow")?.id];
    world.until(MEET, |world| {
        let mut states = ids.iter().map(|id| books::on_relay(&world.folder, id));
        Ok(states.all(|state| state.is_none_or(|state| state != "staged")))
    })?;
    let_it_happen(world);
    world.engine.start()?;
    Ok(unheard)
}

/// A post is withdrawn while the relay has it in hand and waits for a fresh token.
fn withdraw_in_hand(world: &mut World) -> Result<Planned> {
    // A broken guard is to be seen on a busy machine, too.
    let millis = if world.ordeal.broken.is_some() { 4000 } else { 1000 };
    world.fault(&json!({ "on": "refresh", "kind": "slow", "millis": millis, "count": 2 }))?;
    let due_at = super::now().div_euclid(1000) * 1000 + 4000;
    let mut post = Planned::new("hand", 1, due_at);
    create(world, &mut post)?;
    let due_at = post.due_at;
    let id = row(world, "hand")?.id;
    world.until(MEET + Duration::from_secs(4), |world| {
        let state = books::on_relay(&world.folder, &id).unwrap_or_default();
        Ok(super::now() >= due_at && !["", "staged"].contains(&state.as_str()))
    })?;
    withdraw(world, &mut post)?;
    world.until(MEET, |world| Ok(books::token_lives_until(&world.folder) > super::now()))?;
    let_it_happen(world);
    Ok(post)
}

/// Not a wait for something: what must not happen has its chance.
fn let_it_happen(world: &World) {
    let millis = if world.ordeal.is_given_time() { 3000 } else { 400 };
    std::thread::sleep(Duration::from_millis(millis));
}

/// Waits until every post is decided, and does what a person is asked for.
pub(crate) fn drain(world: &mut World, posts: &[Planned]) -> Result<()> {
    // Without a guard there may be no end to wait for.
    let patience = if world.ordeal.is_given_time() { DRAIN_BROKEN } else { DRAIN };
    let deadline = std::time::Instant::now() + patience;
    while std::time::Instant::now() < deadline {
        let decided = |world: &World| {
            posts.iter().try_fold(true, |all, post| {
                let rows = books::rows(&world.folder, &post.key)?;
                Ok(all && rows.iter().all(Row::is_decided))
            })
        };
        if world.until(Duration::from_secs(1), decided)? {
            return Ok(());
        }
        if world.needs_sign_in() {
            world.sign_in()?;
        }
    }
    Ok(())
}
