//! Readers beside the writer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use roost_sqlite::{Error, Executor, Pool, ReadingThreads};

use crate::support::*;

const COUNT: usize = 2;

#[tokio::test(flavor = "multi_thread")]
async fn no_more_reads_run_at_once_than_there_are_threads() {
    let home = Home::filled();
    let readers =
        ReadingThreads::start("test-reader", &home.path(), &settings(), COUNT, &Executor::Threads);
    let readers = readers.expect("threads");
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let reads = (0..50).map(|_| {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        readers.read(move |c| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let rows = count(c);
            now.fetch_sub(1, Ordering::SeqCst);
            Ok::<_, Error>(rows)
        })
    });
    for read in join_all(reads).await {
        assert_eq!(read.expect("read"), 200);
    }
    assert!(most.load(Ordering::SeqCst) <= COUNT, "{most:?}");
}

#[tokio::test]
async fn a_read_that_panics_or_fails_ends_no_thread() {
    let home = Home::filled();
    let readers =
        ReadingThreads::start("test-reader", &home.path(), &settings(), COUNT, &Executor::Threads);
    let readers = readers.expect("threads");
    for _ in 0..2 * COUNT {
        let panicked = readers.read(|_| -> Result<(), Error> { panic!("a bug") }).await;
        assert!(matches!(panicked, Err(Error::Stopped)), "{panicked:?}");
        let failed = readers.read(|c| put(c, 1_000)).await;
        assert!(matches!(failed, Err(Error::ReadOnly)), "readers write nothing: {failed:?}");
    }
    assert_eq!(readers.read(|c| Ok::<_, Error>(count(c))).await.expect("read"), 200);
}

#[test]
fn a_pool_reads_what_is_committed_while_one_writes() {
    let home = Home::new();
    let connection = home.open().expect("a database").connection;
    let pool = Pool::new(&home.path(), &settings(), COUNT);
    let read = || pool.read(|c| Ok::<_, Error>(count(c))).expect("read");
    let in_the_midst = roost_sqlite::write(&connection, "two", |c| {
        put(c, 1)?;
        let seen = read();
        put(c, 2)?;
        Ok::<_, Error>(seen)
    });
    assert_eq!(in_the_midst.expect("written"), 0, "half a write was seen");
    assert_eq!(read(), 2);
    pool.close_idle();
    assert_eq!(read(), 2);
}
