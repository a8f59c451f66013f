//! A computer is let in by a one-time code, and sent away.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use reqwest::StatusCode;
use roost_core::clock::Clock;
use roost_relay::admin;
use roost_relay_api::{ClientError, PairRequest, RefusalCode};

use crate::world::{World, seconds};

const KEY: &str = "rk_0123456789012345678901234567890123456789012";
const OTHER_KEY: &str = "rk_9876543210987654321098765432109876543210987";

fn code(world: &World) -> String {
    let made = admin::make_pairing_code(&world.config.database, world.clock.now());
    made.expect("a code").expose().to_owned()
}

fn request(code: &str, device: &str) -> PairRequest {
    PairRequest { code: code.to_owned(), device: device.to_owned() }
}

fn refusal<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> (RefusalCode, String) {
    let error = answer.expect_err("refused");
    let refusal = error.refusal().expect("a refusal").clone();
    (refusal.code, refusal.message)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_lets_one_key_in_once_and_the_same_key_may_ask_again() {
    let world = World::new().await;
    world.relay().offer_scheduler(roost_relay::Secret::new("tok"));
    let (code, laptop) = (code(&world), world.client_with(KEY));
    assert_eq!(refusal(laptop.status().await).0, RefusalCode::Unauthorized);
    for _ in 0..2 {
        let answer = laptop.pair(&request(&code, "laptop")).await.expect("let in");
        assert_eq!(answer.scheduler_token.as_deref(), Some("tok"));
    }
    laptop.status().await.expect("known from now on");
    let other = world.client_with(OTHER_KEY);
    let (refused, words) = refusal(other.pair(&request(&code, "tower")).await);
    assert_eq!(refused, RefusalCode::Unauthorized);
    assert!(words.contains("roost-relay pair"), "{words}");
    assert_eq!(refusal(other.status().await).0, RefusalCode::Unauthorized);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_over_after_ten_minutes_and_a_taken_name_does_not_use_it_up() {
    let world = World::new().await;
    let (first, second) = (code(&world), code(&world));
    world.client_with(KEY).pair(&request(&first, "laptop")).await.expect("let in");
    let other = world.client_with(OTHER_KEY);
    for name in ["laptop", "", "\u{7}", &"x".repeat(101)] {
        let (refused, words) = refusal(other.pair(&request(&second, name)).await);
        assert_eq!(refused, RefusalCode::Invalid, "{words}");
    }
    other.pair(&request(&second, "tower")).await.expect("the code holds");
    let late = code(&world);
    world.clock.advance(seconds(10 * 60));
    let key = world.client_with("rk_0000000000000000000000000000000000000000000");
    assert_eq!(refusal(key.pair(&request(&late, "phone")).await).0, RefusalCode::Unauthorized);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_guesses_codes_is_held_back_and_known_devices_are_not() {
    let world = World::new().await;
    let guesser = world.client_with(KEY);
    let mut answers = Vec::new();
    for number in 0..12 {
        answers.push(refusal(guesser.pair(&request(&format!("pc_{number}"), "x")).await).0);
    }
    assert_eq!(answers[9], RefusalCode::Unauthorized);
    assert_eq!(answers[10..], [RefusalCode::TooManyAttempts; 2]);
    let right = code(&world);
    assert_eq!(refusal(guesser.pair(&request(&right, "x")).await).0, RefusalCode::TooManyAttempts);
    world.status().await;
    world.clock.advance(seconds(60));
    guesser.pair(&request(&right, "x")).await.expect("a minute later");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_crosses_no_open_network() {
    let world = World::new().await;
    let body = request(&code(&world), "laptop");
    for proto in ["http", "http, https"] {
        let asked = world.http.post(world.url("/v1/pair")).bearer_auth(KEY).json(&body);
        let answer = asked.header("X-Forwarded-Proto", proto).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        let words = answer.text().await.expect("words");
        assert!(words.contains("TLS"), "{words}");
    }
    let asked = world.http.post(world.url("/v1/pair")).bearer_auth(KEY).json(&body);
    let answer = asked.header("X-Forwarded-Proto", "https").send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    let weak = world.http.post(world.url("/v1/pair")).bearer_auth("rk_short").json(&body);
    assert_eq!(weak.send().await.expect("an answer").status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_listed_and_one_that_is_revoked_is_a_stranger() {
    let world = World::new().await;
    let (laptop, tower) = (world.client_with(KEY), world.client_with(OTHER_KEY));
    laptop.pair(&request(&code(&world), "laptop/1 %")).await.expect("let in");
    tower.pair(&request(&code(&world), "tower")).await.expect("let in");
    let seen: Vec<_> = tower.devices().await.expect("a list");
    let names: Vec<_> = seen.iter().map(|one| (one.name.as_str(), one.this_one)).collect();
    assert_eq!(names, [("laptop/1 %", false), ("tower", true)]);
    tower.revoke("laptop/1 %").await.expect("gone");
    assert_eq!(refusal(laptop.status().await).0, RefusalCode::Unauthorized);
    assert_eq!(refusal(tower.revoke("laptop/1 %").await).0, RefusalCode::NotFound);
    // Its stores are nobody's: another device may take them over.
    tower.status().await.expect("still known");
}
