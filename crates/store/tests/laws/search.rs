//! Search finds what is written, and takes nothing typed for syntax.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use crate::common::*;
use roost_core::id::PostId;
use roost_core::post::Content;
use roost_core::status::Actor;
use roost_store::{Edit, Filter, Order, Store};

fn find(store: &Store, text: &str) -> Vec<PostId> {
    let filter = Filter { text: Some(text.into()), ..Filter::default() };
    read(store, |read| read.post_ids(&filter, Order::Ascending, 100))
}

#[test]
fn search_keeps_step_with_every_edit() {
    let home = Home::new();
    let store = home.store();
    let mut new = draft("");
    new.content = Content::of_texts(["the quick brown fox", "jumps over"]);
    let post = create(&store, &new);
    let other = create(&store, &draft("unrelated"));
    for (words, found) in [("quick", true), ("jumps", true), ("lazy", false)] {
        assert_eq!(find(&store, words).contains(&post.id), found, "{words}");
    }
    for texts in [["the slow fox", "jumps over"], ["the slow fox", "over the lazy dog"]] {
        let content = Some(Content::of_texts(texts));
        let edit = Edit { content, ..Edit::default() };
        write(&store, |tx| tx.edit_post(post.id, &edit, Actor::Person));
    }
    for (words, found) in
        [("quick", false), ("slow", true), ("jumps", false), ("lazy", true), ("slow lazy", true)]
    {
        assert_eq!(find(&store, words).contains(&post.id), found, "{words}");
    }
    write(&store, |tx| tx.delete_post(post.id, Actor::Person));
    assert_eq!(find(&store, "slow"), []);
    home.clock.set(NOW.plus(std::time::Duration::from_secs(31 * 86_400)));
    assert_eq!(write(&store, |tx| tx.empty_trash()), 1);
    assert_eq!(find(&store, "unrelated"), [other.id]);
    let raw = rusqlite::Connection::open(home.path()).expect("the file");
    raw.execute("INSERT INTO post_search (post_search, rank) VALUES ('integrity-check', 1)", [])
        .expect("the index says what the texts say");
}

#[test]
fn search_learns_imports_and_their_threads() {
    let home = Home::new();
    let store = home.store();
    save_account(&store, roost_store::AccountHealth::Connected);
    let mut posts: Vec<_> = (0..30).map(|row| due(&format!("imported row{row}"), row)).collect();
    posts[3].content = Content::of_texts(["imported row3", "with a tail"]);
    write(&store, |tx| tx.import_posts(&import_of(30), &[], &posts, Actor::Person));
    assert_eq!(find(&store, "imported").len(), 30);
    assert_eq!(find(&store, "row17"), [posts[17].id]);
    assert_eq!(find(&store, "tail"), [posts[3].id]);
    write(&store, |tx| tx.edit_post(posts[17].id, &retext("edited"), Actor::Person));
    assert_eq!((find(&store, "imported").len(), find(&store, "row17")), (29, vec![]));
    let import = read(&store, |read| read.imports())[0].id;
    write(&store, |tx| tx.undo_import(import, Actor::Person));
    let raw = rusqlite::Connection::open(home.path()).expect("the file");
    raw.execute("INSERT INTO post_search (post_search, rank) VALUES ('integrity-check', 1)", [])
        .expect("the index says what the texts say");
}

#[test]
fn words_may_be_begun_and_stand_in_any_order() {
    let store = memory();
    let post = create(&store, &draft("Café opening on Friday #LaunchDay @roost"));
    for words in ["friday caf", "cafe", "CAFÉ", "launchday", "#launch", "@roost", "open fri"] {
        assert_eq!(find(&store, words), [post.id], "{words}");
    }
    for words in ["friday monday", "pening", "roost2"] {
        assert_eq!(find(&store, words), [], "{words}");
    }
}

#[test]
fn nothing_typed_is_syntax() {
    let store = memory();
    let post = create(&store, &draft("say \"hello\" AND (wave*) 100% sure_thing a\\b it's"));
    for words in
        ["\"hello\"", "AND", "(wave", "wave*)", "100%", "%", "sure_thing", "a\\b", "it's", "\\"]
    {
        assert_eq!(find(&store, words), [post.id], "{words}");
    }
    for words in [
        "\"",
        "he\"llo",
        "*",
        "^x",
        "NEAR(a b)",
        "text:x",
        "-hello",
        "a OR b",
        "{x",
        "\0",
        "he\0llo x",
        "NOT",
        "x'); DROP TABLE scheduled_post; --",
        "_____",
    ] {
        find(&store, words);
    }
    assert_eq!(find(&store, "   "), [post.id], "no words, no narrowing");
}

#[test]
fn every_script_is_found() {
    let store = memory();
    for (text, words) in [
        ("नमस्ते दुनिया", "दुनि"),
        ("今日は東京で発表します", "東京"),
        ("สวัสดีชาวโลก", "ชาว"),
        ("Привет, мир", "привет"),
        ("lift-off 🚀🎉", "🎉"),
        ("مرحبا بالعالم", "مرحبا"),
    ] {
        let post = create(&store, &draft(text));
        assert_eq!(find(&store, words), [post.id], "{words}");
    }
}
