//! The published document is true: it names every route, and the relay's own answers are what it
//! says.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::collections::BTreeSet;

use boon::{Compiler, SchemaIndex, Schemas};
use reqwest::{Method, StatusCode};
use roost_core::clock::Clock;
use roost_relay_api::{OrderedPause, Pause, PauseOrder};
use serde_json::{Value, json};

use crate::world::{DEVICE_KEY, World, seconds};

/// The document, ready to hold answers to it.
struct Document {
    value: Value,
    schemas: Schemas,
    compiler: Compiler,
}

impl Document {
    async fn of(world: &World) -> Self {
        let answer = world
            .http
            .get(world.url("/v1/openapi.json"))
            .bearer_auth(DEVICE_KEY)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        let value: Value = answer.json().await.expect("JSON");
        let mut compiler = Compiler::new();
        compiler.add_resource("http://relay/openapi.json", value.clone()).expect("taken");
        Self { value, schemas: Schemas::new(), compiler }
    }

    /// Every method and path that it names.
    fn operations(&self) -> BTreeSet<(String, String)> {
        let paths = self.value["paths"].as_object().expect("paths");
        paths
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().expect("an item").keys();
                methods.map(|method| (method.to_uppercase(), path.clone()))
            })
            .collect()
    }

    fn schema(&mut self, pointer: &str) -> SchemaIndex {
        let address = format!("http://relay/openapi.json#{pointer}");
        self.compiler.compile(&address, &mut self.schemas).expect("a schema")
    }

    /// Holds a request or an answer to what the document says of it.
    fn hold(&mut self, path: &str, method: &str, place: &str, value: &Value) {
        let path = path.replace('~', "~0").replace('/', "~1").replace('{', "%7B");
        let path = path.replace('}', "%7D");
        let pointer = format!("/paths/{path}/{method}/{place}/content/application~1json/schema");
        let index = self.schema(&pointer);
        if let Err(error) = self.schemas.validate(value, index) {
            panic!("{method} {path} {place}: {error}\n{value}");
        }
    }
}

/// One request, held to the document with its answer.
struct Exchange<'a> {
    world: &'a World,
    document: &'a mut Document,
}

impl Exchange<'_> {
    async fn run(
        &mut self,
        method: Method,
        path: &str,
        actual: &str,
        body: Option<Value>,
    ) -> Value {
        let mut request =
            self.world.http.request(method.clone(), self.world.url(actual)).bearer_auth(DEVICE_KEY);
        let verb = method.as_str().to_lowercase();
        if let Some(body) = &body {
            self.document.hold(path, &verb, "requestBody", body);
            request = request.json(body);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        if status == 204 {
            return Value::Null;
        }
        let value: Value = answer.json().await.expect("JSON");
        self.document.hold(path, &verb, &format!("responses/{status}"), &value);
        value
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_in_the_document_and_every_path_of_the_document_is_served() {
    let world = World::new().await;
    let document = Document::of(&world).await;
    let mut routes = 0;
    for (method, path) in document.operations() {
        let actual = path.replace("{id}", "0").replace("{name}", "none").replace("{sha256}", "0");
        let method: Method = method.parse().expect("a method");
        let answer =
            world.http.request(method.clone(), world.url(&actual)).send().await.expect("an answer");
        let status = answer.status();
        let missing = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
        assert!(!missing.contains(&status), "{method} {path} is not served");
        let open = ["/healthz", "/readyz", "/metrics", "/v1/openapi.json"].contains(&path.as_str());
        assert_eq!(status == StatusCode::UNAUTHORIZED, !open, "{method} {path}: {status}");
        routes += 1;
    }
    let registered = registered_routes();
    let named: BTreeSet<String> = document.operations().into_iter().map(|(_, path)| path).collect();
    assert_eq!(named, registered, "the document and the router name the same paths");
    assert!(routes > named.len(), "one path has two methods");
}

/// The paths that the sources hand to the router.
fn registered_routes() -> BTreeSet<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths: BTreeSet<String> =
        [roost_relay_api::POST_TWEET_PATH, roost_relay_api::FAILURE_PATH].map(str::to_owned).into();
    for file in ["desktop_api/mod.rs", "health.rs", "openapi.rs"] {
        let source = std::fs::read_to_string(folder.join(file)).expect("a source");
        paths.extend(source.split(".route(\"").skip(1).filter_map(|rest| {
            let (path, _) = rest.split_once('"')?;
            Some(path.to_owned())
        }));
    }
    paths
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_and_answers_are_what_the_document_says() {
    let world = World::new().await;
    let mut document = Document::of(&world).await;
    let mut exchange = Exchange { world: &world, document: &mut document };
    let (post, get, put, delete) = (Method::POST, Method::GET, Method::PUT, Method::DELETE);

    let item = world.post("Hello from the document", seconds(0));
    let batch = json!({ "store_id": world.store, "items": [item] });
    let staged = exchange.run(post.clone(), "/v1/stage", "/v1/stage", Some(batch)).await;
    assert_eq!(staged["results"][0]["outcome"], "staged");
    let (status, taken) = world.deliver(&item).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    exchange.document.hold("/api/qstash/post-tweet", "post", "responses/202", &taken);
    world.reaches(item.post_id, roost_relay_api::DeliveryState::Posted).await;

    let later = world.staged("Never mind", seconds(600)).await;
    let withdraw = json!({
        "store_id": world.store, "items": [{ "post_id": later.post_id, "revision": 2 }]
    });
    exchange.run(post.clone(), "/v1/withdraw", "/v1/withdraw", Some(withdraw)).await;
    let lookup = json!({ "post_ids": [item.post_id, later.post_id] });
    exchange.run(post.clone(), "/v1/posts", "/v1/posts", Some(lookup)).await;
    let of = json!({ "store_id": world.store, "post_ids": [item.post_id, later.post_id] });
    let texts = exchange.run(post.clone(), "/v1/texts", "/v1/texts", Some(of)).await;
    assert_eq!(texts["posts"][0]["parts"][0]["text"], "Hello from the document");
    let first = "00000000-0000-7000-8000-000000000000";
    let of = json!({ "store_id": world.store, "post_ids": [], "after": first });
    let texts = exchange.run(post.clone(), "/v1/texts", "/v1/texts", Some(of)).await;
    assert_eq!(texts["posts"].as_array().map(Vec::len), Some(2), "{texts}");

    let (route, path) = ("/v1/posts/{id}/resolve", format!("/v1/posts/{}/resolve", item.post_id));
    for decision in [
        json!({ "action": "verify" }),
        json!({ "action": "send_again", "seen": { "revision": 1, "attempts": 1 } }),
        json!({ "action": "send_again", "by_itself": true }),
        json!({ "action": "went_out", "tweet_id": "12" }),
    ] {
        let refusal = exchange.run(post.clone(), route, &path, Some(decision)).await;
        assert_eq!(refusal["code"], "too_late", "it is posted");
    }

    let (route, path) = ("/v1/posts/{id}/remove", format!("/v1/posts/{}/remove", item.post_id));
    let removal = json!({ "store_id": world.store });
    let removed = exchange.run(post.clone(), route, &path, Some(removal)).await;
    assert_eq!(removed["tweet_ids"].as_array().map(Vec::len), Some(1), "{removed}");

    let feed =
        exchange.run(get.clone(), "/v1/events", "/v1/events?cursor=0&limit=1000", None).await;
    assert!(feed["events"].as_array().is_some_and(|events| events.len() > 3), "{feed}");
    let epoch = world.status().await.epoch;
    let manifest = json!({
        "epoch": epoch, "store_id": world.store, "more": false,
        "posts": [{ "post_id": later.post_id, "revision": 1, "state": "staged", "tweet_id": null }]
    });
    exchange.run(post.clone(), "/v1/manifest", "/v1/manifest", Some(manifest)).await;
    let order = Some(PauseOrder { store_id: world.store, number: 1 });
    let resumed = OrderedPause { pause: Pause { paused: false }, order };
    for (path, body) in [
        ("/v1/takeover", json!({ "store_id": world.store })),
        ("/v1/pause", json!({ "paused": true })),
        ("/v1/pause", serde_json::to_value(resumed).expect("JSON")),
        ("/v1/coverage", json!({ "until": world.clock.now(), "posts_beyond": 3 })),
    ] {
        exchange.run(post.clone(), path, path, Some(body)).await;
    }
    let (route, path) =
        ("/v1/accounts/{id}/pause", format!("/v1/accounts/{}/pause", world.account));
    for paused in [true, false] {
        let body = json!({ "paused": paused });
        let status = exchange.run(post.clone(), route, &path, Some(body)).await;
        assert_eq!(status["paused_accounts"].is_array(), paused, "{status}");
    }
    exchange.run(post.clone(), "/v1/try-now", "/v1/try-now", None).await;
    exchange.run(get.clone(), "/v1/status", "/v1/status", None).await;
    exchange.run(get.clone(), "/v1/accounts", "/v1/accounts", None).await;
    let (route, path) = ("/v1/accounts/{id}", format!("/v1/accounts/{}", world.account));
    let grant = serde_json::to_value(&world.grant).expect("JSON");
    exchange.run(put.clone(), route, &path, Some(grant.clone())).await;
    let other = exchange.run(put, route, "/v1/accounts/1", Some(grant)).await;
    assert_eq!(other["code"], "other_account");
    exchange.run(delete, route, &path, None).await;
    let (route, picture) = ("/v1/media/{sha256}", crate::files::Picture::new(1, 5000));
    let path = format!("/v1/media/{}", picture.sha256());
    exchange.run(get.clone(), route, &path, None).await;
    for (query, bytes) in
        [("?offset=9&bytes=5000", vec![0]), ("?offset=0&bytes=5000", picture.bytes)]
    {
        let url = world.url(&format!("{path}{query}"));
        let answer = world.http.put(url).bearer_auth(DEVICE_KEY).body(bytes).send().await;
        let answer = answer.expect("an answer");
        let status = answer.status().as_u16();
        let value: Value = answer.json().await.expect("JSON");
        exchange.document.hold(route, "put", &format!("responses/{status}"), &value);
    }
    let none = exchange.run(get.clone(), "/v1/scheduler/token", "/v1/scheduler/token", None).await;
    assert_eq!(none["code"], "not_found");
    let keys = json!({ "current": "sig_1", "next": "sig_2" });
    let (route, put) = ("/v1/scheduler/keys", Method::PUT);
    exchange.run(put, route, route, Some(keys)).await;
    let begun = exchange.run(post.clone(), "/v1/self-test", "/v1/self-test", None).await;
    let path = format!("/v1/self-test/{}", begun["probe"].as_str().expect("a probe"));
    exchange.run(get.clone(), "/v1/self-test/{probe}", &path, None).await;
    let none = exchange.run(get.clone(), "/v1/self-test/{probe}", "/v1/self-test/x", None).await;
    assert_eq!(none["code"], "invalid");
    let accounts = "/v1/self-test/accounts";
    exchange.run(post.clone(), accounts, accounts, None).await;
    for path in ["/v1/alarms", "/v1/devices", "/v1/scheduler"] {
        exchange.run(get.clone(), path, path, None).await;
    }
    exchange.run(post.clone(), "/v1/alarms/test", "/v1/alarms/test", None).await;
    let gone = ("/v1/devices/{name}", "/v1/devices/nobody");
    let refusal = exchange.run(Method::DELETE, gone.0, gone.1, None).await;
    assert_eq!(refusal["code"], "not_found");
    let wrong = json!({ "code": "pc_none", "device": "x" });
    exchange.run(post.clone(), "/v1/pair", "/v1/pair", Some(wrong)).await;
    exchange.run(get.clone(), "/healthz", "/healthz", None).await;
    let unready = exchange.run(get, "/readyz", "/readyz", None).await;
    assert_eq!(unready["findings"][0]["what"], "accounts", "{unready}");

    let (status, taken) = world.deliver(&item).await;
    assert_eq!(status, StatusCode::OK);
    document.hold("/api/qstash/post-tweet", "post", "responses/200", &taken);
}
