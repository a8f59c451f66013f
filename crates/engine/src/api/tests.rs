use std::collections::HashSet;
use std::sync::Arc;

use roost_core::clock::SystemClock;
use roost_core::failure::Code;
use serde_json::{Value, json};

use super::{Effect, OPERATIONS, call, client};
use crate::{Engine, EngineConfig};

/// The table of operations that people read.
const ARCHITECTURE: &str = include_str!("../../../../ARCHITECTURE.md");

fn engine(folder: &tempfile::TempDir) -> Engine {
    let config = EngineConfig::new(folder.path().join("roost.db"));
    Engine::open(config, Arc::new(SystemClock)).unwrap()
}

#[test]
fn every_operation_has_a_name_of_its_own_and_a_sentence() {
    let names: HashSet<_> = OPERATIONS.iter().map(|operation| operation.name).collect();
    assert_eq!(names.len(), OPERATIONS.len());
    for operation in OPERATIONS {
        assert!(operation.description.ends_with('.'), "{operation:?}");
        assert!(operation.description.starts_with(char::is_uppercase), "{operation:?}");
    }
}

#[test]
fn architecture_names_every_operation() {
    for operation in OPERATIONS {
        let name = format!("`{}`", operation.name);
        assert!(ARCHITECTURE.contains(&name), "ARCHITECTURE.md does not name {name}");
    }
}

#[test]
fn the_client_has_a_function_for_every_operation() {
    let client = client();
    for operation in OPERATIONS {
        assert!(client.contains(&format!("call(\"{}\"", operation.name)), "{operation:?}");
    }
}

#[tokio::test]
async fn a_post_is_written_and_read_through_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&folder);
    let made = call(&engine, "create_post", json!({ "text": "Hello", "draft": true })).await;
    let id = made.unwrap()["post"]["id"].clone();
    let change = json!({ "id": id, "change": { "text": "Hello again" } });
    call(&engine, "edit_post", change).await.unwrap();
    let page = call(&engine, "list_posts", json!({ "view": "drafts" })).await.unwrap();
    assert_eq!(page["posts"][0]["text"], "Hello again");
    assert_eq!(page["posts"][0]["cost_micros"], 15_000);
    let overview = call(&engine, "get_overview", Value::Null).await.unwrap();
    assert_eq!(overview["counts"]["drafts"], 1);
}

#[tokio::test]
async fn what_only_reads_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&folder);
    let mut changes = engine.changes();
    for operation in OPERATIONS.iter().filter(|operation| operation.effect == Effect::Read) {
        // What needs more than nothing is refused; that is no change either.
        let _ = call(&engine, operation.name, json!({})).await;
    }
    assert_eq!(changes.try_next(), None);
}

#[tokio::test]
async fn a_failure_has_a_code_and_names_the_fields_to_mend() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&folder);
    let post = json!({ "text": "Hello", "wall_time": "2001-01-01 09:00" });
    let failure = call(&engine, "create_post", post).await.unwrap_err();
    assert_eq!(failure.code, Code::TimeInPast);
    assert_eq!(failure.problems[0].field.as_deref(), Some("scheduledAt"));
    let failure = call(&engine, "no_such_thing", Value::Null).await.unwrap_err();
    assert_eq!(failure.code, Code::UnknownOperation);
    let failure = call(&engine, "get_post", json!({ "id": "no" })).await.unwrap_err();
    assert_eq!(failure.code, Code::BadRequest);
    let failure = call(&engine, "get_overview", json!({ "no": 1 })).await.unwrap_err();
    assert_eq!(failure.code, Code::BadRequest);
}
