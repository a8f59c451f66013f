//! Who may come in.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use reqwest::StatusCode;
use roost_relay_api::RefusalCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{DEVICE_KEY, World};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_under_v1_answers_without_a_device_key() {
    let world = World::new().await;
    for key in ["", "wrong", "Bearer", "rk_test_canary_ke", "rk_test_canary_key2"] {
        let refused = world.client_with(key).status().await.expect_err("refused");
        let code = refused.refusal().map(|refusal| refusal.code);
        assert_eq!(code, Some(RefusalCode::Unauthorized), "\"{key}\"");
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
async fn every_answer_says_that_it_is_no_page_and_kept_by_nobody() {
    let world = World::new().await;
    for path in ["/healthz", "/v1/status", "/api/qstash/post-tweet", "/nowhere"] {
        let answer = world.http.get(world.url(path)).send().await.expect("an answer");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ] {
            let found = answer.headers().get(name).and_then(|value| value.to_str().ok());
            assert_eq!(found, Some(value), "{path}: {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_on_this_machine_that_says_nothing_of_itself_is_not_this_machine() {
    let world = World::new().await;
    for path in ["/metrics", "/v1/openapi.json"] {
        let get = || world.http.get(world.url(path));
        let status = async |request: reqwest::RequestBuilder| {
            request.send().await.expect("an answer").status()
        };
        // One that hands the name on, and nginx as it is before anybody sets it up.
        let named = get().header("Host", "relay.roost.internal");
        assert_eq!(status(named).await, StatusCode::UNAUTHORIZED, "{path}");
        let keyed = get().header("Host", "relay.roost.internal").bearer_auth(DEVICE_KEY);
        assert_eq!(status(keyed).await, StatusCode::OK, "{path}");
        assert_eq!(in_http_1_0(&world, path).await, "401", "{path}");
        for host in ["localhost:1", "127.0.0.1", "[::1]:80"] {
            assert_eq!(status(get().header("Host", host)).await, StatusCode::OK, "{host}");
        }
    }
}

/// The status of an answer to a request in HTTP/1.0.
async fn in_http_1_0(world: &World, path: &str) -> String {
    raw(world, |address| format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_names_two_hosts_is_refused() {
    let world = World::new().await;
    for request in [
        "GET /metrics HTTP/1.1\r\nHost: HERE\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        "GET http://evil.example/metrics HTTP/1.1\r\nHost: HERE\r\nConnection: close\r\n\r\n",
    ] {
        let status = raw(&world, |address| request.replace("HERE", address)).await;
        assert_eq!(status, "400", "{request}");
    }
    let same = "GET http://HERE/healthz HTTP/1.1\r\nHost: HERE\r\nConnection: close\r\n\r\n";
    assert_eq!(raw(&world, |address| same.replace("HERE", address)).await, "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_told_so() {
    let world = World::new().await;
    let body = vec![b' '; 17 * 1024 * 1024];
    let request = world.http.post(world.url("/v1/posts")).bearer_auth(DEVICE_KEY).body(body);
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let refusal: roost_relay_api::Refusal = answer.json().await.expect("a refusal");
    assert_eq!(refusal.code, RefusalCode::Invalid);
}

/// The status of an answer to a request as it stands.
async fn raw(world: &World, request: impl FnOnce(&str) -> String) -> String {
    let path = "/";
    let url: reqwest::Url = world.url(path).parse().expect("a URL");
    let address = url.socket_addrs(|| None).expect("an address")[0];
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let request = request(&address.to_string());
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
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
