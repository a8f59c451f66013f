//! The scheduler's dead-letter queue, as the engine shows it.

use std::time::Duration;

use roost_core::status::Status;
use roost_engine::api::ListDeadLetters;
use roost_engine::view::DeadLetterRow;
use roost_qstash::{Client, Publish};
use roost_relay_api::POST_TWEET_PATH;

use crate::world::{PATIENCE, World};

async fn letters(world: &World) -> Vec<DeadLetterRow> {
    world.engine.dead_letters(ListDeadLetters::default()).await.unwrap().letters
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_given_up_is_listed_with_its_post_and_is_tried_again_or_deleted() {
    let world = World::new().await;
    let id = world.post_in("its message is given up", 3600).await;
    world.engine.sync().await.unwrap();
    assert!(letters(&world).await.is_empty());
    // Signed, and of a form that no relay will ever read: it is refused for good.
    let endpoints = world.endpoints();
    let qstash = endpoints.qstash.clone().unwrap();
    let client =
        Client::new(qstash.url.parse().unwrap(), qstash.bearer.reveal().to_owned()).unwrap();
    let label = format!("roost-{}", world.store().id());
    let message = |labels: Vec<String>| Publish {
        destination: format!("{}{POST_TWEET_PATH}", endpoints.relay_public_url),
        body: b"no trigger".to_vec(),
        retries: Some(0),
        labels,
        ..Publish::default()
    };
    let ours = message(vec![label, format!("p-{id}")]);
    let theirs = message(vec!["roost-of-another-store".to_owned()]);
    client.batch(&[ours, theirs]).await.unwrap();
    let end = tokio::time::Instant::now() + PATIENCE;
    let letter = loop {
        if let Some(letter) = letters(&world).await.pop() {
            break letter;
        }
        assert!(tokio::time::Instant::now() < end, "never given up");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(letters(&world).await.len(), 1, "another store's is not ours to see");
    assert_eq!((letter.post_id, letter.post_status), (Some(id), Some(Status::Queued)));
    assert_eq!(letter.response_status, Some(489), "{letter:?}");
    assert_eq!(letter.text.as_deref(), Some("its message is given up"));

    let done = world.engine.retry_dead_letters(vec![letter.id.clone()]).await.unwrap();
    assert_eq!((done.done.len(), done.gone.len()), (1, 0));
    let again = loop {
        match letters(&world).await.pop() {
            Some(again) if again.id != letter.id => break again,
            _ => assert!(tokio::time::Instant::now() < end, "never given up again"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let both = vec![letter.id.clone(), again.id.clone()];
    let done = world.engine.delete_dead_letters(both).await.unwrap();
    assert_eq!((done.done, done.gone), (vec![again.id], vec![letter.id]));
    assert!(letters(&world).await.is_empty());
    assert_eq!(world.status(id).await, Status::Queued, "nothing of the post changed");
}
