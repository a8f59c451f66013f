//! Listeners are told what changed: which posts, how, and by whom.

use std::time::Duration;

use roost_core::id::PostId;
use roost_core::status::Status;
use roost_engine::view::{
    AgendaQuery, ChangeKind, ChangeSource, ChangedPosts, PostQuery, PostsChanged, View,
};
use roost_engine::{Change, Changes, Edit, NewPost};
use roost_import::choices::Choices;
use serde_json::json;

use crate::world::World;

/// Longer than anything here takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(40);

fn draft(text: &str) -> NewPost {
    NewPost { text: text.to_owned(), ..NewPost::default() }
}

/// Returns the next change of posts.
async fn next(changes: &mut Changes) -> PostsChanged {
    let next = async {
        loop {
            if let Change::Posts(posts) = changes.next().await.expect("an engine") {
                return posts;
            }
        }
    };
    tokio::time::timeout(PATIENCE, next).await.expect("a change in time")
}

fn ids(changed: &PostsChanged) -> Vec<PostId> {
    match &changed.posts {
        ChangedPosts::Ids { ids } => ids.clone(),
        other => panic!("no ids: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_names_its_posts_kinds_and_operation() {
    let world = World::without_account().await;
    let mut changes = world.engine.changes();
    let id = world.engine.create(draft("first")).await.unwrap().post.id;
    let created = next(&mut changes).await;
    assert_eq!((ids(&created), created.kinds), (vec![id], vec![ChangeKind::Created]));
    assert!(matches!(created.source, ChangeSource::ThisProcess { .. }), "{:?}", created.source);
    let edit = Edit {
        text: Some("second".to_owned()),
        thread: Some(vec!["and a part".to_owned()]),
        tags: Some(vec!["news".to_owned()]),
        ..Edit::default()
    };
    world.engine.edit(id, edit).await.unwrap();
    let edited = next(&mut changes).await;
    assert_eq!(ids(&edited), [id]);
    for kind in [ChangeKind::Edited, ChangeKind::Parts, ChangeKind::Tags] {
        assert!(edited.kinds.contains(&kind), "{edited:?}");
    }
    world.engine.delete(&[id]).await.unwrap();
    let deleted = next(&mut changes).await;
    assert_eq!((ids(&deleted), deleted.kinds), (vec![id], vec![ChangeKind::Deleted]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_writes_is_told_without_a_loop_that_hands_over() {
    let world = World::without_account().await;
    let mut changes = world.engine.changes();
    let beside = world.beside();
    let id = beside.create(draft("from the command line")).await.unwrap().post.id;
    let changed = next(&mut changes).await;
    assert_eq!((ids(&changed), changed.source), (vec![id], ChangeSource::AnotherProcess));
    let own = world.engine.create(draft("own")).await.unwrap().post.id;
    let changed = next(&mut changes).await;
    assert_eq!(ids(&changed), [own]);
    assert_ne!(changed.source, ChangeSource::AnotherProcess);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_big_import_is_one_change_and_leaves_the_listener_in_peace() {
    let mut world = World::without_account().await;
    world.run();
    let mut changes = world.engine.changes();
    let posts: Vec<_> = (0..3_000)
        .map(|number| json!({ "content": format!("imported {number}"), "draft": true }))
        .collect();
    let file = json!({ "posts": posts }).to_string().into_bytes();
    let report = world.import(file, Choices::default(), false).await;
    let import = report.import_id.unwrap_or_else(|| panic!("{report:?}"));
    let imported = next(&mut changes).await;
    assert_eq!(imported.posts, ChangedPosts::Import { import });
    assert_eq!(imported.kinds, [ChangeKind::Created]);
    // Each write is a look at all that came before it.
    let beside = world.beside();
    for number in 0..5 {
        let id = beside.create(draft(&format!("later {number}"))).await.unwrap().post.id;
        let mut told = Vec::new();
        loop {
            match tokio::time::timeout(PATIENCE, changes.next()).await.expect("in time") {
                Some(Change::Everything) => panic!("{told:?}"),
                Some(change) if change.concerns(id) => break,
                other => told.push(other),
            }
        }
        let posts = told.iter().filter(|it| matches!(it, Some(Change::Posts(_)))).count();
        assert_eq!(posts, 0, "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_fell_behind_is_told_to_read_everything_once() {
    let world = World::without_account().await;
    let mut changes = world.engine.changes();
    for number in 0..400 {
        world.engine.create(draft(&number.to_string())).await.unwrap();
    }
    assert_eq!(changes.try_next(), Some(Change::Everything));
    let id = world.engine.create(draft("one more")).await.unwrap().post.id;
    let mut told = Vec::new();
    while let Some(change) = changes.try_next() {
        told.push(change);
    }
    assert!(!told.contains(&Change::Everything), "{told:?}");
    assert_eq!(told.iter().filter(|change| change.concerns(id)).count(), 1, "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_patched_by_the_ids_that_changed() {
    let world = World::without_account().await;
    let mut all = Vec::new();
    for text in ["one", "two", "three"] {
        all.push(world.engine.create(draft(text)).await.unwrap().post.id);
    }
    let query = |view| PostQuery { ids: all[..2].to_vec(), view, ..PostQuery::default() };
    let drafts = world.engine.posts(&query(View::Drafts)).await.unwrap();
    let shown: Vec<PostId> = drafts.posts.iter().map(|row| row.id).collect();
    assert_eq!((shown, drafts.total), (all[..2].to_vec(), 2));
    assert_eq!(world.engine.posts(&query(View::Upcoming)).await.unwrap().posts, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_counts_and_shows_each_day_in_its_zone() {
    let world = World::new().await;
    let at = |text: &str, wall: &str| NewPost {
        wall_time: Some(wall.to_owned()),
        zone: Some("Europe/Berlin".to_owned()),
        ..draft(text)
    };
    for (text, wall) in [
        ("late on the first", "2060-03-01 23:30"),
        ("early on the second", "2060-03-02 00:30"),
        ("later on the second", "2060-03-02 09:00"),
    ] {
        world.engine.create(at(text, wall)).await.unwrap();
    }
    world.engine.create(draft("without a time")).await.unwrap();
    let query = AgendaQuery {
        from: Some("2060-03-01".to_owned()),
        days: 3,
        zone: Some("Europe/Berlin".to_owned()),
        rows_per_day: 1,
        ..AgendaQuery::default()
    };
    let agenda = world.engine.agenda(&query).await.unwrap();
    let days: Vec<_> = agenda
        .days
        .iter()
        .map(|day| (day.date.as_str(), day.posts, day.rows.first().map(|row| row.text.as_str())))
        .collect();
    assert_eq!(
        days,
        [
            ("2060-03-01", 1, Some("late on the first")),
            ("2060-03-02", 2, Some("early on the second")),
            ("2060-03-03", 0, None),
        ]
    );
    assert_eq!(agenda.days[0].by_status[0].status, Status::Pending);
    let in_utc = AgendaQuery { zone: Some("UTC".to_owned()), ..query.clone() };
    let first = &world.engine.agenda(&in_utc).await.unwrap().days[0];
    assert_eq!(first.posts, 2, "00:30 in Berlin is the evening before in UTC");
    let wrong = AgendaQuery { from: Some("tomorrow".to_owned()), ..query };
    assert!(world.engine.agenda(&wrong).await.is_err());
}
