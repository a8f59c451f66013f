//! A ledger that goes to another computer in a file, and a file that is put in use more than once.

use std::path::Path;

use roost_core::clock::Clock as _;
use roost_relay::admin;
use roost_relay_api::{DeliveryState, ManifestPost, Stage};

use crate::world::{World, seconds};

/// Serves the ledger of `from` in the folder `name`, as a computer does that put a moved one in use.
async fn put_in_use(world: &mut World, from: &Path, name: &str) {
    let folder = world.file(name);
    copy_ledger(from, &folder);
    world.config.database = folder.join("relay.sqlite");
    world.config.key_file = folder.join("relay.key");
    world.config.take_back_moved = true;
    world.start_relay().await;
}

fn copy_ledger(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("a folder");
    for name in ["relay.sqlite", "relay.sqlite-wal", "relay.key"] {
        if from.join(name).exists() {
            std::fs::copy(from.join(name), to.join(name)).expect("copied");
        }
    }
}

/// What the store tells that came out of the file as well.
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

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_arrives_at_once_goes_on_and_what_its_file_says_a_day_later_is_in_doubt() {
    let mut world = World::new().await;
    let before = world.staged("due before the move", seconds(0)).await;
    let after = world.staged("due after the move", seconds(120)).await;
    let unsent = world.staged("sent by neither", seconds(600)).await;
    let ahead = world.staged("due much later", seconds(3 * 24 * 3600)).await;
    let epoch = world.status().await.epoch;
    world.stop_relay().await;
    world.clock.advance(seconds(60));
    let (database, now) = (world.config.database.clone(), world.clock.now());
    admin::freeze(&database, "roost.move", now).expect("frozen");
    let file = world.file("sealed");
    copy_ledger(world.folder.path(), &file);

    world.clock.advance(seconds(60));
    put_in_use(&mut world, &file, "second").await;
    assert_eq!(world.status().await.epoch, epoch, "the same ledger goes on");
    for item in [&before, &after] {
        world.deliver(item).await;
        world.comes_to(item.post_id, DeliveryState::Posted, seconds(5)).await;
    }
    world.stop_relay().await;

    world.clock.advance(seconds(24 * 3600));
    put_in_use(&mut world, &file, "third").await;
    assert_ne!(world.status().await.epoch, epoch, "it may be the second one of its file");
    let all = [&before, &after, &unsent, &ahead];
    world.introduce(all.map(handed_over).to_vec()).await;
    for item in [&before, &after, &unsent] {
        world.deliver(item).await;
    }
    for item in [&before, &after] {
        world.comes_to(item.post_id, DeliveryState::Posted, seconds(10)).await;
    }
    let parked = world.comes_to(unsent.post_id, DeliveryState::Parked, seconds(60)).await;
    assert!(parked.message.is_some_and(|it| it.contains("database")), "a person hears why");
    assert_eq!(world.creates().await.len(), 2, "nothing was sent again");
    let waiting = world.delivery(ahead.post_id).await.expect("known");
    assert_eq!(waiting.state, DeliveryState::Staged);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_came_to_nothing_leaves_the_ledger_as_it_was() {
    let mut world = World::new().await;
    let item = world.staged("due meanwhile", seconds(60)).await;
    let epoch = world.status().await.epoch;
    world.stop_relay().await;
    let (database, now) = (world.config.database.clone(), world.clock.now());
    let frozen = admin::freeze(&database, "roost.move", now).expect("frozen");
    admin::thaw(&database, &frozen).expect("thawed");
    let noted = admin::actions(&database, 10).expect("listed");
    assert!(noted.iter().all(|action| action.what != "moved"), "{noted:?}");
    world.clock.advance(seconds(60));
    world.start_relay().await;
    assert_eq!(world.status().await.epoch, epoch);
    world.deliver(&item).await;
    world.reaches(item.post_id, DeliveryState::Posted).await;

    // One that really left before stays so, since when it did.
    world.stop_relay().await;
    admin::freeze(&database, "first.move", world.clock.now()).expect("frozen");
    let again = admin::freeze(&database, "second.move", world.clock.now()).expect("frozen");
    admin::thaw(&database, &again).expect("thawed");
    world.config.take_back_moved = true;
    world.start_relay().await;
    assert_ne!(world.status().await.epoch, epoch, "another one may have sent meanwhile");
}
