//! The relay's disk: damage is told before anything is sent, and never posted.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use roost_chaos_proxy::dice;
use roost_core::clock::Clock;
use roost_relay::{Config, Error, OpenError, Relay};
use roost_relay_api::{DeliveryState, Stage};
use rusqlite::Connection;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::link::{come_to, stage_all};
use crate::world::{PATIENCE, World, seconds};

const TRIES: u64 = 300;
const FILES: [&str; 2] = ["relay.sqlite", "relay.sqlite-wal"];

/// Opens a relay on the world's files, as a start does.
fn opened(world: &World) -> Result<Relay, Error> {
    Relay::open(world.config.clone(), Arc::clone(&world.clock) as Arc<dyn Clock>)
}

/// A refusal, which must be told in words that say what helps.
fn refusal(world: &World) -> OpenError {
    match opened(world) {
        Err(Error::Database(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn raw(world: &World, sql: &str) {
    let file = Connection::open(world.file("relay.sqlite")).expect("a file");
    file.execute_batch(sql).expect(sql);
}

/// The ledger's files, to be put back before the next damage.
struct Files {
    folder: PathBuf,
    whole: Vec<(PathBuf, Vec<u8>)>,
}

impl Files {
    fn read(world: &World) -> Self {
        let folder = world.folder.path().to_owned();
        let read = |name: &&str| {
            let path = folder.join(name);
            std::fs::read(&path).ok().map(|bytes| (path, bytes))
        };
        let whole = FILES.iter().filter_map(read).collect();
        Self { folder, whole }
    }

    fn put_back(&self) {
        // The ledger itself is written over: another file would be a copy of it.
        for name in ["relay.sqlite-wal", "relay.sqlite-shm"] {
            let _ = std::fs::remove_file(self.folder.join(name));
        }
        for (path, bytes) in &self.whole {
            std::fs::write(path, bytes).expect("put back");
        }
    }

    fn ledger(&self) -> &(PathBuf, Vec<u8>) {
        &self.whole[0]
    }
}

/// One kind of damage, by its seed; gives what it was.
fn damage(files: &Files, other_log: &Path, number: u64) -> String {
    let (path, whole) = files.ledger();
    let mut bytes = whole.clone();
    let at = |what: u64, below: usize| {
        usize::try_from(dice(number, what) % below.max(1) as u64).expect("a place")
    };
    let what = match number % 6 {
        0 | 1 => {
            let (place, bit) = (at(0, bytes.len()), at(1, 8));
            bytes[place] ^= 1 << bit;
            format!("bit {bit} of byte {place}")
        }
        2 => {
            let sector = at(0, bytes.len() / 512);
            bytes[sector * 512..(sector + 1) * 512].fill(0xa5);
            format!("sector {sector}")
        }
        3 => {
            let page = at(0, bytes.len() / 4096);
            bytes[page * 4096..(page + 1) * 4096].fill(0);
            format!("page {page}")
        }
        4 => {
            let length = if number % 12 == 4 { 0 } else { at(0, bytes.len()) };
            bytes.truncate(length);
            format!("cut to {length} bytes")
        }
        _ => {
            std::fs::copy(other_log, files.folder.join("relay.sqlite-wal")).expect("swapped");
            "the log of another ledger".to_owned()
        }
    };
    std::fs::write(path, bytes).expect("damaged");
    what
}

/// A ledger that died with changes in its log: none of them in the file itself.
fn log_of_another(world: &World) -> PathBuf {
    let folder = world.file("other");
    std::fs::create_dir(&folder).expect("a folder");
    let mut config = world.config.clone();
    config.database = folder.join("relay.sqlite");
    config.key_file = folder.join("relay.key");
    roost_relay::admin::init(&config, world.clock.now()).expect("another ledger");
    let file = Connection::open(&config.database).expect("a file");
    file.execute_batch(
        "PRAGMA wal_autocheckpoint = 0; UPDATE relay SET paused = 1; UPDATE relay SET paused = 0",
    )
    .expect("changes");
    let log = world.file("other.wal");
    std::fs::copy(folder.join("relay.sqlite-wal"), &log).expect("a log");
    log
}

/// Returns how often the publisher went round; none when the relay can't read its ledger, and so can
/// send nothing.
async fn rounds(relay: &Relay) -> Option<u64> {
    let local = ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 1)));
    let mut request = axum::http::Request::get("http://127.0.0.1/metrics")
        .header("host", "127.0.0.1")
        .body(axum::body::Body::empty())
        .expect("a request");
    request.extensions_mut().insert(local);
    let answer = relay.router().oneshot(request).await.expect("an answer");
    if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
        return None;
    }
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    let text = String::from_utf8(body.to_vec()).expect("text");
    let rounds = text.lines().find_map(|line| line.strip_prefix("roost_relay_rounds_total "));
    Some(rounds.unwrap_or_else(|| panic!("no rounds in {text}")).parse().expect("a number"))
}

/// Lets the relay do what it would do for a while.
async fn run_for_a_while(relay: Relay) {
    let stop = CancellationToken::new();
    let (running, token) = (relay.clone(), stop.clone());
    let working = tokio::spawn(async move { running.run(token).await });
    // Whatever is due is called for in the first round; calls in flight end before the relay does.
    let end = tokio::time::Instant::now() + PATIENCE;
    while rounds(&relay).await.is_some_and(|rounds| rounds < 3) {
        assert!(tokio::time::Instant::now() < end, "the publisher stands still");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    stop.cancel();
    working.await.expect("no panic");
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_damages_are_told_or_harmless_and_none_is_ever_posted() {
    let mut world = World::new().await;
    let texts: Vec<String> = (0..30)
        .map(|number| format!("Post {number:02}: {}", "a text of some length ".repeat(9)))
        .collect();
    let items: Vec<Stage> = texts.iter().map(|text| world.post(text, seconds(1))).collect();
    stage_all(&world, &items).await;
    world.clock.set(items[0].due_at);
    for item in &items[..5] {
        world.deliver(item).await;
    }
    world.stop_relay().await;
    raw(&world, "PRAGMA wal_checkpoint(TRUNCATE)");
    let files = Files::read(&world);
    let other_log = log_of_another(&world);
    let (mut told, mut opened_all_the_same) = (0, 0);
    for number in 0..TRIES {
        files.put_back();
        let what = damage(&files, &other_log, number);
        match opened(&world) {
            Err(Error::Database(error)) => {
                told += 1;
                let helps = error.to_string().contains("restore the last backup");
                assert!(helps, "{what}: {error}");
            }
            Err(error) => panic!("{what}: {error}"),
            Ok(relay) => {
                opened_all_the_same += 1;
                // Past two minutes nothing waits for a delivery.
                world.clock.set(items[0].due_at.plus(seconds(180)));
                run_for_a_while(relay).await;
            }
        }
    }
    files.put_back();
    println!("{told} damages told, {opened_all_the_same} harmless or found before the call");
    assert!(told > TRIES / 3 && opened_all_the_same > 0);
    let creates = world.creates().await;
    assert!(!creates.is_empty(), "the harmless ones were really run");
    for entry in creates {
        let text = entry.text.expect("a text");
        assert!(texts.contains(&text), "damage was posted: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_disk_changed_is_told_when_the_relay_starts_hours_before_its_time() {
    let mut world = World::new().await;
    let items: Vec<Stage> =
        (0..3).map(|number| world.post(&format!("Post {number}"), seconds(6 * 3600))).collect();
    stage_all(&world, &items).await;
    world.stop_relay().await;
    raw(&world, "UPDATE part SET text = 'Qost 1' WHERE text = 'Post 1'");
    let health = roost_relay::admin::check(&world.config, world.clock.now()).expect("looked over");
    assert_eq!(health.damaged, [items[1].post_id]);
    world.start_relay().await;
    let refused = world.delivery(items[1].post_id).await.expect("known");
    assert_eq!(refused.state, DeliveryState::Refused);
    assert_eq!(refused.code.as_deref(), Some("database_damaged"));
    for item in [&items[0], &items[2]] {
        let delivery = world.delivery(item.post_id).await.expect("known");
        assert_eq!(delivery.state, DeliveryState::Staged);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_a_flipped_bit_changed_is_refused_and_told_and_the_others_go_out() {
    let world = World::new().await;
    let items: Vec<Stage> =
        (0..3).map(|number| world.post(&format!("Post {number}"), seconds(60))).collect();
    stage_all(&world, &items).await;
    raw(&world, "UPDATE part SET text = 'Qost 1' WHERE text = 'Post 1'");
    let earlier =
        format!("UPDATE post SET due_at = due_at - 32768 WHERE post_id = '{}'", items[2].post_id);
    raw(&world, &earlier);
    world.clock.set(items[0].due_at.minus(seconds(1)));
    world.deliver(&items[2]).await;
    for item in &items[1..] {
        world.clock.set(item.due_at);
        world.deliver(item).await;
        let refused = world.reaches(item.post_id, DeliveryState::Refused).await;
        assert_eq!(refused.code.as_deref(), Some("database_damaged"));
        assert!(refused.message.is_some_and(|message| message.contains("damaged")));
    }
    world.deliver(&items[0]).await;
    world.reaches(items[0].post_id, DeliveryState::Posted).await;
    // The desktop still has the true words: armed anew they go out.
    let mut again = items[1].clone();
    again.revision = roost_core::id::Revision(2);
    stage_all(&world, std::slice::from_ref(&again)).await;
    world.deliver(&again).await;
    world.reaches(again.post_id, DeliveryState::Posted).await;
    let texts: Vec<_> = world.creates().await.into_iter().filter_map(|entry| entry.text).collect();
    assert_eq!(texts, ["Post 0", "Post 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_ledger_is_not_taken_for_a_new_one() {
    let mut world = World::new().await;
    world.stop_relay().await;
    std::fs::write(world.file("relay.sqlite"), b"").expect("emptied");
    let error = refusal(&world);
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    let error = roost_relay::admin::init(&world.config, world.clock.now()).expect_err("refused");
    assert!(error.to_string().contains("restore the last backup"), "{error}");
    let length = std::fs::metadata(world.file("relay.sqlite")).expect("a file").len();
    assert_eq!(length, 0, "left as it was");
    // Somebody who wants an empty ledger removes the file.
    std::fs::remove_file(world.file("relay.sqlite")).expect("removed");
    opened(&world).expect("a new ledger");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_garbled_record_of_migrations_is_an_error_and_no_panic() {
    let mut world = World::new().await;
    world.stop_relay().await;
    let files = Files::read(&world);
    for garbage in [
        "UPDATE refinery_schema_history SET checksum = 'x'",
        "UPDATE refinery_schema_history SET checksum = NULL",
        "UPDATE refinery_schema_history SET applied_on = 'yesterday'",
        "UPDATE refinery_schema_history SET applied_on = '2026-02-31T00:00:00Z'",
        "UPDATE refinery_schema_history SET applied_on = x'00ff'",
        "UPDATE refinery_schema_history SET applied_on = NULL",
        "UPDATE refinery_schema_history SET name = 'other'",
        "UPDATE refinery_schema_history SET name = NULL",
        "UPDATE refinery_schema_history SET version = 'one' WHERE version = 1",
        "UPDATE refinery_schema_history SET version = NULL WHERE version = 1",
        "UPDATE refinery_schema_history SET version = -1 WHERE version = 1",
        "ALTER TABLE refinery_schema_history DROP COLUMN checksum",
        "DROP TABLE refinery_schema_history",
        "DELETE FROM refinery_schema_history",
    ] {
        files.put_back();
        raw(&world, garbage);
        let error = refusal(&world);
        assert!(matches!(error, OpenError::Damaged { .. }), "{garbage}: {error}");
    }
    files.put_back();
    opened(&world).expect("as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_of_a_newer_program_is_refused_and_untouched() {
    let mut world = World::new().await;
    let item = world.staged("kept for the newer one", seconds(60)).await;
    world.stop_relay().await;
    raw(
        &world,
        "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
         SELECT 99, 'later', applied_on, checksum FROM refinery_schema_history LIMIT 1",
    );
    let before = std::fs::read(world.file("relay.sqlite")).expect("a file");
    let error = refusal(&world);
    assert!(matches!(error, OpenError::Newer(_)), "{error}");
    assert!(error.to_string().contains("update"), "{error}");
    assert_eq!(std::fs::read(world.file("relay.sqlite")).expect("a file"), before);
    raw(&world, "DELETE FROM refinery_schema_history WHERE version = 99");
    world.start_relay().await;
    world.clock.set(item.due_at);
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_can_not_be_opened_says_why_and_nothing_panics() {
    let mut world = World::new().await;
    world.stop_relay().await;
    // Another program keeps it to itself.
    let other = Connection::open(world.file("relay.sqlite")).expect("a file");
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").expect("held");
    let error = refusal(&world);
    assert!(error.to_string().contains("locked"), "{error}");
    drop(other);
    opened(&world).expect("free again");

    // Its volume is not there, or a file stands in its place.
    std::fs::write(world.file("no-folder"), b"x").expect("a file");
    let mut elsewhere = Config::new(world.file("no-folder").join("relay.sqlite"));
    elsewhere.public_urls.clone_from(&world.config.public_urls);
    let clock = Arc::clone(&world.clock) as Arc<dyn Clock>;
    let error = Relay::open(elsewhere, Arc::clone(&clock)).expect_err("no folder");
    assert!(error.to_string().contains("no-folder"), "{error}");
    let folder = world.file("a-folder.sqlite");
    std::fs::create_dir(&folder).expect("a folder");
    let error = Relay::open(Config::new(&folder), Arc::clone(&clock)).expect_err("a folder");
    assert!(error.to_string().contains("a-folder.sqlite"), "{error}");

    // It may not be written.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let closed = world.file("closed");
        std::fs::create_dir(&closed).expect("a folder");
        std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o555)).expect("closed");
        if std::fs::write(closed.join("probe"), b"x").is_ok() {
            println!("skipped: who runs the tests may write everything");
        } else {
            let config = Config::new(closed.join("relay.sqlite"));
            let error = Relay::open(config, clock).expect_err("read-only");
            assert!(matches!(error, Error::Database(OpenError::Unreadable { .. })), "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_without_room_sends_nothing_and_goes_on_when_there_is_some() {
    let world = World::new().await;
    let items: Vec<Stage> =
        (0..20).map(|number| world.post(&format!("Post {number}"), seconds(1))).collect();
    stage_all(&world, &items).await;
    // The disk takes nothing more: no intent, no claim, no stage.
    raw(
        &world,
        "CREATE TRIGGER no_intent BEFORE INSERT ON intent
             BEGIN SELECT RAISE(FAIL, 'the disk is full'); END;
         CREATE TRIGGER no_change BEFORE UPDATE ON post
             BEGIN SELECT RAISE(FAIL, 'the disk is full'); END;",
    );
    world.clock.set(items[0].due_at);
    for item in &items {
        assert_eq!(world.deliver(item).await.0.as_u16(), 503, "it comes again");
    }
    world.settle().await;
    assert!(world.creates().await.is_empty(), "nothing is sent without its intent");
    assert!(world.delivery(items[0].post_id).await.is_some(), "and the ledger can be read");
    raw(&world, "DROP TRIGGER no_intent; DROP TRIGGER no_change");
    for item in &items {
        assert!(world.deliver(item).await.0.is_success());
    }
    come_to(&world, &items, &[DeliveryState::Posted], || {}).await;
    assert_eq!(world.creates().await.len(), items.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_there_whole_or_not_at_all() {
    let mut world = World::new().await;
    let part = world.file("backup.sqlite.part");
    std::fs::write(&part, "what a backup that was cut off left behind").expect("written");
    let backup = world.back_up();
    assert!(!part.exists());
    let again = roost_relay::admin::backup(&world.config.database, &backup);
    assert!(again.is_err(), "nothing is overwritten");
    let nowhere = world.file("no folder/backup.sqlite");
    assert!(roost_relay::admin::backup(&world.config.database, &nowhere).is_err());
    assert!(!nowhere.exists());
    world.restore(&backup).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_ended_with_the_old_log_in_place_is_finished_by_the_next() {
    let mut world = World::new().await;
    let item = world.staged("kept", seconds(600)).await;
    let backup = world.back_up();
    let later = world.staged("after the backup", seconds(900)).await;
    let log = std::fs::read(world.file("relay.sqlite-wal")).expect("a log");
    world.stop_relay().await;
    std::fs::rename(world.file("relay.sqlite"), world.file("aside.sqlite")).expect("moved");
    std::fs::write(world.file("relay.sqlite-wal"), log).expect("the log that stayed");
    roost_relay::admin::restore(&backup, &world.config.database, world.clock.now())
        .expect("restored");
    world.start_relay().await;
    assert!(world.delivery(item.post_id).await.is_some());
    assert!(world.delivery(later.post_id).await.is_none(), "the old log was taken for the new one");
}
