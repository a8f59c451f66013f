use std::collections::HashSet;
use std::sync::Arc;

use roost_core::clock::SystemClock;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_store::{Account, AccountHealth};
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

/// Two accounts: one with long posts, one without.
async fn with_two_accounts(folder: &tempfile::TempDir) -> Engine {
    let engine = engine(folder);
    let account = |id: &str, username: &str, plan: &str| Account {
        x_user_id: XUserId(id.to_owned()),
        username: username.to_owned(),
        name: username.to_owned(),
        subscription_type: Some(plan.to_owned()),
        health: AccountHealth::Connected,
        message: None,
        proven_at: None,
        removed_at: None,
        limits: None,
    };
    let accounts = [account("1", "ada", "Premium"), account("2", "bob", "None")];
    let saved = engine.state.write("test.accounts", move |store| {
        for account in &accounts {
            store.save_account(account)?;
        }
        Ok(())
    });
    saved.await.unwrap();
    engine
}

#[tokio::test]
async fn with_two_accounts_each_request_is_for_the_one_that_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let engine = with_two_accounts(&folder).await;
    let ask = async |operation: &str, params: Value| call(&engine, operation, params).await;

    for (account, limit) in [("ada", 25_000), ("@bob", 280), ("2", 280)] {
        let counted = ask("count_text", json!({ "parts": ["Hi"], "account": account })).await;
        assert_eq!(counted.unwrap()["parts"][0]["limit"], limit, "{account}");
    }

    let suggested = ask("suggest_times", json!({ "zone": "Asia/Kolkata", "account": "bob" })).await;
    let first = suggested.unwrap()["times"][0].clone();
    let post = |account: Value| {
        json!({ "text": "Hi", "zone": "Asia/Kolkata", "wall_time": first["wall_time"],
            "account": account })
    };
    let unnamed = ask("create_post", post(Value::Null)).await.unwrap_err();
    assert_eq!(unnamed.code, Code::AccountMissing, "{unnamed:?}");
    let checked = ask("check_post", post(Value::Null)).await.unwrap();
    assert_eq!(checked["errors"][0]["code"], "account_missing", "{checked}");
    let made = ask("create_post", post("bob".into())).await.unwrap();
    assert_eq!(made["post"]["username"], "bob");

    // What bob's clock is taken for is free for ada.
    let first_of = async |account: &str| {
        let times = ask("suggest_times", json!({ "zone": "Asia/Kolkata", "account": account }));
        times.await.unwrap()["times"][0]["at"].as_i64().unwrap()
    };
    assert!(first_of("bob").await > first_of("ada").await);

    let change = json!({ "id": made["post"]["id"], "change": { "account": "ada" } });
    assert_eq!(ask("edit_post", change).await.unwrap()["post"]["username"], "ada");

    let file = json!([{ "content": "From a file", "scheduledAt": first["wall_time"],
        "timezone": "Asia/Kolkata" }]);
    let open = json!({ "sources": [{ "text": file.to_string() }], "choices": {} });
    let opened = ask("open_import", open).await.unwrap();
    let found = &opened["file_findings"][0];
    assert_eq!(found["code"], "account_missing", "{opened}");
    let choices = json!({ "session": opened["id"], "choices": { "account": "bob" } });
    let chosen = ask("set_import_choices", choices).await.unwrap();
    assert_eq!(chosen["summary"]["ready"], 1, "{chosen}");
    let session = json!({ "session": opened["id"] });
    assert_eq!(ask("commit_import", session).await.unwrap()["imported"], 1);
    let of_bob = ask("list_posts", json!({ "account": "2" })).await.unwrap();
    assert_eq!(of_bob["posts"][0]["text"], "From a file");
}

#[tokio::test]
async fn a_template_and_a_prompt_have_zone_account_and_posting_times_filled_in() {
    let folder = tempfile::tempdir().unwrap();
    let engine = with_two_accounts(&folder).await;
    let ask = async |operation: &str, params: Value| call(&engine, operation, params).await;
    let slots = json!({ "x_user_id": "2", "zone": "Europe/Berlin",
        "slots": [{ "weekday": 1, "hour": 9, "minute": 30 }] });
    ask("set_slots", slots).await.unwrap();

    let prompt = ask("get_import_prompt", json!({ "account": "bob" })).await.unwrap();
    assert_eq!(prompt["zone"], "Europe/Berlin");
    let text = prompt["text"].as_str().unwrap();
    for words in ["Europe/Berlin", "\"@bob\"", "Mon 9:30", "280 characters"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    // The posting times stand on other clocks.
    let elsewhere = json!({ "account": "bob", "zone": "Asia/Kolkata" });
    let elsewhere = ask("get_import_prompt", elsewhere).await.unwrap();
    let text = elsewhere["text"].as_str().unwrap();
    assert!(text.contains("Asia/Kolkata") && !text.contains("9:30"), "{text}");
    assert!(ask("get_import_prompt", json!({ "account": "eve" })).await.is_err());

    let wanted = json!({ "format": "json", "zone": "Asia/Kolkata", "account": "ada" });
    let template = ask("get_import_template", wanted).await.unwrap();
    let open = json!({ "sources": [{ "text": template["text"] }], "choices": {} });
    let opened = ask("open_import", open).await.unwrap();
    let summary = &opened["summary"];
    assert_eq!((&summary["refused"], &summary["zone"]), (&json!(0), &json!("Asia/Kolkata")));
    assert_eq!((&summary["ready"], &summary["drafts"]), (&json!(2), &json!(1)), "{opened}");

    let path = folder.path().join("posts.xlsx");
    let wanted = json!({ "format": "xlsx", "path": path, "account": "ada" });
    let saved = ask("get_import_template", wanted).await.unwrap();
    assert_eq!((&saved["text"], &saved["path"]), (&Value::Null, &json!(path)));
    let open = json!({ "sources": [{ "path": path }], "choices": {} });
    assert_eq!(ask("open_import", open).await.unwrap()["summary"]["refused"], 0);
    let failure = ask("get_import_template", json!({ "format": "ods" })).await.unwrap_err();
    assert_eq!(failure.code, Code::BadRequest);
}

#[tokio::test]
async fn what_is_pasted_from_x_is_read_and_what_is_no_post_names_its_field() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&folder);
    let made = call(&engine, "create_post", json!({ "text": "Hello", "draft": true })).await;
    let post = json!({ "id": made.unwrap()["post"]["id"] });
    let found =
        |tweet: &str| json!({ "post": post, "finding": { "action": "went_out", "tweet": tweet } });
    let failure = call(&engine, "resolve_post", found("https://x.com/ada")).await.unwrap_err();
    assert_eq!(failure.code, Code::NotAPostOnX);
    assert_eq!(failure.problems[0].field.as_deref(), Some("tweet"));
    let failure = call(&engine, "resolve_post", found("123?s=20")).await.unwrap_err();
    assert_eq!(failure.code, Code::ChangeNotAllowed, "it is a draft: {failure:?}");
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
