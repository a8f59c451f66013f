//! Every fault strikes as it says, and the client understands what it sees.

use std::collections::BTreeSet;
use std::time::Duration;

use roost_x_api::{Class, Client, CreatePost, FailureKind, TimelineQuery, WindowKind};
use roost_x_sandbox::{Fault, FaultKind, On, Outcome, catalogue};

use crate::support::{World, text_post};

/// Every name of the catalogue, and the kind that the client must see on creating a post.
const ON_CREATE: &[(&str, &str)] = &[
    ("too_long", "too_long"),
    ("invalid_request", "invalid_request"),
    ("invalid_media", "invalid_media"),
    ("parent_gone", "parent_gone"),
    ("unauthorized", "unauthorized"),
    ("credits", "credits_depleted"),
    ("credits_depleted", "credits_depleted"),
    ("spend_cap", "spend_cap_reached"),
    ("duplicate", "duplicate"),
    ("too_long_403", "too_long"),
    ("reply_rule", "reply_not_allowed"),
    ("quote_rule", "quote_not_allowed"),
    ("cashtag", "cashtag_limit"),
    ("parent_gone_403", "parent_gone"),
    ("not_permitted", "not_permitted"),
    ("feature", "account_restricted"),
    ("suspended", "account_suspended"),
    ("suspended_code", "account_suspended"),
    ("locked", "account_locked"),
    ("automated", "automated"),
    ("daily_limit", "daily_limit"),
    ("daily_limit_code", "daily_limit"),
    ("invalid_url", "invalid_url"),
    ("not_enrolled", "app_not_enrolled"),
    ("unsupported_authentication", "unsupported_authentication"),
    ("rate_limited", "rate_limited"),
    ("rate_limited_code", "rate_limited"),
    ("usage_capped", "usage_capped"),
    ("usage_capped_403", "usage_capped"),
    ("not_found", "not_found"),
    ("internal_error", "server_error"),
    ("bad_gateway", "server_error"),
    ("unavailable", "server_error"),
    ("gateway_timeout", "server_error"),
    ("redirect", "unexpected_answer"),
];

/// The rest of the catalogue belongs to the token endpoint.
const ON_REFRESH: &[(&str, &str)] = &[
    ("token_invalid", "grant_refused"),
    ("invalid_grant", "grant_refused"),
    ("code_invalid", "code_refused"),
    ("redirect_mismatch", "redirect_mismatch"),
    ("verifier_mismatch", "verifier_mismatch"),
    ("missing_authorization", "client_unauthenticated"),
    ("invalid_client", "client_refused"),
];

const UNKNOWN: &[&str] = &["server_error", "unexpected_answer"];

#[tokio::test]
async fn every_refusal_is_understood_for_what_it_is() {
    let world = World::new().await;
    let sandbox = &world.running.sandbox;
    let covered: BTreeSet<&str> =
        ON_CREATE.iter().chain(ON_REFRESH).map(|(name, _)| *name).collect();
    assert_eq!(covered, catalogue().iter().copied().collect());
    for (name, kind) in ON_CREATE {
        sandbox.arm(Fault::named(On::Create, name)).unwrap();
        let failure = world.post(name).await.unwrap_err();
        assert_eq!(failure.kind.name(), *kind, "{name}: {failure}");
        let class = if UNKNOWN.contains(kind) { Class::Unknown } else { Class::Definite };
        assert_eq!(failure.class(), class, "{name}");
    }
    for (name, kind) in ON_REFRESH {
        sandbox.arm(Fault::named(On::Refresh, name)).unwrap();
        let failure = world.refresh(&world.ada.refresh_token).await.unwrap_err();
        assert_eq!(failure.kind.name(), *kind, "{name}: {failure}");
    }
    let summary = sandbox.summary().await.unwrap();
    assert_eq!(summary.accepted, 0);
    let unknown = ON_CREATE.iter().filter(|(_, kind)| UNKNOWN.contains(kind)).count();
    assert_eq!(summary.refused, i64::try_from(ON_CREATE.len() - unknown).unwrap());
    // No refusal of the token endpoint spent the token.
    world.refresh(&world.ada.refresh_token).await.unwrap();
}

#[tokio::test]
async fn a_cut_before_does_nothing_and_a_cut_after_does_everything() {
    let world = World::new().await;
    let sandbox = &world.running.sandbox;
    for (kind, accepted) in [(FaultKind::CutBefore, 0), (FaultKind::CutAfter, 1)] {
        sandbox.arm(Fault::new(On::Create, kind)).unwrap();
        let failure = world.post(&format!("{kind:?}")).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::ConnectionCut, "{kind:?}");
        assert_eq!(failure.status, None);
        assert_eq!(failure.class(), Class::Unknown);
        assert_eq!(sandbox.summary().await.unwrap().accepted, accepted);
    }
    let ledger = sandbox.ledger(0, 10).await.unwrap();
    assert_eq!(ledger[0].outcome, Outcome::Lost);
    assert_eq!(ledger[1].outcome, Outcome::Accepted);
}

#[tokio::test]
async fn an_answer_can_be_cut_after_any_byte() {
    let world = World::new().await;
    let sandbox = &world.running.sandbox;
    for bytes in [0, 1, 12, 60, 150, 250, 300] {
        let fault = Fault { bytes: Some(bytes), ..Fault::new(On::Create, FaultKind::CutDuring) };
        sandbox.arm(fault).unwrap();
        let failure = world.post(&format!("cut after {bytes}")).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::ConnectionCut, "after {bytes} bytes");
        assert_eq!(failure.class(), Class::Unknown);
    }
    // Longer than any answer: nothing is cut, and the next call does not suffer either.
    let fault = Fault { bytes: Some(1_000_000), ..Fault::new(On::Create, FaultKind::CutDuring) };
    sandbox.arm(fault).unwrap();
    world.post("whole").await.unwrap();
    world.post("next").await.unwrap();
    assert_eq!(sandbox.summary().await.unwrap().accepted, 9);
}

#[tokio::test]
async fn success_that_says_nothing_is_unknown() {
    let world = World::new().await;
    for kind in [FaultKind::Malformed, FaultKind::NoId] {
        world.running.sandbox.arm(Fault::new(On::Create, kind)).unwrap();
        let failure = world.post(&format!("{kind:?}")).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed, "{kind:?}");
        assert_eq!(failure.class(), Class::Unknown);
        assert_eq!(failure.status, Some(201));
    }
    assert_eq!(world.running.sandbox.summary().await.unwrap().accepted, 2);
}

#[tokio::test]
async fn a_server_error_may_hide_a_success() {
    let world = World::new().await;
    let sandbox = &world.running.sandbox;
    for (processed, accepted) in [(false, 0), (true, 1)] {
        sandbox.arm(Fault { processed, ..Fault::status(On::Create, 503) }).unwrap();
        let failure = world.post("Hello").await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::ServerError);
        assert_eq!(failure.class(), Class::Unknown);
        assert_eq!(sandbox.summary().await.unwrap().accepted, accepted);
    }
    let ledger = sandbox.ledger(0, 10).await.unwrap();
    assert_eq!(ledger[0].outcome, Outcome::Failed);
    assert_eq!(ledger[1].outcome, Outcome::Accepted);
    assert!(!ledger[1].answered);
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_stop_x() {
    let world = World::new().await;
    let fault = Fault { millis: Some(300), ..Fault::new(On::Create, FaultKind::Slow) };
    world.running.sandbox.arm(fault).unwrap();
    let base = world.running.base_url().parse().unwrap();
    let hasty = Client::builder(base).timeout(Duration::from_millis(50)).build().unwrap();
    let token = &world.ada.access_token;
    let failure = hasty.create_post(token, &text_post("Hello")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert_eq!(failure.class(), Class::Unknown);
    let mut accepted = 0;
    for _ in 0..100 {
        accepted = world.running.sandbox.summary().await.unwrap().accepted;
        if accepted == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(accepted, 1);
}

#[tokio::test]
async fn a_rate_limit_can_be_told_in_any_window() {
    let world = World::new().await;
    let mut fault = Fault::named(On::Create, "rate_limited");
    for (name, value) in [
        ("x-app-limit-24hour-limit", "10000"),
        ("x-app-limit-24hour-remaining", "0"),
        ("x-app-limit-24hour-reset", "4102444800"),
    ] {
        fault.headers.insert(name.into(), value.into());
    }
    world.running.sandbox.arm(fault).unwrap();
    let failure = world.post("Hello").await.unwrap_err();
    let windows = vec![WindowKind::AppDay];
    assert_eq!(failure.kind, FailureKind::RateLimited { windows, until: Some(4_102_444_800) });
    assert_eq!(failure.class(), Class::Definite);
}

#[tokio::test]
async fn a_fault_strikes_as_often_and_as_late_and_whom_it_was_told_to() {
    let world = World::new().await;
    let sandbox = &world.running.sandbox;
    let bob = world.grant("bob").await;
    let fault = Fault {
        after: 1,
        count: Some(2),
        account: Some("ADA".into()),
        text: Some("fragile".into()),
        ..Fault::status(On::Create, 500)
    };
    let armed = sandbox.arm(fault).unwrap();
    let mut results = Vec::new();
    for number in 0..4 {
        results.push(world.post(&format!("fragile {number}")).await.is_ok());
        world.post(&format!("sturdy {number}")).await.unwrap();
        let bobs = text_post(&format!("fragile {number}"));
        world.client.create_post(&bob.access_token, &bobs).await.unwrap();
    }
    assert_eq!(results, [true, false, false, true]);
    let again = Fault { count: Some(0), ..Fault::status(On::Any, 500) };
    let again = sandbox.arm(again).unwrap();
    world.post("a").await.unwrap_err();
    world.client.me(&world.ada.access_token).await.unwrap_err();
    sandbox.disarm(Some(again.id));
    world.post("b").await.unwrap();
    sandbox.disarm(Some(armed.id));
}

#[tokio::test]
async fn a_fault_without_what_it_needs_is_not_armed() {
    let world = World::new().await;
    let sandbox = &world.running.sandbox;
    for kind in
        [FaultKind::Status, FaultKind::Named, FaultKind::CutDuring, FaultKind::Slow, FaultKind::Lag]
    {
        let error = sandbox.arm(Fault::new(On::Create, kind)).unwrap_err();
        assert!(error.to_string().contains("needs"), "{error}");
    }
    let error = sandbox.arm(Fault::named(On::Create, "rain")).unwrap_err();
    assert!(error.to_string().contains("duplicate"), "{error}");
}

#[tokio::test]
async fn a_reply_is_refused_until_what_it_answers_is_shown() {
    let world = World::new().await;
    let lag = Fault { millis: Some(10_000), ..Fault::new(On::Create, FaultKind::Lag) };
    world.running.sandbox.arm(lag).unwrap();
    let first = world.post("One").await.unwrap();
    let second = CreatePost {
        text: "Two".to_owned(),
        reply_to: Some(first.id.clone()),
        ..CreatePost::default()
    };
    let token = &world.ada.access_token;
    let failure = world.client.create_post(token, &second).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::ParentGone);
    world.clock.advance(Duration::from_secs(10));
    world.client.create_post(token, &second).await.unwrap();
}

#[tokio::test]
async fn reads_and_refreshes_break_in_the_same_ways() {
    let world = World::new().await;
    let sandbox = &world.running.sandbox;
    let token = &world.ada.access_token;
    sandbox.arm(Fault::new(On::Me, FaultKind::CutAfter)).unwrap();
    let failure = world.client.me(token).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::ConnectionCut);
    sandbox.arm(Fault::new(On::Timeline, FaultKind::Malformed)).unwrap();
    let query = TimelineQuery::default();
    let failure = world.client.user_posts(token, &world.ada.id, &query).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Malformed);
    // The answer is lost and the token is spent all the same.
    sandbox.arm(Fault::new(On::Refresh, FaultKind::CutAfter)).unwrap();
    let failure = world.refresh(&world.ada.refresh_token).await.unwrap_err();
    assert_eq!(failure.class(), Class::Unknown);
    let failure = world.refresh(&world.ada.refresh_token).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::GrantRefused);
    // A success without a token is none.
    let bob = world.grant("bob").await;
    sandbox.arm(Fault::new(On::Refresh, FaultKind::NoId)).unwrap();
    let failure = world.refresh(&bob.refresh_token).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Malformed);
}

#[tokio::test]
async fn a_cut_holds_back_the_answer_under_another_server_too() {
    let world = World::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = world.running.sandbox.router();
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    world.running.sandbox.arm(Fault::new(On::Create, FaultKind::CutAfter)).unwrap();
    let elsewhere = crate::support::client(&base);
    let token = &world.ada.access_token;
    let failure = elsewhere.create_post(token, &text_post("Hello")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::ConnectionCut);
    assert_eq!(failure.class(), Class::Unknown);
    assert_eq!(world.running.sandbox.summary().await.unwrap().accepted, 1);
    serving.abort();
}
