//! The store is backed up once a day that Roost runs; when it can't be, the person is told.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock as _, ManualClock, SystemClock};
use roost_engine::view::CheckHealth;
use roost_engine::{Engine, EngineConfig, NewPost};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(40);
const DAY: Duration = Duration::from_hours(24);

struct Running {
    engine: Engine,
    clock: Arc<ManualClock>,
    stop: CancellationToken,
    task: JoinHandle<Result<(), roost_engine::Error>>,
}

impl Running {
    fn start(path: &Path) -> Self {
        let clock = Arc::new(ManualClock::at(SystemClock.now()));
        let engine = Engine::open(EngineConfig::new(path), clock.clone()).unwrap();
        let stop = CancellationToken::new();
        let task = tokio::spawn({
            let (engine, stop) = (engine.clone(), stop.clone());
            async move { engine.run(stop).await }
        });
        Self { engine, clock, stop, task }
    }

    async fn create(&self, text: &str) {
        let post = NewPost { text: text.to_owned(), ..NewPost::default() };
        self.engine.create(post).await.unwrap();
    }

    async fn backups(&self) -> usize {
        self.engine.backups().await.unwrap().backups.len()
    }

    /// Moves the clock on, a minute at a time beyond `by`, until there are as many backups.
    async fn until_backups(&self, wanted: usize) {
        let end = tokio::time::Instant::now() + PATIENCE;
        while self.backups().await < wanted {
            assert!(tokio::time::Instant::now() < end, "no backup in time");
            self.clock.advance(Duration::from_mins(1));
            self.engine.request_sync();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn end(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_with_posts_is_backed_up_once_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(&folder.path().join("roost.db"));
    running.create("worth keeping").await;
    running.until_backups(1).await;
    running.clock.advance(DAY - Duration::from_hours(4));
    running.engine.sync().await.expect_err("no relay is known");
    running.clock.advance(Duration::from_hours(4));
    running.until_backups(2).await;

    let kept = running.engine.backups().await.unwrap().backups;
    let apart = kept[0].made_at.since(kept[1].made_at);
    assert!((DAY..DAY + Duration::from_hours(2)).contains(&apart), "{apart:?}");
    assert!(kept.iter().all(|backup| !backup.is_from_before_update), "{kept:?}");
    let checks = running.engine.doctor().await;
    let check = checks.iter().find(|check| check.name == "backups").unwrap();
    assert_eq!(check.health, CheckHealth::Good, "{check:?}");
    running.clock.advance(DAY * 8);
    let checks = running.engine.doctor().await;
    let check = checks.iter().find(|check| check.name == "backups").unwrap();
    assert_eq!(check.health, CheckHealth::Warning, "{check:?}");
    running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_can_not_be_made_is_told_and_takes_nothing_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(&folder.path().join("roost.db"));
    std::fs::write(folder.path().join("backups"), "no folder").unwrap();
    running.create("worth keeping").await;
    let end = tokio::time::Instant::now() + PATIENCE;
    let told = loop {
        let notices = running.engine.notices(true, 10).await.unwrap();
        if !notices.is_empty() {
            break notices;
        }
        assert!(tokio::time::Instant::now() < end, "not told in time");
        running.clock.advance(Duration::from_mins(30));
        running.engine.request_sync();
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(told[0].title, "No backup of your posts could be made");
    assert!(told[0].body.contains("backups"), "{}", told[0].body);
    assert_eq!(running.engine.counts().await.unwrap().drafts, 1);

    std::fs::remove_file(folder.path().join("backups")).unwrap();
    running.until_backups(1).await;
    running.end().await;
}
