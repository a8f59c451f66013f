//! Laws of the writer.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::sync::Arc;

use roost_sqlite::Executor;
use rusqlite::Connection;
use tempfile::TempDir;

use super::{Database, Message, MessageState, NewMessage, Summary, Write, prune};
use crate::error::Error;
use crate::limits::Limits;
use crate::spec::Spec;
use crate::timer::{AT_ONCE, Due, Horizon, PrefetchResult, Timer};

const NOW: i64 = 1_800_000_000_000;

fn open() -> (TempDir, Arc<Timer>, Arc<Database>) {
    let folder = tempfile::tempdir().unwrap();
    let timer = Arc::new(Timer::new(10));
    let until = Horizon { at: i64::MAX, seq: 0 };
    timer.change().see(PrefetchResult { due: Vec::new(), until });
    let database = Database::open(
        &folder.path().join("x.db"),
        timer.clone(),
        Limits::default(),
        Executor::Threads,
    )
    .unwrap();
    (folder, timer, Arc::new(database))
}

fn message(bytes: usize) -> NewMessage {
    NewMessage {
        spec: Spec::new("https://x.example".into(), String::new()),
        body: vec![7; bytes].into(),
        due_at: NOW,
        deduplication: None,
        turn: None,
    }
}

fn live(database: &Database) -> Vec<Due> {
    let prefetch = |connection: &Connection| Message::due_from(connection, Horizon::NOWHERE, NOW);
    database.read_now(prefetch).unwrap().due
}

fn pragma(write: &Write<'_>, sql: &str) -> Result<i64, Error> {
    Ok(write.connection.query_row(sql, [], |row| row.get(0))?)
}

#[tokio::test]
async fn what_is_acknowledged_is_synced_to_the_disk() {
    let (_folder, _timer, database) = open();
    let synchronous = |write: &mut Write<'_>| pragma(write, "PRAGMA synchronous");
    assert_eq!(database.write("test", synchronous).await.unwrap(), 2, "FULL");
}

#[tokio::test]
async fn a_write_that_fails_takes_nothing_with_it() {
    let (_folder, timer, database) = open();
    let mut writes = Vec::new();
    for n in 0..40 {
        let database = database.clone();
        writes.push(tokio::spawn(async move {
            let body = move |write: &mut Write<'_>| {
                message(10).insert(write, NOW)?;
                if n % 4 == 0 { Err(Error::Commit("on purpose".into())) } else { Ok(()) }
            };
            database.write("test", body).await
        }));
    }
    let mut good = 0;
    for write in writes {
        good += usize::from(write.await.unwrap().is_ok());
    }
    assert_eq!(good, 30);
    assert_eq!(live(&database).len(), 30);
    // Ten slots: only what is durable was armed.
    assert_eq!(timer.start(NOW).0.len(), 10);
}

#[tokio::test]
async fn a_full_disk_refuses_and_recovers() {
    let (_folder, timer, database) = open();
    let limit = |write: &mut Write<'_>| {
        let pages = pragma(write, "PRAGMA page_count")?;
        pragma(write, &format!("PRAGMA max_page_count = {}", pages + 20))
    };
    database.write("test", limit).await.unwrap();
    let mut accepted = 0;
    let error = loop {
        match database.write("publish", |write| message(20_000).insert(write, NOW)).await {
            Ok(_) => accepted += 1,
            Err(error) => break error,
        }
        assert!(accepted < 100, "the disk never fills");
    };
    assert!(error.to_string().contains("full"), "{error}");
    assert_eq!(live(&database).len(), accepted);
    let unlimited = |write: &mut Write<'_>| pragma(write, "PRAGMA max_page_count = 1000000");
    database.write("test", unlimited).await.unwrap();
    database.write("publish", |write| message(20_000).insert(write, NOW)).await.unwrap();
    assert_eq!(live(&database).len(), accepted + 1);
    assert_eq!(timer.start(NOW).0.len(), accepted + 1, "what was refused was not armed");
}

#[tokio::test]
async fn a_cancel_that_is_not_written_lets_the_message_go_out() {
    let (_folder, timer, database) = open();
    database.write("publish", |write| message(1).insert(write, NOW)).await.unwrap();
    let due = live(&database).remove(0);
    let failing = move |write: &mut Write<'_>| {
        Message::cancel(write, due, NOW)?;
        Err::<(), _>(Error::Commit("on purpose".into()))
    };
    assert!(database.write("cancel", failing).await.is_err());
    assert_eq!(timer.start(NOW).0.len(), 1);
}

#[tokio::test]
async fn closing_waits_for_what_was_asked_to_be_written() {
    let (folder, _timer, database) = open();
    for _ in 0..50 {
        database.write_later("test", |write| message(10).insert(write, NOW).map(|_| ()));
    }
    drop(database);
    let connection = Connection::open(folder.path().join("x.db")).unwrap();
    let sql = "SELECT count(*) FROM message";
    let count: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(count, 50);
}

#[tokio::test]
async fn what_is_due_is_read_in_pieces_that_leave_nothing_out() {
    const MORE: usize = 7;
    let (_folder, _timer, database) = open();
    let count = AT_ONCE as usize + MORE;
    let fill = move |write: &mut Write<'_>| {
        (0..count).try_for_each(|_| message(1).insert(write, NOW).map(drop))
    };
    database.write("test", fill).await.unwrap();
    let look = |from| database.read_now(|read| Message::due_from(read, from, NOW)).unwrap();
    let first = look(Horizon::NOWHERE);
    let second = look(first.until);
    assert_eq!((first.due.len(), second.due.len()), (count - MORE, MORE));
    assert!(first.due.last() < second.due.first());
    assert!(look(second.until).due.is_empty());
    assert!(second.until.at > NOW, "it sees ahead");
}

/// What the counters say of the ended, and how many there are.
fn ended(database: &Database) -> ([i64; 3], [i64; 3]) {
    let held = database.read_now(|connection| Summary::read(connection, NOW)).unwrap();
    let count = |state: MessageState| {
        let sql = "SELECT count(*) FROM message WHERE state = ?1";
        let read = |connection: &Connection| {
            Ok(connection.query_row(sql, [state.as_str()], |row| row.get(0))?)
        };
        database.read_now(read).unwrap()
    };
    let states = [MessageState::Delivered, MessageState::Failed, MessageState::Canceled];
    ([held.delivered, held.failed, held.canceled], states.map(count))
}

#[tokio::test]
async fn what_ended_is_counted_with_its_end_and_only_if_that_is_kept() {
    let (_folder, _timer, database) = open();
    let fill =
        |write: &mut Write<'_>| (0..10).try_for_each(|_| message(1).insert(write, NOW).map(drop));
    database.write("test", fill).await.unwrap();
    let end = |seqs: std::ops::RangeInclusive<i64>, state, kept: bool| {
        database.write("test", move |write: &mut Write<'_>| {
            for seq in seqs.clone().chain(seqs) {
                Message::end(write, seq, state, NOW + seq)?;
            }
            if kept { Ok(()) } else { Err(Error::Commit("on purpose".into())) }
        })
    };
    end(1..=4, MessageState::Delivered, true).await.unwrap();
    end(5..=9, MessageState::Failed, false).await.unwrap_err();
    end(5..=5, MessageState::Failed, true).await.unwrap();
    end(6..=7, MessageState::Canceled, true).await.unwrap();
    assert_eq!(ended(&database), ([4, 1, 2], [4, 1, 2]));
    let since = database.counters.read();
    assert_eq!((since.published, since.delivered, since.failed, since.canceled), (10, 4, 1, 2));
    let step = |write: &mut Write<'_>| prune::step(write, NOW + 6, NOW);
    database.write("prune", step).await.unwrap();
    assert_eq!(ended(&database), ([0, 0, 2], [0, 0, 2]));
}

#[tokio::test]
async fn a_time_of_the_log_and_what_went_wrong_are_found_by_an_index() {
    let (_folder, _timer, database) = open();
    let (mut time, mut trouble) = (super::Filter::default(), super::Filter::default());
    time.number("event.time >= ?", NOW);
    trouble.only("event.state > 'DELIVERED'");
    trouble.any_text("event.state", &["FAILED".to_owned()]);
    for (filter, by_time) in [(time, true), (trouble, false)] {
        let (condition, values) = filter.sql();
        let wanted = super::Wanted { count: 10, bodies: true, by_time };
        let sql = format!("EXPLAIN QUERY PLAN {}", wanted.sql(&condition));
        let plan = database.read_now(|connection| {
            let mut statement = connection.prepare(&sql)?;
            let rows = statement.query_map(rusqlite::params_from_iter(values), |row| row.get(3))?;
            Ok(rows.collect::<Result<Vec<String>, _>>()?.join("; "))
        });
        let plan = plan.unwrap();
        assert!(plan.contains("event USING INDEX event_t") && !plan.contains("TEMP"), "{plan}");
    }
}
