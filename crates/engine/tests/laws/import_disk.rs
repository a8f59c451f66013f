//! Imports on a disk that is full, or that can't be written. The disk is a small one of the test's own,
//! which only its process sees.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::home::{
    Part, commit, connect_two, engine, open, open_ids, part, plan, posts, refused, set_text,
};

/// The process on the small disk.
const ON_DISK: &str = "import_disk::a_process_on_a_small_disk";
/// Posts whose writing takes more room than is left.
const POSTS: usize = 400;
/// Room that is left on the disk, in kB: for nothing, for a journal, for a part of the posts.
const LEFT_KB: [u64; 4] = [0, 4, 64, 256];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a part of other tests, which start it as a process of its own"]
async fn a_process_on_a_small_disk() {
    let Some((part, disk)) = part() else { return };
    let elsewhere = tempfile::tempdir().unwrap();
    let path = elsewhere.path().join("plan.json");
    fs::write(&path, plan(POSTS)).unwrap();
    connect_two(&disk);
    match part.as_str() {
        "full" => {
            for left in LEFT_KB {
                on_a_full_disk(&disk, &path, left).await;
            }
        }
        "read-only" => on_a_disk_that_can_t_be_written(&disk, &path).await,
        other => panic!("no part is called {other}"),
    }
}

async fn on_a_full_disk(disk: &Path, path: &Path, left: u64) {
    let engine = engine(disk);
    let session = open(&engine, path).await["id"].clone();
    set_text(&engine, &session, 1, "set before").await;
    let filler = disk.join("filler");
    fill(&filler, left);
    let mut kept = 0;
    // A journal takes a few changes where there is room, and refuses the one for which there is none.
    let full = loop {
        let cells = json!([{ "row": 2, "field": "note", "text": "long ".repeat(2_000 + kept) }]);
        let set = json!({ "session": session, "cells": cells });
        match roost_engine::api::call(&engine, "set_import_cells", set).await {
            Ok(_) => kept += 1,
            Err(failure) => break failure,
        }
    };
    assert_eq!(full.code.as_str(), "disk_full", "{full:?}");
    let pasted = json!({ "sources": [{ "text": plan(POSTS), "name": "pasted" }] });
    let (code, message) = refused(&engine, "open_import", pasted).await;
    assert_eq!(code, "disk_full", "{message}");
    let (code, message) = refused(&engine, "commit_import", json!({ "session": session })).await;
    assert_eq!(code, "disk_full", "{message}");
    assert_eq!(posts(&engine).await.len(), 0, "{left} kB were left");
    assert_eq!(open_ids(&engine).await, std::slice::from_ref(&session), "nothing half is open");

    fs::remove_file(filler).unwrap();
    let rows = json!({ "session": session, "limit": 2 });
    let rows = crate::home::ask(&engine, "import_rows", rows).await;
    assert_eq!(rows["rows"][0]["parts"][0], "set before");
    assert_eq!(rows["rows"][1]["cells"]["note"].is_null(), kept == 0, "{kept} were kept");
    let report = commit(&engine, &session).await;
    assert_eq!(report["imported"], POSTS, "{report}");
    let undo = json!({ "id": report["import_id"] });
    fill(&disk.join("filler"), 0);
    let undone = roost_engine::api::call(&engine, "undo_import", undo.clone()).await;
    let there = posts(&engine).await.len();
    assert_eq!(there, if undone.is_ok() { 0 } else { POSTS }, "{undone:?}");
    fs::remove_file(disk.join("filler")).unwrap();
    if undone.is_err() {
        crate::home::ask(&engine, "undo_import", undo).await;
    }
    assert_eq!(posts(&engine).await.len(), 0);
    assert_eq!(open_ids(&engine).await, Vec::<Value>::new());
}

async fn on_a_disk_that_can_t_be_written(disk: &Path, path: &Path) {
    let session = {
        let engine = engine(disk);
        let session = open(&engine, path).await["id"].clone();
        set_text(&engine, &session, 1, "set before").await;
        session
    };
    // The store's own files stay as they are: the folder of journals is what can't be written.
    let journals = text(&disk.join("open-imports"));
    mount(&["--bind", &journals, &journals]);
    mount(&["-o", "remount,bind,ro", &journals]);
    let engine = engine(disk);
    assert_eq!(open_ids(&engine).await, std::slice::from_ref(&session));
    let cells = json!([{ "row": 1, "field": "content", "text": "refused" }]);
    let pasted = json!({ "sources": [{ "text": plan(3), "name": "pasted" }] });
    let one = json!({ "session": session });
    for (operation, request) in [
        ("set_import_cells", json!({ "session": session, "cells": cells })),
        ("open_import", pasted),
        ("commit_import", one.clone()),
        ("drop_import", one.clone()),
    ] {
        let (code, message) = refused(&engine, operation, request).await;
        assert_eq!(code, "database_read_only", "{operation}: {message}");
    }
    assert_eq!(posts(&engine).await.len(), 0);
    mount(&["-o", "remount,bind,rw", &journals]);
    assert_eq!(open_ids(&engine).await, std::slice::from_ref(&session));
    let rows = crate::home::ask(&engine, "import_rows", one).await;
    assert_eq!(rows["rows"][0]["parts"][0], "set before");

    // A journal that can't be taken away once all is in makes no second import.
    let journal = format!("{journals}/{}.import", session.as_str().unwrap());
    mount(&["--bind", &journal, &journal]);
    assert_eq!(commit(&engine, &session).await["imported"], POSTS);
    assert_eq!(open_ids(&engine).await, Vec::<Value>::new());
    assert!(fs::exists(&journal).unwrap(), "it was in the way of nothing");
    assert!(Command::new("umount").arg(&journal).status().unwrap().success());
    assert_eq!(open_ids(&engine).await, Vec::<Value>::new());
    assert_eq!(fs::read_dir(journals).unwrap().count(), 0);
    assert_eq!(posts(&engine).await.len(), POSTS);
}

/// Fills the disk up to so many kB.
fn fill(filler: &Path, left_kb: u64) {
    let mut file = fs::File::create(filler).unwrap();
    let block = [0_u8; 4096];
    while file.write_all(&block).is_ok() {}
    let length = file.metadata().unwrap().len();
    file.set_len(length.saturating_sub(left_kb * 1024)).unwrap();
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn mount(arguments: &[&str]) {
    assert!(Command::new("mount").args(arguments).status().unwrap().success(), "{arguments:?}");
}

/// Runs a part in a process that has a disk of its own of so many kB.
fn on_small_disk(part: &str, kilobytes: u32) {
    let disk = tempfile::tempdir().unwrap();
    let script = format!(
        "mount -t tmpfs -o size={kilobytes}k none \"{}\" && exec \"$0\" \"$@\"",
        disk.path().display()
    );
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", &script]);
    command.arg(std::env::current_exe().unwrap());
    Part::run(command, ON_DISK, part, disk.path()).end();
}

#[test]
fn a_full_disk_stops_an_import_whole_and_loses_no_change_of_it() {
    on_small_disk("full", 6_144);
}

#[test]
fn an_import_whose_journal_can_t_be_written_goes_on_once_it_can() {
    on_small_disk("read-only", 16_384);
}
