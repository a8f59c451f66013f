//! An import that is open: judged, changed, committed, taken back.

use roost_core::status::Status;
use roost_engine::api;
use serde_json::{Value, json};

use crate::world::{World, wall_in};

async fn ask(world: &World, operation: &str, params: Value) -> Value {
    api::call(&world.engine, operation, params).await.unwrap()
}

async fn open(world: &World, rows: &Value, choices: Value) -> Value {
    let file = json!({ "timezone": "Europe/Berlin", "plan": "spring", "posts": rows }).to_string();
    let open = json!({ "sources": [{ "text": file, "name": "plan.json" }], "choices": choices });
    ask(world, "open_import", open).await
}

async fn commit(world: &World, session: &Value) -> Value {
    ask(world, "commit_import", json!({ "session": session["id"] })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_makes_a_waiting_post_a_draft_and_a_draft_a_waiting_post_where_the_row_says_so() {
    let world = World::new().await;
    let (at, later) = (wall_in(7200), wall_in(9000));
    let rows = json!([
        { "id": "a", "content": "waits", "scheduledAt": at },
        { "id": "b", "content": "is a draft", "draft": true },
    ]);
    let first = commit(&world, &open(&world, &rows, json!({})).await).await;
    assert_eq!((&first["imported"], &first["drafts"]), (&json!(2), &json!(1)), "{first}");

    let rows = json!([
        { "id": "a", "content": "waits for its words", "scheduledAt": at, "draft": true },
        { "id": "b", "content": "is ready", "scheduledAt": later },
    ]);
    let second = commit(&world, &open(&world, &rows, json!({ "update": true })).await).await;
    assert_eq!((&second["imported"], &second["updated"]), (&json!(0), &json!(2)), "{second}");
    let mut stands: Vec<_> =
        world.rows().await.into_iter().map(|row| (row.text, row.status)).collect();
    stands.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    let expected = [("is ready", Status::Pending), ("waits for its words", Status::Draft)];
    assert_eq!(stands, expected.map(|(text, status)| (text.to_owned(), status)));

    ask(&world, "undo_import", json!({ "id": second["import_id"] })).await;
    let mut stands: Vec<_> =
        world.rows().await.into_iter().map(|row| (row.text, row.status)).collect();
    stands.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    let expected = [("is a draft", Status::Draft), ("waits", Status::Pending)];
    assert_eq!(stands, expected.map(|(text, status)| (text.to_owned(), status)));
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_two_files_that_name_no_plan_stay_apart() {
    let world = World::new().await;
    for (name, text) in [("one.json", "of one"), ("two.json", "of two"), ("one.json", "changed")] {
        let posts = json!([{ "id": "1", "content": text, "scheduledAt": wall_in(7200) }]);
        let file = json!({ "timezone": "Europe/Berlin", "posts": posts }).to_string();
        let open = json!({ "sources": [{ "text": file, "name": name }],
            "choices": { "update": true, "collision_minutes": 0 } });
        let session = ask(&world, "open_import", open).await;
        assert_eq!(session["plan"], name);
        commit(&world, &session).await;
    }
    let mut texts: Vec<_> = world.rows().await.into_iter().map(|row| row.text).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["changed", "of two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_comes_twice_does_not_stop_the_import_whose_problems_become_drafts() {
    let world = World::new().await;
    let rows = json!([
        { "id": "7", "content": "one", "scheduledAt": wall_in(7200) },
        { "id": "7", "content": "two", "scheduledAt": wall_in(9000) },
    ]);
    let done = commit(&world, &open(&world, &rows, json!({ "problems": "draft" })).await).await;
    assert_eq!((&done["imported"], &done["drafts"]), (&json!(2), &json!(1)), "{done}");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_nearly_those_of_waiting_posts_are_told_once_compared_and_in_the_report() {
    let world = World::new().await;
    let text = "Doors open at nine today, come early and bring a friend along.";
    let near = text.replace("nine", "ten");
    let first = json!([{ "content": text, "scheduledAt": wall_in(7200) }]);
    commit(&world, &open(&world, &first, json!({})).await).await;

    let rows = json!([{ "content": near, "scheduledAt": wall_in(90_000) }]);
    let session = open(&world, &rows, json!({})).await;
    let summary = &session["summary"];
    assert_eq!((&summary["texts_compared"], &summary["by_code"]), (&json!(false), &json!([])));
    let summary = ask(&world, "compare_import_texts", json!({ "session": session["id"] })).await;
    assert_eq!(summary["texts_compared"], json!(true));
    assert_eq!(summary["by_code"][0]["code"], json!("near_duplicate"));
    let done = commit(&world, &session).await;
    assert_eq!(done["imported"], json!(1));
    let warning = &done["warnings"]["listed"][0];
    assert_eq!(warning["code"], json!("near_duplicate"));
    assert!(warning["message"].as_str().unwrap().contains(&wall_in(7200)[..10]), "{warning}");
}
