//! Older backups of the ledger, put in its place in the middle of a run.

use std::sync::Arc;

use roost_core::clock::Clock;
use roost_core::id::Revision;
use roost_relay::Relay;
use roost_relay_api::{DeliveryState, ManifestPost, Stage, StageOutcome, WithdrawOutcome};
use roost_x_sandbox::{Fault, FaultKind, On};
use tokio_util::sync::CancellationToken;

use crate::link::{come_to, stage_all};
use crate::world::{World, seconds};

/// Steps of the run; a backup is made after so many of them.
const STEPS: usize = 8;

/// A run of posts that each come to another end.
struct Run {
    world: World,
    posted: Stage,
    lost: Stage,
    withdrawn: Stage,
    before_edit: Stage,
    edited: Stage,
    refused: Stage,
    waiting: Stage,
}

impl Run {
    async fn begin() -> Self {
        let world = World::new().await;
        let before_edit = world.post("before its edit", seconds(60));
        let mut edited = before_edit.clone();
        edited.revision = Revision(2);
        edited.content.parts[0].text = "after its edit".to_owned();
        Self {
            posted: world.post("posted", seconds(0)),
            lost: world.post("lost on its way back", seconds(0)),
            withdrawn: world.post("withdrawn", seconds(60)),
            refused: world.post("refused", seconds(60)),
            waiting: world.post("waiting", seconds(3600)),
            before_edit,
            edited,
            world,
        }
    }

    async fn step(&self, number: usize) {
        let world = &self.world;
        let deliver = async |item: &Stage, state| {
            world.deliver(item).await;
            world.reaches(item.post_id, state).await;
        };
        match number {
            0 => {
                let all = [&self.posted, &self.lost, &self.withdrawn, &self.before_edit];
                let rest = [&self.refused, &self.waiting];
                let all: Vec<Stage> = all.into_iter().chain(rest).cloned().collect();
                stage_all(world, &all).await;
            }
            1 => deliver(&self.posted, DeliveryState::Posted).await,
            2 => {
                let withdrawn = world.withdraw(self.withdrawn.post_id, 2).await;
                assert_eq!(withdrawn.outcome, WithdrawOutcome::Withdrawn);
            }
            3 => stage_all(world, std::slice::from_ref(&self.edited)).await,
            4 => {
                let lost = Fault::new(On::Create, FaultKind::CutAfter);
                world.x.sandbox.arm(lost).expect("armed");
                deliver(&self.lost, DeliveryState::Unknown).await;
            }
            5 => {
                world.clock.set(self.edited.due_at);
                deliver(&self.edited, DeliveryState::Posted).await;
            }
            6 => {
                world.x.sandbox.arm(Fault::named(On::Create, "reply_rule")).expect("armed");
                deliver(&self.refused, DeliveryState::Refused).await;
            }
            _ => world.clock.advance(seconds(600)),
        }
    }

    /// What the desktop says to the restored ledger: all that happened, or only what it asked for
    /// itself, because it was off.
    async fn manifest(&self, knows_results: bool) -> Vec<ManifestPost> {
        let mut told = Vec::new();
        for item in [&self.posted, &self.lost, &self.edited, &self.refused, &self.waiting] {
            let known = self.world.delivery(item.post_id).await.expect("known");
            let row = |state, tweet_id| ManifestPost {
                post_id: item.post_id,
                revision: item.revision,
                state,
                tweet_id,
                due_at: None,
                elsewhere: false,
                unproven: false,
            };
            told.push(match knows_results {
                true => row(known.state, known.tweet_id),
                false => row(DeliveryState::Staged, None),
            });
        }
        told.push(ManifestPost {
            post_id: self.withdrawn.post_id,
            revision: Revision(2),
            state: DeliveryState::Withdrawn,
            tweet_id: None,
            due_at: None,
            elsewhere: false,
            unproven: false,
        });
        told
    }

    /// Every delivery comes once more, and everything that waits has its time.
    async fn go_on(&self) {
        let world = &self.world;
        let live = [&self.posted, &self.lost, &self.edited, &self.refused, &self.waiting];
        let old = [&self.withdrawn, &self.before_edit];
        for _ in 0..2 {
            for item in live.into_iter().chain(old) {
                world.deliver(item).await;
            }
            world.clock.advance(seconds(2000));
            world.settle().await;
        }
        let live: Vec<Stage> = live.into_iter().cloned().collect();
        let decided = [DeliveryState::Posted, DeliveryState::Refused, DeliveryState::Parked];
        come_to(world, &live, &decided, || world.clock.advance(seconds(30))).await;
    }

    async fn restored(&mut self, backup: &std::path::Path, knows_results: bool) {
        let manifest = self.manifest(knows_results).await;
        let epoch = self.world.status().await.epoch;
        self.world.restore(backup).await;
        let status = self.world.status().await;
        assert_ne!(status.epoch, epoch, "the mark is new");
        assert!(status.needs_manifest);
        let before = self.world.creates().await.len();
        for item in [&self.posted, &self.lost, &self.withdrawn, &self.edited, &self.waiting] {
            self.world.deliver(item).await;
        }
        self.world.clock.advance(seconds(300));
        self.world.settle().await;
        assert_eq!(self.world.creates().await.len(), before, "it rests until the manifest");
        // A backup from before the sign-in would have none.
        self.world.client().connect(&self.world.account, &self.world.grant).await.expect("known");
        self.world.introduce(manifest).await;
        for item in [&self.posted, &self.lost, &self.edited, &self.refused, &self.waiting] {
            let result = self.world.stage(std::slice::from_ref(item)).await.remove(0);
            let taken = [StageOutcome::Staged, StageOutcome::TooLate, StageOutcome::Conflict];
            assert!(taken.contains(&result.outcome), "{result:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_a_ledger_beside_a_running_relay_says_so_and_posts_nothing_by_itself() {
    let mut world = World::new().await;
    let items: Vec<Stage> =
        (0..5).map(|number| world.post(&format!("Post {number}"), seconds(60))).collect();
    stage_all(&world, &items).await;
    let epoch = world.status().await.epoch;

    // The files as they are, taken from under the relay.
    let folder = world.file("copy");
    std::fs::create_dir(&folder).expect("a folder");
    for name in ["relay.sqlite", "relay.sqlite-wal", "relay.key"] {
        std::fs::copy(world.file(name), folder.join(name)).expect("copied");
    }
    let mut config = world.config.clone();
    config.database = folder.join("relay.sqlite");
    config.key_file = folder.join("relay.key");
    let clock = Arc::clone(&world.clock) as Arc<dyn Clock>;
    let copy = Relay::open(config, clock).expect("a second relay");
    let stop = CancellationToken::new();
    let (running, token) = (copy.clone(), stop.clone());
    let working = tokio::spawn(async move { running.run(token).await });

    // The first one goes on; the copy's own clock sees everything overdue and touches nothing.
    world.clock.set(items[0].due_at);
    for item in &items[..2] {
        world.deliver(item).await;
    }
    world.clock.set(items[0].due_at.plus(seconds(200)));
    come_to(&world, &items, &[DeliveryState::Posted], || world.clock.advance(seconds(20))).await;
    world.settle().await;
    assert_eq!(world.creates().await.len(), items.len());
    assert_eq!(world.status().await.epoch, epoch, "the first one is what it was");
    stop.cancel();
    working.await.expect("ended well");
    drop(copy);

    // By choice it takes over: a desktop introduces itself, and it goes on where things stand.
    world.stop_relay().await;
    world.config.database = folder.join("relay.sqlite");
    world.config.key_file = folder.join("relay.key");
    world.start_relay().await;
    let status = world.status().await;
    assert_ne!(status.epoch, epoch);
    assert!(status.needs_manifest, "it says that it is a copy");
    let told = |item: &Stage| ManifestPost {
        post_id: item.post_id,
        revision: item.revision,
        state: DeliveryState::Staged,
        tweet_id: None,
        due_at: None,
        elsewhere: false,
        unproven: false,
    };
    world.introduce(items.iter().map(told).collect()).await;
    come_to(&world, &items, &[DeliveryState::Posted], || world.clock.advance(seconds(20))).await;
    assert_eq!(world.creates().await.len(), items.len(), "found in the timeline, not sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_any_moment_of_a_run_posts_nothing_twice_and_nothing_that_was_withdrawn() {
    let all = (0..=STEPS).flat_map(|k| [(k, true), (k, false)]);
    let all = all.map(|(k, knows_results)| tokio::spawn(back_up_after(k, knows_results)));
    for run in futures::future::join_all(all).await {
        run.expect("no law was broken");
    }
}

/// Backs up after step `k`, runs to the end, restores, and goes on.
async fn back_up_after(k: usize, knows_results: bool) {
    let mut run = Run::begin().await;
    let mut backup = None;
    for number in 0..=STEPS {
        if number == k {
            backup = Some(run.world.back_up());
        }
        if number < STEPS {
            run.step(number).await;
        }
    }
    let backup = backup.expect("a backup");
    run.restored(&backup, knows_results).await;
    run.go_on().await;
    let here = format!("backed up after step {k}, results known: {knows_results}");
    let requests = crate::link::requests(&run.world).await;
    for text in ["posted", "lost on its way back", "after its edit", "waiting"] {
        assert_eq!(requests.get(text), Some(&(1, 1)), "{here}: {text}");
    }
    for text in ["withdrawn", "before its edit"] {
        assert_eq!(requests.get(text), None, "{here}: {text}");
    }
    // X said that it created nothing; where nobody remembers that, a person decides.
    assert_eq!(requests["refused"], (1, 0), "{here}");
    let refused = run.world.delivery(run.refused.post_id).await.expect("known");
    let forgotten = !knows_results && k <= 6;
    let end = if forgotten { DeliveryState::Parked } else { DeliveryState::Refused };
    assert_eq!(refused.state, end, "{here}");
    let summary = run.world.x.sandbox.summary().await.expect("a summary");
    assert_eq!(summary.duplicates, 0, "{here}");
    assert!(run.world.clock.now() > run.waiting.due_at);
}
