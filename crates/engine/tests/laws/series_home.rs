//! An engine without services, whose clock the test sets, and series to make in it.

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{ManualClock, UnixMillis};
use roost_core::failure::Code;
use roost_core::id::{PostId, SeriesId};
use roost_core::post::Content;
use roost_core::status::{Actor, Status};
use roost_core::zone::{WallTime, Zone, resolve};
use roost_engine::api::{EditSeries, NewSeries};
use roost_engine::view::{PostQuery, PostRow};
use roost_engine::{Engine, EngineConfig};
use roost_store::{Store, WithdrawTo};
use tokio_util::sync::CancellationToken;

use crate::world::{PATIENCE, connection};

pub(crate) const DAY: Duration = Duration::from_hours(24);
pub(crate) const BERLIN: &str = "Europe/Berlin";

/// An engine without services over a store of its own.
pub(crate) struct Home {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) engine: Engine,
}

impl Home {
    pub(crate) fn at(wall: &str) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(at(wall, BERLIN)));
        let engine = open(&folder, &clock);
        Self { folder, clock, engine }
    }

    pub(crate) async fn create(&self, series: NewSeries) -> SeriesId {
        self.engine.create_series(series).await.unwrap().series.id
    }

    pub(crate) async fn posts(&self, id: SeriesId) -> Vec<PostRow> {
        let query = PostQuery { limit: 1_000, ..PostQuery::default() };
        let mut rows = self.engine.posts(&query).await.unwrap().posts;
        rows.retain(|row| row.series == Some(id));
        rows.sort_by(|one, other| one.occurrence.cmp(&other.occurrence));
        rows
    }

    pub(crate) async fn walls(&self, id: SeriesId) -> Vec<String> {
        self.posts(id).await.into_iter().filter_map(|row| row.wall_time).collect()
    }

    pub(crate) async fn texts(&self, id: SeriesId) -> Vec<String> {
        self.posts(id).await.into_iter().map(|row| row.text).collect()
    }

    /// Has the relay hold posts, as far as this store knows.
    pub(crate) fn hand_over(&self, ids: &[PostId]) {
        let file = connection(&self.folder.path().join("roost.db"));
        for id in ids {
            let sql = "UPDATE scheduled_post SET offered_revision = revision WHERE id = ?1";
            assert_eq!(file.execute(sql, [id.to_string()]).unwrap(), 1);
        }
    }

    /// Has the relay confirm whatever it was asked to take back.
    pub(crate) fn confirm_withdrawals(&self, ids: &[PostId]) {
        let store = Store::open(self.folder.path().join("roost.db"), self.clock.clone()).unwrap();
        let confirm = |store: &mut roost_store::Tx<'_>| {
            for id in ids {
                let post = store.expect_post(*id)?;
                if post.withdraw_to.is_some() {
                    store.withdrawal_proven(*id, post.revision, Actor::Relay)?;
                }
            }
            Ok::<_, roost_store::Error>(())
        };
        store.write("test", confirm).unwrap();
    }

    /// Returns the posts that belong to a series and are to go out.
    pub(crate) fn open_posts(&self, id: SeriesId) -> Vec<roost_store::Post> {
        let store = Store::open(self.folder.path().join("roost.db"), self.clock.clone()).unwrap();
        let mut posts = store.read(|store| store.posts_of_series(id, None)).unwrap();
        posts.retain(|post| {
            post.status == Status::Pending
                && matches!(post.withdraw_to, None | Some(WithdrawTo::Pending))
        });
        posts
    }

    /// Returns the wall times at which they are.
    pub(crate) fn planned(&self, id: SeriesId) -> Vec<String> {
        self.open_posts(id).into_iter().filter_map(|post| Some(post.schedule?.wall_time)).collect()
    }

    /// Lets the loop run until something holds.
    pub(crate) async fn run_until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let running = Running::of(&self.engine);
        let end = tokio::time::Instant::now() + PATIENCE;
        while !holds().await {
            assert!(tokio::time::Instant::now() < end, "not in time: {what}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        running.stop().await;
    }
}

pub(crate) struct Running {
    stop: CancellationToken,
    pub(crate) work: tokio::task::JoinHandle<()>,
}

impl Running {
    pub(crate) fn of(engine: &Engine) -> Self {
        let (engine, stop) = (engine.clone(), CancellationToken::new());
        let token = stop.clone();
        let work = tokio::spawn(async move { drop(engine.run_when_free(token).await) });
        Self { stop, work }
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.work.await.unwrap();
    }
}

pub(crate) fn open(folder: &tempfile::TempDir, clock: &Arc<ManualClock>) -> Engine {
    let config = EngineConfig::new(folder.path().join("roost.db"));
    Engine::open(config, clock.clone()).unwrap()
}

pub(crate) fn at(wall: &str, zone: &str) -> UnixMillis {
    resolve(&WallTime::parse(wall).unwrap(), &Zone::parse(zone).unwrap()).instant
}

pub(crate) fn contents(texts: &[&str]) -> Vec<Content> {
    texts.iter().map(|text| Content::of_texts([*text])).collect()
}

pub(crate) fn repeating(rule: &str, first: &str, texts: &[&str]) -> NewSeries {
    NewSeries {
        variants: contents(texts),
        rule: rule.to_owned(),
        first: first.to_owned(),
        zone: Some(BERLIN.to_owned()),
        ..NewSeries::default()
    }
}

pub(crate) fn change(id: SeriesId) -> EditSeries {
    EditSeries {
        id,
        from: None,
        variants: None,
        rule: None,
        first: None,
        zone: None,
        account: None,
        tags: None,
        allow_repeats: false,
        based_on: None,
    }
}

pub(crate) fn refused(error: &roost_engine::Error) -> Vec<Code> {
    error.problems().iter().map(|problem| problem.code).collect()
}
