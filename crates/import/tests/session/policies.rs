//! What becomes of rows that are late, repeated, or wrong.

use roost_core::failure::Code;
use roost_core::post::{DuplicatePolicy, PastPolicy};
use roost_core::status::Status;
use roost_import::choices::{Choices, ProblemPolicy};
use roost_import::finding::FixId;
use roost_import::session::{Decision, Outcome, Scope, Session};
use roost_import::surroundings::WeeklySlot;

use crate::common::*;

fn reasons(session: &Session) -> Vec<(u32, String)> {
    let left_out = views(session).into_iter().filter(|row| row.outcome == Outcome::Skipped);
    left_out.map(|row| (row.row, row.reason)).collect()
}

fn walls(session: &Session) -> Vec<String> {
    ready(session).iter().map(|row| row.wall_time.unwrap().to_string()).collect()
}

#[test]
fn a_time_in_the_past_follows_the_policy() {
    let text = file(&[
        &row("one", "2026-12-01 09:00"),
        &row("two", "2026-11-01 09:00"),
        &row("three", "2027-01-01 06:10"),
    ]);
    let with = |past| open(&text, Choices { past, ..mine() }, connected());

    let session = with(PastPolicy::Error);
    let found = errors(&session);
    assert_eq!((session.summary().ready, found.len()), (1, 2));
    assert_eq!(found[0].problem.code, Code::TimeInPast);

    let session = with(PastPolicy::Skip);
    assert!(errors(&session).is_empty());
    let past = "its time has passed".to_owned();
    assert_eq!(reasons(&session), [(1, past.clone()), (2, past)]);

    let session = with(PastPolicy::Draft);
    let statuses: Vec<_> = ready(&session).iter().map(|row| row.status).collect();
    assert_eq!(statuses, [Status::Draft, Status::Draft, Status::Pending]);
    assert_eq!(warnings(&session).len(), 2);
    assert_eq!(session.summary().first_at, session.summary().last_at);

    // Now is 05:30 in Kolkata. The row at 06:10 keeps its time and with it the first half-hour;
    // the older of the two others takes the next.
    let session = with(PastPolicy::NextSlot);
    assert_eq!(walls(&session), ["2027-01-01 07:00", "2027-01-01 06:30", "2027-01-01 06:10"]);
    assert_eq!(session.summary().past, 2);
}

#[test]
fn a_date_years_ago_is_no_late_post() {
    let text = file(&[&row("one", "2024-12-01 09:00"), &row("two", "1899-12-30 09:00")]);
    for (past, codes) in [
        (PastPolicy::Error, vec![Code::TimeLongPast, Code::DateMissing]),
        (PastPolicy::NextSlot, vec![Code::TimeLongPast, Code::DateMissing]),
        (PastPolicy::Skip, vec![Code::DateMissing]),
        (PastPolicy::Draft, vec![Code::DateMissing]),
    ] {
        let session = open(&text, Choices { past, ..mine() }, connected());
        let found: Vec<_> = errors(&session).iter().map(|it| it.problem.code).collect();
        assert_eq!(found, codes, "{past}");
    }
}

#[test]
fn the_same_text_twice_is_left_out_or_kept_with_a_warning() {
    let text = file(&[
        &row("Hello  world", "2027-03-01 09:00"),
        &row("Hello world", "2027-03-02 09:00"),
        &row("There already", "2027-03-03 09:00"),
        r#"{"content": "Hello world", "scheduledAt": "2027-03-04 09:00", "account": "@premium_bird"}"#,
    ]);
    let there = || with_posts(vec![There::new(Some("11"), "There already", None)]);

    let session = open(&text, mine(), there());
    assert_eq!(ready(&session).iter().map(|row| row.row).collect::<Vec<_>>(), [1, 4]);
    let expected =
        [(2, "row 1 says the same".to_owned()), (3, "the same post is there already".to_owned())];
    assert_eq!(reasons(&session), expected);
    assert_eq!(session.summary().duplicates, 2);

    let keep = Choices { duplicates: DuplicatePolicy::Keep, ..mine() };
    let session = open(&text, keep, there());
    assert_eq!(session.summary().ready, 4);
    let expected =
        [(Code::RepeatedSoon, Some(2), "content"), (Code::DuplicateContent, Some(3), "content")];
    assert_eq!(places(&warnings(&session)), expected);
}

#[test]
fn a_text_that_comes_every_week_is_kept_with_a_warning_and_every_month_without() {
    for (days, warned) in [([1, 8, 15], 2), ([1, 16, 31], 0)] {
        let rows = days.map(|day| row("Weekly", &format!("2027-03-{day:02} 09:00")));
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let session = open(&file(&rows), mine(), connected());
        assert_eq!(session.summary().ready, 3);
        let found = warnings(&session);
        assert_eq!(found.len(), warned, "{found:#?}");
        assert!(found.iter().all(|it| it.problem.code == Code::RepeatedText));
    }
}

#[test]
fn the_same_file_twice_imports_nothing_the_second_time() {
    let text = file(&[
        &row("one", "2027-03-01 09:00"),
        &row("Weekly", "2027-03-01 10:00"),
        &row("Weekly", "2027-03-08 10:00"),
        r#"{"content": "a draft", "draft": true}"#,
        &row("late", "2026-12-31 09:00"),
    ]);
    let choices = Choices { past: PastPolicy::NextSlot, ..mine() };
    let first = open(&text, choices.clone(), connected());
    assert_eq!(ready(&first).len(), 5);
    let posts = first.ready().map(There::of_row).collect();
    let second = open(&text, choices, with_posts(posts));
    assert_eq!(ready(&second), []);
    assert_eq!(second.summary().duplicates, 5);
}

#[test]
fn rows_with_an_error_stop_all_become_drafts_or_are_left_out() {
    let text = file(&[
        &row("fine", "2027-03-01 09:00"),
        &row(&"a".repeat(300), "2027-03-01 10:00"),
        &row("", "2027-03-01 11:00"),
        &row("no such day", "2027-02-30 11:00"),
    ]);
    for (problems, ends) in [
        (ProblemPolicy::Refuse, [1, 0, 0, 3]),
        (ProblemPolicy::Draft, [1, 2, 1, 0]),
        (ProblemPolicy::Skip, [1, 0, 3, 0]),
    ] {
        let session = open(&text, Choices { problems, ..mine() }, connected());
        let summary = session.summary();
        let found = [summary.ready, summary.drafts, summary.skipped, summary.refused];
        assert_eq!(found, ends, "{problems:?}");
        assert_eq!(summary.errors, 3, "what becomes of an error does not hide it");
    }
    let session = open(&text, Choices { problems: ProblemPolicy::Skip, ..mine() }, connected());
    let rejects: Vec<_> = session.rejects().collect();
    assert_eq!(rejects.iter().map(|it| it.row).collect::<Vec<_>>(), [2, 3, 4]);
    assert!(rejects[0].reason.starts_with("The text counts 300 of 280: 20 too many."));
}

#[test]
fn a_person_decides_about_single_rows() {
    let text = file(&[
        &row("fine", "2027-03-01 09:00"),
        &row(&"a".repeat(300), "2027-03-01 10:00"),
        &row("late", "2026-12-01 09:00"),
    ]);
    let mut session = open(&text, mine(), connected());
    assert_eq!(session.summary().refused, 2);
    assert_eq!(session.decide(&[1], Some(Decision::LeaveOut)).unwrap(), [1]);
    session.decide(&[2], Some(Decision::Draft)).unwrap();
    session.decide(&[3], Some(Decision::NextSlot)).unwrap();
    assert_adds_up(&session);
    let outcomes: Vec<_> = views(&session).iter().map(|row| row.outcome).collect();
    assert_eq!(outcomes, [Outcome::Skipped, Outcome::Draft, Outcome::Ready]);
    assert_eq!(ready(&session)[1].wall_time.unwrap().to_string(), "2027-01-01 06:00");
    session.decide(&[1, 2, 3], None).unwrap();
    assert_eq!((session.summary().ready, session.summary().refused), (1, 2));
}

#[test]
fn rows_without_a_time_take_the_next_free_slots_of_their_account_in_order() {
    let slot = |weekday, hour| WeeklySlot { weekday, hour, minute: 0 };
    let mut surroundings = with_posts(vec![There::new(Some("11"), "x", Some("2027-01-01 09:00"))]);
    // 2027-01-01 is a Friday.
    surroundings.accounts[0].slots = vec![slot(5, 9), slot(5, 18), slot(1, 9), slot(1, 18)];
    let text = file(&[
        r#"{"content": "one"}"#,
        &row("fixed", "2027-01-04 09:00"),
        r#"{"content": "two"}"#,
        r#"{"content": "three"}"#,
        r#"{"content": "a draft", "draft": true}"#,
    ]);
    let session = open(&text, mine(), surroundings);
    let rows = ready(&session);
    let walls: Vec<_> = rows.iter().map(|row| row.wall_time.map(|it| it.to_string())).collect();
    let expected = [
        Some("2027-01-01 18:00"),
        Some("2027-01-04 09:00"),
        Some("2027-01-04 18:00"),
        Some("2027-01-08 09:00"),
        None,
    ];
    assert_eq!(walls, expected.map(|it| it.map(str::to_owned)));
    assert!(errors(&session).is_empty());
}

#[test]
fn rows_without_a_time_become_drafts_where_their_account_has_no_slots_and_are_told() {
    let text = file(&[
        r#"{"content": "one"}"#,
        &row("fixed", "2027-01-04 09:00"),
        r#"{"content": "two", "scheduledAt": ""}"#,
        r#"{"content": "three", "scheduledAt": null}"#,
        r#"{"content": "a draft", "draft": true}"#,
        &format!(r#"{{"content": "{}"}}"#, "a".repeat(300)),
    ]);
    let mut session = open(&text, mine(), connected());
    assert_adds_up(&session);
    let summary = session.summary();
    assert_eq!((summary.ready, summary.drafts, summary.refused), (1, 4, 1));
    let wrong = errors(&session);
    assert_eq!(
        places(&wrong),
        [(Code::TextTooLong, Some(6), "content")],
        "nothing is wrong with a row for want of a time"
    );
    let warned = warnings(&session);
    let told = [1, 3, 4].map(|row| (Code::MadeDraft, Some(row), "scheduledAt"));
    assert_eq!(places(&warned), told);
    let message =
        "The row names no time, and @roost_app has no posting times; the post becomes a draft.";
    assert_eq!(warned[0].problem.message, message);
    let rows = ready(&session);
    let drafts =
        rows.iter().filter(|row| row.status == Status::Draft && row.scheduled_at.is_none());
    assert_eq!(drafts.count(), 4);
    assert_eq!(views(&session)[0].reason, "it names no time, and becomes a draft");

    let fixed = session.apply(FixId::NextFreeTime, Scope::Found(Code::MadeDraft)).unwrap();
    assert_eq!(fixed.fixed, [1, 3, 4]);
    assert_eq!((session.summary().ready, session.summary().drafts), (4, 1));
    session.decide(&[1, 3, 4], None).unwrap();
    assert_eq!(session.summary().drafts, 4);

    let mut with_slots = connected();
    with_slots.accounts[0].slots = vec![WeeklySlot { weekday: 1, hour: 9, minute: 0 }];
    session.set_surroundings(with_slots, &unwatched).unwrap();
    assert_eq!((session.summary().ready, session.summary().drafts), (4, 1));
    assert!(warnings(&session).is_empty());
}

#[test]
fn a_waiting_post_is_moved_by_the_row_that_says_the_same_when_that_is_chosen() {
    let posts = || {
        let weeks = ["2027-03-01 09:00", "2027-03-08 09:00", "2027-03-15 09:00"];
        weeks.map(|at| There::new(Some("11"), "Weekly", Some(at))).to_vec()
    };
    let moved = ["2027-03-02 09:00", "2027-03-09 09:00", "2027-03-15 09:00"];
    let rows = moved.map(|at| row("Weekly", at));
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();

    let session = open(&file(&rows), mine(), with_posts(posts()));
    assert_eq!(ready(&session), []);
    let offered: Vec<_> =
        warnings(&session).iter().map(|it| (it.problem.code, it.problem.row)).collect();
    assert_eq!(offered, [(Code::WaitsElsewhere, Some(1)), (Code::WaitsElsewhere, Some(2))]);

    let there = posts();
    let ids: Vec<_> = there.iter().map(|it| it.post.id).collect();
    let session = open(&file(&rows), Choices { update: true, ..mine() }, with_posts(there));
    let updates: Vec<_> = ready(&session).iter().map(|row| row.updates.unwrap().id).collect();
    assert_eq!(updates, ids[..2]);
    assert_eq!((session.summary().updated, session.summary().duplicates), (2, 1));
    let shown = views(&session);
    assert_eq!(shown[0].updates.as_ref().unwrap().parts, ["Weekly"]);
}

#[test]
fn a_row_with_an_id_that_is_known_changes_its_post_only_when_that_is_chosen() {
    let there = || {
        let mut post = There::new(Some("11"), "Before", Some("2027-03-01 09:00"));
        post.own_id = Some("r1".to_owned());
        with_posts(vec![post])
    };
    let row = r#"{"id": "r1", "content": "After", "scheduledAt": "2027-03-02 09:00"}"#;
    let twice = r#"{"id": "r1", "content": "Other", "scheduledAt": "2027-03-05 09:00"}"#;
    let session = open(&file(&[row]), mine(), there());
    assert_eq!(reasons(&session), [(1, "a post with its id is there already".to_owned())]);
    let update = Choices { update: true, ..mine() };
    let session = open(&file(&[row]), update.clone(), there());
    assert!(ready(&session)[0].updates.is_some());
    let session = open(&file(&[row, twice]), update.clone(), there());
    assert_eq!(places(&errors(&session)), [(Code::OwnIdRepeated, Some(2), "id")]);
    let same = r#"{"id": "r1", "content": "Before", "scheduledAt": "2027-03-01 09:00"}"#;
    assert_eq!(ready(&open(&file(&[same]), update, there())), []);
}

#[test]
fn a_row_without_a_time_leaves_its_post_where_it_was_put_before() {
    let slot = |hour| WeeklySlot { weekday: 5, hour, minute: 0 };
    let mut surroundings = connected();
    surroundings.accounts[0].slots = vec![slot(9), slot(18)];
    let text = file(&[r#"{"id": "1", "content": "one"}"#, r#"{"id": "2", "content": "two"}"#]);
    let first = ready(&open(&text, mine(), surroundings.clone()));
    assert_eq!(first.len(), 2);
    let mut again = with_posts(first.into_iter().map(There::of_row).collect());
    again.accounts = surroundings.accounts;
    assert_eq!(ready(&open(&text, Choices { update: true, ..mine() }, again)), []);
}

#[test]
fn a_row_with_a_new_id_takes_no_other_rows_post_although_it_says_the_same() {
    let mut there = There::new(Some("11"), "Weekly", Some("2027-03-01 09:00"));
    there.own_id = Some("w1".to_owned());
    let rows = [
        r#"{"id": "w1", "content": "Weekly", "scheduledAt": "2027-03-01 09:00"}"#,
        r#"{"id": "w2", "content": "Weekly", "scheduledAt": "2027-03-08 09:00"}"#,
    ];
    let update = Choices { update: true, duplicates: DuplicatePolicy::Keep, ..mine() };
    let session = open(&file(&rows), update, with_posts(vec![there]));
    let made: Vec<_> = ready(&session).iter().map(|row| (row.row, row.updates.is_some())).collect();
    assert_eq!(made, [(2, false)]);
}

#[test]
fn an_id_that_comes_twice_is_the_first_rows() {
    let rows = [
        r#"{"id": "7", "content": "One", "scheduledAt": "2027-03-01 09:00"}"#,
        r#"{"id": "7", "content": "Two", "scheduledAt": "2027-03-02 09:00"}"#,
    ];
    let drafts = Choices { problems: ProblemPolicy::Draft, ..mine() };
    let rows = ready(&open(&file(&rows), drafts, connected()));
    let ids: Vec<_> = rows.iter().map(|row| (row.own_id.as_deref(), row.status)).collect();
    assert_eq!(ids, [(Some("7"), Status::Pending), (None, Status::Draft)]);
}

#[test]
fn what_went_out_is_for_others_or_is_not_to_go_out_is_never_scheduled() {
    let at = r#""scheduledAt": "2027-03-01 09:00""#;
    let rows = [
        format!(r#"{{"content": "a", {at}, "network": "LinkedIn"}}"#),
        format!(r#"{{"content": "b", {at}, "network": "LinkedIn, X"}}"#),
        format!(r#"{{"content": "c", {at}, "status": "Published"}}"#),
        format!(r#"{{"content": "d", {at}, "tweetId": "1234567890"}}"#),
        format!(r#"{{"content": "e", {at}, "status": "cancelled"}}"#),
        format!(r#"{{"content": "f", {at}, "status": "Needs approval"}}"#),
        format!(r#"{{"content": "g", {at}, "status": "Waiting for legal"}}"#),
        format!(r#"{{"content": "h", {at}, "status": "sending"}}"#),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let session = open(&file(&rows), mine(), connected());
    let outcomes: Vec<_> = views(&session).iter().map(|row| row.outcome).collect();
    use Outcome::{Draft, Ready, Skipped};
    assert_eq!(outcomes, [Skipped, Ready, Skipped, Skipped, Skipped, Draft, Draft, Skipped]);
    assert_eq!(session.summary().other_networks, 1);
    assert!(errors(&session).is_empty());
}

#[test]
fn media_are_named_until_the_commit_and_a_poll_is_ready() {
    let rows = [
        r#"{"content": "a", "scheduledAt": "2027-03-01 09:00", "media": ["cat.jpg", "https://example.com/b.png"], "altText": ["A cat", ""]}"#,
        r#"{"content": "b?", "scheduledAt": "2027-03-01 10:00", "poll": ["yes", "no"], "pollDuration": "2 days"}"#,
        r#"{"content": "c", "scheduledAt": "2027-03-01 11:00", "replySettings": "following"}"#,
        r#"{"scheduledAt": "2027-03-01 12:00", "media": "dog.png"}"#,
        r#"{"content": "d", "scheduledAt": "2027-03-01 13:00", "media": "notes.txt"}"#,
    ];
    let session = open(&file(&rows), mine(), connected());
    let summary = session.summary();
    assert_eq!((summary.ready, summary.drafts, summary.refused), (4, 0, 1));
    assert_eq!(places(&errors(&session)), [(Code::MediaReference, Some(5), "media")]);
    let stored = ready(&session);
    let sources = &stored[0].content.parts[0].media_sources;
    assert_eq!(sources[0].alt_text.as_deref(), Some("A cat"));
    assert_eq!((sources.len(), sources[1].alt_text.as_deref()), (2, None));
    assert_eq!(stored[1].content.parts[0].poll.as_ref().unwrap().duration_minutes, 2_880);
    assert_eq!(stored[0].cost.0, 15_000 + 5_000);
}

#[test]
fn rows_that_are_too_many_spread_over_the_next_free_days_with_one_click() {
    let rows: Vec<String> = (0..120)
        .map(|index| {
            let at = format!("2027-03-01 {:02}:{:02}", index / 6, index % 6 * 10);
            row(&format!("post {index}"), &at)
        })
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let mut session = open(&file(&rows), mine(), connected());
    assert_eq!(warnings(&session).len(), 70);
    let fixed = session.apply(FixId::Spread, Scope::All).unwrap();
    assert_eq!(fixed.fixed.len(), 70);
    assert_adds_up(&session);
    assert!(session.findings(10).is_empty());
    assert_eq!(session.summary().ready, 120);
}

#[test]
fn a_fix_is_applied_to_the_rows_to_which_it_is_offered() {
    let long = "a".repeat(300);
    let text = file(&[
        &row("fine", "2027-03-01 09:00"),
        &row(&long, "2027-03-01 10:00"),
        &row(&long, "2027-03-20 10:00"),
    ]);
    let mut session = open(&text, mine(), connected());
    assert!(session.apply(FixId::MakeDraft, Scope::Row(1)).unwrap().fixed.is_empty());
    assert_eq!(session.apply(FixId::MakeDraft, Scope::Row(2)).unwrap().fixed, [2]);
    assert_eq!(session.apply(FixId::LeaveOut, Scope::All).unwrap().fixed, [2, 3]);
    assert_eq!((session.summary().ready, session.summary().skipped), (1, 2));
    assert!(session.apply(FixId::LeaveOut, Scope::Row(4)).is_err());
}
