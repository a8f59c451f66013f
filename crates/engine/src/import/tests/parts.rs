//! Ids within plans, and an open import whose sources are read in another way.

use roost_store::{Filter, Page};
use serde_json::{Value, json};

use super::Desk;
use crate::api::call;

const AT: &str = "2099-03-01 09:00";

impl Desk {
    async fn open_file(&self, file: &Value, more: Value) -> Value {
        let mut open = json!({ "sources": [{ "text": file.to_string(), "name": "lists.json" }] });
        for (name, value) in more.as_object().unwrap() {
            open[name] = value.clone();
        }
        self.ask("open_import", open).await
    }

    async fn texts(&self) -> Vec<String> {
        let read = |store: &roost_store::Read<'_>| {
            let ids = store.posts(&Filter::default(), &Page::default())?;
            let ids: Vec<_> = ids.posts.into_iter().map(|post| post.id).collect();
            store.posts_and_contents(&ids)
        };
        let posts = self.engine.state.read(read).await.unwrap().into_iter();
        let mut texts: Vec<_> = posts.flat_map(|(_, content)| content.to_texts()).collect();
        texts.sort_unstable();
        texts
    }
}

#[tokio::test]
async fn an_id_counts_within_the_plan_that_its_row_names() {
    let desk = Desk::new().await;
    let file = |words: &str| {
        json!({ "plan": "spring", "posts": [
            { "id": "1", "content": format!("spring {words}"), "scheduledAt": AT },
            { "id": "1", "plan": "summer", "content": format!("summer {words}"), "scheduledAt": AT },
        ] })
    };
    let first = desk.commit(&desk.open_file(&file("says"), json!({})).await).await;
    assert_eq!(first["imported"], json!(2), "{first}");
    let choices = json!({ "choices": { "update": true } });
    let second = desk.commit(&desk.open_file(&file("changed"), choices).await).await;
    assert_eq!((&second["imported"], &second["updated"]), (&json!(0), &json!(2)), "{second}");
    assert_eq!(desk.texts().await, ["spring changed", "summer changed"]);
}

#[tokio::test]
async fn an_import_that_is_opened_again_takes_another_list_and_another_plan() {
    let desk = Desk::new().await;
    let row = |id: &str, text: &str| json!({ "id": id, "content": text, "scheduledAt": AT });
    let file = json!({ "plan": "spring", "posts": [row("1", "of the plan")] });
    desk.commit(&desk.open_file(&file, json!({})).await).await;

    let file = json!({ "march": [row("1", "of march")],
        "april": [row("2", "one of april"), row("3", "two of april")] });
    let choices = json!({ "update": true, "duplicates": "keep", "collision_minutes": 0 });
    let opened = desk.open_file(&file, json!({ "list": "april", "choices": choices })).await;
    let desk = desk.restarted();

    let session = &opened["id"];
    let cells = json!([{ "row": 1, "field": "content", "text": "changed" }]);
    let set = json!({ "session": session, "cells": cells });
    desk.ask("set_import_cells", set.clone()).await;
    let wrong = json!({ "session": session, "list": "may" });
    assert!(call(&desk.engine, "set_import_part", wrong).await.is_err());
    let kept = desk.ask("get_import", json!({ "session": session })).await;
    assert_eq!((&kept["list"], &kept["cells_changed"]), (&json!("april"), &json!(1)), "{kept}");

    let part = json!({ "session": session, "list": "march" });
    let march = desk.ask("set_import_part", part).await;
    assert_eq!((&march["id"], &march["list"]), (session, &json!("march")), "{march}");
    let counts = (&march["summary"]["rows"], &march["cells_changed"]);
    assert_eq!(counts, (&json!(1), &json!(0)), "the rows are others: {march}");
    assert_eq!(march["choices"]["update"], json!(true), "what was chosen stays chosen");
    assert_eq!((&march["plan"], &march["summary"]["updated"]), (&json!("lists.json"), &json!(0)));

    desk.ask("set_import_cells", set).await;
    let part = json!({ "session": session, "plan": "spring" });
    let spring = desk.ask("set_import_part", part).await;
    let counts = (&spring["plan"], &spring["cells_changed"]);
    assert_eq!(counts, (&json!("spring"), &json!(1)), "the rows are the same: {spring}");
    let desk = desk.restarted();
    let again = desk.ask("get_import", json!({ "session": session })).await;
    assert_eq!((&again["plan"], &again["list"]), (&json!("spring"), &json!("march")), "{again}");
    let done = desk.commit(&again).await;
    assert_eq!((&done["imported"], &done["updated"]), (&json!(0), &json!(1)), "{done}");
    assert_eq!(desk.texts().await, ["changed"]);
}
