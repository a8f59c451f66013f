//! New times for many posts at once: what is shown is what is applied, whole or not at all, as one step;
//! and each post goes out once, at its new time.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, XUserId};
use roost_core::status::{Actor, Status};
use roost_engine::api::{
    BulkEdit, BulkEditRow, BulkTerms, HandoverChange, Reschedule, Selection, SetSlots, SpreadOver,
    TimeChange, WeekendDay,
};
use roost_engine::view::{PostDetail, PostQuery, View, WaitingFor};
use roost_engine::{Engine, Error, NewPost, Target};
use roost_import::surroundings::WeeklySlot;
use roost_store::Label;

use crate::stale::Desk;
use crate::world::{World, connection, new_post, wall_in};

const DAY_SECONDS: u64 = 24 * 60 * 60;

fn of(posts: &[PostId], change: TimeChange) -> Reschedule {
    let posts = posts.iter().map(|id| (*id).into()).collect();
    let selection = Selection { posts, query: None };
    Reschedule { selection, change, terms: BulkTerms::default() }
}

fn later(seconds: i64) -> TimeChange {
    TimeChange::Shift { days: 0, seconds }
}

fn row(shown: &BulkEdit, id: PostId) -> &BulkEditRow {
    shown.posts.iter().find(|row| row.id == id).expect("a selected post")
}

fn refused(shown: &BulkEdit, id: PostId) -> Option<Code> {
    row(shown, id).refused.as_ref().map(|problem| problem.code)
}

fn at(post: &PostDetail) -> UnixMillis {
    post.row.scheduled_at.expect("a time")
}

async fn make(engine: &Engine, text: &str, seconds: u64) -> PostId {
    engine.create(new_post(text, seconds)).await.unwrap().post.id
}

/// Makes a post at a wall time of Berlin.
async fn make_at(engine: &Engine, text: &str, wall_time: &str) -> PostId {
    let post = NewPost {
        text: text.to_owned(),
        wall_time: Some(wall_time.to_owned()),
        zone: Some("Europe/Berlin".to_owned()),
        ..NewPost::default()
    };
    engine.create(post).await.unwrap().post.id
}

async fn wall(engine: &Engine, id: PostId) -> String {
    engine.post(id).await.unwrap().row.wall_time.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_of_two_accounts_move_together_and_each_goes_out_once_at_its_new_time() {
    let mut world = World::new().await;
    world.connect("other").await;
    world.run();
    let owned = |text: &str, account: &str, seconds| NewPost {
        account: Some(account.to_owned()),
        ..new_post(text, seconds)
    };
    let engine = world.engine.clone();
    let single = engine.create(owned("single", "demo", 1800)).await.unwrap().post.id;
    let thread = NewPost { thread: vec!["two".to_owned()], ..owned("one", "other", 1801) };
    let thread = engine.create(thread).await.unwrap().post.id;
    let planned = NewPost { draft: true, ..owned("a planned draft", "demo", 1802) };
    let planned = engine.create(planned).await.unwrap().post.id;
    let untimed = NewPost {
        account: Some("demo".to_owned()),
        text: "no time".to_owned(),
        ..NewPost::default()
    };
    let untimed = engine.create(untimed).await.unwrap().post.id;
    world.wait_for(single, Status::Queued).await;
    world.wait_for(thread, Status::Queued).await;
    let all = [single, thread, planned, untimed];

    let asked = of(&all, later(-1790));
    let shown = engine.preview_reschedule(asked.clone()).await.unwrap();
    assert_eq!((shown.changed, shown.refused, shown.is_applied), (3, 1, false), "{shown:#?}");
    assert_eq!(refused(&shown, untimed), Some(Code::TimeMissing));
    assert_eq!(row(&shown, single).handover, HandoverChange::Armed);
    assert_eq!(row(&shown, planned).handover, HandoverChange::None, "a draft is not handed over");
    assert_eq!(shown.messages.needed, 2);
    assert_eq!(shown.messages.free_plan_left, None, "this computer's scheduler has no quota");
    let error = engine.reschedule(asked.clone()).await.unwrap_err();
    assert_eq!(error.code(), Code::TimeMissing, "one can't be moved, and so none is");
    assert_eq!(world.status(single).await, Status::Queued);

    let terms =
        BulkTerms { skip_refused: true, token: Some(shown.token.clone()), ..BulkTerms::default() };
    let done = engine.reschedule(Reschedule { terms, ..asked }).await.unwrap();
    assert!(done.is_applied);
    assert_eq!((done.changed, &done.token), (3, &shown.token));
    for id in [single, thread] {
        let due = row(&done, id).after.as_ref().unwrap().time.as_ref().unwrap().at;
        let posted = world.wait_for(id, Status::Posted).await;
        assert_eq!(at(&posted), due);
        assert!(posted.row.posted_at.unwrap() >= due, "not before its new time");
    }
    assert_eq!(world.status(planned).await, Status::Draft, "a draft stays one at its new time");
    let mut texts = world.texts().await;
    texts.sort();
    assert_eq!(texts, ["one", "single", "two"], "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moves_beyond_the_horizon_is_taken_back_and_goes_out_after_it_came_back() {
    let mut world = World::new().await;
    world.run();
    let id = world.post_in("there and back", 1800).await;
    world.wait_for(id, Status::Queued).await;
    let away = TimeChange::Shift { days: 30, seconds: 0 };
    let done = world.engine.reschedule(of(&[id], away)).await.unwrap();
    assert_eq!(row(&done, id).handover, HandoverChange::Withdrawn);
    assert_eq!((done.messages.needed, done.messages.withdrawn), (0, 1));
    world
        .wait_until(id, "taken back", |post| {
            let row = &post.row;
            row.status == Status::Pending
                && row.waiting_for.is_none()
                && post.qstash_message_id.is_none()
        })
        .await;
    let soon = TimeChange::MoveFirstTo { wall_time: wall_in(6) };
    world.engine.reschedule(of(&[id], soon)).await.unwrap();
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["there and back"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_is_still_being_taken_back_can_be_moved_again() {
    let mut world = World::new().await;
    let id = world.post_in("moved twice", 1800).await;
    world.engine.sync().await.unwrap();
    world.stop_local().await;
    let away = TimeChange::Shift { days: 30, seconds: 0 };
    world.engine.reschedule(of(&[id], away)).await.unwrap();
    assert_eq!(world.show(id).await.row.waiting_for, Some(WaitingFor::Edit));
    let back = TimeChange::MoveFirstTo { wall_time: wall_in(10) };
    world.engine.reschedule(of(&[id], back)).await.unwrap();
    world.start_local().await;
    world.run();
    world.wait_for(id, Status::Posted).await;
    assert_eq!(world.texts().await, ["moved twice"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_out_is_stale_or_is_being_cancelled_is_refused_and_the_rest_moves() {
    let desk = Desk::new();
    let engine = desk.engine();
    let mut posts = Vec::new();
    for text in ["moves", "is sending", "was changed", "is being cancelled", "is cancelled"] {
        posts.push(engine.create(new_post(text, 3600)).await.unwrap().post);
    }
    let ids: Vec<PostId> = posts.iter().map(|post| post.id).collect();
    let [moves, sending, changed, cancelling, cancelled] = [ids[0], ids[1], ids[2], ids[3], ids[4]];
    for post in [&posts[1], &posts[3]] {
        desk.hand_over(post);
    }
    desk.tell(&posts[1], Status::Sending);
    let retext = roost_engine::Edit { text: Some("other".to_owned()), ..Default::default() };
    engine.edit(changed, retext).await.unwrap();
    engine.cancel(&[cancelling, cancelled]).await.unwrap();
    let mut asked = of(&ids, later(60));
    asked.selection.posts[2] = Target::seen(changed, posts[2].version);
    let shown = engine.preview_reschedule(asked.clone()).await.unwrap();
    let codes = ids.iter().map(|id| refused(&shown, *id)).collect::<Vec<_>>();
    let (not_allowed, stale) = (Some(Code::ChangeNotAllowed), Some(Code::Stale));
    assert_eq!(codes, [None, Some(Code::TooLate), stale, not_allowed, not_allowed]);
    let versions = |desk: &Desk| {
        let version =
            |id: &PostId| desk.store().read(|store| Ok(store.post(*id)?.unwrap().version));
        ids.iter().map(|id| version(id).unwrap()).collect::<Vec<_>>()
    };
    let before = versions(&desk);
    assert!(matches!(engine.reschedule(asked.clone()).await, Err(Error::Invalid(_))));
    assert_eq!(versions(&desk), before, "nothing was changed");
    asked.terms.skip_refused = true;
    let done = engine.reschedule(asked).await.unwrap();
    assert_eq!((done.changed, done.refused), (1, 4));
    assert_eq!(at(&engine.post(moves).await.unwrap()).0 - posts[0].scheduled_at.unwrap().0, 60_000);
    assert_eq!(engine.post(sending).await.unwrap().row.scheduled_at, posts[1].scheduled_at);

    let mut again = of(&[cancelled], later(60));
    again.terms.restore = true;
    let done = engine.reschedule(again).await.unwrap();
    assert_eq!(row(&done, cancelled).after.as_ref().unwrap().status, Status::Pending);
    assert_eq!(engine.post(cancelled).await.unwrap().row.status, Status::Pending);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_would_come_out_otherwise_than_was_shown_is_not_made() {
    let desk = Desk::new();
    let engine = desk.engine();
    let (one, two) = (make(&engine, "one", 3600).await, make(&engine, "two", 7200).await);
    let mut asked = of(&[one, two], TimeChange::Reverse);
    let shown = engine.preview_reschedule(asked.clone()).await.unwrap();
    asked.terms.token = Some(shown.token);
    let tags = roost_engine::Edit { tags: Some(vec!["launch".to_owned()]), ..Default::default() };
    engine.edit(two, tags).await.unwrap();
    let error = engine.reschedule(asked.clone()).await.unwrap_err();
    assert!(matches!(error, Error::PreviewOutdated), "{error:?}");
    assert_eq!(error.code(), Code::Stale);
    let shown = engine.preview_reschedule(asked.clone()).await.unwrap();
    asked.terms.token = Some(shown.token);
    assert_eq!(engine.reschedule(asked).await.unwrap().changed, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_fails_in_the_middle_moves_nothing() {
    let desk = Desk::new();
    let engine = desk.engine();
    let mut ids = Vec::new();
    for number in 0..5_u64 {
        ids.push(make(&engine, &format!("post {number}"), 3600 + 60 * number).await);
    }
    let all = || async {
        let rows = engine.posts(&PostQuery::default()).await.unwrap().posts;
        rows.into_iter().map(|row| (row.id, row.scheduled_at, row.version)).collect::<Vec<_>>()
    };
    let before = all().await;
    let other = connection(&desk.path);
    let broken = format!(
        "CREATE TRIGGER broken BEFORE UPDATE ON scheduled_post WHEN NEW.id = '{}'
         BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
        ids[3]
    );
    other.execute_batch(&broken).unwrap();
    engine.reschedule(of(&ids, later(60))).await.unwrap_err();
    assert_eq!(all().await, before, "not one of them moved");
    let events = |id: PostId| desk.store().read(move |store| store.events(id)).unwrap();
    assert!(ids.iter().all(|id| events(*id).len() == 1), "and no event tells that one did");
    other.execute_batch("DROP TRIGGER broken").unwrap();
    assert_eq!(engine.reschedule(of(&ids, later(60))).await.unwrap().changed, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_many_posts_is_one_action_with_all_that_was_before_and_after() {
    let desk = Desk::new();
    let engine = desk.engine();
    let (one, two) = (make(&engine, "one", 3600).await, make(&engine, "two", 7200).await);
    engine.reschedule(of(&[one, two], later(60))).await.unwrap();
    let newest =
        |id: PostId| desk.store().read(move |store| store.events(id)).unwrap().pop().unwrap();
    let (first, second) = (newest(one), newest(two));
    assert_eq!(first.group, second.group);
    for event in [first, second] {
        assert_eq!((event.label, event.actor), (Label::Shift, Actor::Person));
        let before = event.change.before.unwrap().schedule.unwrap().unwrap();
        let after = event.change.after.schedule.unwrap().unwrap();
        assert_eq!(after.at.0 - before.at.0, 60_000);
        assert_eq!(
            (before.zone, after.zone),
            ("Europe/Berlin".to_owned(), "Europe/Berlin".to_owned())
        );
        assert_ne!(before.wall_time, after.wall_time);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_stand_in_the_past_is_refused_and_a_draft_is_warned_of() {
    let desk = Desk::new();
    let engine = desk.engine();
    let armed = make(&engine, "armed", 3600).await;
    let draft = NewPost { draft: true, ..new_post("draft", 3600) };
    let draft = engine.create(draft).await.unwrap().post.id;
    let shown = engine.preview_reschedule(of(&[armed, draft], later(-7200))).await.unwrap();
    assert_eq!(refused(&shown, armed), Some(Code::TimeInPast));
    assert_eq!(refused(&shown, draft), None);
    assert_eq!(row(&shown, draft).warnings[0].code, Code::TimeInPast);
    assert_eq!((shown.past, shown.changed, shown.refused), (2, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_that_come_too_near_are_warned_of_by_the_minutes_of_the_settings() {
    let desk = Desk::new();
    let engine = desk.engine();
    let still = make(&engine, "stays", 7200).await;
    let moved = make(&engine, "moves", 3600).await;
    let draft = NewPost { draft: true, ..new_post("a draft is no neighbour", 3600 + 1800) };
    engine.create(draft).await.unwrap();
    let collides = |shown: &BulkEdit| {
        row(shown, moved).warnings.iter().any(|it| it.code == Code::TimesCollide)
    };
    let near = of(&[moved], later(3600 - 120));
    let shown = engine.preview_reschedule(near.clone()).await.unwrap();
    assert!(collides(&shown), "two minutes from one that stays");
    assert_eq!(shown.colliding, 1);
    let far = engine.preview_reschedule(of(&[moved], later(1800))).await.unwrap();
    assert!(!collides(&far), "beside a draft alone");
    let both = engine.preview_reschedule(of(&[moved, still], later(3600))).await.unwrap();
    assert_eq!(both.colliding, 0, "what moves along is as far as it was");
    let mut settings = engine.preferences().await.unwrap();
    settings.collision_minutes = 1;
    engine.set_preferences(settings).await.unwrap();
    assert!(!collides(&engine.preview_reschedule(near).await.unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_selects_and_a_time_of_day_stays_over_a_change_of_clocks() {
    let desk = Desk::new();
    let engine = desk.engine();
    // Berlin's clocks go forward on 2027-03-28.
    let before = make_at(&engine, "launch day", "2027-03-26 09:00").await;
    let other = make_at(&engine, "something else", "2027-03-26 10:00").await;
    let query = PostQuery { search: Some("launch".to_owned()), ..PostQuery::default() };
    let selection = Selection { posts: Vec::new(), query: Some(query) };
    let change = TimeChange::Shift { days: 7, seconds: 0 };
    let asked = Reschedule { selection, change, terms: BulkTerms::default() };
    let done = engine.reschedule(asked.clone()).await.unwrap();
    assert_eq!(done.posts.len(), 1);
    assert_eq!(wall(&engine, before).await, "2027-04-02 09:00");
    assert_eq!(wall(&engine, other).await, "2027-03-26 10:00");
    let hours = (done.last_at.unwrap().0 - row(&done, before).before.time.as_ref().unwrap().at.0)
        / 3_600_000;
    assert_eq!(hours, 7 * 24 - 1, "an hour less passes, and nine o'clock stays nine");
    let blank = PostQuery { search: Some("x".repeat(101)), ..PostQuery::default() };
    let selection = Selection { query: Some(blank), ..Selection::default() };
    let error = engine.preview_reschedule(Reschedule { selection, ..asked }).await.unwrap_err();
    assert_eq!(
        error.code(),
        Code::BadRequest,
        "a change never reaches further than what was typed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_order_posts_reaches_the_store() {
    let desk = Desk::new();
    let engine = desk.engine();
    let one = make_at(&engine, "one", "2027-06-05 09:00").await; // A Saturday.
    let two = make_at(&engine, "two", "2027-06-07 10:00").await;
    let three = make_at(&engine, "three", "2027-06-30 11:00").await;
    let all = [one, two, three];
    let walls = || async {
        [wall(&engine, one).await, wall(&engine, two).await, wall(&engine, three).await]
    };
    let apply = |posts: Vec<PostId>, change: TimeChange| {
        let engine = engine.clone();
        async move { engine.reschedule(of(&posts, change)).await.unwrap() }
    };
    apply(vec![one, three], TimeChange::Swap).await;
    assert_eq!(walls().await, ["2027-06-30 11:00", "2027-06-07 10:00", "2027-06-05 09:00"]);
    assert!(engine.preview_reschedule(of(&all, TimeChange::Swap)).await.is_err(), "two, not three");
    apply(all.into(), TimeChange::Arrange { order: all.into() }).await;
    assert_eq!(walls().await, ["2027-06-05 09:00", "2027-06-07 10:00", "2027-06-30 11:00"]);
    apply(all.into(), TimeChange::OutOfWeekend { to: WeekendDay::Monday }).await;
    assert_eq!(walls().await, ["2027-06-07 09:00", "2027-06-07 10:00", "2027-06-30 11:00"]);
    apply(all.into(), TimeChange::Compress { longest_gap_minutes: 24 * 60 }).await;
    assert_eq!(walls().await, ["2027-06-07 09:00", "2027-06-07 10:00", "2027-06-08 10:00"]);
    let insert = TimeChange::Insert {
        post: three,
        wall_time: "2027-06-07 09:00".to_owned(),
        gap_minutes: 90,
    };
    apply(all.into(), insert).await;
    assert_eq!(walls().await, ["2027-06-07 10:30", "2027-06-07 12:00", "2027-06-07 09:00"]);
    apply(all.into(), TimeChange::MoveFirstTo { wall_time: "2027-07-01 08:00".to_owned() }).await;
    assert_eq!(walls().await, ["2027-07-01 09:30", "2027-07-01 11:00", "2027-07-01 08:00"]);
    apply(all.into(), TimeChange::SetTimeOfDay { time: "07:15".to_owned() }).await;
    apply(all.into(), TimeChange::SetDate { date: "2027-07-02".to_owned() }).await;
    assert_eq!(walls().await, ["2027-07-02 07:15", "2027-07-02 07:15", "2027-07-02 07:15"]);
    apply(vec![one], TimeChange::ToZone { zone: "Asia/Tokyo".to_owned(), keep_instant: true })
        .await;
    assert_eq!(wall(&engine, one).await, "2027-07-02 14:15");
    let shuffled =
        engine.preview_reschedule(of(&all, TimeChange::Shuffle { seed: 7 })).await.unwrap();
    let again = engine.preview_reschedule(of(&all, TimeChange::Shuffle { seed: 7 })).await.unwrap();
    assert_eq!(shuffled.token, again.token, "the same seed gives the same order");
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_without_a_time_take_the_next_free_slots_and_shares_of_a_spread() {
    let desk = Desk::new();
    let engine = desk.engine();
    let untimed = |text: &str| NewPost { text: text.to_owned(), ..NewPost::default() };
    let one = engine.create(untimed("one")).await.unwrap().post.id;
    let two = engine.create(untimed("two")).await.unwrap().post.id;
    let without = engine.preview_reschedule(of(&[one, two], TimeChange::NextSlots)).await.unwrap();
    assert_eq!(refused(&without, one), Some(Code::TimeMissing), "the account has no posting times");
    let slots = (1..=7).map(|weekday| WeeklySlot { weekday, hour: 9, minute: 0 }).collect();
    let x_user_id = XUserId("2244994945".to_owned());
    engine.set_slots(SetSlots { x_user_id, zone: Some("UTC".to_owned()), slots }).await.unwrap();
    let done = engine.reschedule(of(&[one, two], TimeChange::NextSlots)).await.unwrap();
    assert_eq!(done.changed, 2);
    let (first, second) = (engine.post(one).await.unwrap(), engine.post(two).await.unwrap());
    assert_eq!(at(&second).0 - at(&first).0, i64::try_from(DAY_SECONDS).unwrap() * 1000);
    assert_eq!(first.row.status, Status::Draft, "a planned draft, until it is scheduled");

    let over = SpreadOver {
        first_day: "2027-06-04".to_owned(),
        days: 2,
        weekdays: vec![1, 2, 3, 4, 5],
        from: "09:00".to_owned(),
        to: "17:00".to_owned(),
        jitter_minutes: 10,
        seed: 3,
        zone: Some("Europe/Berlin".to_owned()),
    };
    engine.reschedule(of(&[one, two], TimeChange::Spread(over))).await.unwrap();
    let (first, second) = (wall(&engine, one).await, wall(&engine, two).await);
    assert!(first.starts_with("2027-06-04 09:"), "Friday: {first}");
    assert!(second.starts_with("2027-06-07 09:"), "Monday: {second}");
    let drafts = PostQuery { view: View::Drafts, ..PostQuery::default() };
    assert_eq!(engine.posts(&drafts).await.unwrap().posts.len(), 2);
}
