//! A change that came too late, step by step: the relay has sent the post, and this computer does not
//! know yet.

use std::time::Duration;

use roost_core::id::PostId;
use roost_core::post::Content;
use roost_core::status::Status;
use roost_engine::Edit;
use roost_engine::api::KeepUnsavedEdit;
use roost_engine::view::{Action, BlockerKind, Notice};
use roost_relay_api::{DeliveryState, Lookup};
use roost_x_sandbox::{Fault, FaultKind, On};

use crate::world::{World, new_post, wall_in};

/// A post that is on X while this computer believes it queued.
async fn out(world: &World, post: roost_engine::NewPost) -> PostId {
    let id = world.engine.create(post).await.unwrap().post.id;
    world.engine.sync().await.unwrap();
    let lookup = Lookup { post_ids: vec![id] };
    let state = async || world.relay().lookup(&lookup).await.unwrap().deliveries[0].state;
    while state().await != DeliveryState::Posted {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(world.status(id).await, Status::Queued, "this computer was not told");
    id
}

async fn told(world: &World, id: PostId) -> Notice {
    let notices = world.engine.take_notices().await.unwrap();
    let mut of: Vec<Notice> = notices.into_iter().filter(|it| it.post_id == Some(id)).collect();
    assert_eq!(of.len(), 1, "{of:?}");
    of.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_change_is_told_with_both_texts_and_its_draft_can_be_posted_too() {
    let mut world = World::new().await;
    let id = out(&world, new_post("the old words", 1)).await;
    for text in ["in between", "the new words"] {
        let edit = Edit { text: Some(text.to_owned()), ..Edit::default() };
        world.engine.edit(id, edit).await.unwrap();
    }
    world.engine.sync().await.unwrap();
    let post = world.show(id).await;
    assert_eq!((post.row.status, post.row.text.as_str()), (Status::Posted, "the old words"));
    let notice = told(&world, id).await;
    assert_eq!(notice.title, "Your change came too late");
    for words in ["the old words", "the new words", "$0.015", "$0.025"] {
        assert!(notice.body.contains(words), "{words}: {}", notice.body);
    }
    let late = post.late_edit.as_ref().expect("it is shown");
    assert_eq!(
        (late.sent.as_slice(), late.meant.as_slice()),
        (&["the old words".to_owned()][..], &["the new words".to_owned()][..])
    );
    assert_eq!((late.post_too_cost_micros, late.replace_cost_micros), (15_000, 25_000));
    let receipt: Vec<String> = post.receipt.iter().filter_map(|line| line.detail.clone()).collect();
    assert!(receipt.iter().any(|line| line.contains("in between")), "{receipt:?}");
    assert!(receipt.iter().any(|line| line.contains("you meant: the new words")), "{receipt:?}");
    assert!(post.actions.contains(&Action::PostToo), "{:?}", post.actions);
    // Either of the two names it.
    let draft = late.draft.expect("a draft");
    assert!(world.show(draft).await.actions.contains(&Action::PostToo));
    let saved = world.engine.post_too(id).await.unwrap().post;
    assert_eq!((saved.id, saved.status), (draft, Status::Pending));
    world.run();
    world.wait_for(draft, Status::Posted).await;
    assert_eq!(world.texts().await, ["the old words", "the new words"]);
    let error = world.engine.post_too(id).await.unwrap_err();
    assert_eq!(error.code().as_str(), "change_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_move_is_told_and_offers_nothing_to_post() {
    let world = World::new().await;
    let id = out(&world, new_post("moved", 1)).await;
    let edit = Edit { wall_time: Some(wall_in(3600)), ..Edit::default() };
    world.engine.edit(id, edit).await.unwrap();
    world.engine.sync().await.unwrap();
    let post = world.show(id).await;
    let late = post.late_edit.expect("it is shown");
    assert_eq!(late.draft, None);
    let to = late.moved_to.expect("where to");
    let notice = told(&world, id).await;
    assert!(notice.body.contains(&to), "{}", notice.body);
    assert!(!post.actions.contains(&Action::PostToo), "{:?}", post.actions);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_change_of_account_offers_the_post_on_the_other_one() {
    let mut world = World::new().await;
    world.connect("second").await;
    let mut post = new_post("for whom", 1);
    post.account = Some("demo".to_owned());
    let id = out(&world, post).await;
    let edit = Edit { account: Some("second".to_owned()), ..Edit::default() };
    world.engine.edit(id, edit).await.unwrap();
    world.engine.sync().await.unwrap();
    let late = world.show(id).await.late_edit.expect("it is shown");
    assert_eq!(late.account.as_deref(), Some("second"));
    let notice = told(&world, id).await;
    assert!(notice.body.contains("@second"), "{}", notice.body);
    let draft = world.engine.post_too(id).await.unwrap().post;
    assert_eq!(draft.username.as_deref(), Some("second"));
    world.run();
    world.wait_for(draft.id, Status::Posted).await;
    let accounts: Vec<_> = world.ledger().await.into_iter().map(|it| it.account_id).collect();
    assert_eq!(accounts.len(), 2);
    assert_ne!(accounts[0], accounts[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_count_whenever_they_come() {
    let world = World::new().await;
    let id = out(&world, new_post("tagged", 1)).await;
    let tags = Some(vec!["later".to_owned()]);
    world.engine.edit(id, Edit { tags, ..Edit::default() }).await.unwrap();
    world.engine.sync().await.unwrap();
    let post = world.show(id).await;
    assert_eq!((post.row.tags, post.late_edit), (vec!["later".to_owned()], None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_that_came_too_late_is_told() {
    let world = World::new().await;
    let id = out(&world, new_post("not cancelled", 1)).await;
    assert_eq!(world.engine.cancel(&[id]).await.unwrap().cancelling, [id]);
    world.engine.sync().await.unwrap();
    assert_eq!(world.status(id).await, Status::Posted);
    let notice = told(&world, id).await;
    assert_eq!(notice.title, "Posted before it could be cancelled");
}

/// A post that went out with its old words, known as such.
async fn changed_too_late(world: &World, old: &str, new: &str) -> PostId {
    let id = out(world, new_post(old, 1)).await;
    let edit = Edit { text: Some(new.to_owned()), ..Edit::default() };
    world.engine.edit(id, edit).await.unwrap();
    world.engine.sync().await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_change_replaces_what_is_on_x() {
    let mut world = World::new().await;
    let id = changed_too_late(&world, "the old words", "the new words").await;
    assert!(world.show(id).await.actions.contains(&Action::Replace));
    let draft = world.engine.replace(id).await.unwrap();
    assert_eq!(draft.row.status, Status::Pending);
    let gone = world.show(id).await;
    assert!(gone.row.gone_from_x_at.is_some() && gone.row.tweet_url.is_none(), "{gone:#?}");
    assert_eq!(gone.receipt.last().unwrap().title, "Deleted on X");
    world.run();
    world.wait_for(draft.row.id, Status::Posted).await;
    assert_eq!(world.timeline().await, ["the new words"]);
    assert_eq!(world.texts().await, ["the old words", "the new words"]);
    let again = world.engine.replace(id).await.unwrap_err();
    assert_eq!(again.code().as_str(), "change_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_that_was_interrupted_goes_on_and_posts_the_new_words_once() {
    let mut world = World::new().await;
    let id = changed_too_late(&world, "before the crash", "after the crash").await;
    let draft = world.show(id).await.late_edit.unwrap().draft.unwrap();
    // X deletes it, and nobody hears of that; then this computer's program ends.
    world.sandbox.sandbox.arm(Fault::new(On::Delete, FaultKind::CutAfter)).unwrap();
    assert!(world.engine.replace(id).await.is_err());
    let waits = world.show(id).await.late_edit.unwrap();
    assert!(waits.replacing && !waits.can_replace, "{waits:?}");
    assert_eq!(world.status(draft).await, Status::Draft, "not before the deletion is proven");
    world.crash().await;
    world.store().write("test", |store| store.outbox_hurry()).unwrap();
    world.run();
    world.wait_for(draft, Status::Posted).await;
    assert_eq!(world.timeline().await, ["after the crash"]);
    assert_eq!(world.texts().await, ["before the crash", "after the crash"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_x_refuses_to_delete_stays_nothing_is_posted_and_the_person_is_told() {
    let world = World::new().await;
    let id = changed_too_late(&world, "stays", "waits").await;
    let refusal = Fault { status: Some(403), ..Fault::new(On::Delete, FaultKind::Status) };
    world.sandbox.sandbox.arm(refusal).unwrap();
    world.engine.take_notices().await.unwrap();
    assert!(world.engine.replace(id).await.is_err());
    let notice = told(&world, id).await;
    assert_eq!(notice.kind, "not_replaced");
    let late = world.show(id).await.late_edit.unwrap();
    assert!(late.can_replace && !late.replacing, "{late:?}");
    assert_eq!(late.draft_status, Some(Status::Draft));
    assert_eq!(world.timeline().await, ["stays"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wished_replacement_is_taken_back_with_its_draft_and_deletes_nothing() {
    let mut world = World::new().await;
    let id = changed_too_late(&world, "stays on X", "not after all").await;
    let draft = world.show(id).await.late_edit.unwrap().draft.unwrap();
    world.relay().pause(roost_relay_api::Pause { paused: true }).await.unwrap();
    assert!(world.engine.replace(id).await.is_err());
    assert!(world.show(id).await.late_edit.unwrap().replacing);
    world.engine.take_notices().await.unwrap();
    world.engine.delete(&[draft]).await.unwrap();
    world.relay().pause(roost_relay_api::Pause { paused: false }).await.unwrap();
    world.store().write("test", |store| store.outbox_hurry()).unwrap();
    world.run();
    let ended = async || world.store().read(|store| store.outbox_of(id)).unwrap().is_empty();
    while !ended().await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(world.timeline().await, ["stays on X"]);
    assert!(world.show(id).await.row.gone_from_x_at.is_none());
    let notice = told(&world, id).await;
    assert_eq!(notice.kind, "not_replaced");
    assert!(notice.body.contains("deleted or scheduled"), "{}", notice.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_that_is_put_off_is_never_called_done_and_pressing_again_tries_it_at_once() {
    let world = World::new().await;
    let other = changed_too_late(&world, "another stays", "another waits").await;
    let id = changed_too_late(&world, "not gone yet", "comes after").await;
    world.relay().pause(roost_relay_api::Pause { paused: true }).await.unwrap();
    for post in [other, id, id] {
        let error = world.engine.replace(post).await.expect_err("it is on X still");
        assert!(error.to_string().contains(&post.to_string()), "{error}");
        assert!(error.to_string().contains("paused"), "{error}");
        assert!(world.show(post).await.row.gone_from_x_at.is_none());
        let blockers = world.engine.sync_state().await.unwrap().blockers;
        let refuses = blockers.iter().any(|it| it.kind == BlockerKind::RelayRefuses);
        assert!(!refuses, "the relay takes everything else: {blockers:?}");
    }
    world.relay().pause(roost_relay_api::Pause { paused: false }).await.unwrap();
    // It was put off until later, and so was the other one; only what is asked for is done.
    world.engine.replace(id).await.unwrap();
    assert_eq!(world.timeline().await, ["another stays"]);
    assert!(world.show(other).await.late_edit.unwrap().replacing);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_of_which_x_deleted_a_part_and_refused_the_rest_is_not_said_to_stay() {
    let world = World::new().await;
    let thread = vec!["the second part".to_owned()];
    let post = roost_engine::NewPost { thread, ..new_post("the first part", 1) };
    let id = out(&world, post).await;
    let edit = Edit { text: Some("meant".to_owned()), ..Edit::default() };
    world.engine.edit(id, edit).await.unwrap();
    world.engine.sync().await.unwrap();
    let refusal =
        Fault { status: Some(403), after: 1, ..Fault::new(On::Delete, FaultKind::Status) };
    world.sandbox.sandbox.arm(refusal).unwrap();
    world.engine.take_notices().await.unwrap();
    assert!(world.engine.replace(id).await.is_err());
    assert_eq!(world.timeline().await, ["the first part"]);
    let notice = told(&world, id).await;
    assert!(notice.body.contains("in part only: 1 part is deleted"), "{}", notice.body);
    assert!(notice.body.contains("deleted on X already: part 2"), "{}", notice.body);
    assert!(!notice.body.contains("stays on X"), "{}", notice.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_was_not_saved_never_goes_out_and_is_a_draft_when_its_post_did() {
    let mut world = World::new().await;
    world.run();
    let id = world.post_in("as it was", 2).await;
    let change = KeepUnsavedEdit {
        id,
        content: Content::of_texts(["half-typed"]),
        wall_time: None,
        zone: None,
        account: None,
    };
    assert_eq!(world.engine.keep_unsaved_edit(change.clone()).await.unwrap().draft, None);
    let detail = world.show(id).await;
    assert!(detail.row.has_unsaved_edit);
    assert_eq!(detail.row.text, "as it was");
    let kept = detail.unsaved_edit.expect("it is kept");
    assert_eq!((kept.content.to_texts(), kept.is_outdated), (vec!["half-typed".to_owned()], false));

    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.timeline().await, ["as it was"]);
    let after = world.show(id).await;
    assert_eq!(after.unsaved_edit, None);
    let late = after.late_edit.expect("told in the receipt");
    assert_eq!(late.meant, ["half-typed"]);
    let draft = world.show(late.draft.expect("a draft")).await;
    assert_eq!((draft.row.status, draft.row.text.as_str()), (Status::Draft, "half-typed"));
    // The composer types on: it is told which draft has the change.
    let kept = world.engine.keep_unsaved_edit(change).await.unwrap();
    assert_eq!(kept.draft.map(|row| row.id), Some(draft.row.id));
}
