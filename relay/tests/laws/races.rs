//! Edit, cancel, restore, pause and resume, against a delivery at every step of its way: one
//! outcome per post, and nothing after an acknowledged withdrawal.

use std::time::Duration;

use roost_core::clock::Clock;
use roost_core::id::Revision;
use roost_relay_api::{
    DeliveryState, Pause, Resolve, Stage, StageOutcome, StageResult, WithdrawOutcome,
};
use roost_x_sandbox::{Fault, FaultKind, On};

use crate::link::{come_to, requests, stage_all};
use crate::world::{World, seconds};

/// The steps of a delivery's way at which a person may act.
const STEPS: [DeliveryState; 8] = [
    DeliveryState::Staged,
    DeliveryState::Waiting,
    DeliveryState::Sending,
    DeliveryState::Unknown,
    DeliveryState::Parked,
    DeliveryState::Posted,
    DeliveryState::Refused,
    DeliveryState::Expired,
];

/// Whether the words of a post at a step can still be changed.
const fn can_change(step: DeliveryState) -> bool {
    matches!(
        step,
        DeliveryState::Staged
            | DeliveryState::Waiting
            | DeliveryState::Refused
            | DeliveryState::Expired
    )
}

/// Brings a post to a step, and keeps it there.
async fn brought_to(world: &World, step: DeliveryState) -> Stage {
    let arm = |mut fault: Fault| {
        fault.text = Some(step.as_str().to_owned());
        world.x.sandbox.arm(fault).expect("armed");
    };
    let mut item = world.post(&format!("as it was: {}", step.as_str()), seconds(60));
    match step {
        DeliveryState::Sending => {
            let mut slow = Fault::new(On::Create, FaultKind::Slow);
            slow.millis = Some(2_500);
            arm(slow);
        }
        DeliveryState::Unknown | DeliveryState::Parked => {
            arm(Fault::new(On::Create, FaultKind::CutBefore));
        }
        DeliveryState::Refused => arm(Fault::named(On::Create, "reply_rule")),
        DeliveryState::Expired => item.not_after = item.due_at,
        _ => {}
    }
    stage_all(world, std::slice::from_ref(&item)).await;
    if matches!(step, DeliveryState::Staged | DeliveryState::Waiting) {
        if step == DeliveryState::Waiting {
            world.deliver(&item).await;
        }
        return item;
    }
    world.clock.set(item.due_at);
    if step == DeliveryState::Expired {
        world.clock.advance(seconds(1));
    }
    world.deliver(&item).await;
    if step == DeliveryState::Parked {
        world.comes_to(item.post_id, step, seconds(120)).await;
    }
    world.reaches(item.post_id, step).await;
    item
}

/// The same post under a later revision, with other words.
fn edited(world: &World, item: &Stage, revision: i64) -> Stage {
    let mut edited = item.clone();
    edited.revision = Revision(revision);
    edited.content.parts[0].text = item.content.parts[0].text.replace("as it was", "edited");
    edited.due_at = world.clock.now().plus(seconds(60));
    edited.not_after = edited.due_at.plus(seconds(6 * 3600));
    edited
}

async fn stage_one(world: &World, item: &Stage) -> StageResult {
    world.stage(std::slice::from_ref(item)).await.remove(0)
}

/// Lets everything that may still happen happen, late deliveries of every revision included.
async fn let_all_happen(world: &World, item: &Stage, last: i64) {
    for _ in 0..3 {
        for revision in 1..=last {
            world.deliver(&Stage { revision: Revision(revision), ..item.clone() }).await;
        }
        world.clock.advance(seconds(200));
        world.settle().await;
    }
}

/// What X took of a post: its words, before and after the edit.
async fn taken(world: &World, step: DeliveryState) -> (usize, usize) {
    let requests = requests(world).await;
    let of = |what: &str| {
        let text = format!("{what}: {}", step.as_str());
        requests.get(&text).map_or(0, |counts| counts.1)
    };
    (of("as it was"), of("edited"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_at_every_step_is_taken_whole_or_told_too_late() {
    let world = World::new().await;
    for step in STEPS {
        let item = brought_to(&world, step).await;
        let result = stage_one(&world, &edited(&world, &item, 2)).await;
        let expected = if can_change(step) { StageOutcome::Staged } else { StageOutcome::TooLate };
        assert_eq!(result.outcome, expected, "{}", step.as_str());
        if step == DeliveryState::Sending {
            world.reaches(item.post_id, DeliveryState::Posted).await;
        }
        let_all_happen(&world, &item, 2).await;
        let (old, new) = taken(&world, step).await;
        match expected {
            StageOutcome::Staged => assert_eq!((old, new), (0, 1), "{}", step.as_str()),
            _ => assert!(old <= 1 && new == 0, "{}: {old}, {new}", step.as_str()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_at_every_step_fences_the_post_or_is_told_too_late_and_can_be_undone() {
    let world = World::new().await;
    for step in STEPS {
        let item = brought_to(&world, step).await;
        let result = world.withdraw(item.post_id, 2).await;
        let fenced = can_change(step);
        let expected = if fenced { WithdrawOutcome::Withdrawn } else { WithdrawOutcome::TooLate };
        assert_eq!(result.outcome, expected, "{}", step.as_str());
        if step == DeliveryState::Sending {
            world.reaches(item.post_id, DeliveryState::Posted).await;
        }
        let before = taken(&world, step).await;
        let_all_happen(&world, &item, 2).await;
        assert_eq!(taken(&world, step).await.1, 0, "{}", step.as_str());
        if !fenced {
            assert!(before.0 <= 1, "{}", step.as_str());
            continue;
        }
        assert_eq!(taken(&world, step).await, (0, 0), "{}: withdrawn", step.as_str());
        // Restored: a revision above the withdrawal's.
        let restored = edited(&world, &item, 3);
        assert_eq!(stage_one(&world, &restored).await.outcome, StageOutcome::Staged);
        let_all_happen(&world, &item, 3).await;
        assert_eq!(taken(&world, step).await, (0, 1), "{}: restored", step.as_str());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_at_every_step_holds_what_has_not_begun_and_resuming_sends_it_once() {
    let world = World::new().await;
    for step in STEPS {
        let item = brought_to(&world, step).await;
        world.client().pause(Pause { paused: true }).await.expect("paused");
        if step == DeliveryState::Sending {
            world.reaches(item.post_id, DeliveryState::Posted).await;
        }
        let before = taken(&world, step).await;
        let_all_happen(&world, &item, 1).await;
        let during = taken(&world, step).await;
        assert_eq!(during, before, "{}: nothing goes out in a pause", step.as_str());
        world.client().pause(Pause { paused: false }).await.expect("resumed");
        let_all_happen(&world, &item, 1).await;
        let waited = matches!(step, DeliveryState::Staged | DeliveryState::Waiting);
        let after = taken(&world, step).await;
        assert_eq!(after.0, before.0 + usize::from(waited), "{}", step.as_str());
    }
}

/// Posts that are all due now, delivered at the same time as something else is asked of each.
async fn race<T, F: Future<Output = T>>(
    world: &World,
    what: &str,
    act: impl Fn(Stage, Duration) -> F,
) -> Vec<(Stage, T)> {
    let items: Vec<Stage> =
        (0..50).map(|number| world.post(&format!("{what} {number}"), seconds(0))).collect();
    stage_all(world, &items).await;
    let deliveries = items.iter().map(|item| world.deliver(item));
    // Each a little later than the one before, so that every moment of a delivery is met.
    let acts = (0_u64..).zip(&items).map(|(number, item)| {
        let later = Duration::from_micros(700 * number);
        act(item.clone(), later)
    });
    let deliveries = futures::future::join_all(deliveries);
    let (_, results) = tokio::join!(deliveries, futures::future::join_all(acts));
    items.into_iter().zip(results).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn cancellations_raced_against_deliveries_end_in_one_outcome_each() {
    let world = World::new().await;
    let raced = race(&world, "cancelled", |item, later| {
        let world = &world;
        async move {
            tokio::time::sleep(later).await;
            world.withdraw(item.post_id, 2).await.outcome
        }
    })
    .await;
    for (item, outcome) in &raced {
        let state = match outcome {
            WithdrawOutcome::Withdrawn => DeliveryState::Withdrawn,
            WithdrawOutcome::TooLate => DeliveryState::Posted,
            WithdrawOutcome::Stale => panic!("nobody else withdrew it"),
        };
        world.reaches(item.post_id, state).await;
    }
    world.settle().await;
    let requests = requests(&world).await;
    for (item, outcome) in raced {
        let seen = requests.get(&item.content.parts[0].text).map_or(0, |counts| counts.0);
        let expected = usize::from(outcome == WithdrawOutcome::TooLate);
        assert_eq!(seen, expected, "{}: {outcome:?}", item.content.parts[0].text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_and_restoring_raced_against_deliveries_posts_each_once_and_no_old_words() {
    let world = World::new().await;
    let raced = race(&world, "as it was:", |item, later| {
        let world = &world;
        async move {
            tokio::time::sleep(later).await;
            let withdrawn = world.withdraw(item.post_id, 2).await.outcome;
            let mut restored = edited(world, &item, 3);
            restored.due_at = item.due_at;
            let staged = stage_one(world, &restored).await.outcome;
            world.deliver(&restored).await;
            (withdrawn, staged)
        }
    })
    .await;
    let items: Vec<Stage> = raced.iter().map(|(item, _)| item.clone()).collect();
    come_to(&world, &items, &[DeliveryState::Posted], || {}).await;
    let requests = requests(&world).await;
    for (item, (withdrawn, staged)) in raced {
        let old = &item.content.parts[0].text;
        let new = old.replace("as it was", "edited");
        let of = |text: &str| requests.get(text).map_or(0, |counts| counts.0);
        let fenced = withdrawn == WithdrawOutcome::Withdrawn;
        assert_eq!(staged == StageOutcome::Staged, fenced, "{old}: {withdrawn:?}, {staged:?}");
        let expected = if fenced { (0, 1) } else { (1, 0) };
        assert_eq!((of(old), of(&new)), expected, "{old}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pausing_and_resuming_raced_against_deliveries_loses_and_doubles_nothing() {
    let world = World::new().await;
    let raced = race(&world, "paused", |item, later| {
        let world = &world;
        async move {
            tokio::time::sleep(later).await;
            let paused = item.post_id.to_string().as_bytes()[35] % 2 == 0;
            world.client().pause(Pause { paused }).await.expect("an answer");
        }
    })
    .await;
    // The last word is a pause: what has not begun by its answer stays.
    world.client().pause(Pause { paused: true }).await.expect("paused");
    world.settle().await;
    let at_rest = world.creates().await.len();
    world.settle().await;
    assert_eq!(world.creates().await.len(), at_rest);
    world.client().pause(Pause { paused: false }).await.expect("resumed");
    let items: Vec<Stage> = raced.into_iter().map(|(item, ())| item).collect();
    come_to(&world, &items, &[DeliveryState::Posted], || {}).await;
    assert!(requests(&world).await.values().all(|counts| *counts == (1, 1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_who_decide_about_one_parked_post_end_in_one_outcome() {
    let world = World::new().await;
    let item = brought_to(&world, DeliveryState::Parked).await;
    let resolve = async |what: Resolve| world.client().resolve(item.post_id, &what).await.is_ok();
    let id = roost_core::id::TweetId("1234567890".to_owned());
    let went_out = Resolve::WentOut { tweet_id: id };
    let (first, second) = tokio::join!(resolve(Resolve::SendAgain), resolve(went_out));
    assert!(first != second, "one of them was told that it was too late");
    world.reaches(item.post_id, DeliveryState::Posted).await;
    let again = taken(&world, DeliveryState::Parked).await.0;
    assert_eq!(again, usize::from(first));
}
