//! The forgeries that everybody tries first, one by one and over a real connection.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use reqwest::StatusCode;
use roost_core::clock::Clock;
use roost_qstash::signature::Signer;
use roost_relay_api::{DeliveryState, FAILURE_PATH, POST_TWEET_PATH};
use serde_json::json;

use super::Witness;
use super::attempt::{
    Attempt, HEADER, claims, decoded, encoded, json as written, mac, parts, token,
};
use super::contents::gzip;
use crate::world::{CURRENT, NEXT, PUBLIC_URL, World, seconds};

/// A real delivery, with its claims to be changed.
struct Real(Attempt);

impl Real {
    fn of(world: &World, body: Vec<u8>) -> Self {
        Self(Attempt {
            path: POST_TWEET_PATH,
            signatures: vec![world.sign(&body).into_bytes()],
            headers: Vec::new(),
            body,
        })
    }

    fn attempt(&self) -> Attempt {
        self.0.clone()
    }

    /// Under another header, with another claim, or under another key.
    fn signed(&self, header: &str, claim: Option<(&str, serde_json::Value)>, key: &str) -> Attempt {
        let mut said = claims(&self.0.token());
        match claim {
            Some((name, serde_json::Value::Null)) => drop(said.remove(name)),
            Some((name, value)) => drop(said.insert(name.to_owned(), value)),
            None => {}
        }
        self.attempt().with_token(token(key, header, &written(&said)))
    }

    fn with(&self, name: &str, value: serde_json::Value) -> Attempt {
        self.signed(HEADER, Some((name, value)), CURRENT)
    }

    /// The forgeries of the catalogue.
    fn forgeries(&self, now: i64) -> Vec<(&'static str, Attempt)> {
        let good = self.0.token();
        let [header, said, _] = parts(&good);
        let none = encoded(r#"{"alg":"none","typ":"JWT"}"#);
        let (rs256, hs512) = (r#"{"alg":"RS256","typ":"JWT"}"#, r#"{"alg":"HS512","typ":"JWT"}"#);
        let mut one_byte = self.0.body.clone();
        *one_byte.last_mut().expect("a body") ^= 1;
        let value: serde_json::Value = serde_json::from_slice(&self.0.body).expect("JSON");
        let pretty = serde_json::to_vec_pretty(&value).expect("JSON");
        let mut twice = self.attempt();
        twice.signatures.push(good.clone().into_bytes());
        let mut unsigned = self.attempt();
        unsigned.signatures.clear();
        let of_nobody = mac("", &format!("{header}.{said}"));
        vec![
            ("no signature", unsigned),
            ("two signatures", twice),
            ("alg none", self.attempt().with_token(format!("{none}.{said}."))),
            ("alg none, signed", self.signed(r#"{"alg":"none"}"#, None, CURRENT)),
            ("alg RS256", self.signed(rs256, None, CURRENT)),
            ("alg HS512", self.signed(hs512, None, CURRENT)),
            ("a wrong key", self.signed(HEADER, None, "sig_of_somebody_else")),
            ("an empty key", self.attempt().with_token(format!("{header}.{said}.{of_nobody}"))),
            ("no HMAC", self.attempt().with_token(format!("{header}.{said}."))),
            ("another byte in the body", self.attempt().with_body(one_byte)),
            ("JSON written again", self.attempt().with_body(pretty)),
            ("gzip", self.attempt().with_body(gzip(&self.0.body))),
            (
                "gzip, named",
                self.attempt()
                    .with_body(gzip(&self.0.body))
                    .with_header("Content-Encoding", "gzip"),
            ),
            ("another path", self.with("sub", json!(format!("{PUBLIC_URL}{FAILURE_PATH}")))),
            ("another host", self.with("sub", json!("http://evil.example/api/qstash/post-tweet"))),
            ("ended a second ago", self.with("exp", json!(now - 1))),
            ("ends now", self.with("exp", json!(now))),
            ("begins in more than a minute", self.with("nbf", json!(now + 61))),
            ("no claim for the body", self.with("body", json!(null))),
            ("no claim for the address", self.with("sub", json!(null))),
            ("no end", self.with("exp", json!(null))),
            ("another issuer", self.with("iss", json!("upstash"))),
        ]
    }
}

async fn send(world: &World, attempt: &Attempt) -> StatusCode {
    let mut request = world.http.post(world.url(attempt.path)).body(attempt.body.clone());
    for signature in &attempt.signatures {
        request = request.header("Upstash-Signature", signature.as_slice());
    }
    for (name, value) in &attempt.headers {
        request = request.header(*name, value);
    }
    request.send().await.expect("an answer").status()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_forgery_of_the_catalogue_is_answered_401_and_writes_nothing() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(3600)).await;
    world.settle().await;
    let witness = Witness::new(&world.config.database);
    let before = witness.sees();
    let real = Real::of(&world, World::trigger(&item));
    for (name, forgery) in real.forgeries(world.clock.now().0 / 1000) {
        assert_eq!(send(&world, &forgery).await, StatusCode::UNAUTHORIZED, "{name}: {forgery:?}");
    }
    let mut elsewhere = real.attempt();
    elsewhere.path = FAILURE_PATH;
    assert_eq!(send(&world, &elsewhere).await, StatusCode::UNAUTHORIZED);
    world.settle().await;
    assert_eq!(witness.sees(), before, "nothing was written");
    let staged = world.delivery(item.post_id).await.expect("known");
    assert_eq!(staged.state, DeliveryState::Staged);
    assert_eq!(decoded(parts(&real.0.token())[2]).len(), 32, "the real one has an HMAC");
    assert_eq!(send(&world, &real.0).await, StatusCode::ACCEPTED, "the real one comes in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_begins_within_a_minute_is_taken() {
    let world = World::new().await;
    let now = world.clock.now().0 / 1000;
    for ahead in [1, 60] {
        let item = world.staged(&format!("begins in {ahead} s"), seconds(3600)).await;
        let delivery = Real::of(&world, World::trigger(&item)).with("nbf", json!(now + ahead));
        assert_eq!(send(&world, &delivery).await, StatusCode::ACCEPTED, "{ahead}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_current_and_the_next_key_both_open_the_door() {
    let world = World::new().await;
    for (key, other) in [(CURRENT, NEXT), (NEXT, CURRENT)] {
        let item = world.staged(&format!("signed by {key}, not {other}"), seconds(3600)).await;
        let body = World::trigger(&item);
        let url = format!("{PUBLIC_URL}{POST_TWEET_PATH}");
        let signature = Signer::new(key).sign(&url, &body, world.clock.now().0 / 1000);
        assert_eq!(world.hook(body, &signature).await.status(), StatusCode::ACCEPTED);
    }
    assert_eq!(world.metric("next_key_uses_total").await, 1);
}
