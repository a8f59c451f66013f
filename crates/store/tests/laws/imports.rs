//! Whole imports: in with one transaction, out with one.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use crate::common::*;
use roost_core::id::PostId;
use roost_core::post::{Content, MediaSource, Part, ReplySettings};
use roost_core::status::{Actor, Status};
use roost_store::{
    AccountHealth, Error, EventKind, Filter, Label, NewPost, Order, OwnId, Page, Post, Store,
};

fn import(store: &Store, rows: i64) -> roost_store::ImportBatch {
    let posts: Vec<_> = (0..rows)
        .map(|row| {
            let mut post = due(&format!("row {row}"), 10 + row);
            post.import_row = u32::try_from(row + 1).ok();
            post
        })
        .collect();
    let new = import_of(u64::try_from(rows).expect("rows"));
    write(store, |tx| tx.import_posts(&new, &[], &posts, Actor::Person)).import
}

fn of(import: &roost_store::ImportBatch) -> Filter {
    Filter { import: Some(import.id), ..Filter::default() }
}

#[test]
fn an_import_is_all_or_nothing() {
    let store = memory();
    let mut posts: Vec<_> = (0..50).map(|row| due(&format!("row {row}"), row)).collect();
    posts[49].id = posts[0].id;
    let error = store
        .write("import", |tx| tx.import_posts(&import_of(50), &[], &posts, Actor::Person))
        .expect_err("the last row breaks a rule");
    assert!(matches!(error, Error::Constraint { .. }), "{error:?}");
    assert_eq!(read(&store, |read| read.count_posts(&Filter::default())), 0);
    assert_eq!(read(&store, |read| read.imports()), []);
    assert_eq!(read(&store, |read| read.events_after(0, 100)), []);
}

#[test]
fn ten_thousand_rows_come_in_with_one_write() {
    let store = memory();
    let import = import(&store, 10_000);
    assert_eq!((import.number, import.imported, import.found), (1, 10_000, 10_000));
    assert_eq!(read(&store, |read| read.count_posts(&of(&import))), 10_000);
    let actions = read(&store, |read| read.actions(10));
    assert_eq!(actions.iter().map(|action| action.events).collect::<Vec<_>>(), [10_000]);
}

#[test]
fn rows_of_one_moment_keep_the_order_of_the_file() {
    let store = memory();
    let posts: Vec<_> = (0..20).map(|row| due(&format!("row {row}"), 10)).collect();
    write(&store, |tx| tx.import_posts(&import_of(20), &[], &posts, Actor::Person));
    let due = read(&store, |read| read.due_for_handover(RELAY, minutes(60), 100));
    let ids: Vec<_> = due.iter().map(|post| post.id).collect();
    assert_eq!(ids, posts.iter().map(|post| post.id).collect::<Vec<_>>());
}

/// Posts of every kind: texts, threads, drafts, with tags, notes and more, in no order of time.
fn varied(rows: u32) -> Vec<NewPost> {
    let ids = PostId::batch(NOW);
    (0..rows)
        .zip(ids)
        .map(|(row, id)| {
            let mut post = due(&format!("row {row} of many"), i64::from(row * 7 % 1_000));
            post.id = id;
            post.import_row = Some(row + 1);
            post.tags = (0..row % 3).map(|tag| format!("Tag {}", (row + tag) % 5)).collect();
            match row % 6 {
                1 => post.content = Content::of_texts([format!("row {row}"), "its tail".into()]),
                2 => {
                    post.status = Status::Draft;
                    post.schedule = None;
                    let source = "cat.jpg".to_owned();
                    let part = Part {
                        media_sources: vec![MediaSource { source, alt_text: None }],
                        reply_settings: Some(ReplySettings::Verified),
                        ..Part::of_text(format!("row {row} with a picture"))
                    };
                    post.content = Content { parts: vec![part] };
                }
                3 => post.note = Some("ask Ada first".into()),
                4 => post.own_id = Some(OwnId { plan: "spring".into(), id: format!("S-{row}") }),
                _ => {}
            }
            post
        })
        .collect()
}

fn everything(store: &Store) -> Vec<Post> {
    let ids = read(store, |read| read.post_ids(&Filter::default(), Order::Ascending, u32::MAX));
    let mut posts: Vec<Post> = ids.into_iter().map(|id| get(store, id)).collect();
    posts.sort_by_key(|post| post.seq);
    posts
}

/// What the file itself says: whether its tables, its indexes and the index of words agree.
fn check_file(home: &Home) {
    let raw = rusqlite::Connection::open(home.path()).expect("the file");
    let found: String =
        raw.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("told");
    assert_eq!(found, "ok");
    raw.execute("INSERT INTO post_search (post_search, rank) VALUES ('integrity-check', 1)", [])
        .expect("the index says what the texts say");
    let miscounted: i64 = raw
        .query_row(
            "SELECT count(*) FROM (
                 SELECT account_id, status, handed, posts FROM post_count WHERE posts > 0
                 EXCEPT SELECT coalesce(account_id, ''), status,
                     status <> 'pending' AND offered_revision > withdrawn_revision, count(*)
                 FROM scheduled_post WHERE deleted_at IS NULL GROUP BY 1, 2, 3)",
            [],
            |row| row.get(0),
        )
        .expect("counts");
    assert_eq!(miscounted, 0);
}

fn schema(home: &Home) -> Vec<(String, Option<String>)> {
    let raw = rusqlite::Connection::open(home.path()).expect("the file");
    let sql = "SELECT name, sql FROM sqlite_schema ORDER BY type, name";
    let mut statement = raw.prepare(sql).expect("a schema");
    let entries = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("entries");
    entries.collect::<Result<_, _>>().expect("words")
}

fn home_with_account() -> (Home, Store) {
    let home = Home::new();
    let store = home.store();
    save_account(&store, AccountHealth::Connected);
    (home, store)
}

#[test]
fn rows_of_an_import_are_what_the_same_posts_are_when_they_are_made_one_by_one() {
    let (home, store) = home_with_account();
    let (other_home, other) = home_with_account();
    create(&store, &due("there before", 3));
    create(&other, &due("there before", 3));
    let new = varied(1_300);
    write(&store, |tx| tx.import_posts(&import_of(1_300), &[], &new, Actor::Person));
    for post in &new {
        create(&other, post);
    }
    let (imported, made) = (everything(&store), everything(&other));
    assert_eq!(imported.len(), 1_301);
    for (one, two) in imported.iter().zip(&made).skip(1) {
        let alike = Post { import_id: None, ..one.clone() };
        assert_eq!(alike, *two);
        assert_eq!(content(&store, one), content(&other, two));
        let (one, two) = (events(&store, one.id), events(&other, two.id));
        assert_eq!((one.len(), one[0].kind, one[0].label), (1, EventKind::Imported, Label::Import));
        let mut change = one[0].change.clone();
        assert!(change.after.import_id.take().is_some());
        assert_eq!(change, two[0].change);
    }
    let tags = |store: &Store| read(store, |read| read.tags());
    assert_eq!(tags(&store), tags(&other));
    let counts = |store: &Store| read(store, |read| read.status_counts(Some(&me())));
    assert_eq!(counts(&store), counts(&other));
    for words in ["tail", "picture", "many", "row 777"] {
        let filter = Filter { text: Some(words.into()), ..Filter::default() };
        let found = |store: &Store| {
            read(store, |read| read.post_ids(&filter, Order::Ascending, u32::MAX)).len()
        };
        assert_eq!(found(&store), found(&other), "{words}");
        assert!(found(&store) > 0, "{words}");
    }
    drop((store, other));
    check_file(&home);
    check_file(&other_home);
}

fn events(store: &Store, id: PostId) -> Vec<roost_store::PostEvent> {
    read(store, |read| read.events(id))
}

#[test]
fn an_import_of_most_of_the_store_leaves_it_with_all_its_indexes() {
    let (home, store) = home_with_account();
    let before = schema(&home);
    let new = varied(6_000);
    let imported =
        write(&store, |tx| tx.import_posts(&import_of(6_000), &[], &new, Actor::Person)).import;
    assert_eq!((imported.imported, imported.drafts, imported.updated), (6_000, 1_000, 0));
    assert_eq!(imported.first_at, Some(minutes(0)));
    assert_eq!(imported.last_at, Some(minutes(999)));
    let cost = read(&store, |read| read.cost_of_posts(&of(&imported)));
    assert_eq!(imported.cost_micros, cost);
    // A reader that had its statements ready before goes on with them.
    let page = read(&store, |read| read.posts(&Filter::default(), &Page::default())).posts;
    assert_eq!(page.len(), 100);
    write(&store, |tx| tx.undo_import(imported.id, Actor::Person));
    assert_eq!(everything(&store), []);
    drop(store);
    assert_eq!(schema(&home), before);
    check_file(&home);
}

#[test]
fn an_error_in_the_midst_of_a_large_import_leaves_nothing_of_it() {
    let (home, store) = home_with_account();
    let before = schema(&home);
    let mut new = varied(6_000);
    new[5_500].id = new[17].id;
    let error = store
        .write("import", |tx| tx.import_posts(&import_of(6_000), &[], &new, Actor::Person))
        .expect_err("a row breaks a rule");
    assert!(matches!(error, Error::Constraint { .. }), "{error:?}");
    new[5_500].id = PostId::new(NOW);
    new[5_500].status = Status::Posted;
    let error = store
        .write("import", |tx| tx.import_posts(&import_of(6_000), &[], &new, Actor::Person))
        .expect_err("a row breaks a rule");
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    assert_eq!(everything(&store), []);
    assert_eq!(read(&store, |read| read.imports()), []);
    assert_eq!(read(&store, |read| read.events_after(0, 100)), []);
    assert_eq!(read(&store, |read| read.tags()), []);
    drop(store);
    assert_eq!(schema(&home), before);
    check_file(&home);
}

#[test]
fn an_own_id_counts_within_its_plan_and_is_free_once_its_post_is_gone() {
    let store = memory();
    let named = |plan: &str, after| NewPost {
        own_id: Some(OwnId { plan: plan.into(), id: "S-1".into() }),
        ..due("x", after)
    };
    let first = create(&store, &named("spring", 1));
    create(&store, &named("summer", 2));
    let taken = store.write("test", |tx| tx.create_post(&named("spring", 3), Actor::Person));
    assert!(matches!(taken, Err(Error::Constraint { .. })), "{taken:?}");
    write(&store, |tx| tx.delete_post(first.id, Actor::Person));
    let second = create(&store, &named("spring", 4));
    let found = read(&store, |read| read.posts_by_own_id("spring", &["S-1", "S-2"]));
    assert_eq!(found.iter().map(|(_, post)| post.id).collect::<Vec<_>>(), [second.id]);
    let back = write(&store, |tx| tx.restore_post(first.id, Actor::Person));
    assert_eq!(back.own_id, None, "another post has it now");
}
