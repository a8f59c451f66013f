//! The file of the store is read as a whole once a day, and what is found is told.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock as _, ManualClock, SystemClock};
use roost_core::failure::Code;
use roost_engine::view::CheckHealth;
use roost_engine::{Engine, EngineConfig, NewPost, NextStep};
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(40);

/// A store with posts in it that came to a clean end, and the clock by which it did.
async fn filled(path: &Path) -> Arc<ManualClock> {
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let engine = Engine::open(EngineConfig::new(path), clock.clone()).unwrap();
    for number in 0..200 {
        let text = format!("{number}: {}", "words of a post ".repeat(12));
        engine.create(NewPost { text, ..NewPost::default() }).await.unwrap();
    }
    clock
}

/// Empties a page with a post on it as a disk does: no time and no size tells of it.
fn rot(path: &Path) {
    let changed = fs::metadata(path).unwrap().modified().unwrap();
    let mut bytes = fs::read(path).unwrap();
    let words = b"100: words of a post";
    let place = bytes.windows(words.len()).position(|found| found == words).unwrap();
    let page = place / 4096 * 4096;
    bytes[page..page + 4096].fill(0);
    fs::write(path, bytes).unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_modified(changed).unwrap();
}

/// Waits until no thread of this process has the file open: a look or a backup may be under way.
fn until_closed(path: &Path) {
    let path = fs::canonicalize(path).unwrap();
    let is_open = || {
        let files = fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
        files.filter_map(|file| fs::read_link(file.path()).ok()).any(|file| file == path)
    };
    let end = std::time::Instant::now() + PATIENCE;
    while is_open() {
        assert!(std::time::Instant::now() < end, "the file stays open");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_disk_changed_is_found_by_the_running_loop_within_a_day_and_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roost.db");
    let clock = filled(&path).await;
    rot(&path);
    let engine = Engine::open(EngineConfig::new(&path), clock.clone()).unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (engine, stop) = (engine.clone(), stop.clone());
        async move { engine.run(stop).await }
    });
    assert!(engine.sync_state().await.unwrap().trouble.is_none(), "nobody knows of it yet");
    clock.advance(Duration::from_hours(24));
    let end = tokio::time::Instant::now() + PATIENCE;
    let trouble = loop {
        if let Some(trouble) = engine.sync_state().await.unwrap().trouble {
            break trouble;
        }
        assert!(tokio::time::Instant::now() < end, "not told in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(trouble.code, Code::DatabaseDamaged);
    assert_eq!(trouble.next_steps, [NextStep::RestoreBackup], "{}", trouble.message);
    stop.cancel();
    running.await.unwrap().unwrap();
    drop(engine);
    until_closed(&path);
    let error = Engine::open(EngineConfig::new(&path), clock).unwrap_err();
    assert_eq!(error.code(), Code::DatabaseDamaged, "no end is called clean after that");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_reads_the_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roost.db");
    let clock = filled(&path).await;
    let health = async |engine: &Engine| {
        let checks = engine.doctor().await;
        let store = checks.iter().find(|check| check.name == "store").unwrap();
        (store.health, store.finding.clone())
    };
    let engine = Engine::open(EngineConfig::new(&path), clock.clone()).unwrap();
    assert_eq!(health(&engine).await.0, CheckHealth::Good);
    drop(engine);
    rot(&path);
    let engine = Engine::open(EngineConfig::new(&path), clock).unwrap();
    let (found, words) = health(&engine).await;
    assert_eq!(found, CheckHealth::Bad);
    assert!(words.contains("damaged") && words.contains("Restore a backup"), "{words}");
}
