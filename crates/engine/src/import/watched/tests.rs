//! The watched folder over real files. Each look is made by the test: nothing waits for a timer.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use roost_core::clock::SystemClock;
use serde_json::{Value, json};

use super::look::{FolderWatch, News};
use crate::api::call;
use crate::import::session::desk;
use crate::view::Notice;
use crate::{Engine, EngineConfig};

const PLAN: &str = "text,date\nOne,2099-03-01 09:00\nTwo,2099-03-02 09:00\n";
const MORE: &str =
    "text,date\nOne,2099-03-01 09:00\nTwo,2099-03-02 09:00\nThree,2099-03-03 09:00\n";

struct World {
    engine: Engine,
    watch: FolderWatch,
    home: tempfile::TempDir,
}

fn engine(home: &Path) -> Engine {
    Engine::open(EngineConfig::new(home.join("roost.db")), Arc::new(SystemClock)).unwrap()
}

impl World {
    /// A folder is watched, and was looked at while it was empty.
    async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let world = Self { engine: engine(home.path()), watch: FolderWatch::default(), home };
        fs::create_dir(world.path("")).unwrap();
        world.ask("change_settings", json!({ "watched_folder": world.path("") })).await;
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        let folder = self.home.path().join("posts");
        if name.is_empty() { folder } else { folder.join(name) }
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    async fn ask(&self, operation: &str, params: Value) -> Value {
        call(&self.engine, operation, params).await.unwrap()
    }

    fn look(&mut self) -> News {
        self.watch.look(&desk(&self.engine.state)).unwrap()
    }

    /// Looks so often that all that is there has settled.
    fn settle(&mut self) {
        for _ in 0..3 {
            self.look();
        }
    }

    /// Another process goes on over the same store.
    fn restart(&mut self) {
        self.engine = engine(self.home.path());
        self.watch = FolderWatch::default();
    }

    async fn waiting(&self) -> Vec<Value> {
        let open = self.ask("list_open_imports", json!({})).await;
        open["imports"].as_array().unwrap().clone()
    }

    async fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.waiting().await.iter().map(|it| it["source"].as_str().unwrap().into()).collect();
        names.sort_unstable();
        names
    }

    async fn notices(&self) -> Vec<Notice> {
        self.engine.notices(true, 100).await.unwrap()
    }

    async fn titles(&self) -> Vec<String> {
        self.notices().await.into_iter().rev().map(|notice| notice.title).collect()
    }
}

#[tokio::test]
async fn a_file_is_offered_once_it_is_no_longer_written_and_nothing_is_imported_without_a_yes() {
    let mut world = World::new().await;
    let mut text = String::from("text,date\n");
    for day in 1..=5 {
        text.push_str(&format!("Post {day},2099-03-0{day} 09:00\n"));
        world.put("plan.csv", &text);
        assert_eq!(world.look(), News::default(), "it was written between two looks");
        assert_eq!(world.waiting().await, Vec::<Value>::new());
    }
    assert_eq!(world.look(), News { imports: true, notices: true });
    let waiting = world.waiting().await;
    assert_eq!((&waiting[0]["source"], &waiting[0]["rows"]), (&json!("plan.csv"), &json!(5)));
    assert_eq!(waiting[0]["is_watched"], true);
    assert_eq!(world.titles().await, ["plan.csv waits for your yes"]);
    for _ in 0..4 {
        assert_eq!(world.look(), News::default(), "it is offered once");
    }
    assert_eq!(world.ask("list_posts", json!({})).await["posts"], json!([]));
}

#[tokio::test]
async fn a_file_that_was_dropped_is_offered_again_only_when_it_changes_also_after_a_restart() {
    let mut world = World::new().await;
    world.put("plan.csv", PLAN);
    world.settle();
    let session = world.waiting().await[0]["session"].clone();
    world.restart();
    world.settle();
    assert_eq!(world.waiting().await[0]["session"], session, "it waits as before");
    world.ask("drop_import", json!({ "session": session })).await;
    world.settle();
    world.restart();
    world.settle();
    assert_eq!(world.names().await, Vec::<String>::new());
    // Written anew, and it says the same.
    world.put("plan.csv", PLAN);
    world.settle();
    assert_eq!(world.names().await, Vec::<String>::new());
    world.put("plan.csv", MORE);
    world.settle();
    assert_eq!(world.names().await, ["plan.csv"]);
}

#[tokio::test]
async fn a_file_that_was_imported_is_not_offered_again() {
    let mut world = World::new().await;
    world.put("plan.csv", PLAN);
    world.put("by hand.csv", MORE);
    // The person was faster.
    let sources = json!([{ "path": world.path("by hand.csv") }]);
    let by_hand = world.ask("open_import", json!({ "sources": sources })).await;
    world.settle();
    assert_eq!(world.names().await, ["by hand.csv", "plan.csv"], "each once");
    for session in [by_hand["id"].clone(), world.waiting().await[0]["session"].clone()] {
        let choices = json!({ "problems": "draft" });
        world.ask("set_import_choices", json!({ "session": session, "choices": choices })).await;
        world.ask("commit_import", json!({ "session": session })).await;
    }
    let left: Vec<Value> = world.waiting().await;
    for open in left {
        world.ask("drop_import", json!({ "session": open["session"] })).await;
    }
    world.restart();
    world.settle();
    assert_eq!(world.names().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_file_that_changes_is_judged_again_in_the_same_session() {
    let mut world = World::new().await;
    world.put("plan.csv", PLAN);
    world.settle();
    let before = world.waiting().await;
    world.put("plan.csv", MORE);
    world.settle();
    let after = world.waiting().await;
    assert_eq!(after[0]["session"], before[0]["session"]);
    assert_eq!((&after[0]["rows"], &after[0]["source_state"]), (&json!(3), &json!("same")));
    assert_eq!(world.titles().await, ["plan.csv waits for your yes"]);
}

#[tokio::test]
async fn what_the_person_changed_outlives_a_change_and_the_end_of_the_file_and_is_said() {
    let mut world = World::new().await;
    world.put("plan.csv", PLAN);
    world.settle();
    let session = world.waiting().await[0]["session"].clone();
    let cells = json!([{ "row": 1, "field": "content", "text": "Mine" }]);
    world.ask("set_import_cells", json!({ "session": session, "cells": cells })).await;
    world.put("plan.csv", MORE);
    world.settle();
    let waiting = world.waiting().await;
    assert_eq!((&waiting[0]["session"], &waiting[0]["cells_changed"]), (&session, &json!(1)));
    assert_eq!(waiting[0]["source_state"], "changed");
    let said = ["plan.csv waits for your yes", "plan.csv was changed"];
    assert_eq!(world.titles().await, said);
    world.restart();
    world.settle();
    assert_eq!(world.titles().await, said, "it is said once");

    fs::remove_file(world.path("plan.csv")).unwrap();
    world.settle();
    assert_eq!(world.waiting().await[0]["source_state"], "gone");
    // The person gives it up: what stands there then is new.
    world.put("plan.csv", MORE);
    world.ask("drop_import", json!({ "session": session })).await;
    world.settle();
    let waiting = world.waiting().await;
    assert_eq!((waiting.len(), &waiting[0]["rows"]), (1, &json!(3)));
}

#[tokio::test]
async fn a_file_that_vanishes_takes_its_waiting_import_along_and_is_offered_when_it_returns() {
    let mut world = World::new().await;
    world.put("plan.csv", PLAN);
    world.put("other.csv", MORE);
    world.settle();
    fs::remove_file(world.path("plan.csv")).unwrap();
    assert_eq!(world.look(), News::default(), "programs that save take a file away for a moment");
    assert_eq!(world.look(), News { imports: true, notices: false });
    assert_eq!(world.names().await, ["other.csv"]);
    world.put("plan.csv", PLAN);
    world.settle();
    assert_eq!(world.names().await, ["other.csv", "plan.csv"]);
    // While nothing looked.
    fs::remove_file(world.path("other.csv")).unwrap();
    world.restart();
    world.settle();
    assert_eq!(world.names().await, ["plan.csv"]);
}

#[tokio::test]
async fn a_folder_that_vanishes_is_said_once_and_what_waits_from_it_stays() {
    let mut world = World::new().await;
    world.put("plan.csv", PLAN);
    world.settle();
    let elsewhere = world.home.path().join("elsewhere");
    fs::rename(world.path(""), &elsewhere).unwrap();
    world.settle();
    world.restart();
    world.settle();
    let said = ["plan.csv waits for your yes", "The watched folder can't be read"];
    assert_eq!(world.titles().await, said);
    assert_eq!(world.names().await, ["plan.csv"]);
    // Other settings change all the same.
    world.ask("change_settings", json!({ "collision_minutes": 7 })).await;
    fs::rename(&elsewhere, world.path("")).unwrap();
    world.put("new.csv", MORE);
    world.settle();
    assert_eq!(world.names().await, ["new.csv", "plan.csv"]);
    fs::rename(world.path(""), &elsewhere).unwrap();
    world.settle();
    assert_eq!(world.titles().await.len(), 4, "another time is said again");
}

#[tokio::test]
async fn what_cannot_be_imported_is_said_once_and_read_again_when_it_changes() {
    let mut world = World::new().await;
    world.put("plan.xlsx", "This is no workbook, \0 and no text.");
    world.put("empty.csv", "");
    world.settle();
    world.restart();
    world.settle();
    assert_eq!(world.titles().await, ["plan.xlsx can't be imported"]);
    assert_eq!(world.names().await, Vec::<String>::new());
    world.put("plan.xlsx", PLAN);
    world.settle();
    assert_eq!(world.names().await, ["plan.xlsx"]);
    // What waited becomes what can't be read.
    world.put("plan.xlsx", "%PDF-1.7 and no posts");
    world.settle();
    assert_eq!(world.names().await, Vec::<String>::new());
    assert_eq!(world.titles().await.len(), 3);
}

#[cfg(unix)]
#[tokio::test]
async fn links_pipes_folders_and_temporary_files_are_left_alone() {
    let mut world = World::new().await;
    let outside = world.home.path().join("secret.csv");
    fs::write(&outside, PLAN).unwrap();
    std::os::unix::fs::symlink(&outside, world.path("link.csv")).unwrap();
    std::os::unix::fs::symlink(world.path("loop.csv"), world.path("loop.csv")).unwrap();
    std::os::unix::fs::symlink(world.path(""), world.path("folder.csv")).unwrap();
    fs::create_dir(world.path("below.csv")).unwrap();
    fs::write(world.path("below.csv/plan.csv"), PLAN).unwrap();
    let pipe = world.path("pipe.csv");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    for name in
        ["~$plan.xlsx", ".~lock.plan.csv#", "plan.csv.part", "plan.csv.crdownload", ".x.csv"]
    {
        world.put(name, PLAN);
    }
    world.settle();
    assert_eq!((world.names().await, world.titles().await), (vec![], vec![]));

    // A link in the place of a file that waits leads nowhere.
    world.put("plan.csv", PLAN);
    world.settle();
    let session = world.waiting().await[0]["session"].clone();
    fs::remove_file(world.path("plan.csv")).unwrap();
    std::os::unix::fs::symlink(&outside, world.path("plan.csv")).unwrap();
    world.restart();
    let reopened = call(&world.engine, "get_import", json!({ "session": session })).await;
    assert!(reopened.is_err(), "{reopened:?}");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_not_chosen_and_an_empty_path_ends_watching() {
    let mut world = World::new().await;
    let nowhere = json!({ "watched_folder": world.home.path().join("nowhere") });
    assert!(call(&world.engine, "change_settings", nowhere).await.is_err());
    let now = world.ask("get_settings", json!({})).await;
    assert_eq!(now["watched_folder"], json!(world.path("")));
    let now = world.ask("change_settings", json!({ "watched_folder": "" })).await;
    assert_eq!(now["watched_folder"], Value::Null);
    world.put("plan.csv", PLAN);
    world.settle();
    assert_eq!(world.names().await, Vec::<String>::new());
}
