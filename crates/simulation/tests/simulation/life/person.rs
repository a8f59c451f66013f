//! What a person does: plans, changes, takes back, pauses, and looks.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::post::Content;
use roost_core::status::Status;
use roost_core::zone::{Zone, wall_time_of};
use roost_engine::api::{
    BulkTerms, MoveInHistory, ReplaceText, Reschedule, Rewrite, RewriteChange, Selection,
    SettleMovedTimes, SpreadOver, TimeChange, WeekendDay,
};
use roost_engine::view::{Action, PostRow};
use roost_engine::{Edit, Engine, Finding, ImportBytes, ImportRun, NewPost, Target};
use roost_x_sandbox::{Fault, FaultKind, On};
use serde_json::json;

use super::attach::attach;
use super::known::{Known, key_of, texts};
use super::time::SPEED;
use super::world::{HANDLES, World};

/// The zones in which posts are planned: with and without changes of clocks, and odd ones.
pub(crate) const ZONES: [&str; 5] =
    ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"];
/// How far ahead posts are planned, at most.
const AHEAD_MAX: Duration = Duration::from_secs(150 * 60);
/// Of a thousand posts so many have files, and of a thousand changes of words so many change them.
const WITH_FILES_PER_MILLE: u64 = 200;
const WORDS: [&str; 4] = ["alpha", "beta", "gamma", "delta"];
const LAST: MoveInHistory = MoveInHistory { to: None, based_on: None };

/// A person before the window.
pub(crate) struct Person<'w> {
    pub(crate) world: &'w World,
    pub(crate) known: &'w mut Known,
    pub(crate) violations: &'w mut Vec<String>,
}

impl Person<'_> {
    fn below(&self, limit: u64) -> u64 {
        self.world.shared.rng.below(limit)
    }

    fn chance(&self, per_mille: u64) -> bool {
        self.world.shared.rng.per_mille(per_mille)
    }

    fn pick<'a, T>(&self, of: &'a [T]) -> Option<&'a T> {
        self.world.shared.rng.pick(of)
    }

    /// Does one thing.
    pub(crate) async fn act(&mut self) {
        match self.below(100) {
            0..=21 => self.create().await,
            22..=25 => self.race().await,
            26..=29 => self.import().await,
            30..=43 => self.edit().await,
            44..=52 => self.cancel().await,
            53..=56 => self.delete().await,
            57..=61 => self.restore().await,
            62..=68 => self.reschedule().await,
            69..=74 => self.rewrite().await,
            75..=79 => self.undo().await,
            80..=82 => self.redo().await,
            83..=85 => self.undo_and_redo().await,
            86..=91 => self.pause().await,
            92..=95 => self.settle_one().await,
            96 => self.sync().await,
            97 => self.settle_clock_rules().await,
            _ => self.retry().await,
        }
    }

    /// Returns an instant ahead, and a zone in which it is meant.
    fn some_time(&self) -> (UnixMillis, &'static str) {
        let seconds = self.below(AHEAD_MAX.as_secs());
        let zone = self.pick(&ZONES).copied().unwrap_or("UTC");
        (self.world.now().plus(Duration::from_secs(30 + seconds)), zone)
    }

    fn wall(at: UnixMillis, zone: &str) -> Option<String> {
        Zone::parse(zone).ok().map(|zone| wall_time_of(at, &zone).to_string())
    }

    fn handle(&self) -> Option<String> {
        self.pick(&HANDLES).map(|handle| (*handle).to_owned())
    }

    fn words(&self) -> &'static str {
        self.pick(&WORDS).copied().unwrap_or_default()
    }

    async fn create(&mut self) {
        let key = self.known.new_key();
        let parts = if self.chance(200) { 2 } else { 1 };
        let (at, zone) = self.some_time();
        let mut said = Content::of_texts(texts(&key, 0, parts, self.words()));
        if self.chance(WITH_FILES_PER_MILLE) {
            attach(self.world, &key, &mut said).await;
        }
        let post = NewPost {
            content: Some(said),
            wall_time: Self::wall(at, zone),
            zone: Some(zone.to_owned()),
            account: self.handle(),
            draft: self.chance(100),
            ..NewPost::default()
        };
        let what = format!("create {key} for {at}");
        let made = self.world.ask(&what, |engine| async move { engine.create(post).await }).await;
        if let Some(made) = made {
            self.known.made(&made.post);
        }
    }

    async fn import(&mut self) {
        let posts: Vec<_> = (0..=self.below(3))
            .map(|_| {
                let key = self.known.new_key();
                let text = texts(&key, 0, 1, self.words()).remove(0);
                json!({ "content": text, "scheduledAt": self.some_time().0.to_string() })
            })
            .collect();
        let bytes = json!({ "posts": posts }).to_string().into_bytes();
        let sources = vec![ImportBytes { name: "posts.json".to_owned(), bytes, path: None }];
        let mut run = ImportRun { sources, ..ImportRun::default() };
        run.choices.account = self.handle();
        let going_on = std::sync::Arc::new(|_| std::ops::ControlFlow::Continue(()));
        self.world
            .ask("import", |engine| async move { Box::pin(engine.run_import(run, going_on)).await })
            .await;
    }

    /// Returns some posts that were seen in one of these states.
    fn some(&self, most: u64, fits: impl Fn(&PostRow) -> bool) -> Vec<PostRow> {
        let mut rows = self.known.rows();
        rows.retain(|row| fits(row));
        let mut picked = Vec::new();
        for _ in 0..=self.below(most) {
            if rows.is_empty() {
                break;
            }
            let at = usize::try_from(self.below(rows.len() as u64)).unwrap_or(0);
            picked.push(rows.swap_remove(at));
        }
        picked
    }

    fn one(&self, fits: impl Fn(&PostRow) -> bool) -> Option<PostRow> {
        self.some(1, fits).pop()
    }

    async fn edit(&mut self) {
        let Some(row) = self.one(|row| row.status != Status::Posted) else { return };
        let mut edit = Edit { restore: self.chance(150), ..Edit::default() };
        if self.chance(700)
            && let Some((key, _)) = key_of(&row.text)
            && let Some(fact) = self.known.posts.get_mut(&row.id)
        {
            fact.version += 1;
            let parts = usize::try_from(row.parts.max(1)).unwrap_or(1);
            let version = fact.version;
            let mut said = texts(&key, version, parts, self.words());
            // Parts keep their files, or have others.
            if self.chance(WITH_FILES_PER_MILLE) {
                let mut said = Content::of_texts(said);
                attach(self.world, &key, &mut said).await;
                edit.content = Some(said);
            } else {
                edit.text = Some(said.remove(0));
                edit.thread = Some(said);
            }
        }
        if self.chance(400) {
            let (at, zone) = self.some_time();
            (edit.wall_time, edit.zone) = (Self::wall(at, zone), Some(zone.to_owned()));
        }
        if self.chance(150) {
            edit.account = self.handle();
        }
        if self.chance(500) {
            edit.based_on = Some(row.version);
        }
        self.known.wake(row.id);
        let what = format!("edit {} of {}", row.text, row.status);
        self.world.ask(&what, |engine| async move { engine.edit(row.id, edit).await }).await;
    }

    /// Changes or takes back a post at the very moment at which it goes out: X lets the relay wait for a
    /// fresh token just then.
    async fn race(&mut self) {
        /// By timers: longer than a request to X takes, shorter than a person's patience.
        const SLOW_MS: u64 = 2_500;
        const SOON: Duration = Duration::from_secs(30);
        let now = self.world.now();
        let is_soon = |row: &PostRow| {
            let due = row.scheduled_at.filter(|due| *due > now);
            row.status == Status::Queued && due.is_some()
        };
        let mut soon = self.known.rows();
        soon.retain(is_soon);
        let Some(row) = soon.into_iter().min_by_key(|row| row.scheduled_at) else { return };
        let Some(due) = row.scheduled_at else { return };
        let slow = Fault { millis: Some(SLOW_MS), ..Fault::new(On::Refresh, FaultKind::Slow) };
        drop(self.world.x.arm(slow));
        let left = due.since(now);
        if left > SOON * SPEED {
            self.world.shared.time.skip(left - Duration::from_secs(20));
        }
        let left = due.since(self.world.now()) / SPEED;
        let late = Duration::from_millis(self.below(SLOW_MS));
        tokio::time::sleep(left + late).await;
        let what = format!("in the midst of {}", row.text);
        match self.below(3) {
            0 => {
                self.known.wake(row.id);
                let (at, zone) = self.some_time();
                let edit = Edit {
                    wall_time: Self::wall(at, zone),
                    zone: Some(zone.to_owned()),
                    ..Edit::default()
                };
                self.world
                    .ask(&what, |engine| async move { engine.edit(row.id, edit).await })
                    .await;
            }
            1 => {
                self.world.ask(&what, |it| async move { it.set_paused(true, None).await }).await;
            }
            _ => {
                let ids = [row.id];
                self.world.ask(&what, |engine| async move { engine.cancel(&ids).await }).await;
            }
        }
    }

    async fn cancel(&mut self) {
        let rows = self.some(3, |row| row.status != Status::Posted);
        let ids: Vec<PostId> = rows.iter().map(|row| row.id).collect();
        let what = format!("cancel {:?}", names(&rows));
        self.world.ask(&what, |engine| async move { engine.cancel(&ids).await }).await;
    }

    async fn delete(&mut self) {
        let rows = self.some(2, |_| true);
        for row in &rows {
            if let Some(fact) = self.known.posts.get_mut(&row.id) {
                fact.may_be_gone = true;
            }
        }
        let ids: Vec<PostId> = rows.iter().map(|row| row.id).collect();
        let what = format!("delete {:?}", names(&rows));
        self.world.ask(&what, |engine| async move { engine.delete(&ids).await }).await;
    }

    /// Takes posts out of the trash.
    async fn restore(&mut self) {
        let trash = self
            .world
            .ask("trash", |engine| async move {
                engine.trash(roost_engine::api::ListTrash { limit: 100 }).await
            })
            .await;
        let Some(trash) = trash else { return };
        let Some(post) = self.pick(&trash.posts) else { return };
        let id = post.id;
        self.known.wake(id);
        let what = format!("restore {}", post.text);
        let posts = [Target::from(id)];
        self.world.ask(&what, |engine| async move { engine.restore_posts(&posts).await }).await;
    }

    /// Chooses for all posts at once what stays where clock rules changed: time of day or instant.
    async fn settle_clock_rules(&mut self) {
        let keep_instant = self.chance(500);
        settle_clock_rules(self.world, keep_instant).await;
    }

    async fn retry(&mut self) {
        let ended = |row: &PostRow| {
            matches!(row.status, Status::Failed | Status::Missed | Status::Cancelled)
        };
        let Some(row) = self.one(ended) else { return };
        self.known.wake(row.id);
        let what = format!("retry {}", row.text);
        self.world.ask(&what, |engine| async move { engine.retry(row.id).await }).await;
    }

    fn selection(&self) -> Selection {
        let rows = self.some(6, |row| row.status != Status::Posted);
        let targets = rows.iter().map(|row| match self.chance(500) {
            true => Target::seen(row.id, row.version),
            false => Target::from(row.id),
        });
        Selection { posts: targets.collect(), query: None }
    }

    fn terms(&self) -> BulkTerms {
        BulkTerms { skip_refused: self.chance(700), restore: self.chance(300), token: None }
    }

    async fn reschedule(&mut self) {
        let (at, zone) = self.some_time();
        let change = match self.below(9) {
            0 => TimeChange::Reverse,
            1 => TimeChange::Shuffle { seed: u32::try_from(self.below(1000)).unwrap_or(0) },
            2 => TimeChange::Compress { longest_gap_minutes: 10 },
            3 => TimeChange::ToZone { zone: zone.to_owned(), keep_instant: self.chance(500) },
            4 => TimeChange::OutOfWeekend { to: WeekendDay::Nearest },
            5 => TimeChange::MoveFirstTo { wall_time: Self::wall(at, zone).unwrap_or_default() },
            6 => {
                let wall = Self::wall(at, zone).unwrap_or_default();
                TimeChange::Spread(SpreadOver {
                    first_day: wall.get(..10).unwrap_or_default().to_owned(),
                    days: 1,
                    weekdays: Vec::new(),
                    from: "00:00".to_owned(),
                    to: "23:59".to_owned(),
                    jitter_minutes: 5,
                    seed: 7,
                    zone: Some(zone.to_owned()),
                })
            }
            _ => {
                let seconds = i64::try_from(self.below(7200)).unwrap_or(0) - 3600;
                TimeChange::Shift { days: 0, seconds }
            }
        };
        let what = format!("reschedule by {change:?}");
        let asked = Reschedule { selection: self.selection(), change, terms: self.terms() };
        self.known.wake_all();
        self.world.ask(&what, |engine| async move { engine.reschedule(asked).await }).await;
    }

    async fn rewrite(&mut self) {
        let change = match self.below(6) {
            0 | 1 => RewriteChange::Replace(ReplaceText {
                find: self.words().to_owned(),
                replacement: self.words().to_owned(),
                ..ReplaceText::default()
            }),
            2 => RewriteChange::Append { text: "more".to_owned(), new_line: false },
            3 => RewriteChange::SetAccount { account: self.handle().unwrap_or_default() },
            4 => RewriteChange::ToDraft,
            _ => RewriteChange::Schedule,
        };
        let what = format!("rewrite by {change:?}");
        let asked = Rewrite { selection: self.selection(), change, terms: self.terms() };
        self.known.wake_all();
        self.world.ask(&what, |engine| async move { engine.rewrite(asked).await }).await;
    }

    async fn undo(&mut self) {
        self.known.wake_all();
        self.may_unmake();
        self.world.ask("undo", |engine| async move { engine.undo(LAST).await }).await;
    }

    async fn redo(&mut self) {
        self.known.wake_all();
        self.may_unmake();
        self.world.ask("redo", |engine| async move { engine.redo(LAST).await }).await;
    }

    /// Undoing the making of posts removes them, and so does redoing their removal.
    fn may_unmake(&mut self) {
        self.known.posts.values_mut().for_each(|fact| fact.may_be_gone = true);
    }

    /// Undo and then redo is where it was, as far as neither kept anything back.
    async fn undo_and_redo(&mut self) {
        self.known.wake_all();
        self.may_unmake();
        let world = self.world;
        let moved = world
            .ask("undo and redo", |engine| async move {
                let before = engine.posts(&all()).await?.posts;
                let undone = engine.undo(LAST).await?;
                let redone = engine.redo(LAST).await?;
                Ok((before, undone, redone, engine.posts(&all()).await?.posts))
            })
            .await;
        let Some((before, undone, redone, after)) = moved else { return };
        if undone.kept + undone.drafts + redone.kept + redone.drafts > 0 {
            return;
        }
        let face = |row: &PostRow| {
            let row = row.clone();
            (row.id, row.text, row.tags, row.account, row.wall_time, row.zone)
        };
        let faces = |rows: &[PostRow]| {
            let mut faces: Vec<_> = rows.iter().map(face).collect();
            faces.sort_unstable_by_key(|face| face.0);
            faces
        };
        let (before, after) = (faces(&before), faces(&after));
        for (was, is) in before.iter().zip(&after).filter(|(was, is)| was != is) {
            self.violations.push(format!("undo then redo is not where it was: {was:?}, {is:?}"));
        }
        if before.len() != after.len() {
            self.violations.push("undo then redo made posts, or lost some".to_owned());
        }
    }

    async fn pause(&mut self) {
        let paused = self.chance(400);
        let account = if self.chance(500) { None } else { self.handle() };
        let what = format!("pause {account:?}: {paused}");
        self.world
            .ask(&what, |engine| async move { engine.set_paused(paused, account.as_deref()).await })
            .await;
    }

    /// Settles a post that needs a check, or takes what was meant by a change that came too late.
    async fn settle_one(&mut self) {
        let checked = |row: &PostRow| matches!(row.status, Status::Unknown | Status::Partial);
        if let Some(row) = self.one(checked) {
            let again = self.chance(500);
            let finding = if again { Finding::SendAgain } else { Finding::Verify };
            if again && let Some((key, _)) = key_of(&row.text) {
                *self.known.send_again.entry(key).or_default() += 1;
            }
            let what = format!("resolve {} by {finding:?}", row.text);
            self.world
                .ask(&what, |engine| async move { engine.resolve(row.id, finding).await })
                .await;
        }
        let Some(row) = self.one(|row| row.late_edit_of.is_some()) else { return };
        self.known.wake(row.id);
        let what = format!("post {} too", row.text);
        self.world
            .ask(&what, |engine| async move {
                let detail = engine.post(row.id).await?;
                match detail.actions.contains(&Action::PostToo) {
                    true => engine.post_too(row.id).await.map(drop),
                    false => Ok(()),
                }
            })
            .await;
    }

    async fn sync(&mut self) {
        self.world.ask("sync", |engine| async move { engine.sync().await }).await;
    }
}

fn all() -> roost_engine::view::PostQuery {
    roost_engine::view::PostQuery { limit: 1_000, ..Default::default() }
}

fn names(rows: &[PostRow]) -> Vec<&str> {
    rows.iter().map(|row| row.text.as_str()).collect()
}

/// Lets every post whose zone has other rules now keep its instant, or its time of day. None: nobody
/// answered.
pub(crate) async fn settle_clock_rules(world: &World, keep_instant: bool) -> Option<()> {
    let wanted = SettleMovedTimes { keep_instant, posts: Vec::new(), dry_run: false };
    let settled = move |engine: Engine| async move { engine.settle_moved_times(wanted).await };
    world.ask("settle clock rules", settled).await.map(drop)
}
