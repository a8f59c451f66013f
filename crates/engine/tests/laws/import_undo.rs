//! What taking an import back would do, said of each post before it is done, and what it did.

use roost_core::status::Status;
use roost_engine::api;
use serde_json::{Value, json};

use crate::world::{World, wall_in};

async fn ask(world: &World, operation: &str, params: Value) -> Value {
    api::call(&world.engine, operation, params).await.unwrap()
}

/// Imports rows, and returns the request that names the import.
async fn import(world: &World, rows: &Value, choices: Value) -> Value {
    let file = json!({ "timezone": "Europe/Berlin", "plan": "spring", "posts": rows }).to_string();
    let open = json!({ "sources": [{ "text": file, "name": "plan.json" }], "choices": choices });
    let session = ask(world, "open_import", open).await;
    let done = ask(world, "commit_import", json!({ "session": session["id"] })).await;
    assert!(done["import_id"].is_string(), "{done}");
    json!({ "id": done["import_id"] })
}

/// Text, fate and reason of each post that is told of; none is an empty one.
fn fates(undone: &Value) -> Vec<[String; 3]> {
    let told = |it: &Value| {
        ["text", "fate", "reason"].map(|name| it[name].as_str().unwrap_or_default().to_owned())
    };
    undone["posts"].as_array().unwrap().iter().map(told).collect()
}

fn counts(undone: &Value) -> [u64; 5] {
    ["removed", "cancelling", "kept", "restored", "not_restored"]
        .map(|name| undone[name].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_an_import_does_to_each_post_what_its_preview_said() {
    let world = World::new().await;
    // Beyond the horizon, so that nothing is handed over.
    let at = |hours: u64| wall_in((1_000 + hours) * 3_600);
    let row = |id: &str, text: &str, hours| json!({ "id": id, "content": text, "scheduledAt": at(hours) });
    let first = json!([row("1", "one", 1), row("2", "two", 2), row("3", "three", 3)]);
    import(&world, &first, json!({})).await;
    let rows = json!([
        row("1", "one, changed", 1),
        row("2", "two, changed", 2),
        row("3", "three, changed", 3),
        row("4", "new", 4),
    ]);
    let one = import(&world, &rows, json!({ "update": true })).await;
    let posts = world.rows().await;
    let of = |text: &str| posts.iter().find(|it| it.text == text).expect("a post").id;
    let edit = json!({ "id": of("two, changed"), "change": { "text": "mine" } });
    ask(&world, "edit_post", edit).await;
    ask(&world, "delete_posts", json!({ "posts": [{ "id": of("three, changed") }] })).await;

    let preview = ask(&world, "preview_undo_import", one.clone()).await;
    assert_eq!(counts(&preview), [1, 0, 0, 1, 2], "{preview}");
    let expected = [
        ["mine", "not_restored", "It was changed since."],
        ["three, changed", "not_restored", "It is gone."],
        ["one, changed", "restored", ""],
        ["new", "removed", ""],
    ];
    assert_eq!(fates(&preview), expected.map(|post| post.map(str::to_owned)));
    assert_eq!(world.rows().await.len(), 3, "nothing was written");

    let undone = ask(&world, "undo_import", one.clone()).await;
    assert_eq!(counts(&undone), counts(&preview));
    let texts: Vec<_> = world.rows().await.into_iter().map(|row| row.text).collect();
    assert_eq!(texts, ["one", "mine"]);
    for operation in ["preview_undo_import", "undo_import"] {
        let again = api::call(&world.engine, operation, one.clone()).await;
        assert!(again.is_err(), "{operation}: it was undone before");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_that_were_handed_over_or_went_out_are_named_before_an_import_is_undone() {
    let world = World::new().await;
    let rows = json!([
        { "content": "goes out", "scheduledAt": wall_in(7200) },
        { "content": "is a draft", "draft": true },
    ]);
    let one = import(&world, &rows, json!({})).await;
    ask(&world, "sync_now", json!({})).await;
    let handed = world.rows().await.into_iter().find(|row| row.text == "goes out").unwrap();
    assert_eq!(world.status(handed.id).await, Status::Queued);
    let preview = ask(&world, "preview_undo_import", one.clone()).await;
    assert_eq!(counts(&preview), [1, 1, 0, 0, 0], "{preview}");
    assert_eq!(fates(&preview)[0][1], "cancelling");
    assert!(fates(&preview)[0][2].contains("relay"), "{preview}");
    let undone = ask(&world, "undo_import", one).await;
    assert_eq!(counts(&undone), counts(&preview), "{undone}");
}
