//! Relay and scheduler on loopback: what is theirs, and who may enter.

use std::time::Duration;

use roost_core::clock::{Clock as _, SystemClock};
use roost_local::{Error, Local, LocalConfig};
use roost_qstash::{Client, Publish};

async fn start(data: &std::path::Path) -> Result<Local, Error> {
    start_with(data, "http://127.0.0.1:9").await
}

async fn start_with(data: &std::path::Path, x_api_base: &str) -> Result<Local, Error> {
    drop(rustls::crypto::ring::default_provider().install_default());
    Local::start(LocalConfig::new(data, x_api_base)).await
}

fn qstash(local: &Local) -> Client {
    let endpoints = local.endpoints();
    Client::new(endpoints.qstash_url.parse().unwrap(), endpoints.qstash_token.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_has_one_instance_and_is_free_again_after_it() {
    let data = tempfile::tempdir().unwrap();
    let first = start(data.path()).await.unwrap();
    let second = start(data.path()).await.unwrap_err();
    assert!(matches!(second, Error::AlreadyRunning { .. }), "{second}");
    assert!(second.to_string().contains("runs already"), "{second}");
    first.stop().await;
    start(data.path()).await.unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_new_at_each_start_and_old_ones_open_nothing() {
    let data = tempfile::tempdir().unwrap();
    let first = start(data.path()).await.unwrap();
    let old = first.endpoints().clone();
    assert!(!format!("{old:?}").contains(&old.relay_key));
    first.stop().await;
    let second = start(data.path()).await.unwrap();
    let new = second.endpoints();
    assert_ne!((&old.relay_key, &old.qstash_token), (&new.relay_key, &new.qstash_token));
    let stranger =
        roost_relay_api::Client::new(new.relay_url.parse().unwrap(), &old.relay_key).unwrap();
    assert!(stranger.status().await.unwrap_err().refusal().is_some());
    let stranger = Client::new(new.qstash_url.parse().unwrap(), old.qstash_token).unwrap();
    assert!(stranger.keys().await.is_err());
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scheduler_calls_the_relay_and_nobody_else() {
    let data = tempfile::tempdir().unwrap();
    let local = start(data.path()).await.unwrap();
    for destination in
        ["http://127.0.0.1:80/", "https://example.com/", "http://relay.roost.internal/v1/pause"]
    {
        let message = Publish { destination: destination.to_owned(), ..Publish::default() };
        assert!(qstash(&local).publish(&message).await.is_err(), "{destination}");
    }
    local.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_published_before_a_restart_reaches_the_relay_on_its_new_port() {
    let data = tempfile::tempdir().unwrap();
    let local = start(data.path()).await.unwrap();
    let message = Publish {
        destination: format!("{}/api/qstash/post-tweet", roost_local::RELAY_LOGICAL_URL),
        // No post of this relay: it answers "come again", which is an answer.
        body: br#"{"postId":"0199f2c0-0000-7000-8000-000000000000","revision":1}"#.to_vec(),
        delay_seconds: Some(2),
        retries: Some(0),
        ..Publish::default()
    };
    let id = qstash(&local).publish(&message).await.unwrap().message_id;
    local.stop().await;
    let local = start(data.path()).await.unwrap();
    let client = qstash(&local);
    for _ in 0..200 {
        let dead = client.dlq(&roost_qstash::DlqFilter::default()).await.unwrap();
        if let Some(letter) = dead.messages.iter().find(|it| it.message.message_id == id) {
            assert_eq!(letter.response_status, 503, "the relay answered: {letter:?}");
            local.stop().await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the relay was not called");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_none_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let refused = start_with(data.path(), "ftp://x.example").await;
    assert!(matches!(refused, Err(Error::Address(_))));
}

async fn epoch(local: &Local) -> roost_relay_api::Epoch {
    let endpoints = local.endpoints();
    let url = endpoints.relay_url.parse().unwrap();
    let client = roost_relay_api::Client::new(url, &endpoints.relay_key).unwrap();
    client.status().await.unwrap().epoch
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_came_to_nothing_leaves_relay_and_scheduler_as_they_were() {
    let data = tempfile::tempdir().unwrap();
    let local = start(data.path()).await.unwrap();
    let before = epoch(&local).await;
    local.stop().await;
    let move_out = || roost_local::move_out(data.path(), "roost.move", SystemClock.now());
    drop(move_out().unwrap().expect("files"));
    let local = start(data.path()).await.unwrap();
    assert_eq!(epoch(&local).await, before, "nothing is in doubt");
    local.stop().await;
    // One that left did.
    move_out().unwrap().expect("files").gone();
    let local = start(data.path()).await.unwrap();
    assert_ne!(epoch(&local).await, before, "what is due may have been sent elsewhere");
    local.stop().await;
}

#[test]
fn services_that_arrived_already_are_not_set_aside() {
    let data = tempfile::tempdir().unwrap();
    let moved = data.path().join("moved");
    std::fs::create_dir(&moved).unwrap();
    std::fs::write(moved.join("relay.db"), "the arrived one").unwrap();
    for _ in 0..2 {
        roost_local::move_in(data.path(), &moved, SystemClock.now()).unwrap();
    }
    let there = data.path().join(roost_local::SERVICES_FOLDER).join("relay.db");
    assert_eq!(std::fs::read_to_string(there).unwrap(), "the arrived one");
}
