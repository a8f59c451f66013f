//! What a grant is worth, and who may refresh it.

use roost_core::clock::Clock;
use roost_core::id::XUserId;
use roost_relay_api::{AccountHealth, DeliveryState, RefusalCode};
use roost_x_sandbox::{Fault, FaultKind, NewAccount, On};

use crate::world::{World, seconds};

#[tokio::test(flavor = "multi_thread")]
async fn many_posts_at_a_token_s_end_refresh_it_once() {
    let world = World::with(|config| config.pace.slots_per_account = 32, |_| {}).await;
    let mut items = Vec::new();
    for number in 0..30 {
        items.push(world.post(&format!("Post {number}"), seconds(3 * 3600)));
    }
    world.stage(&items).await;
    let before = world.metric("refreshes_total").await;
    world.clock.set(items[0].due_at);
    futures::future::join_all(items.iter().map(|item| world.deliver(item))).await;
    for item in &items {
        world.reaches(item.post_id, DeliveryState::Posted).await;
    }
    assert_eq!(world.metric("refreshes_total").await, before + 1);
    let accounts = world.client().accounts().await.expect("accounts");
    assert_eq!(accounts[0].health, AccountHealth::Connected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_x_does_not_accept_is_refreshed_once_and_the_post_sent_once() {
    let world = World::new().await;
    world.x.sandbox.arm(Fault::named(On::Create, "unauthorized")).expect("armed");
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    let posted = world.reaches(item.post_id, DeliveryState::Posted).await;
    assert_eq!(posted.attempts, 2);
    let accepted = world.creates().await.into_iter().filter(|entry| entry.accepted).count();
    assert_eq!(accepted, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_that_answers_401_to_everyone_disconnects_nobody() {
    let world = World::new().await;
    let mut outage = Fault::named(On::Create, "unauthorized");
    outage.count = Some(4);
    world.x.sandbox.arm(outage).expect("armed");
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("x_unavailable"));
    let accounts = world.client().accounts().await.expect("accounts");
    assert_eq!(accounts[0].health, AccountHealth::Connected);
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_outage_spends_one_refresh_a_minute_and_not_one_per_post() {
    let world = World::with(|config| config.pace.slots_per_account = 16, |_| {}).await;
    let mut outage = Fault::named(On::Create, "unauthorized");
    outage.count = Some(0);
    world.x.sandbox.arm(outage).expect("armed");
    let mut items = Vec::new();
    for number in 0..30 {
        items.push(world.post(&format!("Post {number}"), seconds(0)));
    }
    world.stage(&items).await;
    for item in &items {
        world.deliver(item).await;
    }
    for item in &items {
        world.reaches(item.post_id, DeliveryState::Waiting).await;
    }
    for _ in 0..5 {
        world.clock.advance(seconds(10));
        world.settle().await;
        // X answers: nobody is told that it can't be reached.
        for item in &items {
            let post = world.delivery(item.post_id).await.expect("known");
            assert_ne!(post.code.as_deref(), Some("x_unreachable"), "{post:?}");
        }
    }
    assert_eq!(world.metric("refreshes_total").await, 1);
    world.x.sandbox.disarm(None);
    for item in &items {
        world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    }
    let accepted = world.creates().await.into_iter().filter(|entry| entry.accepted).count();
    assert_eq!(accepted, 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_grant_is_told_hours_before_the_post_and_a_new_one_lets_it_out() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(30 * 3600)).await;
    world.x.sandbox.disconnect("ada").await.expect("revoked");
    world.clock.set(item.due_at.minus(seconds(5 * 3600)));
    let mut health = AccountHealth::Connected;
    while health == AccountHealth::Connected {
        world.settle().await;
        health = world.client().accounts().await.expect("accounts")[0].health;
    }
    assert_eq!(health, AccountHealth::Disconnected);
    assert!(world.creates().await.is_empty());
    world.clock.set(item.due_at);
    world.deliver(&item).await;
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("sign_in_needed"));
    let fresh = world.x.sandbox.grant(NewAccount::named("ada"), None).await.expect("a grant");
    let mut grant = world.grant.clone();
    grant.access_token = fresh.access_token;
    grant.refresh_token = fresh.refresh_token;
    grant.expires_at = world.clock.now().plus(seconds(7200));
    let account = world.client().connect(&world.account, &grant).await.expect("connected");
    assert_eq!(account.health, AccountHealth::Connected);
    world.reaches(item.post_id, DeliveryState::Posted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_without_a_known_outcome_is_tried_once_more_and_then_told() {
    // X spent the token and the answer was lost: the grant is gone, and that must be said.
    let world = World::new().await;
    world.x.sandbox.arm(Fault::new(On::Refresh, FaultKind::CutAfter)).expect("armed");
    let item = world.staged("Hello", seconds(3 * 3600)).await;
    world.clock.set(item.due_at);
    world.deliver(&item).await;
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("sign_in_needed"), "{waiting:?}");
    assert!(world.creates().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_refresh_disconnects_the_account_when_x_accepts_another_one() {
    let world = World::new().await;
    world.also("bob").await;
    world.x.sandbox.disconnect("ada").await.expect("revoked");
    let item = world.staged("Hello", seconds(3 * 3600)).await;
    world.clock.set(item.due_at);
    world.deliver(&item).await;
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("sign_in_needed"));
    let accounts = world.client().accounts().await.expect("accounts");
    let health: Vec<_> = accounts.iter().map(|it| (it.username.as_str(), it.health)).collect();
    assert_eq!(health, [("ada", AccountHealth::Disconnected), ("bob", AccountHealth::Connected)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_x_that_refuses_every_grant_disconnects_nobody_for_hours() {
    let world = World::new().await;
    let bob = world.also("bob").await;
    let mut refused = Fault::named(On::Refresh, "token_invalid");
    refused.count = Some(0);
    world.x.sandbox.arm(refused).expect("armed");
    let mut items = vec![world.post("Ada's", seconds(3 * 3600))];
    items.push(world.post("Bob's", seconds(3 * 3600)));
    items[1].account = bob;
    world.stage(&items).await;
    world.clock.set(items[0].due_at);
    for item in &items {
        world.deliver(item).await;
    }
    for _ in 0..3 {
        for item in &items {
            let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
            assert_eq!(waiting.code.as_deref(), Some("sign_in_doubtful"));
            world.deferred_beyond(item.post_id, waiting.until).await;
        }
    }
    let accounts = world.client().accounts().await.expect("accounts");
    assert!(accounts.iter().all(|account| account.health == AccountHealth::Connected));
    world.x.sandbox.disarm(None);
    for item in &items {
        world.comes_to(item.post_id, DeliveryState::Posted, seconds(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_that_stay_refused_are_believed_after_hours() {
    let world = World::with(|config| config.pace.doubt = seconds(600), |_| {}).await;
    world.also("bob").await;
    let mut refused = Fault::named(On::Refresh, "token_invalid");
    refused.count = Some(0);
    world.x.sandbox.arm(refused).expect("armed");
    let item = world.staged("Hello", seconds(3 * 3600)).await;
    world.clock.set(item.due_at);
    world.deliver(&item).await;
    let mut code = None;
    while code.as_deref() != Some("sign_in_needed") {
        world.clock.advance(seconds(61));
        world.settle().await;
        code = world.delivery(item.post_id).await.expect("known").code;
    }
    let since = world.clock.now().since(item.due_at);
    assert!(since >= seconds(600), "{since:?}");
}

/// The accounts' handles, and how each is.
async fn standing(world: &World) -> Vec<(String, AccountHealth, Option<String>)> {
    let accounts = world.client().accounts().await.expect("accounts");
    accounts.into_iter().map(|it| (it.username, it.health, it.message)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_that_renews_no_sign_in_signs_nobody_out_though_living_tokens_are_accepted() {
    let world = World::new().await;
    let item = world.staged("Ada's", seconds(3 * 3600)).await;
    world.clock.set(item.due_at);
    // Bob's token lives for two hours more.
    let bob = world.also("bob").await;
    let mut refused = Fault::named(On::Refresh, "token_invalid");
    refused.count = Some(0);
    world.x.sandbox.arm(refused).expect("armed");
    let bobs = world.stage_for(&bob, "Bob's", seconds(600)).await;
    world.deliver(&item).await;
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("sign_in_doubtful"));
    // What would heal it is told at once.
    let (_, health, message) = standing(&world).await.remove(0);
    assert_eq!(health, AccountHealth::Connected);
    assert!(message.expect("words").contains("signing in again heals it at once"));
    for _ in 0..10 {
        world.clock.advance(seconds(61));
        world.settle().await;
        let standing = standing(&world).await;
        assert!(standing.iter().all(|it| it.1 == AccountHealth::Connected), "{standing:?}");
    }
    world.deliver(&bobs).await;
    world.reaches(bobs.post_id, DeliveryState::Posted).await;
    world.x.sandbox.disarm(None);
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(20)).await;
    let standing = standing(&world).await;
    assert!(standing.iter().all(|it| it.1 == AccountHealth::Connected && it.2.is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_from_before_an_outage_is_no_witness_against_a_sign_in_that_it_refuses() {
    let world = World::new().await;
    let bob = world.also("bob").await;
    let unauthorized = || Fault::named(On::Create, "unauthorized");
    // Bob's sign-in is renewed half a minute before the outage.
    world.x.sandbox.arm(unauthorized()).expect("armed");
    let bobs = world.stage_for(&bob, "Bob's", seconds(0)).await;
    world.deliver(&bobs).await;
    world.reaches(bobs.post_id, DeliveryState::Posted).await;
    assert_eq!(world.metric("refreshes_total").await, 1);
    world.clock.advance(seconds(30));
    let mut refused = Fault::named(On::Refresh, "token_invalid");
    refused.count = Some(0);
    world.x.sandbox.arm(refused).expect("armed");
    world.x.sandbox.arm(unauthorized()).expect("armed");
    let item = world.staged("Ada's", seconds(0)).await;
    world.deliver(&item).await;
    // It waits a moment for the renewal, and then as that ends.
    let deadline = tokio::time::Instant::now() + seconds(20);
    loop {
        let post = world.delivery(item.post_id).await.expect("known");
        match post.code.as_deref() {
            Some("sign_in_doubtful") => break,
            code => assert_ne!(code, Some("sign_in_needed"), "{post:?}"),
        }
        assert!(tokio::time::Instant::now() < deadline, "{post:?}");
        tokio::time::sleep(seconds(1) / 50).await;
    }
    let all = standing(&world).await;
    assert!(all.iter().all(|it| it.1 == AccountHealth::Connected), "{all:?}");
    world.x.sandbox.disarm(None);
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(20)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_refusals_within_minutes_are_believed_one_by_one_beside_a_sign_in_that_is_renewed()
{
    let world = World::new().await;
    let bob = world.also("bob").await;
    world.also("cy").await;
    let item = world.staged("Ada's", seconds(3 * 3600)).await;
    let bobs = world.stage_for(&bob, "Bob's", seconds(3 * 3600)).await;
    for name in ["ada", "bob"] {
        world.x.sandbox.disconnect(name).await.expect("revoked");
    }
    world.clock.set(item.due_at);
    for item in [&item, &bobs] {
        world.deliver(item).await;
        world.reaches(item.post_id, DeliveryState::Waiting).await;
    }
    let deadline = world.clock.now().plus(seconds(600));
    let signed_out = loop {
        let standing = standing(&world).await;
        let out = |it: &&(String, AccountHealth, Option<String>)| it.1 != AccountHealth::Connected;
        let signed_out = standing.iter().filter(out).count();
        assert_eq!(standing[2].1, AccountHealth::Connected, "{standing:?}");
        if signed_out == 2 || world.clock.now() > deadline {
            break signed_out;
        }
        world.clock.advance(seconds(10));
        world.settle().await;
    };
    assert_eq!(signed_out, 2, "they are believed when they are refused again");
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_lost_in_one_outage_are_told_at_once_and_a_restart_begins_no_doubt_anew() {
    let mut world = World::with(|config| config.pace.doubt = seconds(900), |_| {}).await;
    let bob = world.also("bob").await;
    let item = world.staged("Ada's", seconds(3 * 3600)).await;
    let bobs = world.stage_for(&bob, "Bob's", seconds(3 * 3600)).await;
    let mut lost = Fault::new(On::Refresh, FaultKind::CutAfter);
    lost.count = Some(4);
    world.x.sandbox.arm(lost).expect("armed");
    world.clock.set(item.due_at);
    let begun = world.clock.now();
    for item in [&item, &bobs] {
        world.deliver(item).await;
        world.reaches(item.post_id, DeliveryState::Waiting).await;
    }
    let doubted = async |world: &World| {
        let doubtful = |message: &Option<String>| {
            message.as_ref().is_some_and(|words| words.contains("signing in again heals it"))
        };
        standing(world).await.iter().all(|it| it.1 == AccountHealth::Connected && doubtful(&it.2))
    };
    while !doubted(&world).await {
        world.clock.advance(seconds(10));
        world.settle().await;
        assert!(world.clock.now().since(begun) < seconds(300), "{:?}", standing(&world).await);
    }
    world.clock.advance(seconds(300));
    world.stop_relay().await;
    world.start_relay().await;
    assert!(doubted(&world).await, "the doubt is on disk");
    let fresh = world.x.sandbox.grant(NewAccount::named("ada"), None).await.expect("a grant");
    let mut grant = world.grant.clone();
    (grant.access_token, grant.refresh_token) = (fresh.access_token, fresh.refresh_token);
    grant.expires_at = world.clock.now().plus(seconds(7200));
    world.client().connect(&world.account, &grant).await.expect("connected");
    world.reaches(item.post_id, DeliveryState::Posted).await;
    // Nobody signs bob in: in the end X is believed, by the time that the first refusal began.
    while standing(&world).await[1].1 == AccountHealth::Connected {
        world.clock.advance(seconds(61));
        world.settle().await;
        assert!(world.clock.now().since(begun) < seconds(1500), "the doubt began anew");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_refresh_is_called_by_its_name_and_not_an_x_that_can_not_be_reached() {
    let status = |code: u16| {
        let mut fault = Fault::new(On::Refresh, FaultKind::Status);
        (fault.status, fault.body) = (Some(code), Some("<html>no</html>".into()));
        fault
    };
    let named = |name| Fault::named(On::Refresh, name);
    for mut fault in [status(400), status(403), named("rate_limited"), named("unavailable")] {
        let world = World::new().await;
        fault.count = Some(0);
        let which = format!("{fault:?}");
        world.x.sandbox.arm(fault).expect("armed");
        let item = world.staged("Hello", seconds(3 * 3600)).await;
        world.clock.set(item.due_at);
        world.deliver(&item).await;
        let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
        assert_eq!(waiting.code.as_deref(), Some("refresh_refused"), "{which}");
        assert_eq!(standing(&world).await[0].1, AccountHealth::Connected, "{which}");
        world.x.sandbox.disarm(None);
        world.comes_to(item.post_id, DeliveryState::Posted, seconds(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_of_another_user_is_refused() {
    let world = World::new().await;
    let other = XUserId("1".to_owned());
    let refused = world.client().connect(&other, &world.grant).await.expect_err("refused");
    assert_eq!(refused.refusal().map(|refusal| refusal.code), Some(RefusalCode::OtherAccount));
    assert_eq!(world.client().accounts().await.expect("accounts").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_x_could_not_prove_yet_sends_nothing_before_it_is_proven() {
    let world = World::new().await;
    let mut down = Fault::named(On::Me, "unavailable");
    down.count = Some(1);
    world.x.sandbox.arm(down).expect("armed");
    let account = world.client().connect(&world.account, &world.grant).await.expect("taken");
    assert_eq!(account.proven_at, None);
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(5)).await;
    let account = world.client().accounts().await.expect("accounts").remove(0);
    assert!(account.proven_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_account_posts_nothing_and_leaves_no_token() {
    let mut world = World::new().await;
    let item = world.staged("Hello", seconds(0)).await;
    world.client().disconnect(&world.account).await.expect("forgotten");
    world.deliver(&item).await;
    let waiting = world.reaches(item.post_id, DeliveryState::Waiting).await;
    assert_eq!(waiting.code.as_deref(), Some("sign_in_needed"));
    assert!(world.creates().await.is_empty());
    world.stop_relay().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_the_database_or_in_an_answer() {
    let mut world = World::new().await;
    let item = world.staged("Hello", seconds(3 * 3600)).await;
    world.clock.set(item.due_at);
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    let page = world.client().events(0, 1000, std::time::Duration::ZERO).await.expect("a page");
    let told = serde_json::to_string(&page).expect("JSON");
    world.stop_relay().await;
    let mut bytes = std::fs::read(world.file("relay.sqlite")).expect("a file");
    bytes.extend(std::fs::read(world.file("relay.sqlite-wal")).unwrap_or_default());
    let secrets = [
        world.grant.access_token.as_str(),
        world.grant.refresh_token.as_str(),
        crate::world::DEVICE_KEY,
        crate::world::CURRENT,
    ];
    for secret in secrets {
        assert!(!told.contains(secret));
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
}
