//! Secrets stay where they are kept: the program, with every log on, through what goes well and
//! through what fails, writes none of them into a log, a database, an answer or an error.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

mod canaries;
mod house;

use std::time::{Duration, Instant};

use roost_core::clock::{Clock, SystemClock};
use roost_core::id::{PostId, Revision, StoreId, XUserId};
use roost_core::post::Content;
use roost_qstash::signature::Signer;
use roost_relay_api::{
    Client, DeliveryState, Grant, Lookup, Manifest, POST_TWEET_PATH, Stage, StageBatch,
};
use roost_x_sandbox::{App, Fault, NewAccount, On, Running, Sandbox};
use serde_json::json;

use crate::sandbox_grant::grant_of;
use canaries::Canaries;
use house::{House, Wire};

const PUBLIC_URL: &str = "http://relay.roost.internal";
const CURRENT: &str = "sig_CanaryOfTheCurrentKey0000000";
const NEXT: &str = "sig_CanaryOfTheNextKey0000000000";
const TOKEN: &str = "qstash_canary_of_the_scheduler";
const CLIENT_SECRET: &str = "canary-of-the-app's/secret+1";
const MISTYPED: &str = "rk_canary_of_a_mistyped_key";
const PATIENCE: Duration = Duration::from_secs(120);

/// Everything that takes part, and everything that was answered.
struct Scene {
    house: House,
    x: Running,
    wire: Wire,
    client: Client,
    key: String,
    http: reqwest::Client,
    canaries: Canaries,
    answers: Vec<(String, Vec<u8>)>,
    store: StoreId,
    user: XUserId,
    grant: Grant,
}

fn config(address: std::net::SocketAddr, x: std::net::SocketAddr, log: &str) -> String {
    format!(
        "database = \"relay.sqlite\"\nlisten = \"{address}\"\npublic_urls = [\"{PUBLIC_URL}\"]\n\
         x_api_base = \"http://{x}\"\nlog = \"{log}\"\n[qstash]\n\
         current_signing_key = \"{CURRENT}\"\nnext_signing_key = \"{NEXT}\"\n[limits]\n\
         plan = \"demo\"\n[pace]\ntick_seconds = 0.05\noverdue_spacing_seconds = 0.01\n\
         retry_first_seconds = 0.1\naccount_rest_seconds = 0.1\n"
    )
}

impl Scene {
    async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut house = House::new();
        // Its own folder: X may keep what it granted.
        let mut x_config = roost_x_sandbox::Config::new(house.folder().join("x.db"));
        x_config.apps = vec![App {
            client_id: "the-app".to_owned(),
            client_secret: Some(CLIENT_SECRET.to_owned()),
            redirect_uris: Vec::new(),
        }];
        let x = Sandbox::start(x_config, 0).await.expect("a sandbox");
        let base = url::Url::parse(&x.base_url()).expect("a URL");
        let wire = Wire::to(base.socket_addrs(|| None).expect("an address")[0]).await;
        house.configure("relay.toml", &config(house.address, wire.address, "text"));
        house.configure("json.toml", &config(house.address, wire.address, "json"));
        assert!(house.run("relay.toml", &["init"]).status.success());
        let key = house.ask("relay.toml", &["device", "add", "laptop"]).trim().to_owned();
        assert!(!house.run("relay.toml", &["device", "add", "laptop"]).status.success());
        let granted = x.sandbox.grant(NewAccount::named("ada"), None).await.expect("a grant");
        // So near its end that it is refreshed at once.
        let grant = grant_of(&granted, SystemClock.now().plus(Duration::from_secs(10)));
        let mut canaries = Canaries::default();
        // As HTTP's basic authentication carries it (RFC 6749, 2.3.1).
        let secret = url::form_urlencoded::byte_serialize(CLIENT_SECRET.as_bytes());
        let basic = format!("the-app:{}", secret.collect::<String>());
        for (name, secret) in [
            ("the current signing key", CURRENT),
            ("the next signing key", NEXT),
            ("the scheduler's token", TOKEN),
            ("the app's secret", CLIENT_SECRET),
            ("the app's id and secret", &basic),
            ("a mistyped key", MISTYPED),
            ("the device key", &key),
            ("the access token", &grant.access_token),
            ("the refresh token", &grant.refresh_token),
        ] {
            canaries.add(name, secret);
        }
        Self {
            client: Client::new(url_of(&house), &key).expect("a client"),
            http: reqwest::Client::builder().no_proxy().build().expect("a client"),
            answers: Vec::new(),
            store: StoreId::new(SystemClock.now()),
            user: XUserId(granted.id),
            house,
            x,
            wire,
            key,
            canaries,
            grant,
        }
    }

    /// Sends a request and keeps the answer.
    async fn asks(&mut self, what: &str, request: reqwest::RequestBuilder) -> u16 {
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let mut kept = format!("{:?}", answer.headers()).into_bytes();
        kept.extend(answer.bytes().await.expect("a body"));
        self.answers.push((what.to_owned(), kept));
        status
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.house.address)
    }

    async fn staged(&self, text: &str) -> Stage {
        let now = SystemClock.now();
        let item = Stage {
            post_id: PostId::new(now),
            revision: Revision(1),
            account: self.user.clone(),
            content: Content::of_texts([text.to_owned()]),
            body_hash: None,
            due_at: now,
            not_after: now.plus(Duration::from_secs(3600)),
            follow_up: None,
        };
        let batch = StageBatch { store_id: self.store, items: vec![item.clone()] };
        self.client.stage(&batch).await.expect("staged");
        item
    }

    async fn reaches(&self, item: &Stage, states: &[DeliveryState]) {
        let deadline = Instant::now() + PATIENCE;
        let lookup = Lookup { post_ids: vec![item.post_id] };
        loop {
            let found = self.client.lookup(&lookup).await.expect("found").deliveries;
            if states.contains(&found[0].state) {
                return;
            }
            assert!(Instant::now() < deadline, "never {states:?}: {:?}", found[0]);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn introduce(&self) {
        let epoch = self.client.status().await.expect("a status").epoch;
        let manifest = Manifest { epoch, store_id: self.store, posts: vec![], more: false };
        self.client.manifest(&manifest).await.expect("introduced");
    }
}

fn url_of(house: &House) -> url::Url {
    format!("http://{}", house.address).parse().expect("a URL")
}

fn trigger(item: &Stage) -> Vec<u8> {
    serde_json::to_vec(&json!({ "postId": item.post_id, "revision": item.revision })).expect("JSON")
}

/// A post that goes the whole way: published, delivered, the token refreshed, posted.
async fn what_goes_well(scene: &mut Scene) {
    scene.introduce().await;
    scene.client.connect(&scene.user, &scene.grant).await.expect("connected");
    let scheduler =
        roost_qstash::Client::new(url_of(&scene.house), TOKEN.to_owned()).expect("a client");
    let (current, next) = {
        let keys = scheduler.keys().await.expect("keys");
        (keys.current, keys.next)
    };
    scene.canaries.add("the embedded scheduler's current key", &current);
    scene.canaries.add("the embedded scheduler's next key", &next);
    let item = scene.staged("It goes well").await;
    let message = roost_qstash::Publish {
        destination: format!("{PUBLIC_URL}{POST_TWEET_PATH}"),
        body: trigger(&item),
        ..roost_qstash::Publish::default()
    };
    scheduler.publish(&message).await.expect("published");
    scene.reaches(&item, &[DeliveryState::Posted]).await;
    for path in ["/v1/status", "/v1/accounts", "/v1/events?after=0&limit=500", "/metrics"] {
        let request = scene.http.get(scene.url(path)).bearer_auth(&scene.key);
        assert_eq!(scene.asks(path, request).await, 200, "{path}");
    }
}

/// Keys that are wrong, grants that are malformed, signatures that are forged.
async fn what_is_refused(scene: &mut Scene) {
    for (what, path, key) in [
        ("a mistyped key", "/v1/status", MISTYPED),
        ("a key for the wrong door", "/v2/keys", &scene.key.clone()),
        ("a token for the wrong door", "/v1/status", TOKEN),
    ] {
        let request = scene.http.get(scene.url(path)).bearer_auth(key);
        assert!((401..=403).contains(&scene.asks(what, request).await), "{what}");
    }
    let account = scene.url(&format!("/v1/accounts/{}", scene.user));
    let grant = serde_json::to_value(&scene.grant).expect("JSON");
    let mut misplaced = grant.clone();
    misplaced["expires_at"] = json!(scene.grant.refresh_token);
    let mut named = grant.clone();
    named[&scene.grant.access_token] = json!(1);
    let cut = grant.to_string();
    let cut = &cut[..cut.len() - 3];
    let secret_alone = json!(scene.grant.access_token).to_string();
    for body in [&misplaced.to_string(), &format!("[{grant}]"), cut, &secret_alone] {
        let request = scene.http.put(&account).bearer_auth(&scene.key).body(body.to_owned());
        assert_eq!(scene.asks("a malformed grant", request).await, 400, "{body}");
    }
    let request = scene.http.put(&account).bearer_auth(&scene.key).body(named.to_string());
    scene.asks("a grant with a strange name", request).await;
    let other = scene.url("/v1/accounts/1");
    let request = scene.http.put(&other).bearer_auth(&scene.key).body(grant.to_string());
    assert_eq!(scene.asks("a grant of another user", request).await, 409);
    let now = SystemClock.now().0 / 1000;
    let url = format!("{PUBLIC_URL}{POST_TWEET_PATH}");
    for (key, body) in [("sig_of_somebody_else", &b"{}"[..]), (CURRENT, b"{}"), ("", b"nothing")] {
        let request = scene
            .http
            .post(scene.url(POST_TWEET_PATH))
            .header("Upstash-Signature", Signer::new(key).sign(&url, body, now))
            .body(body.to_vec());
        scene.asks("a delivery", request).await;
    }
}

/// X that refuses, breaks, and takes the grant away.
async fn what_fails(scene: &mut Scene) {
    // The first grant was spent, and given to the relay once more.
    let fresh = scene.x.sandbox.grant(NewAccount::named("ada"), None).await.expect("a grant");
    scene.canaries.add("the second access token", &fresh.access_token);
    scene.canaries.add("the second refresh token", &fresh.refresh_token);
    scene.grant.access_token = fresh.access_token;
    scene.grant.refresh_token = fresh.refresh_token;
    scene.client.connect(&scene.user, &scene.grant).await.expect("connected");
    for name in ["unauthorized", "unavailable"] {
        scene.x.sandbox.arm(Fault::named(On::Create, name)).expect("armed");
        let item = scene.staged(&format!("X says {name}")).await;
        let body = trigger(&item);
        let url = format!("{PUBLIC_URL}{POST_TWEET_PATH}");
        let signature = Signer::new(CURRENT).sign(&url, &body, SystemClock.now().0 / 1000);
        let request = scene
            .http
            .post(scene.url(POST_TWEET_PATH))
            .header("Upstash-Signature", signature)
            .body(body);
        assert_eq!(scene.asks("a delivery", request).await, 202);
        // Refreshed or looked for in its time; what is said on the way matters here.
        let states = [DeliveryState::Posted, DeliveryState::Waiting, DeliveryState::Unknown];
        scene.reaches(&item, &states).await;
    }
    scene.x.sandbox.disconnect("ada").await.expect("disconnected");
    let item = scene.staged("The grant is gone").await;
    let body = trigger(&item);
    let url = format!("{PUBLIC_URL}{POST_TWEET_PATH}");
    let signature = Signer::new(NEXT).sign(&url, &body, SystemClock.now().0 / 1000);
    let request = scene
        .http
        .post(scene.url(POST_TWEET_PATH))
        .header("Upstash-Signature", signature)
        .body(body);
    assert_eq!(scene.asks("a delivery", request).await, 202);
    scene.reaches(&item, &[DeliveryState::Waiting]).await;
    for path in ["/v1/status", "/v1/accounts", "/v1/events?after=0&limit=500", "/metrics"] {
        let request = scene.http.get(scene.url(path)).bearer_auth(&scene.key);
        assert_eq!(scene.asks(path, request).await, 200, "{path}");
    }
}

/// Configuration files with a slip of the pen on a line that holds a key.
fn what_is_misspelt(scene: &mut Scene) {
    let good = config(scene.house.address, scene.wire.address, "text");
    for (number, (from, to)) in [
        (format!("\"{CURRENT}\""), format!("\"{CURRENT}")),
        (format!("\"{CURRENT}\""), CURRENT.to_owned()),
        (format!("\"{NEXT}\""), format!("[\"{NEXT}\"]")),
        ("next_signing_key".to_owned(), "next_singing_key".to_owned()),
        (format!("\"{NEXT}\""), format!("\"{NEXT}\\q\"")),
        (format!("listen = \"{}\"", scene.house.address), format!("listen = \"{NEXT}\"")),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("misspelt-{number}.toml");
        scene.house.configure(&name, &good.replace(&from, &to));
        let told = scene.house.run(&name, &["check"]);
        assert!(!told.status.success(), "{name}");
        let told = String::from_utf8_lossy(&told.stderr).into_owned();
        assert!(told.contains("line "), "it says where: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_anything_that_the_program_writes_or_answers() {
    let mut scene = Scene::new().await;
    let (key, url) = (scene.key.clone(), url_of(&scene.house));
    let client = || Client::new(url.clone(), &key).expect("a client");
    let token = [("QSTASH_TOKEN", TOKEN)];
    let serving = scene.house.serve("relay.toml", &["--embedded-scheduler"], &token, client).await;
    what_goes_well(&mut scene).await;
    what_is_refused(&mut scene).await;
    drop(serving);
    let serving = scene.house.serve("json.toml", &[], &[], client).await;
    what_fails(&mut scene).await;
    drop(serving);
    what_is_misspelt(&mut scene);
    let backup = scene.house.folder().join("backup.sqlite");
    let backup = backup.to_str().expect("text").to_owned();
    for arguments in [&["check"][..], &["accounts"], &["device", "list"], &["backup", &backup]] {
        assert!(scene.house.run("relay.toml", arguments).status.success(), "{arguments:?}");
    }

    let granted = [scene.wire.values("access_token"), scene.wire.values("refresh_token")].concat();
    assert!(granted.len() >= 2, "X granted new tokens on the way: {granted:?}");
    for token in &granted {
        scene.canaries.add("a token that X granted later", token);
    }
    let heard = scene.wire.heard();
    let on_the_wire = scene.canaries.in_bytes("the wire", &heard);
    for name in ["the access token", "the refresh token", "the app's id and secret"] {
        assert!(on_the_wire.iter().any(|found| found.starts_with(name)), "{name} was used");
    }
    // These are there to keep a secret: the configuration, the key that seals, X itself. The
    // scheduler signs with its own keys, so its file holds them.
    let keeps = |name: &str| {
        [".toml", ".key"].iter().any(|end| name.ends_with(end))
            || ["x.db", "scheduler.sqlite"].iter().any(|start| name.starts_with(start))
    };
    let mut found = scene.canaries.in_files(scene.house.folder(), &keeps);
    for (what, answer) in &scene.answers {
        found.extend(scene.canaries.in_bytes(what, answer));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    let said = scene.house.said_at_all();
    for (what, sign) in [("text", " TRACE "), ("JSON", "\"level\":\"TRACE\"")] {
        assert!(said.contains(sign), "every log was on, as {what}");
    }
}
