//! A series gets other times: what stays, moves, goes and is made anew; and what a wrong clock or a series that
//! can't be read does to it.

use roost_core::clock::Clock as _;
use roost_core::id::PostId;
use roost_engine::Edit;
use roost_engine::api::{EditSeries, MoveInHistory, NewSeries};
use roost_engine::view::PostRow;

use crate::series_home::{BERLIN, DAY, Home, at, change, repeating};
use crate::world::connection;

const LAST: MoveInHistory = MoveInHistory { to: None, based_on: None };

fn ids(rows: &[PostRow]) -> Vec<PostId> {
    rows.iter().map(|row| row.id).collect()
}

fn twice_a_day(rule: &str, first: &str) -> NewSeries {
    NewSeries { allow_repeats: true, ..repeating(rule, first, &["one", "two", "three", "four"]) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_of_several_times_a_day_keeps_the_posts_whose_times_stay() {
    let home = Home::at("2027-03-01 12:00");
    let rule = "FREQ=DAILY;BYHOUR=9,17;COUNT=8";
    let id = home.create(twice_a_day(rule, "2027-03-02 09:00")).await;
    let before = home.posts(id).await;
    assert_eq!(before.len(), 8);
    home.hand_over(&ids(&before));
    // Another end: what stays at its time is the post that it was, and none is lost.
    let rule = Some("FREQ=DAILY;BYHOUR=9,17;UNTIL=20270304".to_owned());
    let asked = EditSeries { rule, allow_repeats: true, ..change(id) };
    let saved = home.engine.edit_series(asked).await.unwrap();
    assert_eq!((saved.changed, saved.made, saved.removed), (0, 0, 2), "{saved:#?}");
    home.confirm_withdrawals(&ids(&before));
    let after = home.posts(id).await;
    assert_eq!(ids(&after), ids(&before)[..6]);
    assert_eq!(home.planned(id).len(), 6);
    // Longer again: the times whose posts were taken back are made anew.
    let rule = Some("FREQ=DAILY;BYHOUR=9,17;UNTIL=20270306".to_owned());
    let asked = EditSeries { rule, allow_repeats: true, ..change(id) };
    let saved = home.engine.edit_series(asked).await.unwrap();
    assert_eq!((saved.changed, saved.made, saved.removed), (0, 4, 0), "{saved:#?}");
    assert_eq!(home.planned(id).len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn times_that_are_taken_away_and_given_back_before_the_relay_answers_are_made() {
    let home = Home::at("2027-03-01 12:00");
    let id = home.create(twice_a_day("FREQ=DAILY;BYHOUR=9,17;COUNT=6", "2027-03-02 09:00")).await;
    let before = home.posts(id).await;
    home.hand_over(&ids(&before));
    let at_hours = |hours: &str| EditSeries {
        rule: Some(format!("FREQ=DAILY;BYHOUR={hours};UNTIL=20270304")),
        allow_repeats: true,
        ..change(id)
    };
    let saved = home.engine.edit_series(at_hours("17")).await.unwrap();
    assert_eq!((saved.changed, saved.made, saved.removed), (0, 0, 3), "{saved:#?}");
    let saved = home.engine.edit_series(at_hours("9,17")).await.unwrap();
    assert_eq!((saved.changed, saved.made, saved.removed), (0, 2, 0), "{saved:#?}");
    home.confirm_withdrawals(&ids(&before));
    // It begins with the first post that waits.
    let planned = home.planned(id);
    assert_eq!(planned.len(), 5, "{planned:?}");
    assert_eq!(planned[..2], ["2027-03-02 17:00", "2027-03-03 09:00"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_of_its_own_or_cancelled_is_no_obstacle_to_fewer_times_a_day() {
    let home = Home::at("2027-03-01 12:00");
    let id = home.create(twice_a_day("FREQ=DAILY;BYHOUR=9,17;COUNT=6", "2027-03-02 09:00")).await;
    let before = home.posts(id).await;
    home.engine.cancel(&[before[1].id]).await.unwrap();
    let own = Edit { text: Some("of its own".to_owned()), ..Edit::default() };
    home.engine.edit(before[3].id, own).await.unwrap();
    let rule = Some("FREQ=DAILY;BYHOUR=17;UNTIL=20270304".to_owned());
    let asked = EditSeries { rule, allow_repeats: true, ..change(id) };
    let saved = home.engine.edit_series(asked).await.unwrap();
    assert_eq!((saved.changed, saved.made, saved.removed), (0, 0, 3), "{saved:#?}");
    assert_eq!(home.planned(id), ["2027-03-03 17:00", "2027-03-04 17:00"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_wait_are_those_too_before_an_earlier_change_of_those_that_follow() {
    let home = Home::at("2027-03-01 12:00");
    let rule = "FREQ=WEEKLY;COUNT=6";
    let id = home.create(repeating(rule, "2027-03-07 09:00", &["one", "two"])).await;
    let posts = home.posts(id).await;
    let (from, first) = (Some(posts[3].id), Some("2027-03-28 18:00".to_owned()));
    home.engine.edit_series(EditSeries { from, first, ..change(id) }).await.unwrap();
    // The window names the next day of the rule as it is now.
    let first = Some("2027-03-28 11:00".to_owned());
    let saved = home.engine.edit_series(EditSeries { first, ..change(id) }).await.unwrap();
    assert_eq!((saved.changed, saved.made, saved.removed), (6, 0, 0), "{saved:#?}");
    let after = home.posts(id).await;
    assert_eq!(ids(&after), ids(&posts));
    let walls = home.planned(id);
    assert_eq!((walls.len(), walls[0].as_str()), (6, "2027-03-07 11:00"), "{walls:?}");
    assert!(walls.iter().all(|wall| wall.ends_with(" 11:00")), "{walls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_of_an_earlier_rule_stay_when_the_time_of_day_of_the_present_one_changes() {
    let home = Home::at("2027-03-01 12:00");
    let id = home.create(repeating("every week", "2027-03-07 09:00", &["one", "two"])).await;
    let posts = home.posts(id).await;
    let (from, rule) = (Some(posts[3].id), Some("every 2 weeks".to_owned()));
    let first = Some("2027-03-30 09:00".to_owned());
    home.engine.edit_series(EditSeries { from, rule, first, ..change(id) }).await.unwrap();
    let first = Some("2027-03-30 11:00".to_owned());
    let saved = home.engine.edit_series(EditSeries { first, ..change(id) }).await.unwrap();
    assert_eq!((saved.made, saved.removed, saved.kept), (0, 0, 3), "{saved:#?}");
    let walls = home.planned(id);
    assert_eq!(
        walls[1..5],
        ["2027-03-14 09:00", "2027-03-21 09:00", "2027-03-30 11:00", "2027-04-13 11:00"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undone_change_of_times_leaves_no_post_outside_its_series() {
    let home = Home::at("2027-03-01 12:00");
    let id = home.create(repeating("every week", "2027-03-07 09:00", &["one", "two"])).await;
    let sundays = home.posts(id).await;
    home.hand_over(&ids(&sundays));
    let on_tuesdays = || EditSeries { rule: Some("every week on tue".to_owned()), ..change(id) };
    let saved = home.engine.edit_series(on_tuesdays()).await.unwrap();
    assert_eq!((saved.changed, saved.removed), (0, 13), "{saved:#?}");
    let all = home.planned(id);
    assert!(all.iter().all(|wall| wall != "2027-03-07 09:00"), "{all:?}");
    let mut tuesdays = home.posts(id).await;
    tuesdays.retain(|row| !ids(&sundays).contains(&row.id));
    assert!(tuesdays.len() > 11, "{tuesdays:#?}");
    home.hand_over(&ids(&tuesdays));
    home.engine.undo(LAST).await.unwrap();
    let back: Vec<PostId> = home.open_posts(id).iter().map(|post| post.id).collect();
    assert_eq!(back, ids(&sundays), "each belongs to the series again");
    // The new ones are only on their way out; their times are free for others.
    let saved = home.engine.edit_series(on_tuesdays()).await.unwrap();
    assert_eq!(usize::try_from(saved.made).unwrap(), tuesdays.len(), "{saved:#?}");
    home.confirm_withdrawals(&ids(&tuesdays));
    home.confirm_withdrawals(&ids(&sundays));
    assert_eq!(home.planned(id).len(), tuesdays.len());
    home.engine.undo(LAST).await.unwrap();
    let back: Vec<PostId> = home.open_posts(id).iter().map(|post| post.id).collect();
    assert_eq!(back, ids(&sundays), "the confirmed ones too");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_times_do_not_make_again_what_was_cancelled_or_is_there() {
    let home = Home::at("2027-03-01 12:00");
    let id =
        home.create(repeating("FREQ=WEEKLY;COUNT=6", "2027-03-07 09:00", &["one", "two"])).await;
    let posts = home.posts(id).await;
    home.engine.cancel(&[posts[1].id]).await.unwrap();
    // From the fourth on, by a first time that lies before others that stay.
    let (from, first) = (Some(posts[3].id), Some("2027-03-07 18:00".to_owned()));
    let rule = Some("FREQ=WEEKLY;COUNT=6".to_owned());
    let asked = EditSeries { from, first, rule, ..change(id) };
    let saved = home.engine.edit_series(asked).await.unwrap();
    assert_eq!((saved.changed, saved.made, saved.removed), (3, 0, 0), "{saved:#?}");
    let walls = home.walls(id).await;
    assert_eq!(walls.len(), 6, "{walls:?}");
    assert_eq!(walls[2..4], ["2027-03-21 09:00", "2027-03-28 18:00"]);

    let twice =
        home.create(twice_a_day("FREQ=DAILY;BYHOUR=9,17;COUNT=4", "2027-03-02 09:00")).await;
    let posts = home.posts(twice).await;
    home.engine.cancel(&[posts[1].id, posts[2].id]).await.unwrap();
    let rule = Some("FREQ=DAILY;BYHOUR=10,18;COUNT=4".to_owned());
    let first = Some("2027-03-02 10:00".to_owned());
    let asked = EditSeries { rule, first, allow_repeats: true, ..change(twice) };
    let saved = home.engine.edit_series(asked).await.unwrap();
    assert_eq!((saved.changed, saved.made, saved.removed), (2, 0, 0), "{saved:#?}");
    assert_eq!(home.planned(twice), ["2027-03-02 10:00", "2027-03-03 18:00"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_years_ahead_does_not_end_a_series() {
    let home = Home::at("2027-03-01 12:00");
    let ever = home.create(repeating("every week", "2027-03-07 09:00", &["one", "two"])).await;
    let rule = "FREQ=WEEKLY;UNTIL=20270705";
    let ends = home.create(repeating(rule, "2027-03-07 10:00", &["three", "four"])).await;
    let deleted = home.posts(ever).await[12].clone();
    home.engine.delete(&[deleted.id]).await.unwrap();
    let right = home.clock.now();
    home.clock.set(at("2050-01-01 12:00", BERLIN));
    home.run_until("it makes posts of 2050", async || {
        home.walls(ever).await.iter().any(|wall| wall.starts_with("2050"))
    })
    .await;
    home.clock.set(right.plus(DAY * 15));
    home.run_until("both go on", async || {
        let all = [home.walls(ever).await, home.walls(ends).await];
        all[0].contains(&"2027-06-13 09:00".to_owned())
            && all[1].contains(&"2027-06-13 10:00".to_owned())
    })
    .await;
    let occurrences: Vec<_> =
        home.posts(ever).await.into_iter().map(|row| row.occurrence).collect();
    assert!(!occurrences.contains(&deleted.occurrence), "what was deleted is not made again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_that_cannot_be_read_keeps_no_other_from_being_made() {
    let home = Home::at("2027-03-01 12:00");
    let broken = home.create(repeating("every week", "2027-03-06 09:00", &["one", "two"])).await;
    let whole = home.create(repeating("every week", "2027-03-07 09:00", &["three", "four"])).await;
    let file = connection(&home.folder.path().join("roost.db"));
    let sql = "UPDATE series SET variants = '[17]' WHERE id = ?1";
    assert_eq!(file.execute(sql, [broken.to_string()]).unwrap(), 1);
    home.clock.advance(DAY * 8);
    home.run_until("the other goes on", async || home.posts(whole).await.len() == 14).await;
}
