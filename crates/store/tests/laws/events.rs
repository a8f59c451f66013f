//! The rows of every release are read, and a write tells of each post once.
#![expect(
    clippy::disallowed_methods,
    reason = "the test plays an earlier release's part on the file"
)]

use crate::common::*;
use roost_core::id::PostId;
use roost_core::post::Content;
use roost_core::status::Actor;
use roost_store::{Edit, EventKind, Label, PostEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A row of an earlier release, and what it says. The first were written by `V1` of the store, with all
/// that a new row has not yet; the last by the release before changes had a form.
#[derive(Serialize, Deserialize)]
struct Row {
    kind: String,
    actor: String,
    before: Value,
    after: Value,
    /// As it is read.
    #[serde(default)]
    label: Value,
    #[serde(default)]
    change: Value,
}

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/events_of_form_1.json");

#[test]
fn the_events_of_earlier_releases_are_read_as_they_were_meant() {
    let home = Home::new();
    let store = home.store();
    let post = PostId::new(NOW);
    let text = std::fs::read_to_string(GOLDEN).expect("the golden rows");
    let mut rows: Vec<Row> = serde_json::from_str(&text).expect("rows");
    let raw = rusqlite::Connection::open(home.path()).expect("the file");
    let text = |value: &Value| (!value.is_null()).then(|| value.to_string());
    for row in &rows {
        raw.execute(
            "INSERT INTO post_event (action, point, post_id, at, actor, kind, revision, before, after)
             VALUES (1, 'compose.edit', ?1, 1, ?2, ?3, 1, ?4, ?5)",
            (post.to_string(), &row.actor, &row.kind, text(&row.before), text(&row.after)),
        )
        .expect("a row");
    }
    let events = read(&store, |read| read.events(post));
    assert_eq!(events.len(), rows.len());
    let says = |event: &PostEvent| {
        let change = serde_json::to_value(&event.change).expect("JSON");
        (Value::from(event.label.as_str()), change)
    };
    if std::env::var_os("ROOST_ACCEPT_EVENTS").is_some() {
        for (row, event) in rows.iter_mut().zip(&events) {
            (row.label, row.change) = says(event);
        }
        let fresh = serde_json::to_string_pretty(&rows).expect("JSON") + "\n";
        std::fs::write(GOLDEN, fresh).expect("written");
    }
    for (row, event) in rows.iter().zip(&events) {
        let (label, change) = says(event);
        assert_eq!((&label, &change), (&row.label, &row.change), "{} by {}", row.kind, row.actor);
    }
}

#[test]
fn an_edit_of_everything_is_one_event_with_the_command_s_name() {
    let store = memory();
    let post = create(&store, &due("before", 10));
    let edit = Edit {
        content: Some(Content::of_texts(["after", "and more"])),
        schedule: Some(Some(schedule(minutes(20)))),
        tags: Some(vec!["launch".into()]),
        ..Edit::default()
    };
    write(&store, |tx| tx.edit_post(post.id, &edit, Actor::Person));
    let events = read(&store, |read| read.events(post.id));
    assert_eq!(events.len(), 2, "one for each write: {events:#?}");
    let event = &events[1];
    assert_eq!((event.kind, event.label), (EventKind::Edited, Label::Edit));
    let (old, new) = (event.change.before.as_ref().expect("before"), &event.change.after);
    assert_eq!(old.over(Content::default()), Content::of_texts(["before"]));
    assert_eq!(new.over(Content::default()), Content::of_texts(["after", "and more"]));
    assert_eq!((&old.tags, &new.tags), (&Some(Vec::new()), &Some(vec!["launch".to_owned()])));
    assert_eq!(old.schedule, Some(post.schedule));
}

#[test]
fn the_posts_of_one_command_share_its_group_and_its_name() {
    let store = memory();
    let posts: Vec<_> = (0..3).map(|row| due(&format!("row {row}"), 10)).collect();
    let import =
        write(&store, |tx| tx.import_posts(&import_of(3), &[], &posts, Actor::Person)).import;
    let new = create(&store, &draft("by hand"));
    write(&store, |tx| {
        tx.label(Label::UndoImport);
        tx.undo_import(import.id, Actor::Person)
    });
    let events = read(&store, |read| read.events_after(0, 100));
    let groups: Vec<_> = events.iter().map(|event| (event.group, event.label)).collect();
    let expected = [(1, Label::Import), (4, Label::Create), (5, Label::UndoImport)];
    let of = |at: usize| expected[at];
    assert_eq!(groups, [of(0), of(0), of(0), of(1), of(2), of(2), of(2)]);
    assert_eq!(events[3].post_id, new.id);
}

#[test]
fn a_new_post_s_event_has_its_parts_and_its_tags() {
    let store = memory();
    let mut new = thread(&["one", "two"], 10);
    new.tags = vec![" b ".into(), "A".into(), "a".into(), String::new()];
    let post = create(&store, &new);
    let made = read(&store, |read| read.events(post.id)).remove(0).change;
    assert_eq!(made.before, None);
    assert_eq!(made.after.over(Content::default()), new.content);
    let (_, extras) = read(&store, |read| read.expect_row(post.id));
    assert_eq!(made.after.tags, Some(extras.tags));
}
