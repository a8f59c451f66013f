//! Laws of wake-ups: what is due goes out, whatever else happens at the same time.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use crate::support::{Destination, Server, config, eventually};
use axum::body::Body;
use axum::response::Response;
use futures::future::join_all;
use tempfile::tempdir;

/// Publishers that work side by side, and what each publishes.
const PUBLISHERS: u64 = 8;
const EACH: u64 = 40;

/// Numbers that look random and can be had again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) % sides
    }
}

/// Some fail once, some twice, and ask to be tried again at once.
async fn fickle() -> Destination {
    let tries: Arc<Mutex<HashMap<String, u64>>> = Arc::default();
    Destination::new(move |delivery| {
        let name = String::from_utf8_lossy(&delivery.body).into_owned();
        let failures = name.bytes().map(u64::from).sum::<u64>() % 3;
        let mut tries = tries.lock().unwrap();
        let tried = tries.entry(name).or_default();
        *tried += 1;
        let status = if *tried <= failures { 503 } else { 200 };
        Response::builder().status(status).header("Retry-After", "0").body(Body::empty()).unwrap()
    })
    .await
}

/// Publishes one message in one of the ways there are; gives its id.
async fn publish(server: &Server, url: &str, name: &str, dice: &mut Dice) -> String {
    let (queue, key) = (format!("queue-{}", dice.below(3)), format!("key-{}", dice.below(3)));
    let parallel = format!("parallelism={}", 1 + dice.below(4));
    let flow = [
        ("Upstash-Flow-Control-Key", key.as_str()),
        ("Upstash-Flow-Control-Value", parallel.as_str()),
    ];
    let past = [("Upstash-Not-Before", "1")];
    let (path, headers): (String, &[(&str, &str)]) = match dice.below(4) {
        0 => (format!("/v2/enqueue/{queue}/{url}"), &[]),
        1 => (format!("/v2/publish/{url}"), &flow),
        2 => (format!("/v2/publish/{url}"), &past),
        _ => (format!("/v2/publish/{url}"), &[]),
    };
    let (status, answer) = server.ask("POST", &path, headers, name).await;
    assert_eq!(status, 200, "{answer}");
    answer["messageId"].as_str().unwrap().to_owned()
}

/// Publishes, cancels now and then what was just published, and pauses a queue for a moment;
/// gives the names of what must go out.
async fn work(server: &Server, url: &str, publisher: u64) -> HashSet<String> {
    let mut dice = Dice(publisher);
    let mut wanted = HashSet::new();
    for number in 0..EACH {
        let name = format!("{publisher}-{number}");
        let id = publish(server, url, &name, &mut dice).await;
        match dice.below(10) {
            0 => {
                server.ask("DELETE", &format!("/v2/messages/{id}"), &[], "").await;
                continue;
            }
            1 => {
                let queue = format!("/v2/queues/queue-{}", dice.below(3));
                server.ask("POST", &format!("{queue}/pause"), &[], "").await;
                server.ask("POST", &format!("{queue}/resume"), &[], "").await;
            }
            _ => {}
        }
        wanted.insert(name);
    }
    wanted
}

async fn until_all_went_out(server: &Server, destination: &Destination, wanted: HashSet<String>) {
    let missing = async || -> Vec<String> {
        let seen = destination.seen();
        let came: HashSet<_> =
            seen.iter().map(|one| String::from_utf8_lossy(&one.body).into_owned()).collect();
        wanted.difference(&came).cloned().collect()
    };
    // As long as more goes out, the machine is only slow.
    let mut last = usize::MAX;
    while missing().await.len() < last {
        last = missing().await.len();
        eventually("a message goes out", async || {
            let left = missing().await.len();
            (left == 0 || left < last).then_some(())
        })
        .await;
    }
    eventually("nothing is left", async || {
        (server.scheduler.summary().await.unwrap().live == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_due_when_it_is_accepted_goes_out() {
    for parallelism in [1, 7, 100] {
        let folder = tempdir().unwrap();
        let mut config = config(folder.path());
        config.parallelism = parallelism;
        let server = Server::with(config, None).await;
        let destination = fickle().await;
        let publishers = (0..PUBLISHERS).map(|one| work(&server, &destination.url, one));
        let wanted = join_all(publishers).await.into_iter().flatten().collect();
        until_all_went_out(&server, &destination, wanted).await;
        server.stop().await;
    }
}
