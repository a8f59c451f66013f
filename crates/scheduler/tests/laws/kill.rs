//! The real program, killed with SIGKILL five times a second while it accepts and delivers.
//!
//! A ledger stands outside of it: what was answered, and what arrived. 1,500 messages in the
//! usual run, 20,000 with `ROOST_FULL=1`.

mod ledger;
mod lives;
mod publisher;

use std::sync::Arc;
use std::time::Duration;

use tempfile::tempdir;

use ledger::{Ledger, Sink};
use lives::Lives;

const LANES: usize = 4;
/// How long it lives from when it listens.
const LIFE: Duration = Duration::from_millis(200);

fn size() -> usize {
    if std::env::var_os("ROOST_FULL").is_some_and(|full| full == "1") { 20_000 } else { 1_500 }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_five_times_a_second_it_loses_nothing_and_repeats_only_what_was_in_flight() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempdir().unwrap();
    let size = size();
    let sink = Sink::start().await;
    let lives = Arc::new(Lives::begin(folder.path(), &sink.url));
    let lanes: Vec<_> = (0..LANES)
        .map(|lane| tokio::spawn(publisher::publish(lives.clone(), lane, size / LANES)))
        .collect();
    let publishing = tokio::spawn(async move {
        let mut sent = Vec::new();
        for lane in lanes {
            sent.extend(lane.await.unwrap());
        }
        Ledger::new(sent)
    });
    // Killed until all is accepted, and on until all that was accepted has arrived.
    while !publishing.is_finished() {
        live(&sink).await;
        lives.kill_and_restart().await;
    }
    let ledger = publishing.await.unwrap();
    let end = tokio::time::Instant::now() + Duration::from_secs(600);
    while ledger.missing(&sink) > 0 {
        let missing = ledger.missing(&sink);
        assert!(tokio::time::Instant::now() < end, "{missing} accepted messages never came");
        live(&sink).await;
        lives.kill_and_restart().await;
    }
    let delivered = lives.delivered_in_peace(&ledger, &sink).await;
    let told = ledger.settle(&sink, &delivered);
    println!("{} kills; {told}", lives.count() - 1);
    assert!(lives.count() > 2, "the test must cut amid work");
}

/// Lets it live. A machine that is too busy for a single delivery in that time gets a little more.
async fn live(sink: &Sink) {
    let arrived = sink.count();
    tokio::time::sleep(LIFE).await;
    let end = tokio::time::Instant::now() + 10 * LIFE;
    while sink.count() == arrived && tokio::time::Instant::now() < end {
        tokio::time::sleep(LIFE / 40).await;
    }
}
