//! Deleting on X what a person wants to replace.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use roost_core::id::PostId;
use roost_relay_api::{ClientError, DeliveryState, ManifestPost, RefusalCode, Removal};
use roost_x_sandbox::{Fault, FaultKind, On};

use crate::world::{World, seconds};

async fn posted(world: &World, texts: &[&str]) -> PostId {
    let item = world.thread(texts, seconds(0));
    world.stage(std::slice::from_ref(&item)).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    item.post_id
}

/// The texts on the account's timeline, newest first.
async fn timeline(world: &World) -> Vec<String> {
    let url =
        format!("{}2/users/{}/tweets?max_results=100", world.config.x_api_base, world.account);
    let request = world.http.get(url).bearer_auth(&world.grant.access_token);
    let page: serde_json::Value = request.send().await.expect("a page").json().await.expect("JSON");
    let posts = page["data"].as_array().cloned().unwrap_or_default();
    posts.iter().map(|post| post["text"].as_str().expect("a text").to_owned()).collect()
}

fn code(error: &ClientError) -> Option<RefusalCode> {
    error.refusal().map(|refusal| refusal.code)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_deleted_on_x_with_all_its_parts_and_asked_twice_once() {
    let world = World::new().await;
    let kept = posted(&world, &["kept"]).await;
    let id = posted(&world, &["one", "two", "three"]).await;
    let removal = Removal { store_id: world.store };
    let removed = world.client().remove(id, &removal).await.expect("deleted");
    assert_eq!(removed.tweet_ids.len(), 3);
    assert_eq!(timeline(&world).await, ["kept"]);
    let again = world.client().remove(id, &removal).await.expect("known");
    assert_eq!(again.tweet_ids, removed.tweet_ids);
    assert!(world.delivery(kept).await.is_some());
    // The ledger's word stays: it was on X, and is never sent again.
    assert_eq!(world.reaches(id, DeliveryState::Posted).await.attempts, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_whose_answer_was_lost_is_asked_for_again_and_ends() {
    let world = World::new().await;
    let id = posted(&world, &["gone in the end"]).await;
    world.x.sandbox.arm(Fault::new(On::Delete, FaultKind::CutAfter)).expect("armed");
    let removal = Removal { store_id: world.store };
    let error = world.client().remove(id, &removal).await.expect_err("the answer was lost");
    assert_eq!(code(&error), Some(RefusalCode::Unavailable), "{error}");
    world.client().remove(id, &removal).await.expect("it was gone already");
    assert_eq!(timeline(&world).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_on_x_is_deleted_there_and_nothing_while_everything_is_paused() {
    let world = World::new().await;
    let removal = Removal { store_id: world.store };
    let waiting = world.staged("not yet", seconds(600)).await;
    let error = world.client().remove(waiting.post_id, &removal).await.expect_err("not on X");
    assert_eq!(code(&error), Some(RefusalCode::TooLate));
    let unheard = world.post("never", seconds(0)).post_id;
    let error = world.client().remove(unheard, &removal).await.expect_err("unheard of");
    assert_eq!(code(&error), Some(RefusalCode::NotFound));
    let id = posted(&world, &["stays for now"]).await;
    world.client().pause(roost_relay_api::Pause { paused: true }).await.expect("paused");
    let error = world.client().remove(id, &removal).await.expect_err("paused");
    assert_eq!(code(&error), Some(RefusalCode::Unavailable));
    assert_eq!(timeline(&world).await, ["stays for now"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_the_parts_that_x_deleted_before_it() {
    let world = World::new().await;
    let id = posted(&world, &["one", "two", "three"]).await;
    let refusal =
        Fault { status: Some(403), after: 1, ..Fault::new(On::Delete, FaultKind::Status) };
    world.x.sandbox.arm(refusal).expect("armed");
    let removal = Removal { store_id: world.store };
    let error = world.client().remove(id, &removal).await.expect_err("refused");
    assert_eq!(code(&error), Some(RefusalCode::Invalid), "{error}");
    let refusal = error.refusal().expect("a refusal");
    assert_eq!(refusal.gone.len(), 1, "{refusal:?}");
    assert!(refusal.message.contains("deleted on X already: part 3"), "{refusal}");
    assert_eq!(timeline(&world).await, ["two", "one"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_post_is_deleted_while_the_database_knows_it_in_part_alone() {
    for is_lost in [false, true] {
        let mut world = World::new().await;
        let item = world.thread(&["one", "two"], seconds(0));
        world.stage(std::slice::from_ref(&item)).await;
        let backup = world.back_up();
        world.deliver(&item).await;
        let posted = world.reaches(item.post_id, DeliveryState::Posted).await;
        match is_lost {
            true => world.lose_the_ledger().await,
            false => world.restore(&backup).await,
        }
        let told = ManifestPost {
            post_id: item.post_id,
            revision: item.revision,
            state: DeliveryState::Posted,
            tweet_id: posted.tweet_id,
            due_at: Some(item.due_at),
            elsewhere: false,
            unproven: false,
        };
        world.introduce(vec![told]).await;
        world.client().connect(&world.account, &world.grant).await.expect("connected");
        let removal = Removal { store_id: world.store };
        let error = world.client().remove(item.post_id, &removal).await.expect_err("in part");
        assert_eq!(code(&error), Some(RefusalCode::TooLate));
        let why = if is_lost { "its account" } else { "1 of the post's 2 parts" };
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!(timeline(&world).await, ["two", "one"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_x_says_it_did_not_delete_is_not_called_deleted() {
    let world = World::new().await;
    let id = posted(&world, &["still there"]).await;
    let mut denied = Fault::status(On::Delete, 200);
    denied.body = Some(serde_json::json!({ "data": { "deleted": false } }));
    world.x.sandbox.arm(denied).expect("armed");
    let removal = Removal { store_id: world.store };
    let error = world.client().remove(id, &removal).await.expect_err("not deleted");
    assert_eq!(code(&error), Some(RefusalCode::Unavailable), "{error}");
    assert_eq!(timeline(&world).await, ["still there"]);
    let removed = world.client().remove(id, &removal).await.expect("deleted");
    assert_eq!(removed.tweet_ids.len(), 1);
    assert_eq!(timeline(&world).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_between_two_parts_keeps_the_parts_that_are_left() {
    let world = World::new().await;
    let id = posted(&world, &["one", "two"]).await;
    let mut slow = Fault::new(On::Delete, FaultKind::Slow);
    slow.millis = Some(4000);
    let slow = world.x.sandbox.arm(slow).expect("armed");
    let (client, removal) = (world.client(), Removal { store_id: world.store });
    let removing = tokio::spawn(async move { client.remove(id, &removal).await });
    world.strikes(slow.id).await;
    world.client().pause(roost_relay_api::Pause { paused: true }).await.expect("paused");
    let error = removing.await.expect("answered").expect_err("paused");
    assert_eq!(code(&error), Some(RefusalCode::Unavailable), "{error}");
    assert_eq!(timeline(&world).await, ["one"]);
}
