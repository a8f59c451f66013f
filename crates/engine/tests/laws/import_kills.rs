//! Imports whose process is ended at any moment, and several processes at one file.

use std::time::{Duration, Instant};

use roost_engine::{ImportBytes, ImportRun};
use serde_json::{Value, json};

use crate::home::{
    Home, Part, ask, commit, engine, imported, open, open_ids, part, posts, say, set_text,
};

/// Enough that writing them takes a while.
const POSTS: usize = 800;
/// Cells that the process changes one after another.
const CELLS: usize = 4;
/// The process that is ended.
const KILLED: &str = "import_kills::a_process_that_imports";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a part of other tests, which start it as a process of its own"]
async fn a_process_that_imports() {
    let Some((part, folder)) = part() else { return };
    let engine = engine(&folder);
    let path = folder.join("plan.json");
    match part.as_str() {
        "session" => {
            let session = open(&engine, &path).await["id"].clone();
            say(&format!("opened {session}"));
            for row in 1..=CELLS {
                set_text(&engine, &session, row, &changed(row)).await;
                say(&format!("set {row}"));
            }
            say("commits");
            commit(&engine, &session).await;
            say("committed");
        }
        "whole" => {
            say("ready");
            let bytes = std::fs::read(&path).unwrap();
            let sources = vec![ImportBytes { name: "plan.json".to_owned(), bytes, path: None }];
            let run = ImportRun { sources, ..ImportRun::default() };
            let going_on = std::sync::Arc::new(|_| std::ops::ControlFlow::Continue(()));
            let done = engine.run_import(run, going_on).await.unwrap();
            say(&format!("imported {}", done.report.imported));
        }
        "undo" => {
            let import = engine.imports().await.unwrap().remove(0).id;
            say("undoes");
            ask(&engine, "undo_import", json!({ "id": import })).await;
            say("undone");
        }
        other => panic!("no part is called {other}"),
    }
}

fn changed(row: usize) -> String {
    format!("changed in row {row}")
}

/// Where a process is ended: so long after it said something.
struct End {
    after: Option<String>,
    wait: Duration,
}

/// Lets the process work until its end is there, and returns the session that it had opened, and the cells
/// of which it had said that they are set.
fn work_until(end: &End, home: &Home) -> (Option<Value>, usize, bool) {
    let mut part = Part::start(KILLED, "session", home.folder());
    let mut heard = Vec::new();
    if let Some(after) = &end.after {
        loop {
            let Some(line) = part.hear("") else { panic!("it ended before \"{after}\"") };
            heard.push(line.clone());
            if line.starts_with(after.as_str()) {
                break;
            }
        }
    }
    // Not a wait for something: the moment of the end is what is tried.
    std::thread::sleep(end.wait);
    heard.extend(part.kill());
    let rest = |begin: &str| heard.iter().rev().find_map(|line| line.strip_prefix(begin));
    let session = rest("opened ").map(|id| serde_json::from_str(id).unwrap());
    let cells = rest("set ").map_or(0, |row| row.trim().parse().unwrap());
    (session, cells, rest("committed").is_some())
}

/// Whatever the process left: all of it is in the store or nothing, what it had kept is there, and a second
/// commit makes nothing twice.
async fn assert_whole(home: &Home, end: &End) {
    let (session, cells, is_committed) = work_until(end, home);
    let said = format!("ended {:?} after {:?}", end.wait, end.after);
    let engine = home.engine();
    let there = posts(&engine).await.len();
    assert!([0, POSTS].contains(&there), "{there} posts, {said}");
    assert!(!is_committed || there == POSTS, "{said}");
    let open_now = open_ids(&engine).await;
    if there == POSTS {
        assert_eq!(open_now, Vec::<Value>::new(), "{said}");
        assert_eq!(home.journals(), Vec::<std::path::PathBuf>::new(), "{said}");
    } else if let Some(session) = session {
        assert_eq!(open_now, std::slice::from_ref(&session), "{said}");
        let rows = json!({ "session": session, "limit": CELLS });
        let rows = ask(&engine, "import_rows", rows).await;
        for row in 1..=cells {
            assert_eq!(rows["rows"][row - 1]["parts"][0], changed(row), "{said}");
        }
        let report = commit(&engine, &session).await;
        assert_eq!(report["imported"], POSTS, "{said}");
        assert_eq!(
            crate::home::refused(&engine, "commit_import", json!({ "session": session })).await.0,
            "import_not_open",
            "{said}"
        );
    } else {
        for session in open_now {
            // It was open before the process could say so.
            ask(&engine, "drop_import", json!({ "session": session })).await;
        }
    }
    // The file once more, as a person does who saw nothing happen.
    let again = open(&engine, &home.path("plan.json")).await["id"].clone();
    // The rows whose cells were changed have their ids, and are there with other words.
    commit(&engine, &again).await;
    let (all, imports) = (posts(&engine).await, imported(&engine).await);
    assert_eq!(all.len(), POSTS, "{said}");
    assert!((1..=2).contains(&imports), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_whose_process_is_killed_is_in_the_store_whole_or_not_at_all() {
    // How long the steps take here and now, so that the ends fall into them.
    let home = Home::new();
    home.file(POSTS);
    let begun = Instant::now();
    let mut part = Part::start(KILLED, "session", home.folder());
    part.hear("opened").unwrap();
    let opening = begun.elapsed();
    part.hear("commits").unwrap();
    let begun = Instant::now();
    part.hear("committed").unwrap();
    let committing = begun.elapsed();
    part.end();

    let opened = (1..4).map(|part| End { after: None, wait: opening * part / 4 });
    let set =
        (1..=CELLS).map(|row| End { after: Some(format!("set {row}")), wait: Duration::ZERO });
    let commits =
        (0..=8).map(|part| End { after: Some("commits".to_owned()), wait: committing * part / 9 });
    for end in opened.chain(set).chain(commits) {
        let home = Home::new();
        home.file(POSTS);
        assert_whole(&home, &end).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_import_one_file_at_once_make_no_post_twice() {
    const PROCESSES: usize = 3;
    let home = Home::new();
    home.file(POSTS);
    let mut parts: Vec<Part> =
        (0..PROCESSES).map(|_| Part::start(KILLED, "whole", home.folder())).collect();
    // And a window, whose session was judged before any of them wrote.
    let engine = home.engine();
    let session = open(&engine, &home.path("plan.json")).await;
    assert_eq!(session["summary"]["ready"], POSTS);
    let made: Vec<usize> =
        parts.iter_mut().map(|part| part.hear("imported ").unwrap().parse().unwrap()).collect();
    parts.into_iter().for_each(Part::end);
    assert_eq!(made.iter().sum::<usize>(), POSTS, "{made:?}");
    let report = commit(&engine, &session["id"]).await;
    assert_eq!(
        (&report["imported"], &report["duplicates"]),
        (&json!(0), &json!(POSTS)),
        "{report}"
    );
    assert_eq!((posts(&engine).await.len(), imported(&engine).await), (POSTS, 1));
    assert_eq!(open_ids(&engine).await, [session["id"].clone()], "nothing was committed of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_whose_process_is_killed_took_all_back_or_nothing_and_is_done_again() {
    let home = Home::new();
    let path = home.file(POSTS);
    let mut undoing = Duration::ZERO;
    for kill in 0..6_u32 {
        let engine = home.engine();
        let session = open(&engine, &path).await["id"].clone();
        let report = commit(&engine, &session).await;
        assert_eq!(report["imported"], POSTS, "what was taken back is imported again: {report}");
        drop(engine);
        let mut part = Part::start(KILLED, "undo", home.folder());
        part.hear("undoes").unwrap();
        let begun = Instant::now();
        if kill == 0 {
            part.hear("undone").unwrap();
            undoing = begun.elapsed();
            part.end();
        } else {
            // Not a wait for something: the moment of the end is what is tried.
            std::thread::sleep(undoing * (kill - 1) / 4);
            part.kill();
        }
        let engine = home.engine();
        let there = posts(&engine).await.len();
        assert!([0, POSTS].contains(&there), "{there} posts");
        let undo = json!({ "id": report["import_id"] });
        if there == POSTS {
            let undone = ask(&engine, "undo_import", undo).await;
            assert_eq!(undone["removed"], POSTS, "{undone}");
        } else {
            let (code, message) = crate::home::refused(&engine, "undo_import", undo).await;
            assert_eq!(code, "change_not_allowed", "{message}");
        }
        assert_eq!(posts(&engine).await.len(), 0);
    }
}
