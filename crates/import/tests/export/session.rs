//! What was exported is imported again as the posts that it was: into the same store it changes nothing,
//! and into an empty one each post comes back that is still to go out, and no other.

use std::sync::Arc;

use proptest::prelude::*;
use roost_core::clock::UnixMillis;
use roost_core::id::{TweetId, XUserId};
use roost_core::limits::Subscription;
use roost_core::post::{Content, MediaSource, Part, Poll, ReplySettings};
use roost_core::status::Status;
use roost_import::choices::Choices;
use roost_import::export::{ExportFormat, ExportRow, ExportTime, write};
use roost_import::mapping::Mapping;
use roost_import::session::{ReadyRow, Session};
use roost_import::source::{ReadOptions, read};
use roost_import::surroundings::{KnownAccount, KnownPost, Surroundings};

use crate::common::{self, NOW, Posts, There};
use crate::posts::{draft, time};

/// What the three formats have in common: all that an import reads again.
const FORMATS: [ExportFormat; 3] = [ExportFormat::Json, ExportFormat::Csv, ExportFormat::Xlsx];
/// The account of all posts.
const ACCOUNT: &str = "11";

/// Texts that spreadsheets run, cut or take for something else, none of which X refuses.
fn pieces() -> impl Strategy<Value = String> {
    let hard = prop::sample::select(vec![
        "=1+1",
        "+41 79",
        "-",
        "@",
        "\t",
        "'",
        "\"",
        ",",
        ";",
        "\n",
        "\n---\n",
        "\n\n\n\n",
        "1/ ",
        "[\"a\"]",
        "&amp;",
        "\\n",
        "_x000D_",
        "é",
        "漢字",
        "👨‍👩‍👧‍👦",
        "2027-03-01",
        "0042",
        "1E5",
        "TRUE",
        "null",
        "#REF!",
        "sep=;",
        " ",
    ]);
    prop_oneof![3 => hard.prop_map(str::to_owned), 1 => "[a-zA-Zäß .!?:]{1,6}"]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(pieces(), 1..5).prop_map(|pieces| pieces.concat())
}

fn times() -> impl Strategy<Value = ExportTime> {
    let later = |time: ExportTime, hours: i64| ExportTime {
        at: UnixMillis(time.at.0 + hours * 3_600_000),
        ..time
    };
    prop::sample::select(vec![
        time("2027-03-01 09:00", "Asia/Kolkata"),
        time("2027-06-15 00:00", "Europe/Berlin"),
        time("2028-02-29 23:59:59", "UTC"),
        time("2027-12-31 23:45", "Pacific/Chatham"),
        time("2027-11-07 01:30", "America/New_York"),
        // The second of two equal hours.
        later(time("2027-11-07 01:30", "America/New_York"), 1),
    ])
}

fn media() -> impl Strategy<Value = Part> {
    let source = prop::sample::select(vec![
        "https://example.org/a,b.png?c=1;d=2",
        "pictures/one crow.jpg",
        "crow|wall.png",
        "=crow.webp",
    ]);
    let alt_text = prop::option::of(text().prop_filter("says", |text| !text.trim().is_empty()));
    let media = (source, alt_text)
        .prop_map(|(source, alt_text)| MediaSource { source: source.to_owned(), alt_text });
    prop::collection::vec(media, 1..4)
        .prop_map(|media_sources| Part { media_sources, ..Part::of_text("") })
}

fn attachment() -> impl Strategy<Value = Part> {
    let answer = prop::sample::select(vec!["Yes", "No, never", "=1", "a|b", "c;d", "[e]", "- f"]);
    let poll = (prop::collection::vec(answer.prop_map(str::to_owned), 2..5), 5_u32..10_080)
        .prop_map(|(options, duration_minutes)| Poll { options, duration_minutes });
    let poll = poll.prop_map(|poll| Part { poll: Some(poll), ..Part::of_text("") });
    let reply = prop::sample::select(vec![
        ReplySettings::Following,
        ReplySettings::MentionedUsers,
        ReplySettings::Subscribers,
        ReplySettings::Verified,
    ]);
    let reply = reply.prop_map(|reply| Part { reply_settings: Some(reply), ..Part::of_text("") });
    let disclosed = (any::<bool>(), any::<bool>(), prop::option::of("[0-9]{1,19}")).prop_map(
        |(made_with_ai, paid_partnership, community_id)| Part {
            made_with_ai,
            paid_partnership,
            community_id,
            ..Part::of_text("")
        },
    );
    prop_oneof![media(), poll, reply, disclosed]
}

fn post() -> impl Strategy<Value = ExportRow> {
    let parts = prop_oneof![
        2 => prop::collection::vec(text(), 1..2),
        1 => prop::collection::vec(text().prop_map(|text| format!("{text}.")), 2..4),
    ];
    let tag = prop::sample::select(vec!["birds", "a, b", "x;y", "[z]", "=1", "ÉTÉ", "@w", "#q"]);
    let tags = prop::collection::btree_set(tag, 0..3);
    let note = prop::option::of(text().prop_map(|note| note.trim().to_owned()));
    let own_id = prop::option::of("[a-z0-9=@'-]{1,8}");
    let attachment = prop_oneof![3 => Just(None), 1 => attachment().prop_map(Some)];
    // Further parts of a thread have files or nothing.
    let later = prop_oneof![3 => Just(None), 1 => media().prop_map(Some)];
    let status = prop::sample::select(&Status::ALL[..]);
    let schedule = prop::option::weighted(0.8, times());
    ((parts, later), tags, note, own_id, attachment, status, schedule).prop_map(
        |((texts, later), tags, note, own_id, attachment, status, schedule)| {
            let mut content = Content::of_texts(texts);
            if let (Some(first), Some(attachment)) = (content.parts.first_mut(), attachment) {
                let text = std::mem::take(&mut first.text);
                *first = Part { text, ..attachment };
            }
            let disclosed = content.disclosing();
            for part in &mut content.parts {
                part.made_with_ai = disclosed.made_with_ai;
                part.paid_partnership = disclosed.paid_partnership;
            }
            if let ([_, .., last], Some(later)) = (content.parts.as_mut_slice(), later) {
                last.media_sources = later.media_sources;
            }
            ExportRow {
                content,
                tags: tags.into_iter().map(str::to_owned).collect(),
                note: note.filter(|note| !note.is_empty()),
                own_id: own_id.map(|id| ("May".to_owned(), id)),
                schedule,
                account: Some("ada".to_owned()),
                status,
                ..draft(0, ["-"])
            }
        },
    )
}

/// Posts that differ: each has its number in its text, its id and its own id.
fn posts() -> impl Strategy<Value = Vec<ExportRow>> {
    prop::collection::vec(post(), 1..6).prop_map(|rows| (1..).zip(rows).map(numbered).collect())
}

fn numbered((number, mut row): (u32, ExportRow)) -> ExportRow {
    if let Some(first) = row.content.parts.first_mut() {
        first.text = format!("{}{number}{}", first.text, "abcdefg".repeat(number as usize));
    }
    row.own_id = row.own_id.map(|(plan, id)| (plan, format!("{id}{number}")));
    if matches!(row.status, Status::Posted | Status::Partial) {
        row.tweet_ids = vec![TweetId(format!("17{number}"))];
        row.posted_at = row.schedule.as_ref().map(|time| UnixMillis(time.at.0 + 1_000));
    }
    ExportRow { post_id: draft(number, ["-"]).post_id, ..row }
}

fn surroundings(known: Posts) -> Surroundings {
    let ada = KnownAccount { ..common::account(ACCOUNT, "ada", Subscription::Premium) };
    Surroundings { accounts: vec![ada], known: Arc::new(known), ..Surroundings::empty(NOW) }
}

fn import(rows: &[ExportRow], format: ExportFormat, choices: Choices, known: Posts) -> Session {
    let file = write(rows, format, NOW).expect("a file");
    let name = format!("posts.{}", format.as_str());
    let table = read(&file.bytes, Some(&name), &ReadOptions::default()).expect("a table");
    let mapping = Mapping::recognise(&table);
    Session::open(table, mapping, choices, surroundings(known)).expect("a session")
}

/// The store in which these posts are.
fn stored(rows: &[ExportRow]) -> Posts {
    let there = |row: &ExportRow| There {
        account: Some(XUserId(ACCOUNT.to_owned())),
        own_id: row.own_id.as_ref().map(|(_, id)| id.clone()),
        plan: row.own_id.as_ref().map(|(plan, _)| plan.clone()),
        text: row.content.first_text().to_owned(),
        content: row.content.clone(),
        tags: row.tags.clone(),
        note: row.note.clone(),
        post: KnownPost {
            id: row.post_id,
            status: row.status,
            at: row.schedule.as_ref().map(|time| time.at),
            key: row.content.duplicate_key(),
        },
    };
    // What was cancelled is asked for by no import.
    Posts(rows.iter().filter(|row| row.status != Status::Cancelled).map(there).collect())
}

/// Returns whether an import makes a post of what was exported: it went nowhere yet, and may.
const fn comes_back(row: &ExportRow) -> bool {
    use Status::{Draft, Failed, Held, Missed, Pending, Queued};
    matches!(row.status, Draft | Pending | Queued | Held | Failed | Missed)
}

fn changes_nothing(rows: &[ExportRow], format: ExportFormat) -> Result<(), TestCaseError> {
    for update in [false, true] {
        let choices = Choices { update, ..Choices::default() };
        let session = import(rows, format, choices, stored(rows));
        let summary = session.summary();
        let makes: Vec<ReadyRow> = session.ready().collect();
        prop_assert_eq!(
            (summary.ready, summary.drafts, summary.updated, summary.refused),
            (0, 0, 0, 0),
            "{:?} {}: {:#?}",
            format,
            update,
            makes
        );
        prop_assert_eq!(summary.skipped as usize, rows.len());
    }
    Ok(())
}

fn comes_back_equal(rows: &[ExportRow], format: ExportFormat) -> Result<(), TestCaseError> {
    let session = import(rows, format, Choices::default(), Posts::default());
    prop_assert_eq!(session.table().defaults.plan.as_deref().unwrap_or("May"), "May");
    let made: Vec<ReadyRow> = session.ready().collect();
    let expected: Vec<&ExportRow> = rows.iter().filter(|row| comes_back(row)).collect();
    let places: Vec<u32> = made.iter().map(|row| row.row).collect();
    let back = (1..).zip(rows).filter(|(_, row)| comes_back(row)).map(|(place, _)| place);
    prop_assert_eq!(places, back.collect::<Vec<u32>>(), "{:#?}", session.findings(10));
    for (made, row) in made.iter().zip(expected) {
        equal(made, row)?;
    }
    Ok(())
}

fn equal(made: &ReadyRow, row: &ExportRow) -> Result<(), TestCaseError> {
    prop_assert_eq!(&made.content, &row.content);
    let time = made.wall_time.zip(made.scheduled_at).map(|(wall, at)| ExportTime {
        at,
        wall_time: wall.to_string(),
        zone: made.zone.name().to_owned(),
    });
    prop_assert_eq!(&time, &row.schedule);
    prop_assert_eq!(made.account.as_ref().map(|id| id.0.as_str()), Some(ACCOUNT));
    prop_assert_eq!(&made.tags, &row.tags);
    prop_assert_eq!(&made.note, &row.note);
    prop_assert_eq!(&made.own_id, &row.own_id.as_ref().map(|(_, id)| id.clone()));
    let goes_out = matches!(row.status, Status::Pending | Status::Queued | Status::Held)
        && row.schedule.is_some();
    let status = if goes_out { Status::Pending } else { Status::Draft };
    prop_assert_eq!(made.status, status);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..<_>::default() })]

    #[test]
    fn an_export_imported_into_its_own_store_changes_nothing(rows in posts()) {
        for format in FORMATS {
            changes_nothing(&rows, format)?;
        }
    }

    #[test]
    fn an_export_imported_into_an_empty_store_makes_the_posts_that_are_still_to_go_out(
        rows in posts(),
    ) {
        for format in FORMATS {
            comes_back_equal(&rows, format)?;
        }
    }
}

#[test]
fn what_went_out_is_never_scheduled_again_whatever_is_chosen() {
    use roost_core::post::{DuplicatePolicy, PastPolicy};
    use roost_import::choices::ProblemPolicy;
    let went_out =
        [Status::Sending, Status::Posted, Status::Partial, Status::Unknown, Status::Cancelled];
    let rows: Vec<ExportRow> = went_out
        .into_iter()
        .map(|status| ExportRow {
            status,
            schedule: Some(time("2027-03-01 09:00", "Asia/Kolkata")),
            account: Some("ada".to_owned()),
            ..draft(0, ["It was said"])
        })
        .zip(1..)
        .map(|(row, number)| numbered((number, row)))
        .collect();
    for format in FORMATS {
        for past in [PastPolicy::Skip, PastPolicy::Draft, PastPolicy::NextSlot] {
            let choices = Choices {
                past,
                duplicates: DuplicatePolicy::Keep,
                problems: ProblemPolicy::Draft,
                update: true,
                ..Choices::default()
            };
            let session = import(&rows, format, choices, Posts::default());
            assert_eq!(session.ready().count(), 0, "{format:?} {past:?}");
            assert_eq!(session.summary().skipped, 5);
        }
    }
}

#[test]
fn texts_that_a_spreadsheet_would_run_come_back_as_they_were() {
    let texts = ["=1+1", "+1", "-1", "@ada", "\tone", "'=2", "''", "'", "=\"0042\"", "\"=3\""];
    let rows: Vec<ExportRow> = (1..)
        .zip(texts)
        .map(|(number, text)| ExportRow {
            account: Some("ada".to_owned()),
            note: Some(text.trim().to_owned()),
            ..draft(number, [text])
        })
        .collect();
    for format in FORMATS {
        let session = import(&rows, format, Choices::default(), Posts::default());
        let made: Vec<ReadyRow> = session.ready().collect();
        let said: Vec<&str> = made.iter().map(|row| row.content.first_text()).collect();
        assert_eq!(said, texts, "{format:?}");
        for (made, row) in made.iter().zip(&rows) {
            assert_eq!(made.note, row.note, "{format:?}");
        }
    }
}
