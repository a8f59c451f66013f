//! What a lost or restored ledger may have sent already: looked for as after a call without an
//! outcome, and then a person's to decide. X shows new posts late, and the desktop was off.

use std::time::Duration;

use roost_core::clock::Clock;
use roost_core::id::Revision;
use roost_relay_api::{DeliveryState, ManifestPost, Resolve, Stage, StageOutcome, WithdrawOutcome};
use roost_x_sandbox::{Fault, FaultKind, On};

use crate::world::{World, seconds};

/// The timelines' lags that one empty look would take for absence.
const LAGS: [u64; 2] = [60, 180];

/// What a desktop tells that was off: the post is with the relay.
fn handed_over(item: &Stage) -> ManifestPost {
    ManifestPost {
        post_id: item.post_id,
        revision: item.revision,
        state: DeliveryState::Staged,
        tweet_id: None,
        due_at: Some(item.due_at),
        elsewhere: false,
        unproven: false,
    }
}

fn lag(world: &World, length: Duration) {
    let mut lag = Fault::new(On::Timeline, FaultKind::Lag);
    lag.millis = Some(u64::try_from(length.as_millis()).expect("a lag"));
    world.x.sandbox.arm(lag).expect("armed");
}

/// The texts that X took, in order.
async fn taken(world: &World) -> Vec<String> {
    let creates = world.creates().await.into_iter();
    creates.filter(|entry| entry.accepted).filter_map(|entry| entry.text).collect()
}

/// A world where X refuses repeated text, or takes it.
async fn world(refuses_repetitions: bool) -> World {
    World::with(|_| {}, |x| x.duplicates = refuses_repetitions).await
}

/// Arms a post anew, as a desktop does with what its relay lost.
async fn armed_anew(world: &World, item: &Stage) -> Stage {
    let mut item = item.clone();
    item.revision = item.revision.next();
    let result = world.stage(std::slice::from_ref(&item)).await.remove(0);
    assert_eq!(result.outcome, StageOutcome::Staged, "{result:?}");
    item
}

/// The ledger is lost; the desktop comes back, tells what it knows, signs in and hands over again.
async fn lose_and_hand_over_again(world: &mut World, items: &[Stage]) -> Vec<Stage> {
    world.lose_the_ledger().await;
    world.introduce(items.iter().map(handed_over).collect()).await;
    world.client().connect(&world.account, &world.grant).await.expect("connected");
    let mut again = Vec::new();
    for item in items {
        again.push(armed_anew(world, item).await);
    }
    for item in &again {
        world.deliver(item).await;
    }
    again
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_ledger_repeats_nothing_that_x_took_however_late_the_timeline_shows_it() {
    for (seconds_late, refuses) in LAGS.into_iter().flat_map(|lag| [(lag, false), (lag, true)]) {
        let mut world = world(refuses).await;
        lag(&world, seconds(seconds_late));
        let mut items = Vec::new();
        for text in ["one", "two"] {
            let item = world.staged(text, seconds(0)).await;
            world.deliver(&item).await;
            world.reaches(item.post_id, DeliveryState::Posted).await;
            items.push(item);
        }
        items.push(world.staged("never sent", seconds(1)).await);
        world.clock.advance(seconds(5));
        let again = lose_and_hand_over_again(&mut world, &items).await;
        for item in &again[..2] {
            world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
        }
        let parked = world.comes_to(again[2].post_id, DeliveryState::Parked, seconds(60)).await;
        assert!(parked.message.is_some_and(|it| it.contains("database")), "a person hears why");
        assert_eq!(world.creates().await.len(), 2, "lag {seconds_late} s, filter {refuses}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_ledger_repeats_nothing_that_x_took_however_late_the_timeline_shows_it() {
    for (seconds_late, refuses) in LAGS.into_iter().flat_map(|lag| [(lag, false), (lag, true)]) {
        let mut world = world(refuses).await;
        lag(&world, seconds(seconds_late));
        let sent = world.staged("sent", seconds(0)).await;
        let unsent = world.staged("never sent", seconds(20)).await;
        let later = world.staged("due after it", seconds(600)).await;
        let backup = world.back_up();
        world.deliver(&sent).await;
        world.reaches(sent.post_id, DeliveryState::Posted).await;
        world.clock.advance(seconds(30));
        world.restore(&backup).await;
        world.introduce([&sent, &unsent, &later].map(handed_over).to_vec()).await;
        for item in [&sent, &unsent] {
            world.deliver(item).await;
        }
        world.comes_to(sent.post_id, DeliveryState::Posted, seconds(10)).await;
        world.comes_to(unsent.post_id, DeliveryState::Parked, seconds(60)).await;
        world.comes_to(later.post_id, DeliveryState::Posted, seconds(60)).await;
        let requests = world.creates().await.into_iter().filter_map(|entry| entry.text);
        let requests: Vec<String> = requests.collect();
        let here = format!("lag {seconds_late} s, filter {refuses}");
        assert_eq!(requests, ["sent", "due after it"], "{here}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_part_of_a_thread_that_a_lost_ledger_may_have_sent_is_in_doubt_for_itself() {
    for seconds_late in LAGS {
        let mut world = world(false).await;
        lag(&world, seconds(seconds_late));
        let item = world.thread(&["one", "two", "three"], seconds(0));
        world.stage(std::slice::from_ref(&item)).await;
        world.deliver(&item).await;
        world.reaches(item.post_id, DeliveryState::Posted).await;
        world.clock.advance(seconds(5));
        let again = lose_and_hand_over_again(&mut world, std::slice::from_ref(&item)).await;
        world.comes_to(again[0].post_id, DeliveryState::Posted, seconds(10)).await;
        assert_eq!(taken(&world).await, ["one", "two", "three"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_of_a_thread_that_was_cut_by_the_loss_is_a_person_s_to_decide() {
    let mut world = world(false).await;
    lag(&world, seconds(60));
    let item = world.thread(&["one", "two"], seconds(0));
    world.stage(std::slice::from_ref(&item)).await;
    let mut limited = Fault::named(On::Create, "rate_limited");
    limited.text = Some("two".to_owned());
    world.x.sandbox.arm(limited).expect("armed");
    let backup = world.back_up();
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Waiting).await;
    world.clock.advance(seconds(5));
    world.restore(&backup).await;
    world.introduce(vec![handed_over(&item)]).await;
    let parked = world.comes_to(item.post_id, DeliveryState::Parked, seconds(30)).await;
    assert!(parked.tweet_id.is_some(), "the first part was found");
    assert_eq!(taken(&world).await, ["one"]);
    world.client().resolve(item.post_id, &Resolve::SendAgain).await.expect("taken");
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    assert_eq!(taken(&world).await, ["one", "two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_desktop_can_prove_undone_goes_out_after_a_loss() {
    let mut world = world(false).await;
    lag(&world, seconds(600));
    let withdrawn = world.staged("withdrawn", seconds(0)).await;
    let moved = world.staged("moved", seconds(0)).await;
    let ahead = world.staged("still to come", seconds(900)).await;
    world.clock.advance(seconds(5));
    world.lose_the_ledger().await;
    let told = ManifestPost {
        revision: Revision(2),
        due_at: Some(moved.due_at.plus(seconds(900))),
        ..handed_over(&moved)
    };
    let gone = ManifestPost {
        revision: Revision(2),
        state: DeliveryState::Withdrawn,
        ..handed_over(&withdrawn)
    };
    world.introduce(vec![gone, told, handed_over(&ahead)]).await;
    world.client().connect(&world.account, &world.grant).await.expect("connected");
    let mut items = vec![withdrawn, moved, ahead];
    // Armed anew after its withdrawal; acknowledged at its new time before the loss; not due yet;
    // and one that no relay was ever given, late as it is.
    (items[0].revision, items[1].revision) = (Revision(3), Revision(3));
    items[1].due_at = items[1].due_at.plus(seconds(900));
    items[1].not_after = items[1].not_after.plus(seconds(900));
    items.push(world.post("never handed over", seconds(0)));
    items[3].due_at = items[0].due_at;
    for result in world.stage(&items).await {
        assert_eq!(result.outcome, StageOutcome::Staged, "{result:?}");
    }
    for item in [&items[0], &items[3]] {
        world.deliver(item).await;
        world.comes_to(item.post_id, DeliveryState::Posted, seconds(5)).await;
    }
    for item in &items[1..3] {
        world.comes_to(item.post_id, DeliveryState::Posted, seconds(30)).await;
    }
    assert_eq!(world.creates().await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_was_never_handed_over_does_not_hide_what_was() {
    let mut world = world(false).await;
    lag(&world, seconds(60));
    let item = world.staged("the old words", seconds(0)).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    world.clock.advance(seconds(5));
    world.lose_the_ledger().await;
    // The desktop, off since, edited it to another time and other words.
    world.introduce(vec![handed_over(&item)]).await;
    world.client().connect(&world.account, &world.grant).await.expect("connected");
    let mut edited = item.clone();
    edited.content.parts[0].text = "the new words".to_owned();
    (edited.due_at, edited.not_after) =
        (item.due_at.plus(seconds(900)), item.not_after.plus(seconds(900)));
    let edited = armed_anew(&world, &edited).await;
    world.comes_to(edited.post_id, DeliveryState::Parked, seconds(60)).await;
    assert_eq!(taken(&world).await, ["the old words"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_relay_that_was_called_gone_may_have_sent_until_now_is_in_doubt() {
    let world = world(false).await;
    lag(&world, seconds(60));
    // This relay began long before the other one ended.
    world.clock.advance(seconds(3600));
    let mut item = world.post("with the other relay", seconds(0));
    send(&world, &item).await;
    world.clock.advance(seconds(5));
    world.introduce(vec![ManifestPost { elsewhere: true, ..handed_over(&item) }]).await;
    item = armed_anew(&world, &item).await;
    world.deliver(&item).await;
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    assert_eq!(world.creates().await.len(), 1);
}

/// Sends a post as another relay does.
async fn send(world: &World, item: &Stage) {
    let x = roost_x_api::Client::new(world.config.x_api_base.clone()).expect("a client");
    let text = item.content.parts[0].text.clone();
    let post = roost_x_api::CreatePost { text, ..roost_x_api::CreatePost::default() };
    x.create_post(&world.grant.access_token, &post).await.expect("created");
}

/// A post that a copy of the ledger, which nothing tells from it, sent during a gap.
async fn sent_by_another(world: &mut World) -> Stage {
    let item = world.staged("sent by the machine that died", seconds(60)).await;
    world.stop_relay().await;
    world.clock.set(item.due_at);
    send(world, &item).await;
    world.clock.advance(seconds(900));
    world.start_relay().await;
    item
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_that_x_refuses_after_a_look_is_probably_live_and_no_failure() {
    for resends in [false, true] {
        let mut world =
            World::with(|config| config.resend_once = resends, |x| x.duplicates = true).await;
        lag(&world, seconds(24 * 3600));
        let item = sent_by_another(&mut world).await;
        world.deliver(&item).await;
        let parked = world.comes_to(item.post_id, DeliveryState::Parked, seconds(30)).await;
        assert_eq!(parked.code.as_deref(), Some("outcome_unknown"));
        assert!(parked.message.is_some_and(|it| it.contains("probably live")), "{resends}");
        assert_eq!(world.creates().await.len(), 2, "X said so; it is not asked again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_that_x_refuses_is_found_when_the_timeline_shows_what_came_before() {
    let mut world = world(true).await;
    lag(&world, seconds(16 * 60));
    let item = sent_by_another(&mut world).await;
    world.deliver(&item).await;
    let posted = world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    assert!(posted.tweet_id.is_some());
    assert_eq!(world.creates().await.len(), 2, "the repetition was refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clocks_of_two_databases_may_differ_by_the_margin() {
    let mut world = world(false).await;
    lag(&world, seconds(60));
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    // The new computer's clock is behind.
    world.clock.set(item.due_at.minus(seconds(90)));
    let again = lose_and_hand_over_again(&mut world, std::slice::from_ref(&item)).await;
    world.comes_to(again[0].post_id, DeliveryState::Posted, seconds(10)).await;
    assert_eq!(world.creates().await.len(), 1);
}

/// What a desktop tells that asked for a withdrawal which no relay acknowledged.
fn taken_back(item: &Stage) -> ManifestPost {
    ManifestPost { state: DeliveryState::Withdrawn, unproven: true, ..handed_over(item) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_that_was_only_asked_for_proves_nothing_to_a_lost_ledger() {
    let mut world = world(false).await;
    let item = world.staged("out before it was moved", seconds(0)).await;
    let ahead = world.staged("not due before the loss", seconds(900)).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    world.clock.advance(seconds(5));
    world.lose_the_ledger().await;
    world.introduce(vec![taken_back(&item), taken_back(&ahead)]).await;
    world.client().connect(&world.account, &world.grant).await.expect("connected");
    let result = world.withdraw(item.post_id, 2).await;
    assert_eq!(result.outcome, WithdrawOutcome::TooLate, "{result:?}");
    let parked = world.reaches(item.post_id, DeliveryState::Parked).await;
    assert_eq!(parked.revision, item.revision, "what may be out is what was handed over");
    assert!(parked.message.is_some_and(|it| it.contains("may be live")), "a person hears why");
    // Moved to another time, it does not go out as if nothing had.
    let mut moved = item.clone();
    (moved.revision, moved.due_at) = (Revision(3), item.due_at.plus(seconds(900)));
    let result = world.stage(std::slice::from_ref(&moved)).await.remove(0);
    assert_eq!(result.outcome, StageOutcome::TooLate, "{result:?}");
    // Nobody called for what was not due.
    let result = world.withdraw(ahead.post_id, 2).await;
    assert_eq!(result.outcome, WithdrawOutcome::Withdrawn, "{result:?}");
    assert_eq!(taken(&world).await, ["out before it was moved"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_ledger_looks_for_what_was_only_asked_to_be_taken_back() {
    let mut world = world(false).await;
    lag(&world, seconds(60));
    let item = world.staged("out before it was cancelled", seconds(0)).await;
    let backup = world.back_up();
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    world.clock.advance(seconds(5));
    world.restore(&backup).await;
    world.introduce(vec![taken_back(&item)]).await;
    let result = world.withdraw(item.post_id, 2).await;
    assert_eq!(result.outcome, WithdrawOutcome::TooLate, "{result:?}");
    world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    assert_eq!(world.creates().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_takes_back_nothing_that_another_ledger_may_have_sent() {
    let mut world = world(false).await;
    let item = world.staged("out before it was cancelled", seconds(0)).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    world.clock.advance(seconds(5));
    world.lose_the_ledger().await;
    // The person cancels it between the manifest and its being handed over again.
    world.introduce(vec![handed_over(&item)]).await;
    let result = world.withdraw(item.post_id, 2).await;
    assert_eq!(result.outcome, WithdrawOutcome::TooLate, "{result:?}");
    let parked = world.reaches(item.post_id, DeliveryState::Parked).await;
    assert_eq!(parked.revision, item.revision);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_moved_after_a_loss_is_looked_for_when_it_was_due_before() {
    for seconds_late in [0, 60] {
        let mut world = world(false).await;
        lag(&world, seconds(seconds_late));
        let item = world.thread(&["one", "two"], seconds(0));
        world.stage(std::slice::from_ref(&item)).await;
        world.deliver(&item).await;
        world.reaches(item.post_id, DeliveryState::Posted).await;
        world.clock.advance(seconds(5));
        world.lose_the_ledger().await;
        world.introduce(vec![handed_over(&item)]).await;
        world.client().connect(&world.account, &world.grant).await.expect("connected");
        let mut moved = item.clone();
        let next_week = seconds(7 * 24 * 3600);
        (moved.due_at, moved.not_after) =
            (item.due_at.plus(next_week), item.not_after.plus(next_week));
        let moved = armed_anew(&world, &moved).await;
        world.comes_to(moved.post_id, DeliveryState::Posted, seconds(10)).await;
        assert!(world.clock.now() < moved.due_at.minus(seconds(3600)), "long before its new time");
        assert_eq!(taken(&world).await, ["one", "two"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_after_a_loss_rests_at_once_since_an_earlier_version_may_be_live() {
    let mut world = world(false).await;
    let item = world.staged("the old words", seconds(0)).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    world.clock.advance(seconds(5));
    world.lose_the_ledger().await;
    world.introduce(vec![ManifestPost { unproven: true, ..handed_over(&item) }]).await;
    let parked = world.reaches(item.post_id, DeliveryState::Parked).await;
    assert!(parked.message.is_some_and(|it| it.contains("an earlier version of it may be live")));
    assert_eq!(parked.revision, item.revision);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_doubt_for_longer_than_a_look_may_take_is_looked_for_all_the_same() {
    let mut world = world(false).await;
    let item = world.staged("out days before the loss", seconds(0)).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;
    world.clock.advance(world.config.pace.look_patience + seconds(3600));
    let unreadable = Fault::named(On::Timeline, "unavailable");
    let unreadable = world.x.sandbox.arm(unreadable).expect("armed");
    let again = lose_and_hand_over_again(&mut world, std::slice::from_ref(&item)).await;
    // The first look comes to nothing, and another one is made.
    world.comes_to(again[0].post_id, DeliveryState::Posted, seconds(10)).await;
    world.strikes(unreadable.id).await;
    assert_eq!(world.creates().await.len(), 1);
}
