//! A post that was staged and whose message never came, whatever the reason: the relay's own
//! clock posts it, once, and says so.

use roost_core::id::Revision;
use roost_qstash::signature::Signer;
use roost_relay::{QstashKeys, Secret};
use roost_relay_api::{DeliveryState, POST_TWEET_PATH, Stage};

use crate::link::{Office, told};
use crate::world::{PUBLIC_URL, World, seconds};

/// The same post, armed anew.
async fn armed_again(world: &World, item: &Stage) -> Stage {
    let mut again = item.clone();
    again.revision = Revision(item.revision.0 + 1);
    again.content.parts[0].text = format!("{}, again", item.content.parts[0].text);
    let result = world.stage(std::slice::from_ref(&again)).await.remove(0);
    assert_eq!(result.outcome, roost_relay_api::StageOutcome::Staged);
    again
}

/// Two minutes past due the post goes out by itself, once, and the receipt says why.
async fn backstopped(world: &World, item: &Stage) {
    let before = world.metric("backstop_total").await;
    world.clock.set(item.due_at.plus(seconds(119)));
    world.settle().await;
    assert_eq!(world.metric("backstop_total").await, before, "the scheduler has two minutes");
    world.clock.set(item.due_at.plus(seconds(121)));
    world.reaches(item.post_id, DeliveryState::Posted).await;
    assert_eq!(world.metric("backstop_total").await, before + 1);
    world.clock.advance(seconds(600));
    world.deliver(item).await;
    world.settle().await;
    let text = &item.content.parts[0].text;
    let seen = world.creates().await.into_iter().filter(|one| one.text.as_ref() == Some(text));
    assert_eq!(seen.count(), 1, "{text}");
    let told = told(world).await;
    let said = told[&item.post_id].iter().any(|delivery| {
        let message = delivery.message.as_deref().unwrap_or_default();
        message.contains("No delivery came from the scheduler")
    });
    assert!(said, "{:?}", told[&item.post_id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_whose_publishing_stopped_after_any_step_goes_out_once_and_says_so() {
    let mut world = World::new().await;
    let office = Office::open(&world).await;

    // Staged, and the desktop crashed before it published.
    let item = world.staged("never published", seconds(60)).await;
    backstopped(&world, &item).await;

    // Published and edited; the plan's quota was used up before the edit was published.
    let item = world.staged("published once", seconds(60)).await;
    office.publish(std::slice::from_ref(&item)).await;
    let again = armed_again(&world, &item).await;
    world.clock.set(item.due_at);
    office.nudge();
    world.counts("deliveries_repeated_total", 1).await;
    backstopped(&world, &again).await;

    // Both published; the edit's message was deleted with the old one's.
    let item = world.staged("both published", seconds(60)).await;
    let again = armed_again(&world, &item).await;
    for revision in [&item, &again] {
        let published = office.client.publish(&crate::link::message(revision)).await;
        office.client.cancel(&published.expect("published").message_id).await.expect("deleted");
    }
    backstopped(&world, &again).await;

    // Staged twice, with a restart of the relay in between.
    let item = world.staged("staged before a restart", seconds(60)).await;
    world.stop_relay().await;
    world.start_relay().await;
    let again = armed_again(&world, &item).await;
    backstopped(&world, &again).await;
    let edited = world.creates().await;
    assert!(edited.iter().all(|entry| entry.accepted), "{edited:?}");
    assert_eq!(edited.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_signed_two_key_rolls_ago_is_refused_and_the_post_goes_out_by_itself() {
    let world = World::new().await;
    let item = world.staged("signed long ago", seconds(60)).await;
    for keys in [("sig_second", "sig_third"), ("sig_third", "sig_fourth")] {
        let (current, next) = (Secret::new(keys.0), Secret::new(keys.1));
        world.relay().set_qstash_keys(&QstashKeys { current, next });
    }
    world.clock.set(item.due_at);
    let body = World::trigger(&item);
    let url = format!("{PUBLIC_URL}{POST_TWEET_PATH}");
    let now = item.due_at.seconds_rounded_up();
    let old = Signer::new(crate::world::CURRENT).sign(&url, &body, now);
    assert_eq!(world.hook(body, &old).await.status().as_u16(), 401);
    world.clock.set(item.due_at.plus(seconds(121)));
    world.reaches(item.post_id, DeliveryState::Posted).await;
    assert_eq!(world.metric("backstop_total").await, 1);
    assert_eq!(world.creates().await.len(), 1);
}
