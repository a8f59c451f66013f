//! Laws of what survives.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::program::Program;
use crate::support::{Clock, Destination, Server, config};
use axum::body::Body;
use axum::response::Response;
use roost_qstash::{Client, Publish};
use roost_scheduler::{DEV_KEYS, DEV_TOKEN, Error, Scheduler};
use tempfile::tempdir;

const NOON: i64 = 1_800_000_000_000;

#[tokio::test]
async fn a_restart_keeps_messages_keys_and_retries_made() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let destination = Destination::status(500).await;
    let server = Server::at(folder.path(), &clock).await;
    let keys = server.scheduler.signing_keys();
    let later = server.publish(&destination.url, &[("Upstash-Delay", "1h")], "later").await;
    let retried = server.publish(&destination.url, &[("Upstash-Retries", "1")], "retried").await;
    server.until_state(&retried, "RETRY").await;
    server.stop().await;

    let server = Server::at(folder.path(), &clock).await;
    assert_eq!(server.scheduler.signing_keys(), keys);
    server.set(NOON + 12_183);
    server.until_state(&retried, "FAILED").await;
    assert_eq!(destination.seen()[1].header("upstash-retried"), "1");
    server.set(NOON + 3_600_000);
    server.until_state(&later, "RETRY").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_in_flight_at_the_end_is_tried_again() {
    let folder = tempdir().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let destination = Destination::new(move |_| {
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            tokio::task::block_in_place(|| gate.lock().unwrap().recv().ok());
        }
        Response::new(Body::empty())
    })
    .await;
    let mut config = config(folder.path());
    config.stop_grace = std::time::Duration::ZERO;
    let server = Server::with(config.clone(), None).await;
    let id = server.publish(&destination.url, &[], "").await;
    destination.until(1).await;
    server.stop().await;

    let server = Server::with(config, None).await;
    server.until_state(&id, "DELIVERED").await;
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    drop(open);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_deliveries_under_way() {
    let folder = tempdir().unwrap();
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let destination = Destination::new(move |_| {
        tokio::task::block_in_place(|| gate.lock().unwrap().recv().ok());
        Response::new(Body::empty())
    })
    .await;
    let server = Server::start(folder.path()).await;
    let id = server.publish(&destination.url, &[], "").await;
    destination.until(1).await;
    let stopping = tokio::spawn(server.stop());
    open.send(()).unwrap();
    stopping.await.unwrap();
    let server = Server::start(folder.path()).await;
    assert_eq!(server.states(&id).await, ["CREATED", "ACTIVE", "DELIVERED"]);
    server.stop().await;
}

#[tokio::test]
async fn two_schedulers_never_share_a_database() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let second = tokio::task::spawn_blocking({
        let config = config(folder.path());
        move || Scheduler::open(config)
    });
    assert!(matches!(second.await.unwrap(), Err(Error::Open { .. })));
    server.stop().await;
}

#[tokio::test]
async fn a_damaged_or_newer_database_is_refused_in_words() {
    let folder = tempdir().unwrap();
    Server::start(folder.path()).await.stop().await;
    let path = folder.path().join("scheduler.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    let sql = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
               SELECT 999, 'future', applied_on, checksum FROM refinery_schema_history LIMIT 1";
    connection.execute(sql, []).unwrap();
    assert!(matches!(Scheduler::open(config(folder.path())), Err(Error::Newer(_))));
    connection.execute("UPDATE refinery_schema_history SET applied_on = 'garbled'", []).unwrap();
    assert!(matches!(Scheduler::open(config(folder.path())), Err(Error::Open { .. })));
    drop(connection);
    std::fs::write(&path, b"this is no database, and never was one").unwrap();
    assert!(matches!(Scheduler::open(config(folder.path())), Err(Error::Open { .. })));
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_database() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", file.path());
    }
    server.stop().await;
}

fn client(program: &Program) -> Client {
    Client::new(program.url.parse().unwrap(), DEV_TOKEN.into()).unwrap()
}

/// Publishes until the program is gone; the ids that it acknowledged.
async fn publish_until_killed(client: Client, url: String, lane: usize) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for n in 0.. {
        let message = |k: usize| Publish {
            destination: url.clone(),
            body: format!("{lane}-{n}-{k}").into_bytes(),
            ..Publish::default()
        };
        if n % 3 == 0 {
            let batch: Vec<Publish> = (0..10).map(message).collect();
            let Ok(results) = client.batch(&batch).await else { break };
            acknowledged.extend(results.into_iter().map(|result| result.unwrap().message_id));
        } else {
            let Ok(published) = client.publish(&message(0)).await else { break };
            acknowledged.push(published.message_id);
        }
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_scheduler_loses_no_message_that_it_accepted() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempdir().unwrap();
    let destination = Destination::ok().await;
    let mut acknowledged = Vec::new();
    // Each round is cut at another count of arrived deliveries: amid publishes and deliveries.
    for cut_after in [1, 20, 75, 160] {
        let already = destination.seen().len();
        let program = Program::start(folder.path(), &["--dev"]);
        let publishers: Vec<_> = (0..4)
            .map(|lane| {
                tokio::spawn(publish_until_killed(client(&program), destination.url.clone(), lane))
            })
            .collect();
        destination.until(already + cut_after).await;
        drop(program);
        for publisher in publishers {
            acknowledged.extend(publisher.await.unwrap());
        }
    }
    assert!(acknowledged.len() > 100, "the test must cut amid work: {}", acknowledged.len());
    let program = Program::start(folder.path(), &["--dev"]);
    let keys = client(&program).keys().await.unwrap();
    assert_eq!((keys.current.as_str(), keys.next.as_str()), DEV_KEYS);
    let arrived = || -> HashSet<String> {
        let seen = destination.seen();
        seen.iter().map(|delivery| delivery.header("upstash-message-id").to_owned()).collect()
    };
    crate::support::eventually("every accepted message", async || {
        let arrived = arrived();
        acknowledged.iter().all(|id| arrived.contains(id)).then_some(())
    })
    .await;
    drop(program);
}
