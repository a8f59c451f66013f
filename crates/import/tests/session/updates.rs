//! A row with an id of its own changes its post by what it says otherwise, and by nothing else.

use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_core::post::MediaSource;
use roost_core::status::Status;
use roost_import::choices::{Choices, ProblemPolicy};
use roost_import::field::Field;
use roost_import::session::{Decision, Outcome, Session};
use roost_import::surroundings::{Surroundings, WeeklySlot};

use crate::common::*;

fn waiting() -> There {
    let mut post = There::new(Some("11"), "one", Some("2027-03-02 09:00"));
    post.own_id = Some("r1".to_owned());
    post.tags = vec!["Spring".to_owned()];
    post.note = Some("ask Ada".to_owned());
    post
}

fn with_slots(post: There) -> Surroundings {
    let mut around = with_posts(vec![post]);
    around.accounts[0].slots =
        (1..=7).map(|weekday| WeeklySlot { weekday, hour: 9, minute: 0 }).collect();
    around
}

fn updating(more: &str, surroundings: Surroundings) -> Session {
    let row = format!("{{\"id\": \"r1\", {more}}}");
    open(&file(&[&row]), Choices { update: true, ..mine() }, surroundings)
}

/// Field, before and after of each change that the first row makes.
fn changes(session: &Session) -> Vec<(Field, String, String)> {
    let updates = views(session).remove(0).updates;
    let changes = updates.into_iter().flat_map(|post| post.changes);
    changes.map(|it| (it.field, it.before, it.after)).collect()
}

#[test]
fn a_row_that_says_otherwise_in_any_field_changes_its_post_and_shows_before_and_after() {
    let (text, at) = (r#""content": "one""#, r#""scheduledAt": "2027-03-02 09:00""#);
    for (row, change) in [
        (format!("{text}, {at}"), None),
        (format!(r#"{text}, {at}, "tags": ["spring"], "note": "ask Ada""#), None),
        (format!(r#""content": "two", {at}"#), Some((Field::Content, "one", "two"))),
        (
            format!(r#"{text}, "scheduledAt": "2027-03-03 10:30""#),
            Some((
                Field::ScheduledAt,
                "2027-03-02 09:00 Asia/Kolkata",
                "2027-03-03 10:30 Asia/Kolkata",
            )),
        ),
        (
            format!(r#"{text}, {at}, "tags": ["spring", "sale"]"#),
            Some((Field::Tags, "Spring", "spring, sale")),
        ),
        (
            format!(r#"{text}, {at}, "note": "ask Bert""#),
            Some((Field::Note, "ask Ada", "ask Bert")),
        ),
        (
            format!(r#"{text}, {at}, "account": "@premium_bird""#),
            Some((Field::Account, "@roost_app", "@Premium_Bird")),
        ),
        (format!(r#"{text}, {at}, "draft": true"#), Some((Field::Status, "scheduled", "draft"))),
        (format!(r#"{text}, "draft": true"#), Some((Field::Status, "scheduled", "draft"))),
    ] {
        let session = updating(&row, with_posts(vec![waiting()]));
        let updated = u32::from(change.is_some());
        assert_eq!(session.summary().updated, updated, "{row}");
        assert_eq!(session.summary().skipped, 1 - updated, "{row}");
        let change = change.map(|(field, was, is)| (field, was.to_owned(), is.to_owned()));
        assert_eq!(changes(&session), Vec::from_iter(change), "{row}");
        // Without the choice none is changed.
        let row = format!("{{\"id\": \"r1\", {row}}}");
        let session = open(&file(&[&row]), mine(), with_posts(vec![waiting()]));
        assert_eq!(session.summary().skipped, 1, "{row}");
    }
}

#[test]
fn a_draft_whose_row_is_none_waits_from_then_on() {
    let row = r#""content": "one", "scheduledAt": "2027-03-02 09:00""#;
    let mut draft = waiting();
    draft.post.status = Status::Draft;
    let session = updating(row, with_posts(vec![draft.clone()]));
    let status = (Field::Status, "draft".to_owned(), "scheduled".to_owned());
    assert_eq!(changes(&session), [status]);
    let as_draft = format!(r#"{row}, "draft": true"#);
    let session = updating(&as_draft, with_posts(vec![draft]));
    assert_eq!(session.summary().skipped, 1, "it is one");
}

#[test]
fn a_row_that_merely_becomes_a_draft_takes_nothing_from_its_post() {
    let row = file(&[r#"{"id": "r1", "content": "one", "scheduledAt": "soon"}"#]);
    let choices = Choices { update: true, problems: ProblemPolicy::Draft, ..mine() };
    let session = open(&row, choices, with_posts(vec![waiting()]));
    assert_eq!((session.summary().updated, session.summary().skipped), (0, 1));
}

#[test]
fn a_row_of_texts_leaves_the_pictures_of_its_post() {
    let mut pictured = waiting();
    let source = MediaSource { source: "crow.jpg".to_owned(), alt_text: None };
    pictured.content.parts[0].media_sources = vec![source];
    pictured.post.key = pictured.content.duplicate_key();
    pictured.post.status = Status::Draft;
    let at = r#""scheduledAt": "2027-03-02 09:00""#;
    let same = updating(&format!(r#""content": "one", {at}"#), with_posts(vec![pictured.clone()]));
    assert_eq!(same.summary().skipped, 1, "its picture was not taken in: it stays a draft");
    let other = updating(&format!(r#""content": "two", {at}"#), with_posts(vec![pictured.clone()]));
    assert_eq!(changes(&other), [(Field::Content, "one".to_owned(), "two".to_owned())]);
    let summary = other.summary();
    assert_eq!((summary.ready, summary.drafts, summary.updated), (0, 1, 1), "it stays a draft");
    assert_eq!(summary.cost_micros, 0);
    assert_eq!(ready(&other)[0].status, Status::Draft);
    assert!(views(&other)[0].reason.contains("has media"));
    let crow = format!(r#""content": "one", {at}, "media": ["owl.jpg"]"#);
    let other = updating(&crow, with_posts(vec![pictured]));
    // The row's own picture is taken in at the commit.
    let expected = [
        (Field::Media, "crow.jpg".to_owned(), "owl.jpg".to_owned()),
        (Field::Status, "draft".to_owned(), "scheduled".to_owned()),
    ];
    assert_eq!(changes(&other), expected);
}

#[test]
fn a_post_stays_with_its_account_where_its_row_names_none() {
    let mut of_another = waiting();
    of_another.account = Some(XUserId("22".to_owned()));
    let mut around = with_posts(vec![of_another]);
    around.accounts[1].connected = false;
    let row = r#"{"id": "r1", "content": "one", "scheduledAt": "2027-03-02 09:00"}"#;
    let choices = Choices { update: true, ..Choices::default() };
    let session = open(&file(&[row]), choices.clone(), around.clone());
    assert_eq!(session.summary().skipped, 1, "the only account is no word of the row");
    let row = row.replace("one", "two");
    let session = open(&file(&[&row]), choices, around.clone());
    assert_eq!(ready(&session)[0].account, None);
    let session = open(&file(&[&row]), Choices { update: true, ..mine() }, around);
    assert_eq!(ready(&session)[0].account, Some(XUserId("11".to_owned())), "it was chosen");
}

#[test]
fn a_draft_whose_time_has_passed_takes_a_slot_when_its_row_names_no_time() {
    let mut draft = waiting();
    draft.post.status = Status::Draft;
    draft.post.at = Some(kolkata("2026-12-01 09:00"));
    let session = updating(r#""content": "one""#, with_slots(draft));
    assert_eq!(ready(&session)[0].scheduled_at, Some(kolkata("2027-01-01 09:00")));
}

#[test]
fn a_row_without_a_time_leaves_the_post_that_it_changes_where_it_is() {
    let session = updating(r#""content": "other words""#, with_slots(waiting()));
    let rows = ready(&session);
    assert_eq!(rows[0].updates.map(|post| post.id), Some(session_post(&session)));
    assert_eq!(rows[0].scheduled_at, Some(kolkata("2027-03-02 09:00")));
    assert_eq!(session.summary().days[0].date, "2027-03-02");
}

fn session_post(session: &Session) -> roost_core::id::PostId {
    views(session)[0].updates.as_ref().expect("a post").id
}

#[test]
fn a_person_may_move_the_unchanged_post_of_a_row_to_the_next_free_time() {
    let with_id = r#"{"id": "r1", "content": "one", "scheduledAt": "2027-03-02 09:00"}"#;
    for row in [with_id.to_owned(), row("one", "2027-03-02 09:00")] {
        let mut session = open(&file(&[&row]), mine(), with_slots(waiting()));
        assert_eq!(views(&session)[0].outcome, Outcome::Skipped);
        session.decide(&[1], Some(Decision::NextSlot)).unwrap();
        assert_adds_up(&session);
        let rows = ready(&session);
        assert_eq!(rows[0].updates.map(|post| post.id), Some(session_post(&session)), "{row}");
        assert_eq!(rows[0].scheduled_at, Some(kolkata("2027-01-01 09:00")), "{row}");
        session.decide(&[1], None).unwrap();
        assert_eq!(views(&session)[0].outcome, Outcome::Skipped);
    }
}

#[test]
fn a_row_without_a_time_makes_no_draft_of_the_scheduled_post_that_it_changes() {
    // The account has no posting times.
    let around = || with_posts(vec![waiting()]);
    let same = updating(r#""content": "one""#, around());
    assert_eq!((same.summary().updated, same.summary().skipped), (0, 1));
    let session = updating(r#""content": "other words""#, around());
    assert_adds_up(&session);
    let words = (Field::Content, "one".to_owned(), "other words".to_owned());
    assert_eq!(changes(&session), [words], "neither its time nor its status is another");
    let rows = ready(&session);
    assert_eq!(rows[0].scheduled_at, Some(kolkata("2027-03-02 09:00")));
    assert_eq!(rows[0].status, Status::Pending);
    assert!(warnings(&session).is_empty(), "it becomes no draft");
    assert_eq!((session.summary().ready, session.summary().drafts), (1, 0));

    // Without the choice nothing is changed, and without the id it is another post.
    let row = r#"{"id": "r1", "content": "other words"}"#;
    assert_eq!(open(&file(&[row]), mine(), around()).summary().skipped, 1);
    let row = r#"{"content": "other words"}"#;
    let session = open(&file(&[row]), Choices { update: true, ..mine() }, around());
    assert_eq!((session.summary().updated, session.summary().drafts), (0, 1));
}

#[test]
fn a_row_without_a_time_schedules_a_draft_only_at_a_time_that_lies_ahead() {
    let draft = |at: Option<&str>| {
        let mut draft = waiting();
        draft.post.status = Status::Draft;
        draft.post.at = at.map(kolkata);
        with_posts(vec![draft])
    };
    let status = || (Field::Status, "draft".to_owned(), "scheduled".to_owned());
    let words = || (Field::Content, "one".to_owned(), "two".to_owned());
    for (at, is_armed) in
        [(Some("2027-03-02 09:00"), true), (Some("2026-12-01 09:00"), false), (None, false)]
    {
        let same = updating(r#""content": "one""#, draft(at));
        assert_eq!(changes(&same), Vec::from_iter(is_armed.then(status)), "{at:?}");
        let other = updating(r#""content": "two""#, draft(at));
        let expected: Vec<_> =
            [Some(words()), is_armed.then(status)].into_iter().flatten().collect();
        assert_eq!(changes(&other), expected, "{at:?}");
        assert!(warnings(&other).is_empty(), "{at:?}: it is a draft before and after");
    }
}

#[test]
fn a_post_that_a_row_changes_is_in_no_way_of_its_row() {
    let other = || There::new(Some("11"), "another", Some("2027-03-04 09:00"));
    let posts = || with_posts(vec![waiting(), other()]);
    for (at, collides) in
        [("2027-03-02 09:00", false), ("2027-03-02 09:02", false), ("2027-03-04 09:02", true)]
    {
        let row = format!(r#""content": "two", "scheduledAt": "{at}""#);
        let mut session = updating(&row, posts());
        let collided = |session: &Session| {
            warnings(session).iter().any(|it| it.problem.code == Code::TimesCollide)
        };
        assert_eq!(collided(&session), collides, "{at}");
        // Left out, its post goes out where it is.
        session.decide(&[1], Some(Decision::LeaveOut)).unwrap();
        assert!(!collided(&session));
        session.decide(&[1], None).unwrap();
        assert_eq!(collided(&session), collides, "{at}");
    }
    let choices = Choices { update: true, ..mine() };
    let rows = |first: &str| {
        [
            format!(r#"{{"id": "r1", "content": "two", "scheduledAt": "{first}"}}"#),
            row("new", "2027-03-02 09:01"),
        ]
    };
    let of = |rows: [String; 2]| {
        let rows = rows.each_ref().map(String::as_str);
        let session = open(&file(&rows), choices.clone(), posts());
        places(&warnings(&session)).iter().map(|it| (it.0, it.1)).collect::<Vec<_>>()
    };
    assert_eq!(of(rows("2027-03-20 09:00")), [], "the place is free");
    assert_eq!(of(rows("2027-03-02 09:00")), [(Code::TimesCollide, Some(2))], "once, not twice");
}
