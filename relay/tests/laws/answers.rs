//! Every kind of answer that X gives to a call, and what it means for the post.

use std::time::Duration;

use roost_core::clock::Clock;
use roost_relay_api::{DeliveryState, Stage};
use roost_x_sandbox::{Fault, FaultKind, On};
use serde_json::json;

use crate::link::{come_to, requests, stage_all, told};
use crate::world::{World, seconds};

/// A kind of answer: its name, what is armed, whether X did what was asked.
struct Answer {
    name: String,
    fault: Fault,
    done: bool,
}

fn answer(name: impl Into<String>, mut fault: Fault, done: bool) -> Answer {
    let name = name.into();
    fault.text = Some(name.clone());
    Answer { name, fault, done }
}

fn status(status: u16, body: serde_json::Value) -> Fault {
    let mut fault = Fault::status(On::Create, status);
    fault.body = Some(body);
    fault
}

/// Answers after which nobody knows whether the post is there.
fn uncertain(base: &str) -> Vec<Answer> {
    let mut all = Vec::new();
    for code in [500, 502, 503, 504] {
        let mut processed = Fault::status(On::Create, code);
        processed.processed = true;
        all.push(answer(format!("{code} after success;"), processed, true));
        let html = json!("<html>an error page of somebody in between</html>");
        all.push(answer(format!("{code} without success;"), status(code, html), false));
    }
    for code in [301, 302, 303, 307, 308] {
        let mut redirect = Fault::status(On::Create, code);
        redirect.headers.insert("location".to_owned(), format!("{base}/2/tweets"));
        all.push(answer(format!("redirect {code};"), redirect, false));
    }
    let mut slow = Fault::new(On::Create, FaultKind::Slow);
    (slow.millis, slow.processed) = (Some(4_000), true);
    all.push(answer("slower than the relay waits;", slow, true));
    all.push(answer("half a document;", Fault::new(On::Create, FaultKind::Malformed), true));
    all.push(answer("no id;", Fault::new(On::Create, FaultKind::NoId), true));
    all.push(answer("cut before;", Fault::new(On::Create, FaultKind::CutBefore), false));
    all.push(answer("cut after;", Fault::new(On::Create, FaultKind::CutAfter), true));
    let error = json!({ "errors": [{ "message": "Over capacity", "code": 130 }] });
    all.push(answer("200 with an error;", status(200, error), false));
    let problem = json!({ "title": "Forbidden", "detail": "No.", "type": "about:blank" });
    all.push(answer("201 with a problem;", status(201, problem), false));
    all.push(answer("200 with a page;", status(200, json!("<html>Welcome</html>")), false));
    all.push(answer("200 with nothing;", status(200, json!("")), false));
    all.push(answer("204;", status(204, json!("")), false));
    all.push(answer("a list;", status(201, json!([1, 2, 3])), false));
    all.push(answer("an id that is none;", status(201, json!({ "data": { "id": 5 } })), false));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn no_uncertain_answer_is_ever_repeated_and_each_is_settled_by_the_timeline() {
    let world = World::with(
        |config| {
            config.pace.call_timeout = Duration::from_millis(1_500);
            config.pace.slots_per_account = 32;
        },
        |_| {},
    )
    .await;
    let answers = uncertain(&world.x.base_url());
    let items: Vec<Stage> = answers
        .iter()
        .map(|answer| world.post(&format!("{} its post", answer.name), seconds(0)))
        .collect();
    for answer in &answers {
        world.x.sandbox.arm(answer.fault.clone()).expect("armed");
    }
    stage_all(&world, &items).await;
    futures::future::join_all(items.iter().map(|item| world.deliver(item))).await;
    come_to(&world, &items, &[DeliveryState::Unknown], || {}).await;
    let settled = [DeliveryState::Posted, DeliveryState::Parked];
    let deliveries = come_to(&world, &items, &settled, || world.clock.advance(seconds(60))).await;
    world.clock.advance(seconds(3 * 3600));
    world.settle().await;
    let (requests, told) = (requests(&world).await, told(&world).await);
    for ((answer, item), delivery) in answers.iter().zip(&items).zip(deliveries) {
        let name = &answer.name;
        let counts = requests[&item.content.parts[0].text];
        assert_eq!(counts, (1, usize::from(answer.done)), "{name}");
        let state = if answer.done { DeliveryState::Posted } else { DeliveryState::Parked };
        assert_eq!(delivery.state, state, "{name}: {delivery:?}");
        let said = told[&item.post_id].iter().find(|one| one.state == DeliveryState::Unknown);
        let reason = said.and_then(|one| one.message.as_deref()).unwrap_or_default();
        assert!(!reason.is_empty(), "{name}: the receipt says why it is in doubt");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_says_not_now_creates_nothing_and_the_post_goes_out_once_afterwards() {
    let world = World::new().await;
    for name in ["rate_limited", "credits_depleted", "automated", "daily_limit"] {
        let reset = world.clock.now().plus(seconds(600));
        let mut fault = Fault::named(On::Create, name);
        fault.headers.insert("x-rate-limit-remaining".to_owned(), "0".to_owned());
        fault.headers.insert("x-rate-limit-limit".to_owned(), "100".to_owned());
        fault.headers.insert("x-rate-limit-reset".to_owned(), (reset.0 / 1000).to_string());
        let answer = answer(format!("{name};"), fault, false);
        world.x.sandbox.arm(answer.fault).expect("armed");
        let item = world.staged(&format!("{name}; its post"), seconds(0)).await;
        world.deliver(&item).await;
        let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
        assert!(waiting.until.is_some(), "{name}");
        if name == "rate_limited" {
            assert!(waiting.until >= Some(reset), "X's own time is kept: {waiting:?}");
        }
        world.comes_to(item.post_id, DeliveryState::Posted, seconds(300)).await;
        let counts = requests(&world).await[&item.content.parts[0].text];
        assert_eq!(counts, (2, 1), "{name}: refused once, taken once");
    }
}
