//! Who is let in, and what the sandbox tells about itself.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use roost_x_sandbox::{Arming, Entry, Grant, Summary};
use serde_json::{Value, json};

use crate::support::World;

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[tokio::test]
async fn strange_hosts_and_pages_are_turned_away() {
    let world = World::new().await;
    let url = format!("{}/_sandbox/ledger", world.running.base_url());
    let own = world.running.base_url();
    for (name, value, status) in [
        ("host", "example.com", 403),
        ("host", "127.0.0.1.example.com", 403),
        ("host", "localhost:1", 200),
        ("origin", "https://example.com", 403),
        ("origin", "null", 403),
        ("origin", own.as_str(), 200),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-origin", 200),
    ] {
        let answer = http().get(&url).header(name, value).send().await.unwrap();
        assert_eq!(answer.status(), status, "{name}: {value}");
    }
}

#[tokio::test]
async fn everything_can_be_asked_for_over_http() {
    let world = World::new().await;
    let at = |path: &str| format!("{}/_sandbox/{path}", world.running.base_url());
    let grant: Grant = http()
        .post(at("accounts"))
        .json(&json!({ "username": "grace", "subscription_type": "Premium" }))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(grant.subscription_type, "Premium");
    let post = crate::support::text_post("Hi <b>there</b>");
    world.client.create_post(&grant.access_token, &post).await.unwrap();

    let armed: Vec<Arming> = http()
        .post(at("faults"))
        .json(&json!({ "on": "create", "kind": "named", "name": "locked" }))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(armed.len(), 1);
    world.post("struck").await.unwrap_err();

    let ledger: Vec<Entry> =
        http().get(at("ledger?since=0")).send().await.unwrap().json().await.unwrap();
    assert_eq!(ledger.len(), 2);
    let since = at(&format!("ledger?since={}", ledger[0].id));
    let ledger: Vec<Entry> = http().get(since).send().await.unwrap().json().await.unwrap();
    assert_eq!(ledger.len(), 1);
    let summary: Summary =
        http().get(at("ledger/summary")).send().await.unwrap().json().await.unwrap();
    assert_eq!((summary.posts, summary.accepted, summary.duplicates), (1, 1, 0));

    let page = http().get(world.running.base_url()).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Hi &lt;b&gt;there&lt;/b&gt;"), "{page}");
}

#[tokio::test]
async fn nonsense_is_refused_in_words() {
    let world = World::new().await;
    let at = |path: &str| format!("{}/_sandbox/{path}", world.running.base_url());
    for (path, body) in [
        ("accounts", json!({ "username": "not a handle" })),
        ("accounts", json!({ "username": "ok", "colour": "red" })),
        ("accounts", json!({ "username": "ok", "client_id": "nobody" })),
        ("faults", json!({ "on": "create", "kind": "named" })),
        ("faults", json!({ "on": "create", "kind": "rain" })),
        ("faults", json!({ "on": "create", "kind": "status", "status": 42 })),
    ] {
        let answer = http().post(at(path)).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{body}");
        let words: Value = answer.json().await.unwrap();
        assert!(words["error"].as_str().is_some_and(|words| !words.is_empty()), "{body}");
    }
}

#[tokio::test]
async fn no_token_is_in_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.db");
    let world = World::with(|config| config.database.clone_from(&file)).await;
    world.post("Hello").await.unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend(std::fs::read(folder.path().join("x.db-wal")).unwrap_or_default());
    for token in [&world.ada.access_token, &world.ada.refresh_token] {
        assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()));
    }
}
