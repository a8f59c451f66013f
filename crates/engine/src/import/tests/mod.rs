//! What an import takes from the settings, and from the import before it.

mod commit;
mod parts;

use std::sync::Arc;

use roost_core::clock::SystemClock;
use roost_core::id::XUserId;
use roost_store::{Account, AccountHealth};
use serde_json::{Value, json};

use crate::api::call;
use crate::{Engine, EngineConfig};

/// An engine over a store of its own, with one account, and no service.
struct Desk {
    engine: Engine,
    folder: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = EngineConfig::new(folder.path().join("roost.db"));
        let engine = Engine::open(config, Arc::new(SystemClock)).unwrap();
        let desk = Self { engine, folder };
        desk.set_health(AccountHealth::Connected).await;
        desk
    }

    fn account(id: &str, username: &str) -> Account {
        Account {
            x_user_id: XUserId(id.to_owned()),
            username: username.to_owned(),
            name: username.to_owned(),
            subscription_type: None,
            health: AccountHealth::Connected,
            message: None,
            proven_at: None,
            removed_at: None,
            limits: None,
        }
    }

    async fn set_health(&self, health: AccountHealth) {
        self.save(Account { health, ..Self::account("7", "ada") }).await;
    }

    async fn save(&self, account: Account) {
        let save = move |store: &mut roost_store::Tx<'_>| Ok(store.save_account(&account)?);
        self.engine.state.write("test.account", save).await.unwrap();
    }

    /// The same store, as a later start of the program has it.
    fn restarted(self) -> Self {
        let config = EngineConfig::new(self.folder.path().join("roost.db"));
        Self { engine: Engine::open(config, Arc::new(SystemClock)).unwrap(), ..self }
    }

    async fn ask(&self, operation: &str, params: Value) -> Value {
        call(&self.engine, operation, params).await.unwrap()
    }

    async fn open(&self, text: &str) -> Value {
        self.ask("open_import", json!({ "sources": [{ "text": text, "name": "plan.csv" }] })).await
    }

    async fn commit(&self, session: &Value) -> Value {
        self.ask("commit_import", json!({ "session": session["id"] })).await
    }
}

fn rows_of(session: &Value, code: &str) -> u64 {
    let counts = session["summary"]["by_code"].as_array().unwrap();
    counts.iter().find(|it| it["code"] == code).map_or(0, |it| it["rows"].as_u64().unwrap())
}

const TWO_CLOSE: &str = "text,date\nOne,2099-03-01 09:00\nTwo x.com,2099-03-01 09:04\n";

#[tokio::test]
async fn prices_and_the_distance_of_posts_are_those_of_the_settings() {
    let desk = Desk::new().await;
    let usual = desk.open(TWO_CLOSE).await;
    assert_eq!(usual["summary"]["cost_micros"], 215_000, "{usual}");
    assert!(rows_of(&usual, "times_collide") > 0, "{usual}");

    let prices =
        json!({ "plain_micros": 10_000, "with_link_micros": 100_000, "alt_text_micros": 0 });
    let change = json!({ "prices": prices, "collision_minutes": 4 });
    assert_eq!(desk.ask("change_settings", change).await["prices"], prices);
    let other = desk.open(TWO_CLOSE).await;
    assert_eq!(other["summary"]["cost_micros"], 110_000, "{other}");
    assert_eq!(rows_of(&other, "times_collide"), 0, "{other}");
    desk.ask("change_settings", json!({ "collision_minutes": 0 })).await;
    assert_eq!(desk.open(TWO_CLOSE).await["choices"]["collision_minutes"], 0);
}

#[tokio::test]
async fn what_is_no_price_and_no_distance_is_refused_and_nothing_changes() {
    let desk = Desk::new().await;
    let before = desk.ask("get_settings", json!({})).await;
    let dear =
        json!({ "plain_micros": 15_000, "with_link_micros": 100_000_001, "alt_text_micros": 0 });
    for change in [
        json!({ "prices": dear }),
        json!({ "prices": { "plain_micros": -1, "with_link_micros": 0, "alt_text_micros": 0 } }),
        json!({ "collision_minutes": 1441, "zone": "Asia/Kolkata" }),
    ] {
        assert!(call(&desk.engine, "change_settings", change.clone()).await.is_err(), "{change}");
    }
    assert_eq!(desk.ask("get_settings", json!({})).await, before);
}

#[tokio::test]
async fn what_a_person_chose_for_an_import_is_chosen_for_the_next() {
    let desk = Desk::new().await;
    let session = desk.open(TWO_CLOSE).await;
    let chosen = json!({
        "zone": "Asia/Kolkata", "account": "@ada", "past": "draft", "duplicates": "skip",
        "problems": "skip", "append_links": true, "append_hashtags": true,
        "keep_unknown_columns": true, "update": true, "utc_times": "wall_time",
        "media_outside": true, "collision_minutes": 1,
    });
    let choose = json!({ "session": session["id"], "choices": chosen });
    desk.ask("set_import_choices", choose).await;
    assert_eq!(desk.open(TWO_CLOSE).await["choices"]["problems"], "refuse", "it is not committed");
    assert!(desk.commit(&session).await["import_id"].is_string());

    let mut expected = chosen;
    // These are of the file, asked each time, or a setting.
    expected["utc_times"] = json!("instant");
    expected["update"] = json!(false);
    expected["media_outside"] = json!(false);
    expected["collision_minutes"] = json!(5);
    let later = desk.restarted();
    assert_eq!(later.open(TWO_CLOSE).await["choices"], expected);

    later.set_health(AccountHealth::Disconnected).await;
    assert_eq!(later.open(TWO_CLOSE).await["choices"]["account"], Value::Null);
}

#[tokio::test]
async fn which_column_is_which_is_remembered_for_files_of_the_same_shape() {
    let desk = Desk::new().await;
    let session = desk.open("a,b,c\nOne,x,2099-03-01 09:00\n").await;
    let columns = json!([{ "column": 0, "field": "content" }, { "column": 1, "field": null },
        { "column": 2, "field": "scheduled_at" }]);
    desk.ask("set_import_mapping", json!({ "session": session["id"], "columns": columns })).await;
    assert!(desk.commit(&session).await["import_id"].is_string());
    let next = desk.open("a,b,c\nAnother text,y,2099-04-01 09:00\n").await;
    let columns = next["columns"].as_array().unwrap();
    let fields: Vec<_> = columns.iter().map(|column| &column["field"]).collect();
    assert_eq!(fields, [&json!("content"), &Value::Null, &json!("scheduled_at")], "{next}");
    assert_eq!(columns[0]["recognised_by"], "remembered", "{next}");
}
