//! What becomes of a post when X says no, says nothing, or says it too late.

use std::time::Duration;

use roost_core::clock::Clock;
use roost_relay_api::{AccountHealth, Decision, DeliveryState, Pause, RefusalCode, Resolve, Seen};
use roost_x_sandbox::{Fault, FaultKind, NewAccount, On, Outcome, Standing};

use crate::world::{World, seconds};

/// Stages and delivers a post under an armed fault.
async fn struck(world: &World, fault: Fault) -> roost_relay_api::Stage {
    world.x.sandbox.arm(fault).expect("armed");
    let item = world.staged("Hello <world> & friends https://example.com/a", seconds(0)).await;
    world.deliver(&item).await;
    item
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_lost_after_processing_is_found_in_the_timeline_and_never_repeated() {
    let world = World::new().await;
    let mut cuts = vec![Fault::new(On::Create, FaultKind::CutAfter)];
    for bytes in [1, 20, 60, 120, 200] {
        let mut cut = Fault::new(On::Create, FaultKind::CutDuring);
        cut.bytes = Some(bytes);
        cuts.push(cut);
    }
    cuts.push(Fault::new(On::Create, FaultKind::Malformed));
    cuts.push(Fault::new(On::Create, FaultKind::NoId));
    let mut after_success = Fault::named(On::Create, "unavailable");
    after_success.processed = true;
    cuts.push(after_success);
    let count = cuts.len();
    for cut in cuts {
        let item = struck(&world, cut).await;
        world.reaches(item.post_id, DeliveryState::Unknown).await;
        let posted = world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
        assert!(posted.tweet_id.is_some());
        assert_eq!(posted.attempts, 1);
        // The next one has the same text: what belongs to this post must not be found for it.
        world.clock.advance(seconds(3600));
    }
    let creates = world.creates().await;
    assert_eq!(creates.len(), count);
    assert!(creates.iter().all(|entry| entry.outcome == Outcome::Accepted));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_stays_unknown_is_parked_after_every_look_and_a_person_decides() {
    let world = World::new().await;
    let item = struck(&world, Fault::new(On::Create, FaultKind::CutBefore)).await;
    let lost_at = world.clock.now();
    world.reaches(item.post_id, DeliveryState::Unknown).await;
    let parked = world.comes_to(item.post_id, DeliveryState::Parked, seconds(30)).await;
    assert_eq!(parked.code.as_deref(), Some("outcome_unknown"));
    assert!(world.clock.now().since(lost_at) >= seconds(30 * 60), "all four looks were made");
    assert_eq!(world.deliver(&item).await.1["state"], "parked");
    assert_eq!(world.creates().await.len(), 1, "nothing is repeated by itself");
    world.client().resolve(item.post_id, &Resolve::Verify).await.expect("taken");
    world.reaches(item.post_id, DeliveryState::Parked).await;
    world.client().resolve(item.post_id, &Resolve::SendAgain).await.expect("taken");
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    let creates = world.creates().await;
    assert_eq!(creates.iter().filter(|entry| entry.accepted).count(), 1);
    let late = world.client().resolve(item.post_id, &Resolve::SendAgain).await.expect_err("no");
    assert_eq!(late.refusal().map(|refusal| refusal.code), Some(RefusalCode::TooLate));
}

/// A post that X has, that no look found, and for which a person is asked.
async fn parked_though_on_x(world: &World) -> roost_relay_api::Stage {
    let mut lag = Fault::new(On::Timeline, FaultKind::Lag);
    (lag.millis, lag.count) = (Some(24 * 3_600_000), Some(1_000));
    world.x.sandbox.arm(lag).expect("armed");
    let item = struck(world, Fault::new(On::Create, FaultKind::CutAfter)).await;
    world.reaches(item.post_id, DeliveryState::Unknown).await;
    world.comes_to(item.post_id, DeliveryState::Parked, seconds(60)).await;
    world.x.sandbox.disarm(None);
    item
}

#[tokio::test(flavor = "multi_thread")]
async fn to_check_again_while_signed_out_ends_in_the_reason_and_the_sign_in_looks_by_itself() {
    let world = World::new().await;
    let item = parked_though_on_x(&world).await;
    world.x.sandbox.disconnect("ada").await.expect("revoked");
    world.client().resolve(item.post_id, &Resolve::Verify).await.expect("taken");
    let parked = world.reaches(item.post_id, DeliveryState::Parked).await;
    assert_eq!(parked.code.as_deref(), Some("sign_in_needed"), "{parked:?}");
    let message = parked.message.expect("a reason");
    assert!(message.contains("could not be read") && message.contains("signed in again"));

    let fresh = world.x.sandbox.grant(NewAccount::named("ada"), None).await.expect("a grant");
    let mut grant = world.grant.clone();
    grant.access_token = fresh.access_token;
    grant.refresh_token = fresh.refresh_token;
    grant.expires_at = world.clock.now().plus(seconds(7200));
    world.client().connect(&world.account, &grant).await.expect("connected");
    world.reaches(item.post_id, DeliveryState::Posted).await;
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn to_check_again_while_x_is_away_ends_in_the_reason() {
    let world = World::new().await;
    let item = parked_though_on_x(&world).await;
    let mut down = Fault::named(On::Timeline, "unavailable");
    down.count = Some(1_000);
    world.x.sandbox.arm(down).expect("armed");
    world.client().resolve(item.post_id, &Resolve::Verify).await.expect("taken");
    let parked = world.reaches(item.post_id, DeliveryState::Parked).await;
    assert_eq!(parked.code.as_deref(), Some("outcome_unknown"), "{parked:?}");
    assert!(parked.message.is_some_and(|message| message.contains("Check again later")));
    world.x.sandbox.disarm(None);
    world.client().resolve(item.post_id, &Resolve::Verify).await.expect("taken");
    world.reaches(item.post_id, DeliveryState::Posted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn send_again_told_twice_sends_once() {
    let world = World::new().await;
    let item = struck(&world, Fault::new(On::Create, FaultKind::CutBefore)).await;
    world.reaches(item.post_id, DeliveryState::Unknown).await;
    let parked = world.comes_to(item.post_id, DeliveryState::Parked, seconds(60)).await;
    let seen = Some(Seen { revision: parked.revision, attempts: parked.attempts });
    let again = Decision { seen, ..Decision::from(Resolve::SendAgain) };
    world.x.sandbox.arm(Fault::new(On::Create, FaultKind::CutBefore)).expect("armed");
    world.client().decide(item.post_id, &again).await.expect("taken");
    world.reaches(item.post_id, DeliveryState::Unknown).await;
    world.comes_to(item.post_id, DeliveryState::Parked, seconds(60)).await;
    let late = world.client().decide(item.post_id, &again).await.expect_err("it moved on");
    assert_eq!(late.refusal().map(|refusal| refusal.code), Some(RefusalCode::TooLate));
    let still = world.delivery(item.post_id).await.expect("known");
    assert_eq!(still.state, DeliveryState::Parked);
    assert_eq!(world.creates().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_saw_it_on_x_closes_the_post_with_its_id_and_no_id_serves_twice() {
    let world = World::new().await;
    let first = struck(&world, Fault::new(On::Create, FaultKind::CutBefore)).await;
    world.reaches(first.post_id, DeliveryState::Unknown).await;
    world.comes_to(first.post_id, DeliveryState::Parked, seconds(60)).await;
    let went_out = |id: &str| Resolve::WentOut { tweet_id: roost_core::id::TweetId(id.to_owned()) };
    let client = world.client();
    let garbled = client.resolve(first.post_id, &went_out("12x")).await.expect_err("no id");
    assert_eq!(garbled.refusal().map(|refusal| refusal.code), Some(RefusalCode::Invalid));
    let posted = client.resolve(first.post_id, &went_out("123")).await.expect("taken");
    assert_eq!(posted.state, DeliveryState::Posted);
    let second = struck(&world, Fault::new(On::Create, FaultKind::CutBefore)).await;
    world.comes_to(second.post_id, DeliveryState::Parked, seconds(60)).await;
    let taken = client.resolve(second.post_id, &went_out("123")).await.expect_err("taken");
    assert_eq!(taken.refusal().map(|refusal| refusal.code), Some(RefusalCode::Invalid));
    let still = world.delivery(second.post_id).await.expect("known");
    assert_eq!(still.state, DeliveryState::Parked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_that_lags_delays_the_answer_and_makes_no_second_post() {
    let world = World::new().await;
    let mut lag = Fault::new(On::Timeline, FaultKind::Lag);
    lag.millis = Some(120_000);
    world.x.sandbox.arm(lag).expect("armed");
    let item = struck(&world, Fault::new(On::Create, FaultKind::CutAfter)).await;
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_that_can_not_be_read_is_no_look() {
    let world = World::new().await;
    let mut down = Fault::named(On::Timeline, "unavailable");
    down.count = Some(20);
    world.x.sandbox.arm(down).expect("armed");
    let item = struck(&world, Fault::new(On::Create, FaultKind::CutAfter)).await;
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(60)).await;
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_answer_is_unknown_and_the_post_is_found() {
    let world =
        World::with(|config| config.pace.call_timeout = Duration::from_millis(300), |_| {}).await;
    let mut slow = Fault::new(On::Create, FaultKind::Slow);
    slow.millis = Some(1_000);
    slow.processed = true;
    let item = struck(&world, slow).await;
    world.reaches(item.post_id, DeliveryState::Unknown).await;
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_x_refuses_for_good_is_told_with_its_reason_and_not_tried_again() {
    let world = World::new().await;
    for (name, code) in [
        ("too_long", "text_too_long"),
        ("too_long_403", "text_too_long"),
        ("invalid_request", "request_refused"),
        ("invalid_media", "invalid_media"),
        ("duplicate", "duplicate_content"),
        ("reply_rule", "reply_not_allowed"),
        ("quote_rule", "quote_not_allowed"),
        ("cashtag", "too_many_cashtags"),
        ("parent_gone", "parent_gone"),
        ("invalid_url", "invalid_link"),
    ] {
        let before = world.creates().await.len();
        let item = struck(&world, Fault::named(On::Create, name)).await;
        let refused = world.reaches(item.post_id, DeliveryState::Refused).await;
        assert_eq!(refused.code.as_deref(), Some(code), "{name}");
        assert!(refused.message.is_some_and(|message| !message.is_empty()), "{name}");
        world.clock.advance(seconds(60));
        world.settle().await;
        assert_eq!(world.creates().await.len(), before + 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn x_s_catch_all_is_tried_once_more_and_then_believed() {
    let world = World::new().await;
    let item = struck(&world, Fault::named(On::Create, "not_permitted")).await;
    world.reaches(item.post_id, DeliveryState::Waiting).await;
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    let mut twice = Fault::named(On::Create, "not_permitted");
    twice.count = Some(0);
    let item = struck(&world, twice).await;
    let refused = world.comes_to(item.post_id, DeliveryState::Refused, seconds(10)).await;
    assert_eq!((refused.code.as_deref(), refused.attempts), (Some("not_permitted"), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reached_limit_holds_the_account_until_x_s_own_time_and_loses_nothing() {
    let world = World::new().await;
    let reset = world.clock.now().plus(seconds(600));
    let mut limited = Fault::named(On::Create, "rate_limited");
    for (name, value) in [
        ("x-rate-limit-limit", "100".to_owned()),
        ("x-rate-limit-remaining", "0".to_owned()),
        ("x-rate-limit-reset", (reset.0 / 1000).to_string()),
    ] {
        limited.headers.insert(name.to_owned(), value);
    }
    let first = struck(&world, limited).await;
    let waiting = world.reaches(first.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("rate_limited"));
    assert!(waiting.until.is_some_and(|until| until >= reset));
    let second = world.staged("the account waits, so this one does", seconds(0)).await;
    world.deliver(&second).await;
    world.reaches(second.post_id, DeliveryState::Waiting).await;
    assert_eq!(world.creates().await.len(), 1, "nobody knocks meanwhile");
    world.clock.set(reset.plus(seconds(2)));
    for item in [&first, &second] {
        world.reaches(item.post_id, DeliveryState::Posted).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_window_in_the_headers_of_a_success_is_believed_before_x_refuses() {
    let world = World::with(
        |_| {},
        |x| {
            x.limits.rates.clear();
            x.limits.rates.push(roost_core::limits::Rate {
                scope: roost_core::limits::Scope::Account,
                max: 2,
                per_seconds: 900,
            });
        },
    )
    .await;
    let mut items = Vec::new();
    for number in 0..4 {
        let item = world.staged(&format!("Post {number}"), seconds(0)).await;
        world.deliver(&item).await;
        if number < 2 {
            world.reaches(item.post_id, DeliveryState::Posted).await;
        } else {
            let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
            assert_eq!(waiting.code.as_deref(), Some("rate_limited"));
        }
        items.push(item);
    }
    for item in &items[2..] {
        world.comes_to(item.post_id, DeliveryState::Posted, seconds(60)).await;
    }
    let creates = world.creates().await;
    assert_eq!(creates.len(), 4, "X never had to refuse: {creates:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_limits_hold_posts_before_x_has_to() {
    let world =
        World::with(|config| config.limits = roost_core::limits::Limits::default(), |_| {}).await;
    let mut items = Vec::new();
    for number in 0..52 {
        items.push(world.post(&format!("Post {number}"), seconds(0)));
    }
    world.stage(&items).await;
    for item in &items {
        world.deliver(item).await;
    }
    let (mut posted, mut waiting) = (0, Vec::new());
    while posted + waiting.len() < items.len() {
        world.settle().await;
        (posted, waiting) = (0, Vec::new());
        for item in &items {
            let delivery = world.delivery(item.post_id).await.expect("known");
            match delivery.state {
                DeliveryState::Posted => posted += 1,
                DeliveryState::Waiting => waiting.push(delivery),
                _ => {}
            }
        }
    }
    assert_eq!((posted, waiting.len()), (50, 2));
    let tomorrow = items[0].due_at.plus(seconds(24 * 3600));
    for delivery in waiting {
        assert_eq!(delivery.code.as_deref(), Some("rate_limited"));
        assert!(delivery.until.is_some_and(|until| until >= tomorrow), "{delivery:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_without_credits_pauses_all_its_posts_and_fails_none() {
    let world = World::new().await;
    for name in ["credits", "credits_depleted", "spend_cap"] {
        let first = struck(&world, Fault::named(On::Create, name)).await;
        let waiting = world.reaches(first.post_id, DeliveryState::Waiting).await;
        assert!(waiting.until.is_some(), "{name}");
        let before = world.creates().await.len();
        let second = world.staged("behind it", seconds(0)).await;
        world.deliver(&second).await;
        world.reaches(second.post_id, DeliveryState::Waiting).await;
        assert_eq!(world.creates().await.len(), before, "{name}: nobody knocks meanwhile");
        let accounts = world.client().accounts().await.expect("accounts");
        assert_eq!(accounts[0].health, AccountHealth::Connected, "{name}");
        // Whoever paid does not wait for the next probe.
        world.client().pause(Pause { paused: true }).await.expect("paused");
        world.client().pause(Pause { paused: false }).await.expect("resumed");
        for item in [&first, &second] {
            world.comes_to(item.post_id, DeliveryState::Posted, seconds(30)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_account_holds_its_posts_until_its_owner_acts() {
    let world = World::new().await;
    let mut ada = NewAccount::named("ada");
    ada.standing = Some(Standing::Suspended);
    world.x.sandbox.put_account(ada.clone()).await.expect("suspended");
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("account_suspended"));
    world.settle().await;
    let accounts = world.client().accounts().await.expect("accounts");
    assert_eq!(accounts[0].health, AccountHealth::Suspended);
    world.clock.advance(seconds(1800));
    world.settle().await;
    assert_eq!(world.creates().await.len(), 1, "no retries while X is angry");
    ada.standing = Some(Standing::Good);
    world.x.sandbox.put_account(ada).await.expect("settled");
    // "Settle it on x.com, then try now."
    world.client().try_now().await.expect("tried");
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    let accounts = world.client().accounts().await.expect("accounts");
    assert_eq!(accounts[0].health, AccountHealth::Connected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feature_that_an_account_may_not_use_concerns_that_post_alone() {
    let world = World::new().await;
    let mut feature = Fault::named(On::Create, "feature");
    feature.text = Some("with the feature".to_owned());
    world.x.sandbox.arm(feature).expect("armed");
    let with = world.staged("with the feature", seconds(0)).await;
    let without = world.staged("without it", seconds(0)).await;
    world.deliver(&with).await;
    let refused = world.reaches(with.post_id, DeliveryState::Refused).await;
    assert_eq!(refused.code.as_deref(), Some("not_permitted"));
    assert!(refused.message.is_some_and(|message| message.contains("feature")));
    world.deliver(&without).await;
    world.reaches(without.post_id, DeliveryState::Posted).await;
    let accounts = world.client().accounts().await.expect("accounts");
    assert_eq!(accounts[0].health, AccountHealth::Connected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_x_is_tried_again_and_nothing_is_lost() {
    let mut world = World::new().await;
    let home = world.config.x_api_base.clone();
    let nowhere = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    world.stop_relay().await;
    world.config.x_api_base = nowhere.parse().expect("a URL");
    world.start_relay().await;
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("x_unreachable"));
    world.stop_relay().await;
    world.config.x_api_base = home;
    world.start_relay().await;
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(5)).await;
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn overdue_posts_of_an_account_go_out_one_by_one_after_a_gap() {
    let world = World::new().await;
    let mut items = Vec::new();
    for number in 0..4 {
        items.push(world.post(&format!("Post {number}"), seconds(60 + number)));
    }
    world.stage(&items).await;
    world.clock.advance(seconds(3600));
    for item in &items {
        world.deliver(item).await;
    }
    for item in &items {
        loop {
            world.settle().await;
            let delivery = world.delivery(item.post_id).await.expect("known");
            match (delivery.state, delivery.until) {
                (DeliveryState::Posted, _) => break,
                (DeliveryState::Waiting, Some(until)) => world.clock.set(until),
                _ => {}
            }
        }
    }
    let creates = world.creates().await;
    assert_eq!(creates.len(), 4);
    for pair in creates.windows(2) {
        let apart = pair[1].arrived_at - pair[0].arrived_at;
        assert!(apart >= 60_000, "{apart} ms apart");
    }
    let texts: Vec<_> = creates.into_iter().filter_map(|entry| entry.text).collect();
    assert_eq!(texts, ["Post 0", "Post 1", "Post 2", "Post 3"], "in the order they were due");
}
