//! A bad network between this computer and its services, and a disk that changed a letter.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::net::SocketAddr;
use std::time::Duration;

use roost_chaos_proxy::{Mix, Proxy, dice};
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_engine::Endpoint;

use crate::world::World;

const POSTS: u64 = 60;
/// Every sixth post is cancelled in the storm.
const CANCELLED_EVERY: usize = 6;
const STORM: Duration = Duration::from_secs(5);
const EVERY: Duration = Duration::from_millis(200);

async fn in_front_of(endpoint: &Endpoint) -> (Proxy, Endpoint) {
    let address: SocketAddr = endpoint.url.trim_start_matches("http://").parse().unwrap();
    let proxy = Proxy::start(address).await.unwrap();
    let there = Endpoint { url: proxy.url(), bearer: endpoint.bearer.clone() };
    (proxy, there)
}

/// Breaks connections on both links, and both links as a whole now and then.
async fn storm(seed: u64, links: [&Proxy; 2]) {
    for (number, link) in (0..).zip(links) {
        link.draw(Mix { most_bytes: 9000, ..Mix::default() }, dice(seed, number));
    }
    let times = STORM.as_millis() / EVERY.as_millis();
    for time in 0..u64::try_from(times).unwrap() {
        tokio::time::sleep(EVERY).await;
        if let Some(link) = links.get(usize::try_from(dice(seed, 100 + time) % 5).unwrap()) {
            link.sever();
        }
    }
    for link in links {
        link.heal();
    }
}

async fn survive(seed: u64) {
    let mut world = World::new().await;
    let mut endpoints = world.endpoints();
    let (to_relay, relay) = in_front_of(&endpoints.relay).await;
    let (to_scheduler, qstash) = in_front_of(endpoints.qstash.as_ref().unwrap()).await;
    (endpoints.relay, endpoints.qstash) = (relay, Some(qstash));
    world.engine.use_endpoints(Some(endpoints)).unwrap();
    let mut ids = Vec::new();
    for number in 0..POSTS {
        // Some are due in the storm, some after it.
        let seconds = 3 + dice(seed ^ 0x9057, number) % 12;
        ids.push(world.post_in(&format!("post {number}"), seconds).await);
    }
    world.run();
    let storming = storm(seed, [&to_relay, &to_scheduler]);
    let cancelling = async {
        let mut cancelled: Vec<PostId> = Vec::new();
        for id in ids.iter().step_by(CANCELLED_EVERY) {
            tokio::time::sleep(EVERY).await;
            let asked = world.engine.cancel(&[*id]).await.unwrap();
            cancelled.extend(asked.cancelled.into_iter().chain(asked.cancelling));
        }
        cancelled
    };
    let (_, cancelled) = tokio::join!(storming, cancelling);
    // What waits for its next try need not wait as long as a person would.
    world.store().write("test", |store| store.outbox_hurry()).unwrap();
    let _ = world.engine.sync().await;
    for id in &ids {
        let what = format!("settled, with seed {seed}");
        world
            .wait_until(*id, &what, |post| {
                matches!(post.row.status, Status::Posted | Status::Cancelled)
            })
            .await;
    }
    let texts = world.texts().await;
    for (number, id) in ids.iter().enumerate() {
        let text = format!("post {number}");
        let seen = texts.iter().filter(|one| **one == text).count();
        match world.status(*id).await {
            Status::Cancelled => assert_eq!(seen, 0, "seed {seed}: {text} was withdrawn"),
            _ => assert_eq!(seen, 1, "seed {seed}: {text}"),
        }
    }
    let struck = to_relay.connections().len() + to_scheduler.connections().len();
    println!("seed {seed}: {struck} connections, {} asked to be cancelled", cancelled.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_between_this_computer_and_its_services_loses_and_doubles_nothing() {
    let asked = |name, otherwise| {
        std::env::var(name).ok().and_then(|text: String| text.parse().ok()).unwrap_or(otherwise)
    };
    let first: u64 = asked("ROOST_CHAOS_SEED", 1);
    for seed in first..first + asked("ROOST_CHAOS_SEEDS", 1) {
        survive(seed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_the_disk_changed_is_never_handed_over_and_the_person_is_told() {
    let world = World::new().await;
    let damaged = world.post_in("a word of honour", 3600).await;
    let sound = world.post_in("another word", 3600).await;
    let file = rusqlite::Connection::open(world.path("roost.db")).unwrap();
    let changed = "UPDATE scheduled_post SET content = 'a worm of honour' WHERE id = ?1";
    assert_eq!(file.execute(changed, [damaged.to_string()]).unwrap(), 1);
    drop(file);
    let _ = world.engine.sync().await;
    let row = world.show(damaged).await.row;
    assert_eq!(row.status, Status::Failed);
    let reason = row.reason.unwrap();
    assert_eq!(reason.code.as_str(), "database_damaged");
    assert_eq!(world.status(sound).await, Status::Queued, "the others go on");
    let lookup = roost_relay_api::Lookup { post_ids: vec![damaged] };
    assert!(world.relay().lookup(&lookup).await.unwrap().deliveries.is_empty());
}
