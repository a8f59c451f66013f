//! A receipt says what happened when it happened, whoever was there to hear it.

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock, ManualClock, SystemClock};
use roost_core::status::Status;
use roost_engine::{Edit, NewPost};
use roost_relay_api::{DeliveryState, Lookup};

use crate::stale::Desk;
use crate::world::{World, new_post};

/// Longer than a post needs to go out here.
const AWAY: Duration = Duration::from_mins(10);

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_while_the_engine_was_off_stands_in_the_receipt_at_its_own_time() {
    let world = World::new().await;
    let id = world.post_in("nobody was there", 1).await;
    world.engine.sync().await.unwrap();
    let lookup = Lookup { post_ids: vec![id] };
    let delivery = async || world.relay().lookup(&lookup).await.unwrap().deliveries.remove(0);
    while delivery().await.state != DeliveryState::Posted {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let later = SystemClock.now().plus(AWAY);
    let engine = world.beside_at(None, Arc::new(ManualClock::at(later)));
    engine.use_endpoints(Some(world.endpoints())).unwrap();
    engine.sync().await.unwrap();
    let post = engine.post(id).await.unwrap();
    let due = post.row.scheduled_at.unwrap();
    let ran: Vec<&str> = post.receipt.iter().map(|line| line.kind.as_str()).collect();
    assert_eq!(ran, ["created", "queued", "claimed", "sending", "posted"], "{:#?}", post.receipt);
    for line in &post.receipt[2..] {
        assert!(line.at >= due && line.at.since(due) < Duration::from_mins(5), "{line:?}");
        assert_eq!(line.told_at, Some(later), "{line:?}");
    }
    assert_eq!(post.receipt[1].told_at, None, "this computer did that itself");
    // X's own moment, which its id tells.
    let tweet: i64 = post.row.tweet_id.unwrap().0.parse().unwrap();
    assert_eq!(post.receipt[4].at.0, (tweet >> 22) + 1_288_834_974_657);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_heard_at_once_does_not_say_when_it_was_heard() {
    let mut world = World::new().await;
    world.run();
    let id = world.post_in("heard at once", 1).await;
    let post = world.wait_for(id, Status::Posted).await;
    assert!(post.receipt.iter().all(|line| line.told_at.is_none()), "{:#?}", post.receipt);
    let sorted = post.receipt.is_sorted_by_key(|line| line.at.0 / 1000);
    assert!(sorted, "{:#?}", post.receipt);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receipt_of_a_moved_post_names_its_new_time() {
    let world = World::new().await;
    let id = world.post_in("moved", 3600).await;
    let edit = Edit { wall_time: Some("2099-03-01 09:00".to_owned()), ..Edit::default() };
    world.engine.edit(id, edit).await.unwrap();
    let post = world.show(id).await;
    let moved = post.receipt.last().unwrap();
    assert_eq!(moved.kind, "edited");
    assert!(moved.detail.as_ref().unwrap().contains("now 2099-03-01 09:00"), "{moved:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_is_on_x_in_part_says_which_parts_with_their_ids() {
    let mut world = World::new().await;
    world.run();
    let first = world.post_in("the third part", 1).await;
    world.wait_for(first, Status::Posted).await;
    // X refuses words that it has already.
    let mut thread = new_post("the first part", 1);
    thread.thread =
        ["the second part", "the third part", "the fourth part"].map(str::to_owned).into();
    let id = world.engine.create(thread).await.unwrap().post.id;
    let post = world.wait_for(id, Status::Partial).await;
    let on_x: Vec<String> = world
        .ledger()
        .await
        .into_iter()
        .filter(|entry| entry.accepted)
        .filter_map(|entry| entry.tweet_id)
        .skip(1)
        .collect();
    let live: Vec<_> = post.live.iter().map(|it| (it.part, it.tweet_id.0.clone())).collect();
    assert_eq!(live, [(1, on_x[0].clone()), (2, on_x[1].clone())]);
    assert!(post.live[1].url.ends_with(&on_x[1]), "{:?}", post.live);
    let last = post.receipt.last().unwrap();
    let detail = last.detail.as_ref().unwrap();
    assert!(detail.contains(&format!("part 2: {}", on_x[1])), "{last:?}");
    let notices = world.engine.take_notices().await.unwrap();
    let notice = notices.iter().find(|notice| notice.kind == "partial").expect("a notice");
    for words in [on_x[0].as_str(), on_x[1].as_str(), "Parts 3 to 4 are not"] {
        assert!(notice.body.contains(words), "{words}: {}", notice.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_keeps_what_it_said_and_goes_back_to_it_as_a_whole() {
    let desk = Desk::new();
    let engine = desk.engine();
    let thread = vec!["second".to_owned()];
    let post = engine.create(NewPost { thread, ..new_post("first", 3600) }).await.unwrap().post;
    let moved = Edit { wall_time: Some("2099-03-01 09:00".to_owned()), ..Edit::default() };
    engine.edit(post.id, moved).await.unwrap();
    let said = Edit { thread: Some(vec!["other".to_owned()]), ..Edit::default() };
    engine.edit(post.id, said).await.unwrap();
    let tags = Edit { tags: Some(vec!["launch".to_owned()]), ..Edit::default() };
    engine.edit(post.id, tags).await.unwrap();
    let versions = engine.post(post.id).await.unwrap().versions;
    let told: Vec<(Vec<String>, Option<&str>)> =
        versions.iter().map(|it| (it.content.to_texts(), it.wall_time.as_deref())).collect();
    let texts = |last: &str| vec!["first".to_owned(), last.to_owned()];
    assert_eq!(
        told,
        [
            (texts("second"), post.wall_time.as_deref()),
            (texts("second"), Some("2099-03-01 09:00")),
            (texts("other"), Some("2099-03-01 09:00")),
        ]
    );
    let first = &versions[0];
    let back = Edit {
        content: Some(first.content.clone()),
        wall_time: first.wall_time.clone(),
        zone: first.zone.clone(),
        ..Edit::default()
    };
    engine.edit(post.id, back).await.unwrap();
    let now = engine.post(post.id).await.unwrap();
    assert_eq!((now.parts, now.row.wall_time), (texts("second"), post.wall_time));
}
