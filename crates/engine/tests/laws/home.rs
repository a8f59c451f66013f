//! A store with two accounts and an engine over it without services: all that an import needs. A part of a
//! test may be a process of its own, so that it can be ended.

use std::io::{BufRead as _, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use roost_core::clock::SystemClock;
use roost_core::id::XUserId;
use roost_engine::view::{PostQuery, PostRow};
use roost_engine::{Engine, EngineConfig, api};
use roost_store::{Account, AccountHealth, Store};
use serde_json::{Value, json};

use crate::world::wall_in;

/// Tells a test that it is run as a process of another test, with what to do.
const PART: &str = "ROOST_TEST_PART";
/// Tells it the data folder.
const FOLDER: &str = "ROOST_TEST_FOLDER";

pub(crate) struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        connect_two(home.folder.path());
        home
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Another engine over the same store, as a process that starts now has it.
    pub(crate) fn engine(&self) -> Engine {
        engine(self.folder())
    }

    /// Writes a file to import, and returns its path.
    pub(crate) fn file(&self, posts: usize) -> PathBuf {
        let path = self.path("plan.json");
        std::fs::write(&path, plan(posts)).unwrap();
        path
    }

    /// The files that open imports leave.
    pub(crate) fn journals(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.path("open-imports")) else { return Vec::new() };
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

pub(crate) fn engine(folder: &Path) -> Engine {
    Engine::open(EngineConfig::new(folder.join("roost.db")), Arc::new(SystemClock)).unwrap()
}

/// Makes a store with the accounts `one` and `two`.
pub(crate) fn connect_two(folder: &Path) {
    let store = Store::open(folder.join("roost.db"), Arc::new(SystemClock)).unwrap();
    for (id, name) in [("11", "one"), ("22", "two")] {
        let account = Account {
            x_user_id: XUserId(id.to_owned()),
            username: name.to_owned(),
            name: name.to_owned(),
            subscription_type: None,
            health: AccountHealth::Connected,
            message: None,
            proven_at: None,
            removed_at: None,
            limits: None,
        };
        store.write("test", |store| store.save_account(&account)).unwrap();
    }
}

/// A file of so many posts of two accounts, in turn, an hour apart.
pub(crate) fn plan(posts: usize) -> String {
    let row = |number: usize| {
        let account = if number.is_multiple_of(2) { "one" } else { "two" };
        json!({
            "id": format!("row-{number}"),
            "content": format!("planned post {number}"),
            "scheduledAt": wall_in(3600 * (number as u64 + 1)),
            "account": account,
            "tags": ["plan"],
        })
    };
    let rows: Vec<Value> = (0..posts).map(row).collect();
    json!({ "timezone": "Europe/Berlin", "posts": rows }).to_string()
}

pub(crate) async fn ask(engine: &Engine, operation: &str, request: Value) -> Value {
    api::call(engine, operation, request).await.unwrap()
}

/// The code and the words with which something is refused.
pub(crate) async fn refused(engine: &Engine, operation: &str, request: Value) -> (String, String) {
    let refused = api::call(engine, operation, request).await.unwrap_err();
    (refused.code.as_str().to_owned(), refused.message)
}

pub(crate) async fn open(engine: &Engine, path: &Path) -> Value {
    ask(engine, "open_import", json!({ "sources": [{ "path": path }] })).await
}

pub(crate) async fn set_text(engine: &Engine, session: &Value, row: usize, text: &str) -> Value {
    let cells = json!([{ "row": row, "field": "content", "text": text }]);
    ask(engine, "set_import_cells", json!({ "session": session, "cells": cells })).await
}

pub(crate) async fn commit(engine: &Engine, session: &Value) -> Value {
    ask(engine, "commit_import", json!({ "session": session })).await
}

/// The ids of the imports that are open.
pub(crate) async fn open_ids(engine: &Engine) -> Vec<Value> {
    let open = ask(engine, "list_open_imports", json!({})).await;
    open["imports"].as_array().unwrap().iter().map(|it| it["session"].clone()).collect()
}

/// All posts that are not in the trash.
pub(crate) async fn posts(engine: &Engine) -> Vec<PostRow> {
    let mut query = PostQuery { limit: 1000, ..PostQuery::default() };
    let mut all = Vec::new();
    loop {
        let page = engine.posts(&query).await.unwrap();
        all.extend(page.posts);
        let Some(next) = page.next else { return all };
        query.after = Some(next);
    }
}

pub(crate) async fn imported(engine: &Engine) -> usize {
    engine.imports().await.unwrap().len()
}

/// A test that goes on in a process of its own.
pub(crate) struct Part {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Part {
    /// Starts the ignored test `name` of this file's program, to do `part`.
    pub(crate) fn start(name: &str, part: &str, folder: &Path) -> Self {
        Self::run(Command::new(std::env::current_exe().unwrap()), name, part, folder)
    }

    /// The same through another program, which runs what follows its arguments.
    pub(crate) fn run(mut command: Command, name: &str, part: &str, folder: &Path) -> Self {
        let mut child = command
            .args(["--exact", name, "--ignored", "--nocapture"])
            .env(PART, part)
            .env(FOLDER, folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Waits until the process says a line that begins so, and returns the rest of it; none when it ended
    /// before.
    pub(crate) fn hear(&mut self, begin: &str) -> Option<String> {
        let said = |line: String| line.strip_prefix(begin).map(|rest| rest.trim().to_owned());
        self.lines.by_ref().map_while(std::result::Result::ok).find_map(said)
    }

    /// Ends the process as a lack of power does, and returns what it had still said.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.lines.map_while(std::result::Result::ok).collect()
    }

    /// Waits for its end; it has to end well.
    pub(crate) fn end(mut self) {
        let said: Vec<_> = self.lines.by_ref().map_while(std::result::Result::ok).collect();
        assert!(self.child.wait().unwrap().success(), "{said:#?}");
    }
}

/// What this process is to do, and in which folder; none where the test was not started by another.
pub(crate) fn part() -> Option<(String, PathBuf)> {
    Some((std::env::var(PART).ok()?, std::env::var_os(FOLDER)?.into()))
}

/// Says a line to the test that started this process.
pub(crate) fn say(line: &str) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    // The harness's own line stands before without an end.
    writeln!(out, "\n{line}").unwrap();
    out.flush().unwrap();
}
