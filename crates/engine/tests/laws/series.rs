//! Posts that repeat: each time of the rule is a post of its own, made once, some time ahead.

use std::collections::BTreeSet;
use std::time::Duration;

use roost_core::clock::Clock as _;
use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_core::post::Content;
use roost_core::status::{Actor, Status};
use roost_engine::Edit;
use roost_engine::api::{
    EditSeries, EndSeries, ListSeries, MoveInHistory, NewSeries, SeriesStanding, SkipOccurrence,
};
use roost_engine::view::PostRow;
use roost_store::{Schedule, Store};

use crate::media::{add_file, pictured, png};
use crate::series_home::{
    BERLIN, DAY, Home, Running, at, change, contents, open, refused, repeating,
};

const LAST: MoveInHistory = MoveInHistory { to: None, based_on: None };

#[tokio::test(flavor = "multi_thread")]
async fn each_time_of_a_rule_is_a_post_90_days_ahead_that_keeps_its_time_of_day() {
    let home = Home::at("2027-03-01 12:00");
    let id = home.create(repeating("every week", "2027-03-07 09:00", &["one", "two"])).await;
    let posts = home.posts(id).await;
    assert_eq!(posts.len(), 13, "{posts:#?}");
    assert!(posts.iter().all(|row| row.wall_time.as_deref().unwrap().ends_with(" 09:00")));
    let instants: Vec<_> = posts.iter().map(|row| row.scheduled_at.unwrap()).collect();
    // Clocks go forward on the 28th of March.
    let hour = 3_600_000;
    let week = 7 * 24 * hour;
    let steps: BTreeSet<i64> = instants.windows(2).map(|two| two[1].0 - two[0].0).collect();
    assert_eq!(steps, [week - hour, week].into());
    assert_eq!(home.texts(id).await[..4], ["one", "two", "one", "two"]);
    assert!(posts.iter().all(|row| row.status == Status::Pending));
    for row in &posts {
        assert_eq!(row.id, PostId::of_series(id, row.occurrence.as_deref().unwrap()));
    }
    // Later ones are made when they come near, without a step of the person's.
    home.clock.advance(DAY * 8);
    home.run_until("the next is made", async || home.posts(id).await.len() == 14).await;
    let posts = home.posts(id).await;
    assert_eq!(posts[13].wall_time.as_deref(), Some("2027-06-06 09:00"));
    assert_eq!(posts[13].text, "two");
    let receipt = home.engine.post(posts[13].id).await.unwrap().receipt;
    assert_eq!(receipt[0].title, "Made by its series");
    let steps = home.engine.history(roost_engine::api::ListHistory::default()).await.unwrap().steps;
    let titles: Vec<_> = steps.iter().map(|step| step.title.as_str()).collect();
    assert_eq!(titles, ["Made a series"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_in_the_past_when_it_would_be_made_is_never_made() {
    let home = Home::at("2027-03-01 12:00");
    let id = home.create(repeating("every week", "2027-03-02 09:00", &["one", "two"])).await;
    assert_eq!(home.posts(id).await.len(), 13);
    let last = home.posts(id).await[12].occurrence.clone().unwrap();
    // The computer is off for five months.
    home.clock.advance(DAY * 150);
    let now = home.clock.now();
    home.run_until("the later ones are made", async || home.posts(id).await.len() > 20).await;
    let posts = home.posts(id).await;
    let since: Vec<_> = posts.iter().filter(|row| row.occurrence.as_ref() > Some(&last)).collect();
    assert!(since.iter().all(|row| row.scheduled_at.unwrap() > now), "{since:#?}");
    assert_eq!(since[0].occurrence.as_deref(), Some("2027-08-03 09:00"));
    // Those that were made in time and never handed over follow the late policy: none goes out now.
    home.run_until("those of before are missed", async || {
        let posts = home.posts(id).await;
        posts.iter().filter(|row| row.status == Status::Missed).count() == 13
    })
    .await;
    let pending = home.posts(id).await.into_iter().filter(|row| row.status == Status::Pending);
    assert!(pending.into_iter().all(|row| row.scheduled_at.unwrap() > now));
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_end_anywhere_make_each_post_once() {
    let home = Home::at("2027-03-01 12:00");
    let mut ids = Vec::new();
    for number in 0..5 {
        let texts = [format!("{number} a"), format!("{number} b"), format!("{number} c")];
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        ids.push(home.create(repeating("every day", "2027-03-02 09:00", &texts)).await);
    }
    for round in 0..6_u64 {
        home.clock.advance(DAY * 10);
        // Two programs on one store, one of which is ended wherever it stands.
        let other = open(&home.folder, &home.clock);
        let (one, two) = (Running::of(&home.engine), Running::of(&other));
        let both = tokio::join!(home.engine.sync(), other.sync());
        assert!(both.0.is_err() && both.1.is_err(), "there is no relay");
        tokio::time::sleep(Duration::from_millis(7 * round)).await;
        two.work.abort();
        drop(two.work.await);
        one.stop().await;
    }
    let now = home.clock.now();
    home.run_until("all are made", async || {
        let mut whole = true;
        for id in &ids {
            let posts = home.posts(*id).await;
            let ahead = posts.iter().filter(|row| row.scheduled_at.unwrap() > now).count();
            whole &= ahead == 90;
        }
        whole
    })
    .await;
    for id in ids {
        let posts = home.posts(id).await;
        let occurrences: BTreeSet<_> = posts.iter().map(|row| row.occurrence.clone()).collect();
        assert_eq!(occurrences.len(), posts.len(), "each once");
        assert_eq!(posts.len(), 150, "and all of them");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_was_changed_by_itself_stays_when_its_series_changes() {
    let home = Home::at("2027-03-01 12:00");
    let id = home.create(repeating("every week", "2027-03-07 09:00", &["one", "two"])).await;
    let posts = home.posts(id).await;
    let own = Edit { text: Some("of its own".to_owned()), ..Edit::default() };
    home.engine.edit(posts[4].id, own).await.unwrap();
    let asked = EditSeries { variants: Some(contents(&["uno", "dos", "tres"])), ..change(id) };
    let saved = home.engine.edit_series(asked).await.unwrap();
    assert_eq!((saved.changed, saved.kept, saved.made, saved.removed), (12, 1, 0, 0));
    let texts = home.texts(id).await;
    assert_eq!(texts[..6], ["uno", "dos", "tres", "uno", "of its own", "dos"]);

    // From one on: those before stay.
    let from = Some(home.posts(id).await[10].id);
    let asked = EditSeries { from, variants: Some(contents(&["late", "later"])), ..change(id) };
    let saved = home.engine.edit_series(asked).await.unwrap();
    assert_eq!((saved.changed, saved.kept), (3, 0));
    let texts = home.texts(id).await;
    assert_eq!(texts[9..], ["tres", "late", "later", "late"]);
    home.clock.advance(DAY * 8);
    home.run_until("the next is made", async || home.posts(id).await.len() == 14).await;
    assert_eq!(home.texts(id).await[13], "later");

    // One step each, which are undone.
    assert_eq!(home.engine.undo(LAST).await.unwrap().kept, 0);
    assert_eq!(home.texts(id).await[9..13], ["tres", "uno", "dos", "tres"]);
    home.engine.undo(LAST).await.unwrap();
    assert_eq!(home.texts(id).await[..6], ["one", "two", "one", "two", "of its own", "two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_time_of_day_moves_posts_and_another_day_makes_them_anew() {
    let home = Home::at("2027-03-01 12:00");
    let id = home.create(repeating("every week", "2027-03-07 09:00", &["one", "two"])).await;
    let before = home.posts(id).await;
    home.engine.cancel(&[before[2].id]).await.unwrap();
    let first = Some("2027-03-07 10:30".to_owned());
    let saved = home.engine.edit_series(EditSeries { first, ..change(id) }).await.unwrap();
    assert_eq!((saved.changed, saved.made, saved.removed), (12, 0, 0), "{saved:#?}");
    let after = home.posts(id).await;
    let ids = |rows: &[PostRow]| rows.iter().map(|row| row.id).collect::<BTreeSet<_>>();
    assert_eq!(ids(&after), ids(&before), "each is the post that it was");
    let planned = after.iter().filter(|row| row.status == Status::Pending);
    assert!(planned.clone().all(|row| row.wall_time.as_deref().unwrap().ends_with(" 10:30")));
    assert_eq!(planned.count(), 12, "what was cancelled is not made again");

    let from = Some(after[6].id);
    let rule = Some("every week on tue".to_owned());
    let saved = home.engine.edit_series(EditSeries { from, rule, ..change(id) }).await.unwrap();
    assert_eq!((saved.changed, saved.removed), (0, 7));
    let walls = home.walls(id).await;
    assert_eq!(walls[5..8], ["2027-04-11 10:30", "2027-04-20 10:30", "2027-04-27 10:30"]);

    home.engine.undo(LAST).await.unwrap();
    let walls = home.walls(id).await;
    assert_eq!(walls[5..8], ["2027-04-11 10:30", "2027-04-18 10:30", "2027-04-25 10:30"]);
    assert_eq!(walls.len(), 13);
    home.engine.redo(LAST).await.unwrap();
    assert_eq!(home.walls(id).await[6], "2027-04-20 10:30");
    home.engine.undo(LAST).await.unwrap();
    home.engine.undo(LAST).await.unwrap();
    assert!(home.walls(id).await.iter().all(|wall| wall.ends_with(" 09:00")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_is_of_the_whole_series_though_its_time_changes_on_the_way() {
    let home = Home::at("2027-03-01 12:00");
    let rule = "FREQ=WEEKLY;COUNT=6";
    let id = home.create(repeating(rule, "2027-03-07 09:00", &["one", "two"])).await;
    let posts = home.posts(id).await;
    assert_eq!(posts.len(), 6);
    let (from, first) = (Some(posts[2].id), Some("2027-03-21 18:00".to_owned()));
    let saved = home.engine.edit_series(EditSeries { from, first, ..change(id) }).await.unwrap();
    assert_eq!((saved.changed, saved.made, saved.removed), (4, 0, 0));
    assert_eq!(home.posts(id).await.len(), 6);
    assert_eq!(saved.series.rule, "FREQ=WEEKLY;COUNT=4");
    home.clock.advance(DAY * 60);
    let listed = home.engine.list_series(ListSeries { all: true }).await.unwrap().series;
    assert_eq!(listed[0].standing, SeriesStanding::Finished);
    assert!(home.engine.list_series(ListSeries::default()).await.unwrap().series.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_is_left_out_whether_or_not_its_post_is_made() {
    let home = Home::at("2027-03-01 12:00");
    let id = home.create(repeating("every week", "2027-03-07 09:00", &["one", "two"])).await;
    let skip = |occurrence: &str| SkipOccurrence { id, occurrence: occurrence.to_owned() };
    let saved = home.engine.skip_occurrence(skip("2027-03-14")).await.unwrap();
    assert_eq!(saved.removed, 1);
    home.engine.skip_occurrence(skip("2027-06-06 09:00")).await.unwrap();
    let wrong = home.engine.skip_occurrence(skip("2027-03-15")).await.unwrap_err();
    assert_eq!(refused(&wrong), [Code::RecurrenceInvalid]);
    let next: Vec<String> = saved.series.next.iter().map(|time| time.occurrence.clone()).collect();
    assert_eq!(next[..2], ["2027-03-07 09:00", "2027-03-21 09:00"]);
    assert_eq!(home.posts(id).await[1].status, Status::Cancelled);
    home.clock.advance(DAY * 15);
    home.run_until("later ones are made", async || home.posts(id).await.len() == 14).await;
    assert_eq!(home.walls(id).await[13], "2027-06-13 09:00");
    // The second skip is undone: the post can still be made, and is.
    home.engine.undo(LAST).await.unwrap();
    home.engine.undo(LAST).await.unwrap();
    assert_eq!(home.engine.series(id).await.unwrap().series.skipped, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn making_and_ending_a_series_are_undone_with_its_posts() {
    let home = Home::at("2027-03-01 12:00");
    let id = home.create(repeating("every week", "2027-03-07 09:00", &["one", "two"])).await;
    home.clock.advance(DAY * 8);
    home.run_until("the next is made", async || home.posts(id).await.len() == 14).await;
    home.clock.advance(Duration::from_mins(1));
    home.engine.undo(LAST).await.unwrap();
    // One is missed by now, and goes with the rest.
    assert!(home.posts(id).await.is_empty(), "{:#?}", home.posts(id).await);
    assert!(home.engine.series(id).await.is_err());
    home.engine.redo(LAST).await.unwrap();
    assert_eq!(home.engine.series(id).await.unwrap().series.standing, SeriesStanding::Active);
    let open = home.posts(id).await.into_iter().filter(|row| row.status == Status::Pending);
    assert_eq!(open.count(), 13);

    let saved = home.engine.end_series(EndSeries { id, keep_posts: false }).await.unwrap();
    assert_eq!((saved.removed, saved.series.standing), (13, SeriesStanding::Ended));
    let again = home.engine.end_series(EndSeries { id, keep_posts: false }).await.unwrap_err();
    assert_eq!(refused(&again), [Code::ChangeNotAllowed]);
    home.clock.advance(DAY * 20);
    home.engine.undo(LAST).await.unwrap();
    home.run_until("later ones are made", async || {
        let posts = home.posts(id).await;
        posts.iter().any(|row| row.occurrence.as_deref() == Some("2027-06-27 09:00"))
    })
    .await;
    let kept = home.engine.end_series(EndSeries { id, keep_posts: true }).await.unwrap();
    assert_eq!(kept.removed, 0);
    assert!(kept.kept > 8, "{kept:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_words_too_soon_are_refused_and_variants_take_turns() {
    let home = Home::at("2027-03-01 12:00");
    let daily = |texts: &[&str]| repeating("every day", "2027-03-02 09:00", texts);
    let error = home.engine.create_series(daily(&["again"])).await.unwrap_err();
    assert_eq!(refused(&error), [Code::RepeatedSoon]);
    assert!(error.to_string().contains("the same again after 24 hours"), "{error}");
    let error = home.engine.create_series(daily(&["a", "b"])).await.unwrap_err();
    assert_eq!(refused(&error), [Code::RepeatedSoon]);
    let shown = home.engine.preview_series(daily(&["a", "b", "c"])).await.unwrap();
    assert_eq!(shown.errors, []);
    let warned: Vec<Code> = shown.warnings.iter().map(|problem| problem.code).collect();
    assert!(warned.contains(&Code::RepeatedText), "{warned:?}");
    let turns: Vec<u32> = shown.next.iter().map(|time| time.variant).collect();
    assert_eq!(turns, [1, 2, 3, 1, 2]);
    assert_eq!((shown.month_posts, shown.cycle_cost_micros), (30, 45_000));
    assert_eq!(shown.month_cost_micros, 450_000);
    let knowing = NewSeries { allow_repeats: true, ..daily(&["again"]) };
    home.create(knowing).await;
    // What another post says counts as well.
    let weekly = repeating("every week", "2027-03-03 09:30", &["again"]);
    let error = home.engine.create_series(weekly).await.unwrap_err();
    assert_eq!(refused(&error), [Code::RepeatedSoon]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_series_is_named_at_its_field() {
    let home = Home::at("2027-03-01 12:00");
    let fields = async |series: NewSeries| {
        let shown = home.engine.preview_series(series).await.unwrap();
        let at = |problem: &roost_core::failure::Problem| problem.field.clone().unwrap_or_default();
        shown.errors.iter().map(at).collect::<Vec<String>>()
    };
    let good = || repeating("every week", "2027-03-07 09:00", &["one", "two"]);
    assert_eq!(fields(good()).await, Vec::<String>::new());
    assert_eq!(fields(NewSeries { rule: "often".to_owned(), ..good() }).await, ["rule"]);
    assert_eq!(fields(NewSeries { first: "soon".to_owned(), ..good() }).await, ["first"]);
    let over = "FREQ=WEEKLY;COUNT=2".to_owned();
    let past = NewSeries { rule: over, first: "2026-03-07 09:00".to_owned(), ..good() };
    assert_eq!(fields(past).await, ["rule"]);
    let zone = Some("Europe/Nowhere".to_owned());
    assert_eq!(fields(NewSeries { zone, ..good() }).await, ["variants[1].zone"]);
    let long = "x".repeat(300);
    let variants = contents(&["one", &long]);
    assert_eq!(fields(NewSeries { variants, ..good() }).await, ["variants[2].content"]);
    assert_eq!(fields(NewSeries { variants: Vec::new(), ..good() }).await, ["variants"]);
    let dense = NewSeries {
        rule: "FREQ=DAILY;BYHOUR=6,8,10,12,14,16".to_owned(),
        allow_repeats: true,
        ..good()
    };
    assert_eq!(fields(dense).await, ["rule"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_clocks_skip_goes_out_after_the_gap_and_one_shown_twice_once() {
    let home = Home::at("2027-03-01 12:00");
    let zone = Some("America/New_York".to_owned());
    let series =
        NewSeries { zone, ..repeating("every week on sun", "2027-03-07 02:30", &["one", "two"]) };
    let id = home.create(series).await;
    let posts = home.posts(id).await;
    assert_eq!(posts[1].occurrence.as_deref(), Some("2027-03-14 02:30"));
    assert_eq!(posts[1].wall_time.as_deref(), Some("2027-03-14 03:00"));
    assert_eq!(posts[1].scheduled_at, Some(at("2027-03-14 07:00", "UTC")));
    assert_eq!(posts[2].wall_time.as_deref(), Some("2027-03-21 02:30"));
    // It can be changed like any other.
    let own = Edit { text: Some("of its own".to_owned()), ..Edit::default() };
    assert_eq!(home.engine.edit(posts[1].id, own).await.unwrap().post.status, Status::Pending);

    let autumn = Home::at("2027-10-20 12:00");
    let zone = Some("America/New_York".to_owned());
    let series = repeating("every day", "2027-11-06 01:30", &["one", "two", "three"]);
    let id = autumn.create(NewSeries { zone, ..series }).await;
    let instants: Vec<_> =
        autumn.posts(id).await[..3].iter().map(|row| row.scheduled_at.unwrap()).collect();
    assert_eq!(
        instants,
        ["2027-11-06 05:30", "2027-11-07 05:30", "2027-11-08 06:30"].map(|it| at(it, "UTC"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_a_series_stay_in_the_library_before_its_posts_are_made() {
    let home = Home::at("2027-03-01 12:00");
    let path = home.folder.path().join("cat.png");
    std::fs::write(&path, png(3)).unwrap();
    let media = add_file(&home.engine, path).await;
    let variants = vec![pictured("with a cat", vec![media])];
    let far = repeating("every year", "2027-12-24 09:00", &[]);
    let id = home.create(NewSeries { variants, ..far }).await;
    assert!(home.posts(id).await.is_empty());
    home.clock.advance(DAY * 40);
    assert_eq!(home.engine.remove_unused_media().await.unwrap().files, 0);
    home.engine.undo(LAST).await.unwrap();
    assert_eq!(home.engine.remove_unused_media().await.unwrap().files, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_restored_store_learned_from_its_relay_is_the_post_of_its_occurrence() {
    let home = Home::at("2027-03-01 12:00");
    let id = home.create(repeating("every week", "2027-03-07 09:00", &["one", "two"])).await;
    let learned = PostId::of_series(id, "2027-06-06 09:00");
    let schedule = Schedule {
        at: at("2027-06-06 09:00", BERLIN),
        wall_time: "2027-06-06 09:00".to_owned(),
        zone: BERLIN.to_owned(),
    };
    let post = roost_store::NewPost {
        schedule: Some(schedule),
        status: Status::Pending,
        ..roost_store::NewPost::draft(learned, Content::of_texts(["two"]))
    };
    let store = Store::open(home.folder.path().join("roost.db"), home.clock.clone()).unwrap();
    store.write("test", |store| store.create_post(&post, Actor::Relay).map(drop)).unwrap();
    home.clock.advance(DAY * 15);
    home.run_until("the next two are there", async || home.posts(id).await.len() == 15).await;
    let posts = home.posts(id).await;
    assert_eq!(posts[13].id, learned);
    assert_eq!(home.texts(id).await[13..], ["two", "one"]);
}
