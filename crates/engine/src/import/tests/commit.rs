//! A commit that is given up at any of its moments, and one whose ground changed after its rows were judged.

use std::cell::Cell;
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::sync::Mutex;

use roost_core::id::{ImportId, XUserId};
use roost_store::{Filter, Page};
use serde_json::{Value, json};

use super::Desk;
use crate::Error;
use crate::api::ImportReport;
use crate::import::commit::{Judged, Watched, commit};
use crate::import::session::desk;
use crate::open_import::Held;

/// So many posts that a commit tells several times how far it is.
const POSTS: usize = 2_500;

fn calendar(posts: usize) -> String {
    let mut text = "id,text,date,tags\n".to_owned();
    for post in 0..posts {
        let (day, hour, minute) = (post / 480 + 1, post / 20 % 24, post % 20 * 3);
        let _ = writeln!(
            text,
            "{post},Post {post} of many,2099-03-{day:02} {hour:02}:{minute:02},many"
        );
    }
    text
}

fn id_of(session: &Value) -> ImportId {
    serde_json::from_value(session["id"].clone()).unwrap()
}

/// Everything that an import writes.
#[derive(Debug, PartialEq)]
struct Written {
    posts: u64,
    last_event: i64,
    is_import: bool,
    tags: usize,
}

impl Desk {
    async fn written(&self, session: &Value) -> Written {
        let id = id_of(session);
        let read = move |store: &roost_store::Read<'_>| {
            Ok(Written {
                posts: store.count_posts(&Filter::default())?,
                last_event: store.last_event()?,
                is_import: store.import(id)?.is_some(),
                tags: store.tags()?.len(),
            })
        };
        self.engine.state.read(read).await.unwrap()
    }

    /// Commits an open import, and gives it up when it tells for the `moment`th time, from 0, how far it
    /// is. Returns what came of it, and how often it told.
    fn commit_until(&self, session: &Value, moment: usize) -> (crate::Result<ImportReport>, usize) {
        let (desk, id) = (desk(&self.engine.state), id_of(session));
        let told = Mutex::new(0);
        let at = || {
            let mut told = told.lock().unwrap();
            *told += 1;
            if *told > moment { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let report = desk.with(id, |held| {
            let Held { opened, session, judged_after, judged_at, .. } = held;
            // As if it had been judged long ago, so that it is judged again first.
            judged_at.0 = 0;
            let mut judged = Judged { session, after: judged_after, at: judged_at };
            let watched = Watched { judging: &|_| at(), writing: &|_, _| at() };
            commit(&desk, &self.engine.state.changes, opened, &mut judged, watched)
        });
        let told = *told.lock().unwrap();
        (report, told)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_is_given_up_at_any_moment_has_written_nothing() {
    let desk = Desk::new().await;
    let session = desk.open(&calendar(POSTS)).await;
    let before = desk.written(&session).await;
    let moments = Cell::new(0);
    let report = loop {
        let moment = moments.get();
        let (done, told) = tokio::task::block_in_place(|| desk.commit_until(&session, moment));
        match done {
            Err(Error::ImportGivenUp) => {
                // Rows are judged by two threads, of which each tells.
                assert!((moment + 1..=moment + 2).contains(&told), "{told} at {moment}");
                assert_eq!(desk.written(&session).await, before, "moment {moment}");
            }
            other => break other.unwrap(),
        }
        moments.set(moment + 1);
    };
    // Judged again, begun, after each thousand, and whole.
    assert!(moments.get() >= 6, "{}", moments.get());
    assert_eq!(report.imported, POSTS as u64);
    let after = desk.written(&session).await;
    assert_eq!((after.posts, after.is_import, after.tags), (POSTS as u64, true, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_removed_after_rows_were_judged_is_given_no_posts() {
    let desk = Desk::new().await;
    let bea = Desk::account("8", "bea");
    desk.save(bea.clone()).await;
    let text = "text,date,account\nOne,2099-03-01 09:00,@ada\nTwo,2099-03-01 10:00,@bea\n";
    let session = desk.open(text).await;
    assert_eq!(session["summary"]["ready"], 2, "{session}");
    // No event of a post tells of it.
    let before = desk.written(&session).await;
    let remove =
        |store: &mut roost_store::Tx<'_>| Ok(store.remove_account(&XUserId("8".to_owned()))?);
    desk.engine.state.write("test.remove", remove).await.unwrap();
    let report = desk.commit(&session).await;
    assert_eq!((&report["import_id"], &report["imported"]), (&Value::Null, &json!(0)), "{report}");
    let problem = &report["errors"]["listed"][0];
    assert_eq!(
        (&problem["row"], &problem["code"]),
        (&json!(2), &json!("account_unknown")),
        "{report}"
    );
    assert_eq!(desk.written(&session).await, before);

    // It stays open, and is imported once the account is there again.
    desk.save(bea).await;
    let report = desk.commit(&session).await;
    assert_eq!(report["imported"], 2, "{report}");
    let posts = desk.engine.state.read(|store| store.posts(&Filter::default(), &Page::default()));
    let accounts: Vec<_> = posts.await.unwrap().posts.into_iter().map(|it| it.account).collect();
    assert!(accounts.contains(&Some(XUserId("8".to_owned()))), "{accounts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn posting_times_and_prices_that_changed_after_rows_were_judged_count() {
    let desk = Desk::new().await;
    let session = desk.open("text\nOne\nTwo\n").await;
    assert_eq!(session["summary"]["drafts"], 2, "{session}");
    let slots = json!([{ "weekday": 1, "hour": 9, "minute": 0 }]);
    desk.ask("set_slots", json!({ "x_user_id": "7", "slots": slots })).await;
    let prices =
        json!({ "plain_micros": 10_000, "with_link_micros": 100_000, "alt_text_micros": 0 });
    desk.ask("change_settings", json!({ "prices": prices })).await;
    let report = desk.commit(&session).await;
    assert_eq!((&report["ready"], &report["drafts"]), (&json!(2), &json!(0)), "{report}");
    assert_eq!(report["cost_micros"], 20_000, "{report}");
}
