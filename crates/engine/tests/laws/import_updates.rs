//! Rows that change waiting posts, and the undo that gives these back what they were.

use roost_core::status::Status;
use roost_engine::api;
use roost_store::Post;
use serde_json::{Value, json};

use crate::world::{World, wall_in};

async fn ask(world: &World, operation: &str, params: Value) -> Value {
    api::call(&world.engine, operation, params).await.unwrap()
}

async fn open(world: &World, row: &Value, choices: Value) -> Value {
    let file = json!({ "timezone": "Europe/Berlin", "plan": "spring", "posts": [row] }).to_string();
    let open = json!({ "sources": [{ "text": file, "name": "plan.json" }], "choices": choices });
    ask(world, "open_import", open).await
}

async fn commit(world: &World, session: &Value) -> Value {
    ask(world, "commit_import", json!({ "session": session["id"] })).await
}

/// What an import may change of a post.
#[derive(Debug, PartialEq)]
struct Said {
    texts: Vec<String>,
    wall: Option<String>,
    account: Option<String>,
    tags: Vec<String>,
    note: Option<String>,
    status: Status,
}

/// The one post, and what it says.
async fn only(world: &World) -> (Post, Said) {
    let rows = world.rows().await;
    let [row] = rows.as_slice() else { panic!("one post: {rows:?}") };
    let stored = world.store().read(|store| {
        let post = store.post(row.id)?.expect("the post");
        Ok::<_, roost_store::Error>((store.content(&post)?, store.tags_of(row.id)?, post))
    });
    let (content, tags, post) = stored.unwrap();
    let wall = post.schedule.as_ref().map(|it| format!("{} {}", it.wall_time, it.zone));
    let account = post.account.clone().map(|it| it.0);
    let (texts, note, status) = (content.to_texts(), post.note.clone(), post.status);
    (post, Said { texts, wall, account, tags, note, status })
}

async fn said(world: &World) -> Said {
    only(world).await.1
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_an_import_gives_a_changed_post_each_field_back() {
    let world = World::new().await;
    world.connect("second").await;
    let first = json!({ "id": "a", "content": "says", "scheduledAt": wall_in(7200),
        "account": "@demo", "tags": ["one"], "note": "ask Ada" });
    commit(&world, &open(&world, &first, json!({})).await).await;
    let before = said(&world).await;
    let update = || json!({ "update": true });
    assert_eq!(open(&world, &first, update()).await["summary"]["updated"], json!(0));

    for (field, value, shown) in [
        ("content", json!("says more"), "content"),
        ("scheduledAt", json!(wall_in(9000)), "scheduled_at"),
        ("account", json!("@second"), "account"),
        ("tags", json!(["one", "two"]), "tags"),
        ("note", json!("ask Bert"), "note"),
        ("draft", json!(true), "status"),
    ] {
        let mut row = first.clone();
        row[field] = value;
        let session = open(&world, &row, update()).await;
        assert_eq!(session["summary"]["updated"], json!(1), "{field}: {session}");
        let rows = json!({ "session": session["id"], "from": 0, "limit": 10 });
        let view = ask(&world, "import_rows", rows).await["rows"][0]["updates"].clone();
        assert_eq!(view["changes"].as_array().unwrap().len(), 1, "{view}");
        assert_eq!(view["changes"][0]["field"], shown, "{view}");
        let revision = only(&world).await.0.revision;

        let done = commit(&world, &session).await;
        assert_eq!((&done["imported"], &done["updated"]), (&json!(0), &json!(1)), "{done}");
        assert_ne!(said(&world).await, before, "{field}");
        let again = open(&world, &row, update()).await;
        assert_eq!(again["summary"]["updated"], json!(0), "{field}: it says so now");
        ask(&world, "undo_import", json!({ "id": done["import_id"] })).await;
        assert_eq!(said(&world).await, before, "{field}");
        let is_armed_anew = only(&world).await.0.revision > revision;
        assert_eq!(is_armed_anew, !matches!(field, "tags" | "note"), "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_fields_at_once_are_changed_and_given_back() {
    let world = World::new().await;
    let first = json!({ "id": "a", "content": "says", "scheduledAt": wall_in(7200) });
    commit(&world, &open(&world, &first, json!({})).await).await;
    let before = said(&world).await;
    let row = json!({ "id": "a", "thread": ["says more", "and more"], "scheduledAt": wall_in(9000),
        "draft": true, "tags": ["two"], "note": "ask Bert" });
    let done = commit(&world, &open(&world, &row, json!({ "update": true })).await).await;
    assert_eq!(done["updated"], json!(1), "{done}");
    let after = said(&world).await;
    assert_eq!((after.texts.len(), after.status), (2, Status::Draft), "{after:?}");
    assert_eq!((after.tags, after.note), (vec!["two".to_owned()], Some("ask Bert".to_owned())));
    ask(&world, "undo_import", json!({ "id": done["import_id"] })).await;
    assert_eq!(said(&world).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_text_at_another_time_moves_the_waiting_post_where_the_person_chooses_so() {
    let world = World::new().await;
    let row = |at: String| json!({ "content": "says", "scheduledAt": at });
    let choices = || json!({ "duplicates": "keep" });
    commit(&world, &open(&world, &row(wall_in(7_200)), choices()).await).await;
    let (post, before) = only(&world).await;

    let session = open(&world, &row(wall_in(90_000)), choices()).await;
    let offered = session["summary"]["by_code"].as_array().unwrap().iter().flat_map(|count| {
        count["fixes"].as_array().unwrap().iter().map(|fix| fix["id"].as_str().unwrap())
    });
    assert!(offered.clone().any(|fix| fix == "move_waiting_post"), "{session}");
    // It is no fix of another finding.
    let fix =
        json!({ "session": session["id"], "fix": "move_waiting_post", "code": "text_too_long" });
    assert_eq!(ask(&world, "fix_import", fix).await["changed"], json!(0));
    let fix = json!({ "session": session["id"], "fix": "move_waiting_post", "row": 1 });
    let fixed = ask(&world, "fix_import", fix).await;
    assert_eq!(fixed["summary"]["updated"], json!(1), "{fixed}");
    let done = commit(&world, &session).await;
    assert_eq!((&done["imported"], &done["updated"]), (&json!(0), &json!(1)), "{done}");
    let (moved, after) = only(&world).await;
    assert_eq!((moved.id, &after.texts), (post.id, &before.texts));
    assert!(moved.revision > post.revision, "it is armed anew");
    assert_ne!(after.wall, before.wall);

    ask(&world, "undo_import", json!({ "id": done["import_id"] })).await;
    assert_eq!(said(&world).await, before);
}
