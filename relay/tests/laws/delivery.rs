//! What a delivery does, and what it never does.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use reqwest::StatusCode;
use roost_core::clock::Clock;
use roost_core::id::{PostId, Revision};
use roost_qstash::signature::Signer;
use roost_relay::{QstashKeys, Secret};
use roost_relay_api::{DeliveryState, FAILURE_PATH, POST_TWEET_PATH, Pause};
use roost_x_sandbox::{Fault, FaultKind, On, Outcome};

use crate::world::{CURRENT, NEXT, PUBLIC_URL, World, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_identical_deliveries_make_one_post() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(0)).await;
    let all = (0..100).map(|_| world.deliver(&item));
    for (status, _) in futures::future::join_all(all).await {
        assert!(status.is_success(), "{status}");
    }
    let posted = world.reaches(item.post_id, DeliveryState::Posted).await;
    for later in [660, 25 * 3600] {
        world.clock.advance(seconds(later));
        let (status, answer) = world.deliver(&item).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(answer["state"], "posted");
        assert_eq!(answer["tweetId"], posted.tweet_id.as_ref().expect("an id").0);
    }
    world.settle().await;
    let creates = world.creates().await;
    assert_eq!(creates.len(), 1);
    assert_eq!(creates[0].outcome, Outcome::Accepted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captured_delivery_sent_again_after_a_restart_does_nothing() {
    let mut world = World::new().await;
    let item = world.staged("Hello", seconds(0)).await;
    let body = World::trigger(&item);
    let signature = world.sign(&body);
    world.hook(body.clone(), &signature).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    world.stop_relay().await;
    world.start_relay().await;
    let replayed = world.hook(body.clone(), &signature).await;
    assert_eq!(replayed.status(), StatusCode::OK);
    let elsewhere = world
        .http
        .post(world.url(FAILURE_PATH))
        .header("Upstash-Signature", &signature)
        .body(body)
        .send()
        .await
        .expect("an answer");
    assert_eq!(elsewhere.status(), StatusCode::UNAUTHORIZED);
    world.settle().await;
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_signed_for_this_relay_is_refused_and_writes_nothing() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(0)).await;
    let head = world.status().await.head;
    let body = World::trigger(&item);
    let now = world.clock.now().0 / 1000;
    let url = format!("{PUBLIC_URL}{POST_TWEET_PATH}");
    let good = Signer::new(CURRENT).sign(&url, &body, now);
    let mut longer = body.clone();
    longer.push(b' ');
    let forged = [
        (body.clone(), Signer::new("sig_of_somebody_else").sign(&url, &body, now)),
        (body.clone(), Signer::new("").sign(&url, &body, now)),
        (longer, good.clone()),
        (body.clone(), Signer::new(CURRENT).sign(&world.url(POST_TWEET_PATH), &body, now)),
        (body.clone(), Signer::new(CURRENT).sign(&format!("{url}/"), &body, now)),
        (body.clone(), Signer::new(CURRENT).sign(&url, &body, now - 301)),
        (body.clone(), format!("{good}x")),
        (body.clone(), "…".to_owned()),
        (body.clone(), String::new()),
    ];
    let count = forged.len() as u64;
    for (body, signature) in forged {
        let response = world
            .http
            .post(world.url(POST_TWEET_PATH))
            .header("Upstash-Signature", signature.as_bytes())
            .body(body)
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{signature}");
    }
    let twice = world
        .http
        .post(world.url(POST_TWEET_PATH))
        .header("Upstash-Signature", &good)
        .header("Upstash-Signature", &good)
        .body(body)
        .send()
        .await
        .expect("an answer");
    assert_eq!(twice.status(), StatusCode::UNAUTHORIZED);
    world.settle().await;
    assert_eq!(world.status().await.head, head, "no row changed");
    let delivery = world.delivery(item.post_id).await.expect("known");
    assert_eq!(delivery.state, DeliveryState::Staged);
    assert_eq!(world.metric("signatures_refused_total").await, count + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_signature_from_another_time_is_an_alarm_and_may_come_again() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(0)).await;
    let body = World::trigger(&item);
    let url = format!("{PUBLIC_URL}{POST_TWEET_PATH}");
    for shift in [-120, 120] {
        let at = world.clock.now().0 / 1000 + shift;
        let signature = Signer::new(CURRENT).sign(&url, &body, at);
        let response = world.hook(body.clone(), &signature).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(response.headers().contains_key("retry-after"));
    }
    assert_eq!(world.metric("clock_alarms_total").await, 2);
    assert!(world.creates().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_roll_without_losing_a_delivery() {
    let world = World::new().await;
    let url = format!("{PUBLIC_URL}{POST_TWEET_PATH}");
    let deliver = async |key: &'static str, text: &str| {
        let item = world.staged(text, seconds(0)).await;
        let body = World::trigger(&item);
        let now = world.clock.now().0 / 1000;
        world.hook(body.clone(), &Signer::new(key).sign(&url, &body, now)).await.status()
    };
    assert_eq!(deliver(NEXT, "signed with the next key").await, StatusCode::ACCEPTED);
    let newest = "sig_the_newest_key";
    assert_eq!(deliver(newest, "two rolls ahead").await, StatusCode::UNAUTHORIZED);
    let keys = QstashKeys { current: Secret::new(NEXT), next: Secret::new(newest) };
    world.relay().set_qstash_keys(&keys);
    assert_eq!(deliver(newest, "after the relay rolled").await, StatusCode::ACCEPTED);
    assert_eq!(deliver(CURRENT, "the old key is dead").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_early_delivery_waits_for_its_time_and_not_a_moment_less() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(60)).await;
    let (status, answer) = world.deliver(&item).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(answer["state"], "waiting");
    world.clock.set(item.due_at.minus(std::time::Duration::from_millis(1)));
    world.settle().await;
    assert!(world.creates().await.is_empty());
    world.clock.set(item.due_at);
    world.reaches(item.post_id, DeliveryState::Posted).await;
    assert!(world.creates().await[0].arrived_at >= item.due_at.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_past_its_deadline_is_missed_and_never_sent() {
    let world = World::new().await;
    let delivered = world.staged("delivered late", seconds(0)).await;
    let forgotten = world.staged("never delivered", seconds(0)).await;
    world.client().pause(Pause { paused: true }).await.expect("paused");
    world.clock.set(delivered.not_after.plus(seconds(1)));
    let (status, answer) = world.deliver(&delivered).await;
    assert_eq!(status.as_u16() / 100, 2);
    // The clock's leap is a gap to the publisher; once it saw that, the post is looked for first.
    let state = answer["state"].as_str().expect("a state");
    assert!(["expired", "claimed"].contains(&state), "{state}");
    world.client().pause(Pause { paused: false }).await.expect("resumed");
    for post in [&delivered, &forgotten] {
        world.reaches(post.post_id, DeliveryState::Expired).await;
    }
    world.settle().await;
    assert!(world.creates().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_was_never_staged_is_asked_for_again_later() {
    let world = World::new().await;
    let mut item = world.post("Hello", seconds(0));
    let (status, _) = world.deliver(&item).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    world.stage(std::slice::from_ref(&item)).await;
    item.revision = Revision(2);
    let (status, _) = world.deliver(&item).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "this revision is not here yet");
    item.post_id = PostId::new(world.clock.now());
    assert_eq!(world.deliver(&item).await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(world.metric("deliveries_unknown_total").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_body_that_can_never_parse_is_given_up_and_harms_no_other() {
    let world = World::new().await;
    let good = world.staged("Hello", seconds(0)).await;
    for body in [
        b"{}".to_vec(),
        b"not json".to_vec(),
        vec![0xff, 0x00],
        br#"{"postId":"x","revision":1}"#.to_vec(),
        br#"{"postId":"0190163d-8694-739b-aea5-966c26f8ad91","revision":1,"more":true}"#.to_vec(),
    ] {
        let signature = world.sign(&body);
        let response = world.hook(body, &signature).await;
        assert_eq!(response.status().as_u16(), 489);
        assert_eq!(response.headers()["upstash-nonretryable-error"], "true");
    }
    let huge = vec![b' '; 2 * 1024 * 1024 + 1];
    let signature = world.sign(&huge);
    assert_eq!(world.hook(huge, &signature).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(world.metric("poison_total").await, 5);
    world.deliver(&good).await;
    world.reaches(good.post_id, DeliveryState::Posted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_callback_is_a_hint_and_changes_nothing_by_itself() {
    use base64::Engine;
    let world = World::new().await;
    let staged = world.staged("waits", seconds(3600)).await;
    let posted = world.staged("posted", seconds(0)).await;
    world.deliver(&posted).await;
    world.reaches(posted.post_id, DeliveryState::Posted).await;
    let head = world.status().await.head;
    let url = format!("{PUBLIC_URL}{FAILURE_PATH}");
    for item in [&staged, &posted] {
        let source = base64::engine::general_purpose::STANDARD.encode(World::trigger(item));
        let body = serde_json::json!({
            "status": 503, "sourceBody": source, "dlqId": "1-0", "notBefore": "1", "retried": 3,
            "sourceHeader": { "Content-Type": ["application/json"] }
        });
        let body = serde_json::to_vec(&body).expect("JSON");
        let signature = Signer::new(CURRENT).sign(&url, &body, world.clock.now().0 / 1000);
        let response = world
            .http
            .post(world.url(FAILURE_PATH))
            .header("Upstash-Signature", signature)
            .body(body)
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
    }
    world.settle().await;
    assert_eq!(world.status().await.head, head);
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_relay_sends_nothing_and_goes_on_when_resumed() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(0)).await;
    assert!(world.client().pause(Pause { paused: true }).await.expect("paused").paused);
    assert_eq!(world.deliver(&item).await.0, StatusCode::ACCEPTED);
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("paused"));
    world.clock.advance(seconds(300));
    world.settle().await;
    assert!(world.creates().await.is_empty());
    world.client().pause(Pause { paused: false }).await.expect("resumed");
    world.reaches(item.post_id, DeliveryState::Posted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_backstop_posts_what_no_delivery_came_for_once_and_says_so() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(60)).await;
    world.clock.set(item.due_at.plus(seconds(119)));
    world.settle().await;
    assert!(world.creates().await.is_empty(), "the scheduler has two minutes");
    world.clock.set(item.due_at.plus(seconds(121)));
    world.reaches(item.post_id, DeliveryState::Posted).await;
    assert_eq!(world.metric("backstop_total").await, 1);
    assert_eq!(world.deliver(&item).await.1["state"], "posted");
    world.settle().await;
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_goes_out_in_order_each_part_an_answer_to_the_one_before() {
    let world = World::new().await;
    let item = world.thread(&["one", "two", "three"], seconds(0));
    world.stage(std::slice::from_ref(&item)).await;
    world.deliver(&item).await;
    let posted = world.reaches(item.post_id, DeliveryState::Posted).await;
    let creates = world.creates().await;
    let texts: Vec<_> = creates.iter().filter_map(|entry| entry.text.as_deref()).collect();
    assert_eq!(texts, ["one", "two", "three"]);
    assert!(!creates[0].body.contains("in_reply_to"));
    assert!(creates[1].body.contains(&posted.tweet_id.expect("an id").0), "{}", creates[1].body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_breaks_is_partial_and_goes_on_where_it_broke() {
    let world = World::new().await;
    let item = world.thread(&["one", "two", "three"], seconds(0));
    world.stage(std::slice::from_ref(&item)).await;
    let mut fault = Fault::named(On::Create, "reply_rule");
    fault.text = Some("two".to_owned());
    world.x.sandbox.arm(fault).expect("armed");
    world.deliver(&item).await;
    let partial = world.reaches(item.post_id, DeliveryState::Partial).await;
    assert_eq!(partial.code.as_deref(), Some("reply_not_allowed"));
    let again = roost_relay_api::Resolve::SendAgain;
    world.client().resolve(item.post_id, &again).await.expect("resolved");
    world.reaches(item.post_id, DeliveryState::Posted).await;
    let accepted: Vec<_> = world
        .creates()
        .await
        .into_iter()
        .filter(|entry| entry.accepted)
        .filter_map(|entry| entry.text)
        .collect();
    assert_eq!(accepted, ["one", "two", "three"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_does_everything_but_the_call() {
    let world = World::with(|config| config.dry_run = true, |_| {}).await;
    assert!(world.status().await.dry_run);
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    let rehearsed = world.reaches(item.post_id, DeliveryState::Refused).await;
    assert_eq!(rehearsed.code.as_deref(), Some("dry_run"));
    assert!(world.creates().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_and_forty_posts_a_minute_all_go_out_once() {
    let world = World::new().await;
    // Four a second, and X takes its time: the slots of one account must overlap.
    let mut slow = Fault::new(On::Create, FaultKind::Slow);
    slow.millis = Some(100);
    slow.count = Some(0);
    world.x.sandbox.arm(slow).expect("armed");
    let mut items = Vec::new();
    for number in 0..240 {
        items.push(world.post(&format!("Post {number}"), seconds(number / 4)));
    }
    for batch in items.chunks(100) {
        world.stage(batch).await;
    }
    for second in items.chunks(4) {
        world.clock.set(second[0].due_at);
        futures::future::join_all(second.iter().map(|item| world.deliver(item))).await;
    }
    for item in &items {
        world.reaches(item.post_id, DeliveryState::Posted).await;
    }
    let mut texts: Vec<_> =
        world.creates().await.into_iter().filter_map(|entry| entry.text).collect();
    assert_eq!(texts.len(), 240);
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 240);
}
