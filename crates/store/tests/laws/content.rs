//! What a post says is one value, to the letter.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use crate::common::*;
use roost_core::id::MediaId;
use roost_core::post::{Content, MediaRef, Part, Poll};
use roost_core::status::Actor;
use roost_store::{Edit, EventKind, Filter, Page, Parts};

/// A picture without a text, and a question.
fn whole() -> Content {
    let media_id: MediaId = "01a3185c-5000-7076-b276-962c91290001".parse().expect("an id");
    let media = vec![MediaRef { media_id, alt_text: Some("a cat".into()), file: None }];
    let poll = Poll { options: vec!["yes".into(), "no".into()], duration_minutes: 60 };
    let parts = vec![
        Part { media, ..Part::default() },
        Part { poll: Some(poll), ..Part::of_text("Is it?") },
    ];
    Content { parts }
}

#[test]
fn media_and_polls_are_kept_as_they_are_and_told_by_the_events() {
    let store = memory();
    let mut new = draft("");
    new.content = whole();
    let post = create(&store, &new);
    assert_eq!(content(&store, &post), whole());
    assert!(post.is_intact(&whole()));
    let edit = retext("words alone");
    let edited = write(&store, |tx| tx.edit_post(post.id, &edit, Actor::Person));
    assert_eq!(content(&store, &edited), Content::of_texts(["words alone"]));
    let events = read(&store, |read| read.events(post.id));
    assert_eq!((events.len(), events[1].kind), (2, EventKind::Edited));
    let change = &events[1].change;
    let before = change.before.as_ref().expect("before");
    for told in [&events[0].change.after, before] {
        assert_eq!(told.over(Content::default()), whole());
    }
    assert_eq!(change.after.parts, Some(Parts(Vec::new())));
    assert_eq!(change.after.content.as_deref(), Some("words alone"));
}

#[test]
fn a_text_alone_has_no_parts_in_the_file_and_none_in_its_events() {
    let home = Home::new();
    let store = home.store();
    let post = create(&store, &draft("words"));
    let event = read(&store, |read| read.events(post.id)).remove(0);
    assert_eq!(event.change.after.parts, None);
    let raw = rusqlite::Connection::open(home.path()).expect("the file");
    let rows: i64 =
        raw.query_row("SELECT count(*) FROM post_part", [], |row| row.get(0)).expect("a count");
    assert_eq!(rows, 0);
}

#[test]
fn damage_of_any_letter_of_any_part_is_noticed() {
    let home = Home::new();
    let store = home.store();
    let mut new = draft("");
    new.content = whole();
    new.content.parts.push(Part::of_text("the  end"));
    let post = create(&store, &new);
    let raw = rusqlite::Connection::open(home.path()).expect("the file");
    for damage in [
        "UPDATE scheduled_post SET content = ' '",
        "UPDATE post_part SET text = 'the end' WHERE position = 2",
        "UPDATE post_part SET beyond_text = replace(beyond_text, 'cat', 'cot')",
        "UPDATE post_part SET beyond_text = replace(beyond_text, '60', '61')",
        "UPDATE post_part SET beyond_text = NULL",
        "DELETE FROM post_part WHERE position = 2",
        "UPDATE scheduled_post SET body_hash = zeroblob(33)",
        "UPDATE scheduled_post SET body_hash = NULL",
    ] {
        raw.execute(damage, []).expect("damaged");
        let there = get(&store, post.id);
        assert!(!there.is_intact(&content(&store, &there)), "{damage}");
        let edit = Edit { content: Some(new.content.clone()), ..Edit::default() };
        let saved = write(&store, |tx| tx.edit_post(post.id, &edit, Actor::Person));
        assert!(saved.is_intact(&content(&store, &saved)), "saved again after: {damage}");
    }
}

#[test]
fn an_export_has_each_post_whole() {
    let store = memory();
    let mut new = draft("");
    new.content = whole();
    new.tags = vec!["b".into(), "a".into()];
    let whole_post = create(&store, &new);
    let mut new = draft("");
    new.content = Content::of_texts(["one", "two", "three"]);
    let thread = create(&store, &new);
    let plain = create(&store, &draft("words"));
    for limit in [1, 2, 100] {
        let mut exported = Vec::new();
        let mut page = Page { limit, ..Page::default() };
        loop {
            let (posts, next) = read(&store, |read| read.exported(&Filter::default(), &page));
            exported.extend(posts);
            page.after = next;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(exported.len(), 3);
        for post in [&whole_post, &thread, &plain] {
            let found = exported.iter().find(|it| it.post.id == post.id).expect("the post");
            assert_eq!(found.content, content(&store, post));
            assert_eq!(found.post, *post);
            assert!(found.tweet_ids.is_empty());
        }
        let tagged = exported.iter().find(|it| it.post.id == whole_post.id).expect("the post");
        assert_eq!(tagged.extras.tags, ["a", "b"]);
    }
}
