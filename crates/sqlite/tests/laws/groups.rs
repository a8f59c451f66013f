//! Group commit: what shares a commit shares nothing else.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::future::join_all;
use roost_sqlite::{Ended, Error, Executor, GroupWriter, Grouping, Hooks, Write};
use rusqlite::Connection;

use crate::support::*;

const GROUPING: Grouping =
    Grouping { thread: "test-writer", writes_max: 256, linger: Duration::ZERO };

/// What the hooks saw, in order.
type Told = Arc<Mutex<Vec<String>>>;

struct Recorder {
    told: Told,
    /// Whether the hook's own change fails.
    breaks: bool,
}

impl Hooks for Recorder {
    type Context = Vec<i64>;

    fn before_commit(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.told.lock().unwrap().push("before".to_owned());
        match self.breaks {
            true => connection.execute_batch("INSERT INTO nowhere VALUES (1)"),
            false => Ok(()),
        }
    }

    fn finished(&mut self, is_committed: bool, writes: Vec<Ended<Vec<i64>>>) {
        let mut told = self.told.lock().unwrap();
        told.push(format!("committed {is_committed}"));
        told.extend(writes.iter().map(|write| format!("{:?} {}", write.context, write.is_durable)));
    }
}

fn writer(home: &Home, breaks: bool) -> (GroupWriter<Recorder>, Told) {
    let told = Told::default();
    let hooks = Recorder { told: Arc::clone(&told), breaks };
    let connection = home.open().expect("a database").connection;
    (
        GroupWriter::start(connection, None, hooks, GROUPING, &Executor::Threads)
            .expect("a thread"),
        told,
    )
}

/// Keeps the writer busy until the sender is used, so that what comes meanwhile is one group.
fn hold(writer: &GroupWriter<Recorder>) -> Sender<()> {
    let (release, held): (Sender<()>, Receiver<()>) = channel();
    let (begin, begun) = channel();
    let body = move |_: &mut Write<'_, Recorder>| {
        begin.send(()).expect("it is waited for");
        held.recv().expect("released");
        Ok::<_, Error>(())
    };
    writer.write_then("holds", body, drop).expect("sent");
    begun.recv().expect("it holds");
    release
}

#[tokio::test]
async fn a_write_that_fails_or_panics_undoes_itself_and_no_other() {
    let home = Home::new();
    let (writer, _) = writer(&home, false);
    let writes = join_all((0..50).map(|n| {
        writer.write("mixed", move |write| {
            put(write.connection, n)?;
            assert!(n % 10 != 7, "a bug");
            if n % 10 == 3 { Err(Error::Locked) } else { Ok(n) }
        })
    }))
    .await;
    for (n, write) in writes.iter().enumerate() {
        match n % 10 {
            7 => assert!(matches!(write, Err(Error::Panicked { point: "mixed" })), "{write:?}"),
            3 => assert!(matches!(write, Err(Error::Locked)), "{write:?}"),
            _ => assert!(write.is_ok(), "{write:?}"),
        }
    }
    let kept: Vec<i64> = writes.into_iter().flatten().collect();
    let rows = writer.write("read", |write| Ok::<_, Error>(numbers(write.connection))).await;
    assert_eq!(rows.expect("rows"), kept);
    assert_eq!(kept.len(), 40);
}

#[tokio::test]
async fn writes_are_made_in_the_order_in_which_they_were_asked_for_and_told_after_their_commit() {
    let home = Home::new();
    let (writer, told) = writer(&home, false);
    let release = hold(&writer);
    let (answer, answered) = channel();
    for n in 0..5 {
        let answer = answer.clone();
        let body = move |write: &mut Write<'_, Recorder>| {
            write.context.push(n);
            put(write.connection, n)?;
            if n == 2 { Err(Error::Locked) } else { Ok(n) }
        };
        let path = home.path();
        let result = move |result: Result<i64, Error>| {
            // What is answered is on the disk: every other connection sees it.
            let durable = numbers(&Connection::open(path).expect("the file"));
            answer.send((result.is_ok(), durable)).expect("it is waited for");
        };
        writer.write_then("ordered", body, result).expect("sent");
    }
    told.lock().unwrap().clear();
    release.send(()).expect("it holds");
    let answers: Vec<_> = answered.iter().take(5).collect();
    let expected = [true, true, false, true, true].map(|is_ok| (is_ok, vec![0, 1, 3, 4]));
    assert_eq!(answers, expected);
    drop(writer);
    let told = told.lock().unwrap();
    let group = ["before", "committed true", "[0] true", "[1] true", "[2] false", "[3] true"];
    let at = told.iter().position(|line| line == "[0] true").expect("told") - 2;
    assert_eq!(told[at..at + group.len()], group);
}

#[tokio::test]
async fn a_full_disk_undoes_the_group_is_told_to_all_of_it_and_passes() {
    let home = Home::new();
    let (writer, _) = writer(&home, false);
    let limit = |pages| {
        writer.write("limit", move |write| {
            room_for(write.connection, pages);
            Ok::<_, Error>(())
        })
    };
    limit(3).await.expect("limited");
    let big = writer.write("big", |write| {
        let big = "INSERT INTO row (n, body) VALUES (1, zeroblob(100000))";
        Ok::<_, Error>(write.connection.execute(big, [])?)
    });
    let small = writer.write("small", |write| put(write.connection, 2));
    let (big, small) = tokio::join!(big, small);
    assert!(matches!(big, Err(Error::DiskFull)), "{big:?}");
    // Whatever the callers were told is what the file holds.
    let rows = writer.write("count", |write| Ok::<_, Error>(count(write.connection))).await;
    assert_eq!(rows.expect("rows"), i64::from(small.is_ok()));
    limit(1_000_000).await.expect("space again");
    writer.write("small", |write| put(write.connection, 3)).await.expect("it recovers");
}

#[tokio::test]
async fn a_hook_that_fails_before_the_commit_undoes_all_and_says_so() {
    let home = Home::new();
    let (writer, told) = writer(&home, true);
    let put_one = |write: &mut Write<'_, Recorder>| {
        write.context.push(1);
        put(write.connection, 1)
    };
    let error = writer.write("undone", put_one).await.expect_err("undone");
    assert!(error.to_string().contains("nowhere"), "{error}");
    assert_eq!(*told.lock().unwrap(), ["before", "committed false", "[1] false"]);
    assert_eq!(count(&home.other_program()), 0);
}

#[test]
fn closing_waits_for_what_was_asked_to_be_written() {
    let home = Home::new();
    let (writer, _) = writer(&home, false);
    for n in 0..50 {
        writer
            .write_later(
                "later",
                move |write| put(write.connection, n),
                |result| {
                    result.expect("written");
                },
            )
            .expect("sent");
    }
    drop(writer);
    assert_eq!(count(&home.other_program()), 50);
    home.open().expect("the lock is free, the file is closed");
}

#[test]
fn a_write_that_no_caller_waits_for_lingers_only_until_one_does() {
    const LINGER: Duration = Duration::from_secs(60);
    let home = Home::new();
    let connection = home.open().expect("a database").connection;
    let grouping = Grouping { linger: LINGER, ..GROUPING };
    let writer =
        GroupWriter::start(connection, None, (), grouping, &Executor::Threads).expect("a thread");
    let started = Instant::now();
    let later = writer.write_later("later", |write| put(write.connection, 1), |_| {});
    later.expect("sent");
    writer.write_now("now", |write| put(write.connection, 2)).expect("written");
    assert_eq!(numbers(&home.other_program()), [1, 2]);
    assert!(started.elapsed() < LINGER, "{:?}", started.elapsed());
}
