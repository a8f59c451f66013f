//! Who may come in.

use reqwest::StatusCode;
use roost_relay_api::RefusalCode;

use crate::world::{DEVICE_KEY, World};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_under_v1_answers_without_a_device_key() {
    let world = World::new().await;
    for key in ["", "wrong", "Bearer", "rk_test_canary_ke", "rk_test_canary_key2"] {
        let refused = world.client_with(key).status().await.expect_err("refused");
        let code = refused.refusal().map(|refusal| refusal.code);
        assert_eq!(code, Some(RefusalCode::Unauthorized), "«{key}»");
    }
    let bare = world.http.get(world.url("/v1/status")).send().await.expect("an answer");
    assert_eq!(bare.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_for_all_and_metrics_for_this_machine_or_a_key() {
    let world = World::new().await;
    let get = |path: &str| world.http.get(world.url(path));
    let status =
        async |request: reqwest::RequestBuilder| request.send().await.expect("an answer").status();
    assert_eq!(status(get("/healthz")).await, StatusCode::OK);
    assert_eq!(status(get("/metrics")).await, StatusCode::OK);
    let proxied = get("/metrics").header("X-Forwarded-For", "203.0.113.9");
    assert_eq!(status(proxied).await, StatusCode::UNAUTHORIZED);
    let keyed = get("/metrics").header("X-Forwarded-For", "203.0.113.9").bearer_auth(DEVICE_KEY);
    assert_eq!(status(keyed).await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn web_pages_and_other_names_are_turned_away() {
    let world = World::new().await;
    let status = async |name: &'static str, value: &'static str| {
        let request = world.http.get(world.url("/v1/status")).bearer_auth(DEVICE_KEY);
        request.header(name, value).send().await.expect("an answer").status()
    };
    assert_eq!(status("Origin", "http://127.0.0.1").await, StatusCode::FORBIDDEN);
    assert_eq!(status("Sec-Fetch-Site", "cross-site").await, StatusCode::FORBIDDEN);
    assert_eq!(status("Host", "evil.example").await, StatusCode::FORBIDDEN);
    assert_eq!(status("Host", "relay.roost.internal").await, StatusCode::OK);
    assert_eq!(status("Host", "localhost:1234").await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_is_refused_in_words() {
    let world = World::new().await;
    let response = world
        .http
        .post(world.url("/v1/stage"))
        .bearer_auth(DEVICE_KEY)
        .body("{\"store_id\": 5}")
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let refusal: roost_relay_api::Refusal = response.json().await.expect("a refusal");
    assert_eq!(refusal.code, RefusalCode::Invalid);
}
