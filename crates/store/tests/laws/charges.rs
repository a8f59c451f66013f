//! What X charged: a ledger that only grows.

use crate::common::*;
use roost_core::clock::UnixMillis;
use roost_core::cost::{MicroDollars, Prices};
use roost_core::id::TweetId;
use roost_core::status::{Actor, Status};
use roost_store::{Charged, Outcome, Store};

/// Everything that was charged, whenever.
fn charged(store: &Store) -> Charged {
    read(store, |read| read.charged(UnixMillis(0), UnixMillis(i64::MAX)))
}

#[test]
fn what_x_took_stays_charged_when_its_post_is_removed() {
    let store = memory();
    let post = create(&store, &due("went out, with example.com", 10));
    let queued = hand_over(&store, &post);
    assert_eq!(charged(&store), Charged::default());
    let posted = Outcome { posted_at: Some(minutes(10)), ..outcome(&queued, Status::Posted) };
    write(&store, |tx| tx.record_outcome(post.id, &posted));
    // X's word is heard again and again.
    write(&store, |tx| tx.record_outcome(post.id, &posted));
    let once = Charged { parts: 1, deletions: 0, cost_micros: 200_000 };
    assert_eq!(charged(&store), once);

    write(&store, |tx| tx.delete_post(post.id, Actor::Person));
    write(&store, |tx| tx.save_prices(&Prices { with_link: MicroDollars(1), ..Prices::default() }));
    assert_eq!(charged(&store), once, "at the price of then");
    let at = minutes(10);
    assert_eq!(read(&store, |read| read.charged(at, UnixMillis(at.0 + 1))), once);
    assert_eq!(read(&store, |read| read.charged(UnixMillis(0), at)), Charged::default());
}

#[test]
fn parts_of_a_thread_are_charged_one_by_one_and_a_deletion_for_each() {
    let store = memory();
    let post = create(&store, &thread(&["one", "two, example.com", "three"], 10));
    let queued = hand_over(&store, &post);
    let ids = |n: u64| (1..=n).map(|id| TweetId(id.to_string())).collect::<Vec<_>>();
    let told = |status, n| Outcome {
        tweet_id: Some(TweetId("1".into())),
        live: ids(n),
        ..outcome(&queued, status)
    };
    write(&store, |tx| tx.record_outcome(post.id, &told(Status::Sending, 1)));
    assert_eq!(charged(&store).cost_micros, 15_000);
    write(&store, |tx| tx.record_outcome(post.id, &told(Status::Partial, 2)));
    assert_eq!(charged(&store), Charged { parts: 2, deletions: 0, cost_micros: 215_000 });
    write(&store, |tx| tx.record_outcome(post.id, &told(Status::Posted, 3)));
    assert_eq!(charged(&store), Charged { parts: 3, deletions: 0, cost_micros: 230_000 });

    write(&store, |tx| tx.gone_from_x(post.id));
    write(&store, |tx| tx.gone_from_x(post.id));
    assert_eq!(charged(&store), Charged { parts: 3, deletions: 3, cost_micros: 260_000 });
}
