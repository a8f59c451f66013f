//! A reply that follows a post is never on X without its parent, and never before its time after it.

use roost_core::clock::Clock;
use roost_core::id::{PostId, Revision, TweetId};
use roost_core::post::FollowUp;
use roost_relay_api::{
    Delivery, DeliveryState, ManifestPost, ParentOnX, Pause, Removal, Stage, StageOutcome,
    StagedFollowUp, WithdrawOutcome,
};
use roost_x_sandbox::Entry;

use crate::world::{World, seconds};

const MINUTES: u32 = 10;
const DELAY_S: u64 = 600;

fn tie(item: &mut Stage, parent: PostId) {
    let follow_up = FollowUp { parent, after_minutes: MINUTES };
    item.body_hash = Some(item.content.body_hash().tied_to(follow_up));
    item.follow_up = Some(StagedFollowUp { tie: follow_up, parent_on_x: None });
}

/// A parent due in a minute, and its follow-up ten minutes after that, both staged.
async fn pair(world: &World, texts: &[&str]) -> (Stage, Stage) {
    let parent = world.thread(texts, seconds(60));
    let mut reply = world.post("And one more thing", seconds(60 + DELAY_S));
    tie(&mut reply, parent.post_id);
    let results = world.stage(&[parent.clone(), reply.clone()]).await;
    assert!(results.iter().all(|result| result.outcome == StageOutcome::Staged), "{results:?}");
    (parent, reply)
}

async fn accepted(world: &World) -> Vec<Entry> {
    world.creates().await.into_iter().filter(|entry| entry.accepted).collect()
}

/// The id that a request to create a post answers.
fn answered_by(entry: &Entry) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(&entry.body).expect("JSON");
    body["reply"]["in_reply_to_tweet_id"].as_str().map(str::to_owned)
}

fn code(delivery: &Delivery) -> &str {
    delivery.code.as_deref().unwrap_or_default()
}

/// Nothing but `count` posts is on X once the relay did what it would do.
async fn still(world: &World, count: usize) {
    world.settle().await;
    assert_eq!(accepted(world).await.len(), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follow_up_answers_the_last_part_so_long_after_its_parent() {
    let world = World::new().await;
    let (parent, reply) = pair(&world, &["one", "two"]).await;
    world.clock.advance(seconds(61));
    world.deliver(&parent).await;
    let out = world.reaches(parent.post_id, DeliveryState::Posted).await;
    world.clock.advance(seconds(DELAY_S - 5));
    world.deliver(&reply).await;
    still(&world, 2).await;
    world.clock.advance(seconds(10));
    let sent = world.reaches(reply.post_id, DeliveryState::Posted).await;
    assert!(sent.posted_at >= out.posted_at.map(|at| at.plus(seconds(DELAY_S))), "{sent:?}");
    let answered = accepted(&world).await.pop().and_then(|entry| answered_by(&entry));
    assert_eq!(answered.as_deref(), out.live.last().map(|tweet| tweet.0.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follow_up_waits_for_a_parent_that_is_late_and_goes_out_so_long_after_it() {
    let world = World::new().await;
    let (parent, reply) = pair(&world, &["one"]).await;
    world.clock.advance(seconds(3_600));
    world.client().pause(Pause { paused: true }).await.expect("paused");
    world.deliver(&parent).await;
    world.deliver(&reply).await;
    let waits = world.reaches(reply.post_id, DeliveryState::Waiting).await;
    assert_eq!(code(&waits), "awaits_parent", "{waits:?}");
    // Past its own deadline it still waits.
    world.clock.advance(seconds(7 * 3_600));
    still(&world, 0).await;
    assert_eq!(
        world.reaches(reply.post_id, DeliveryState::Waiting).await.state,
        DeliveryState::Waiting
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follow_up_of_a_parent_that_went_out_late_is_not_missed_by_its_own_deadline() {
    let world = World::new().await;
    let (parent, mut reply) = pair(&world, &["one"]).await;
    reply.not_after = reply.due_at.plus(seconds(60));
    reply.revision = Revision(2);
    world.stage(std::slice::from_ref(&reply)).await;
    world.clock.advance(seconds(3_600));
    world.deliver(&reply).await;
    world.reaches(reply.post_id, DeliveryState::Waiting).await;
    world.deliver(&parent).await;
    world.reaches(parent.post_id, DeliveryState::Posted).await;
    still(&world, 1).await;
    world.clock.advance(seconds(DELAY_S + 1));
    world.reaches(reply.post_id, DeliveryState::Posted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follow_up_of_a_cancelled_parent_never_goes_out_and_says_why_until_the_parent_is_armed() {
    let world = World::new().await;
    let (mut parent, reply) = pair(&world, &["one"]).await;
    world.withdraw(parent.post_id, 2).await;
    world.clock.advance(seconds(2 * DELAY_S));
    world.deliver(&reply).await;
    let waits = world.reaches(reply.post_id, DeliveryState::Waiting).await;
    assert_eq!(code(&waits), "parent_not_out", "{waits:?}");
    still(&world, 0).await;
    parent.revision = Revision(3);
    world.stage(std::slice::from_ref(&parent)).await;
    world.deliver(&parent).await;
    world.reaches(parent.post_id, DeliveryState::Posted).await;
    world.clock.advance(seconds(DELAY_S + 1));
    world.reaches(reply.post_id, DeliveryState::Posted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follow_up_of_a_parent_that_was_deleted_on_x_never_goes_out() {
    let world = World::new().await;
    let (parent, reply) = pair(&world, &["one"]).await;
    world.clock.advance(seconds(61));
    world.deliver(&parent).await;
    world.reaches(parent.post_id, DeliveryState::Posted).await;
    let removal = Removal { store_id: world.store };
    world.client().remove(parent.post_id, &removal).await.expect("deleted");
    world.clock.advance(seconds(DELAY_S + 60));
    world.deliver(&reply).await;
    let waits = world.reaches(reply.post_id, DeliveryState::Waiting).await;
    assert_eq!(code(&waits), "parent_not_out", "{waits:?}");
    still(&world, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_follow_up_never_goes_out_though_its_parent_does() {
    let world = World::new().await;
    let (parent, reply) = pair(&world, &["one"]).await;
    let withdrawn = world.withdraw(reply.post_id, 2).await;
    assert_eq!(withdrawn.outcome, WithdrawOutcome::Withdrawn);
    world.clock.advance(seconds(61));
    world.deliver(&parent).await;
    world.reaches(parent.post_id, DeliveryState::Posted).await;
    world.clock.advance(seconds(2 * DELAY_S));
    world.deliver(&reply).await;
    still(&world, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follow_up_without_a_delivery_goes_out_by_the_relay_s_clock_after_a_restart() {
    let mut world = World::new().await;
    let (parent, reply) = pair(&world, &["one"]).await;
    world.clock.advance(seconds(61));
    world.deliver(&parent).await;
    world.reaches(parent.post_id, DeliveryState::Posted).await;
    world.stop_relay().await;
    world.start_relay().await;
    world.clock.advance(seconds(DELAY_S + 150));
    world.reaches(reply.post_id, DeliveryState::Posted).await;
    still(&world, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tie_that_is_left_out_on_the_way_is_noticed_and_another_tie_is_another_body() {
    let world = World::new().await;
    let (_, reply) = pair(&world, &["one"]).await;
    let mut bare = reply.clone();
    (bare.follow_up, bare.revision) = (None, Revision(2));
    assert_eq!(world.stage(&[bare]).await.remove(0).outcome, StageOutcome::Outdated);
    let mut other = reply.clone();
    tie(&mut other, PostId::new(world.clock.now()));
    assert_eq!(world.stage(&[other]).await.remove(0).outcome, StageOutcome::Conflict);
    let mut own = reply.clone();
    tie(&mut own, reply.post_id);
    assert_eq!(world.stage(&[own]).await.remove(0).outcome, StageOutcome::Invalid);
    assert_eq!(world.stage(&[reply]).await.remove(0).outcome, StageOutcome::Staged);
    assert!(world.status().await.follow_ups);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_lost_its_database_answers_the_parent_that_the_desktop_knows() {
    let mut world = World::new().await;
    let (parent, mut reply) = pair(&world, &["one", "two"]).await;
    world.clock.advance(seconds(61));
    world.deliver(&parent).await;
    let out = world.reaches(parent.post_id, DeliveryState::Posted).await;
    world.lose_the_ledger().await;
    world.client().connect(&world.account, &world.grant).await.expect("signed in");
    let told = |item: &Stage, state, tweet_id: Option<TweetId>| ManifestPost {
        post_id: item.post_id,
        revision: item.revision,
        state,
        tweet_id,
        due_at: Some(item.due_at),
        elsewhere: false,
        unproven: false,
    };
    world
        .introduce(vec![
            told(&parent, DeliveryState::Posted, out.tweet_id.clone()),
            told(&reply, DeliveryState::Staged, None),
        ])
        .await;
    let last = out.live.last().expect("two parts").clone();
    let posted_at = out.posted_at.expect("posted");
    if let Some(follow_up) = &mut reply.follow_up {
        follow_up.parent_on_x = Some(ParentOnX { tweet_id: last.clone(), posted_at });
    }
    let staged = world.stage(std::slice::from_ref(&reply)).await.remove(0);
    assert_eq!(staged.outcome, StageOutcome::Staged, "{staged:?}");
    world.clock.advance(seconds(DELAY_S + 60));
    world.deliver(&reply).await;
    world.reaches(reply.post_id, DeliveryState::Posted).await;
    let answered = accepted(&world).await.pop().and_then(|entry| answered_by(&entry));
    assert_eq!(answered, Some(last.0));
}
