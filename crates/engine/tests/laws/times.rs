//! Times as people type them, free posting times, and posts that stand near each other.

use roost_core::failure::Code;
use roost_core::status::Status;
use roost_engine::api::{ReadTime, SetSlots};
use roost_engine::view::AgendaQuery;
use roost_engine::{Edit, NewPost};
use roost_import::surroundings::WeeklySlot;

use crate::world::{World, new_post, wall_in};

fn words(text: &str) -> ReadTime {
    ReadTime { text: text.to_owned(), zone: Some("UTC".to_owned()), ..ReadTime::default() }
}

/// Every day at noon, in UTC.
async fn noon_each_day(world: &World) {
    let slots = (1..=7).map(|weekday| WeeklySlot { weekday, hour: 12, minute: 0 }).collect();
    let x_user_id = world.engine.accounts().await.unwrap()[0].x_user_id.clone();
    let set = SetSlots { x_user_id, zone: Some("UTC".to_owned()), slots };
    world.engine.set_slots(set).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn words_for_a_time_are_read_on_the_clocks_of_their_zone() {
    let world = World::new().await;
    let read = world.engine.read_time(words("in 3h")).await.unwrap();
    let (at, wall) = (read.at.unwrap(), read.wall_time.unwrap());
    assert_eq!(read.problem, None);
    let elsewhere = ReadTime { zone: Some("Asia/Kolkata".to_owned()), ..words(&wall) };
    let elsewhere = world.engine.read_time(elsewhere).await.unwrap();
    assert_eq!(at.0 - elsewhere.at.unwrap().0, (5 * 60 + 30) * 60_000, "the same clocks, earlier");
    let wrong = world.engine.read_time(words("whenever")).await.unwrap();
    assert_eq!((wrong.at, wrong.wall_time), (None, None));
    assert_eq!(wrong.problem.unwrap().code, Code::TimeInvalid);
    let zone = ReadTime { zone: Some("Mars/Base".to_owned()), ..words("fri 9") };
    assert!(world.engine.read_time(zone).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_slot_is_the_first_posting_time_that_is_free() {
    let world = World::new().await;
    let none = world.engine.read_time(words("next slot")).await.unwrap();
    assert!(none.problem.unwrap().message.contains("no weekly posting times"));
    noon_each_day(&world).await;
    let first = world.engine.read_time(words("next slot")).await.unwrap();
    let wall = first.wall_time.unwrap();
    assert!(wall.ends_with(" 12:00"), "{wall}");
    let taken = NewPost {
        wall_time: Some(wall.clone()),
        zone: Some("UTC".to_owned()),
        ..new_post("at noon", 60)
    };
    world.engine.create(taken).await.unwrap();
    let second = world.engine.read_time(words("next slot")).await.unwrap();
    assert_eq!(second.at.unwrap().0 - first.at.unwrap().0, 24 * 3_600_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_shows_the_posting_times_that_are_free() {
    let world = World::new().await;
    noon_each_day(&world).await;
    let slot = world.engine.read_time(words("next slot")).await.unwrap();
    let query = AgendaQuery {
        zone: Some("UTC".to_owned()),
        days: 5,
        free_slots: true,
        ..AgendaQuery::default()
    };
    let free = async || {
        let days = world.engine.agenda(&query).await.unwrap().days;
        days.into_iter().map(|day| day.free).collect::<Vec<_>>()
    };
    let before = free().await;
    assert!(before[1..].iter().all(|day| day.len() == 1), "{before:?}");
    let first = before.iter().flatten().next().unwrap();
    assert_eq!(Some(first.at), slot.at);
    let taken =
        NewPost { wall_time: slot.wall_time, zone: Some("UTC".to_owned()), ..new_post("x", 9) };
    world.engine.create(taken).await.unwrap();
    let after = free().await;
    assert_eq!(after.iter().flatten().count(), before.iter().flatten().count() - 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_near_another_is_told_which_and_how_far_and_is_no_neighbour_of_itself() {
    let world = World::new().await;
    let first = world.engine.create(new_post("first", 7200)).await.unwrap().post;
    let near = new_post("second", 7200 + 120);
    let verdict = world.engine.judge(&near).await.unwrap();
    let told = &verdict.warnings[0];
    assert_eq!(told.code, Code::TimesCollide);
    assert!(told.message.contains("2 minutes before"), "{}", told.message);
    let moved = NewPost { editing: Some(first.id), ..near };
    assert_eq!(world.engine.judge(&moved).await.unwrap().warnings, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_keeps_its_time_without_being_scheduled() {
    let world = World::new().await;
    let draft = NewPost { draft: true, ..new_post("later", 3600) };
    let draft = world.engine.create(draft).await.unwrap().post;
    let at = Some(wall_in(7200));
    let change = Edit { wall_time: at.clone(), keep_draft: true, ..Edit::default() };
    let kept = world.engine.edit(draft.id, change).await.unwrap().post;
    assert_eq!((kept.status, &kept.wall_time), (Status::Draft, &at));
    let cleared = Edit { wall_time: Some(String::new()), keep_draft: true, ..Edit::default() };
    let cleared = world.engine.edit(draft.id, cleared).await.unwrap().post;
    assert_eq!((cleared.status, cleared.wall_time), (Status::Draft, None));
}
