//! What staging and withdrawing promise.

use roost_core::clock::Clock;
use roost_core::id::{PostId, Revision};
use roost_core::post::{Content, Part};
use roost_relay_api::{
    DeliveryState, RefusalCode, StageBatch, StageOutcome, Takeover, WithdrawOutcome,
};

use crate::world::{World, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_stage_again_answers_the_same_and_another_body_is_a_conflict() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(60)).await;
    let again = world.stage(std::slice::from_ref(&item)).await.remove(0);
    assert_eq!(again.outcome, StageOutcome::Staged);
    assert_eq!(again.state, Some(DeliveryState::Staged));
    let mut other = item.clone();
    other.content = Content::of_texts(["Other"]);
    let conflict = world.stage(&[other.clone()]).await.remove(0);
    assert_eq!((conflict.outcome, conflict.highest), (StageOutcome::Conflict, Revision(1)));
    other.revision = Revision(4);
    assert_eq!(world.stage(&[other]).await.remove(0).outcome, StageOutcome::Staged);
    let stale = world.stage(&[item]).await.remove(0);
    assert_eq!((stale.outcome, stale.highest), (StageOutcome::Conflict, Revision(4)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_makes_no_sense_is_refused_alone() {
    let world = World::new().await;
    let good = world.post("Hello", seconds(60));
    let mut empty = world.post("Hello", seconds(60));
    empty.content.parts.clear();
    let mut blank = world.post(" ", seconds(60));
    blank.content.parts.push(Part::of_text("x"));
    let mut backwards = world.post("Hello", seconds(60));
    backwards.not_after = backwards.due_at.minus(seconds(1));
    let mut stranger = world.post("Hello", seconds(60));
    stranger.account.0 = "999".to_owned();
    let items = [good, empty, blank, backwards, stranger];
    let outcomes: Vec<_> =
        world.stage(&items).await.into_iter().map(|result| result.outcome).collect();
    use StageOutcome::{Invalid, Staged, UnknownAccount};
    assert_eq!(outcomes, [Staged, Invalid, Invalid, Invalid, UnknownAccount]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_store_is_told_whether_its_own_manifest_is_due() {
    let world = World::new().await;
    let other = roost_core::id::StoreId::new(world.clock.now());
    let client = world.client();
    let due = async |store| client.status_for(store).await.expect("a status").needs_manifest;
    assert_eq!((due(world.store).await, due(other).await), (false, true));
    let epoch = world.status().await.epoch;
    let manifest = roost_relay_api::Manifest { epoch, store_id: other, posts: vec![], more: false };
    client.manifest(&manifest).await.expect("introduced");
    assert_eq!((due(world.store).await, due(other).await), (false, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_post_never_goes_out() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(60)).await;
    let withdrawn = world.withdraw(item.post_id, 2).await;
    assert_eq!(withdrawn.outcome, WithdrawOutcome::Withdrawn);
    world.clock.advance(seconds(61));
    let (status, answer) = world.deliver(&item).await;
    assert!(status.is_success());
    assert_eq!(answer["state"], "superseded");
    world.clock.advance(seconds(600));
    world.settle().await;
    assert!(world.creates().await.is_empty());
    let again = world.withdraw(item.post_id, 2).await;
    assert_eq!(again.outcome, WithdrawOutcome::Withdrawn);
    assert_eq!(world.stage(&[item]).await.remove(0).outcome, StageOutcome::Conflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_that_overtakes_its_stage_fences_it() {
    let world = World::new().await;
    let item = world.post("Hello", seconds(60));
    let withdrawn = world.withdraw(item.post_id, 2).await;
    assert_eq!(withdrawn.outcome, WithdrawOutcome::Withdrawn);
    assert_eq!(world.stage(&[item]).await.remove(0).outcome, StageOutcome::Conflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_what_went_out_is_told_too_late_and_changes_nothing() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    let posted = world.reaches(item.post_id, DeliveryState::Posted).await;
    let mut edited = item.clone();
    edited.revision = Revision(2);
    edited.content = Content::of_texts(["Edited"]);
    let answer = world.stage(&[edited]).await.remove(0);
    assert_eq!(answer.outcome, StageOutcome::TooLate);
    assert_eq!(answer.state, Some(DeliveryState::Posted));
    assert_eq!(world.withdraw(item.post_id, 3).await.outcome, WithdrawOutcome::TooLate);
    assert_eq!(world.delivery(item.post_id).await, Some(posted));
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_goes_out_and_the_old_revision_is_superseded() {
    let world = World::new().await;
    let old = world.staged("Old", seconds(60)).await;
    let mut new = old.clone();
    new.revision = Revision(2);
    new.content = Content::of_texts(["New"]);
    assert_eq!(world.stage(&[new.clone()]).await.remove(0).outcome, StageOutcome::Staged);
    world.clock.advance(seconds(60));
    let (status, answer) = world.deliver(&old).await;
    assert!(status.is_success());
    assert_eq!(answer["state"], "superseded");
    world.deliver(&new).await;
    world.reaches(new.post_id, DeliveryState::Posted).await;
    let texts: Vec<_> = world.creates().await.into_iter().filter_map(|entry| entry.text).collect();
    assert_eq!(texts, ["New"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_edits_raced_against_a_hundred_deliveries_end_in_one_outcome_each() {
    let world = World::new().await;
    let mut items = Vec::new();
    for number in 0..60 {
        items.push(world.post(&format!("Old {number}"), seconds(0)));
    }
    world.stage(&items).await;
    let deliveries = items.iter().map(|item| world.deliver(item));
    let edits = items.iter().map(|item| {
        let mut edited = item.clone();
        edited.revision = Revision(2);
        edited.content.parts[0].text = item.content.parts[0].text.replace("Old", "New");
        edited.due_at = world.clock.now().plus(seconds(3600));
        edited.not_after = edited.due_at.plus(seconds(3600));
        let world = &world;
        async move { world.stage(&[edited]).await.remove(0) }
    });
    let (_, edits) =
        tokio::join!(futures::future::join_all(deliveries), futures::future::join_all(edits));
    for (item, edit) in items.iter().zip(edits) {
        let state = match edit.outcome {
            StageOutcome::Staged => DeliveryState::Staged,
            StageOutcome::TooLate => DeliveryState::Posted,
            other => panic!("{other:?}"),
        };
        world.reaches(item.post_id, state).await;
    }
    world.settle().await;
    let texts: Vec<_> = world.creates().await.into_iter().filter_map(|entry| entry.text).collect();
    assert!(texts.iter().all(|text| text.starts_with("Old")), "{texts:?}");
    let mut once = texts.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), texts.len(), "nothing twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_device_on_a_copy_of_the_store_must_take_over() {
    let second = "rk_second_device";
    let world = World::with(
        |config| {
            let key = roost_relay::Secret::new(second);
            let name = "laptop".to_owned();
            config.device_keys.push(roost_relay::DeviceKey { name, key });
        },
        |_| {},
    )
    .await;
    let other = world.client_with(second);
    let batch =
        || StageBatch { store_id: world.store, items: vec![world.post("Hello", seconds(60))] };
    let refused = other.stage(&batch()).await.expect_err("refused");
    assert_eq!(refused.refusal().map(|refusal| refusal.code), Some(RefusalCode::OtherStore));
    other.take_over(Takeover { store_id: world.store }).await.expect("taken over");
    other.stage(&batch()).await.expect("staged");
    let refused = world.client().stage(&batch()).await.expect_err("refused");
    assert_eq!(refused.refusal().map(|refusal| refusal.code), Some(RefusalCode::OtherStore));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_nobody_told_of_is_absent_from_a_lookup() {
    let world = World::new().await;
    assert_eq!(world.delivery(PostId::new(world.clock.now())).await, None);
}
