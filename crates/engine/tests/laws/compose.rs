//! What a person writes is judged before it is kept.

use roost_core::failure::Code;
use roost_core::status::Status;
use roost_engine::{Edit, Error, NewPost, NextStep};

use crate::world::{World, new_post, wall_in};

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_must_be_mended_is_not_kept() {
    let world = World::new().await;
    for (post, code) in [
        (new_post(&"a".repeat(281), 60), Code::TextTooLong),
        (new_post(" ", 60), Code::TextMissing),
        (
            NewPost { wall_time: Some("2020-01-01 09:00".into()), ..new_post("a", 60) },
            Code::TimeInPast,
        ),
        (NewPost { wall_time: Some("soon".into()), ..new_post("a", 60) }, Code::TimeInvalid),
        (NewPost { zone: Some("Mars/Base".into()), ..new_post("a", 60) }, Code::UnknownZone),
        (NewPost { account: Some("@nobody".into()), ..new_post("a", 60) }, Code::AccountUnknown),
    ] {
        let verdict = world.engine.judge(&post).await.unwrap();
        assert_eq!(verdict.errors.first().map(|problem| problem.code), Some(code), "{post:?}");
        let error = world.engine.create(post).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid(_)), "{error}");
        assert_eq!(error.code(), code);
    }
    assert_eq!(world.rows().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_may_be_unfinished_and_is_armed_by_a_time() {
    let world = World::new().await;
    let draft = NewPost { text: "a".repeat(300), ..NewPost::default() };
    let draft = world.engine.create(draft).await.unwrap().post;
    assert_eq!((draft.status, draft.scheduled_at), (Status::Draft, None));
    let time = Some(wall_in(3600));
    let zone = Some("Europe/Berlin".to_owned());
    let edit = Edit { wall_time: time.clone(), zone: zone.clone(), ..Edit::default() };
    assert!(world.engine.edit(draft.id, edit).await.is_err(), "it is still too long");
    let text = Some("short".to_owned());
    let edit = Edit { wall_time: time, zone, text, ..Edit::default() };
    let armed = world.engine.edit(draft.id, edit).await.unwrap().post;
    assert_eq!((armed.status, armed.text.as_str()), (Status::Pending, "short"));
    let edit = Edit { wall_time: Some(String::new()), ..Edit::default() };
    let again = world.engine.edit(draft.id, edit).await.unwrap().post;
    assert_eq!((again.status, again.scheduled_at), (Status::Draft, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_tells_length_cost_and_instant() {
    let world = World::new().await;
    let verdict = world.engine.judge(&new_post("see https://example.com/a", 60)).await.unwrap();
    assert_eq!((verdict.length.weighted, verdict.length.limit), (27, 280));
    assert_eq!(verdict.cost_micros, 200_000);
    assert!(verdict.scheduled_at.is_some());
    assert!(verdict.errors.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_written_before_any_account_belongs_to_the_first_one() {
    let world = World::without_account().await;
    let post = world.engine.create(new_post("mine", 3600)).await.unwrap().post;
    assert_eq!(post.account, None);
    world.connect("demo").await;
    assert_eq!(world.show(post.id).await.row.username.as_deref(), Some("demo"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_schedules_a_cancelled_post_again_only_when_the_person_says_restore() {
    let world = World::new().await;
    let id = world.post_in("cancelled", 3600).await;
    world.engine.cancel(&[id]).await.unwrap();
    let time = Edit { wall_time: Some(wall_in(7200)), ..Edit::default() };
    let error = world.engine.edit(id, time.clone()).await.unwrap_err();
    assert_eq!(error.code(), Code::ChangeNotAllowed);
    assert_eq!(error.next_steps(), [NextStep::RetryPost { post: id }], "{error}");
    assert_eq!(world.status(id).await, Status::Cancelled);
    // Its words may change, and it stays cancelled.
    let words = Edit { text: Some("other words".to_owned()), ..Edit::default() };
    assert_eq!(world.engine.edit(id, words.clone()).await.unwrap().post.status, Status::Cancelled);
    let restored = world.engine.edit(id, Edit { restore: true, ..time }).await.unwrap().post;
    assert_eq!((restored.status, restored.text.as_str()), (Status::Pending, "other words"));
    // Without another time it goes out at its own.
    world.engine.cancel(&[id]).await.unwrap();
    let restored = world.engine.edit(id, Edit { restore: true, ..words }).await.unwrap().post;
    assert_eq!((restored.status, restored.scheduled_at.is_some()), (Status::Pending, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_schedules_a_failed_post_and_a_missed_one_again_and_other_words_do_not() {
    let world = World::new().await;
    for status in [Status::Failed, Status::Missed] {
        let id = world.post_in(&format!("{status}"), 3600).await;
        let reason = roost_store::Reason::default();
        let by = roost_core::status::Actor::Engine;
        world.store().write("test", |store| store.set_status(id, status, by, &reason)).unwrap();
        let words = Edit { text: Some(format!("{status}, mended")), ..Edit::default() };
        assert_eq!(world.engine.edit(id, words).await.unwrap().post.status, status);
        let time = Edit { wall_time: Some(wall_in(7200)), ..Edit::default() };
        assert_eq!(world.engine.edit(id, time).await.unwrap().post.status, Status::Pending);
    }
}
