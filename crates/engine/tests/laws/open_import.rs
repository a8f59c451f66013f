//! An import that is open: judged, changed, committed, taken back.

use std::ops::ControlFlow;
use std::sync::Arc;

use roost_core::status::Status;
use roost_engine::{Error, ImportBytes, ImportRun, ImportStep, api};
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

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_several_lists_is_opened_once_the_person_has_chosen_one() {
    let world = World::new().await;
    let post = |text: &str| json!([{ "content": text, "draft": true }]);
    let file = format!(r#"{{ "march": {}, "april": {} }}"#, post("of march"), post("of april"));
    let sources = json!([{ "text": file, "name": "lists.json" }]);
    let asked = api::call(&world.engine, "open_import", json!({ "sources": sources })).await;
    let failure = serde_json::to_value(asked.unwrap_err()).unwrap();
    assert_eq!(
        (&failure["code"], &failure["options"]),
        (&json!("list_needed"), &json!(["march", "april"]))
    );

    let chosen = json!({ "sources": sources, "list": "april", "work": "opening" });
    let session = ask(&world, "open_import", chosen).await;
    assert_eq!(
        (&session["list"], &session["lists"]),
        (&json!("april"), &json!(["march", "april"]))
    );
    // What is over is not under way any more.
    let now = ask(&world, "get_import_progress", json!({ "work": "opening" })).await;
    assert_eq!(now["step"], Value::Null);
    commit(&world, &session).await;
    assert_eq!(
        world.rows().await.into_iter().map(|row| row.text).collect::<Vec<_>>(),
        ["of april"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_given_up_amid_its_posts_leaves_none_of_them() {
    let world = World::new().await;
    let rows = (0..2_500).map(|row| format!("post number {row} of many,"));
    let file = std::iter::once("text,date".to_owned()).chain(rows).collect::<Vec<_>>().join("\n");
    let source = ImportBytes { name: "many.csv".to_owned(), bytes: file.into_bytes(), path: None };
    let choices = serde_json::from_value(json!({ "problems": "draft" })).unwrap();
    let run = ImportRun { sources: vec![source], choices, ..ImportRun::default() };
    let given_up = Arc::new(|step| match step {
        ImportStep::Writing { posts: 2_000.., of: 2_500 } => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    let refused = world.engine.run_import(run, given_up).await.unwrap_err();
    assert!(matches!(refused, Error::ImportGivenUp), "{refused}");
    assert_eq!(world.rows().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_an_import_left_out_are_saved_after_it_too() {
    let world = World::new().await;
    let rows = json!([
        { "content": "fine", "scheduledAt": wall_in(7200) },
        { "content": "x".repeat(400), "scheduledAt": wall_in(9000) },
    ]);
    let session = open(&world, &rows, json!({ "problems": "skip" })).await;
    commit(&world, &session).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("left-out.json");
    let save = json!({ "session": session["id"], "path": path });
    assert_eq!(ask(&world, "save_import_rejects", save).await["rows"], 1);
    let saved = std::fs::read_to_string(path).unwrap();
    assert!(saved.contains(&"x".repeat(400)) && !saved.contains("fine"), "{saved}");
}
