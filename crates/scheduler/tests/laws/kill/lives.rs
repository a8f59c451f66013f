//! The program's lives, one after the other on the same database.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;

use super::ledger::{Ledger, Sink};
use crate::support::TOKEN;

/// The logical origin that is published to; it is dialled at the sink.
pub(super) const ORIGIN: &str = "http://sink.example";

pub(super) struct Lives {
    database: PathBuf,
    sink: String,
    now: Mutex<Life>,
}

struct Life {
    /// Counted from 1.
    number: usize,
    child: Child,
    base: String,
}

impl Lives {
    pub(super) fn begin(folder: &Path, sink: &str) -> Self {
        let (database, sink) = (folder.join("killed.db"), sink.to_owned());
        let now = Mutex::new(Life::begin(&database, &sink, 1));
        Self { database, sink, now }
    }

    /// Where it listens now.
    pub(super) fn base(&self) -> String {
        self.now.lock().unwrap().base.clone()
    }

    /// Lives so far, the present one included.
    pub(super) fn count(&self) -> usize {
        self.now.lock().unwrap().number
    }

    /// SIGKILL: nothing is flushed, nobody is told.
    pub(super) async fn kill_and_restart(self: &std::sync::Arc<Self>) {
        let lives = self.clone();
        let restarting = tokio::task::spawn_blocking(move || {
            let mut life = lives.now.lock().unwrap();
            life.child.kill().unwrap();
            life.child.wait().unwrap();
            *life = Life::begin(&lives.database, &lives.sink, life.number + 1);
        });
        restarting.await.unwrap();
    }

    /// Lets the present life finish its work, and reads from its log how often and when (Unix
    /// milliseconds) it was written down of each message that it was delivered.
    pub(super) async fn delivered_in_peace(
        &self,
        ledger: &Ledger,
        sink: &Sink,
    ) -> HashMap<String, Vec<i64>> {
        let end = tokio::time::Instant::now() + Duration::from_secs(60);
        loop {
            let delivered = self.delivered().await;
            let arrived = sink.ids();
            if ledger.ids().chain(&arrived).all(|id| delivered.contains_key(id)) {
                return delivered;
            }
            assert!(tokio::time::Instant::now() < end, "what arrived is written down in the end");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn delivered(&self) -> HashMap<String, Vec<i64>> {
        let (http, mut cursor) = (reqwest::Client::new(), String::new());
        let mut delivered: HashMap<String, Vec<i64>> = HashMap::new();
        loop {
            let url =
                format!("{}/v2/events?state=DELIVERED&count=1000&cursor={cursor}", self.base());
            let answer = http.get(url).bearer_auth(TOKEN).send().await.unwrap();
            let page: Value = answer.json().await.unwrap();
            for event in page["events"].as_array().unwrap() {
                let id = event["messageId"].as_str().unwrap().to_owned();
                delivered.entry(id).or_default().push(event["time"].as_i64().unwrap());
            }
            match page["cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => return delivered,
            }
        }
    }
}

impl Life {
    fn begin(database: &Path, sink: &str, number: usize) -> Self {
        let via = format!("{ORIGIN}={sink}/{number}");
        let mut child = Command::new(env!("CARGO_BIN_EXE_qstash-local"))
            .args(["--port", "0", "--token", TOKEN, "--deliver-via", &via, "--database"])
            .arg(database)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let base = lines
            .filter_map(|line| Some(line.strip_prefix("export QSTASH_URL=")?.replace('"', "")))
            .next()
            .expect("it listens again");
        Self { number, child, base }
    }
}

impl Drop for Lives {
    fn drop(&mut self) {
        let life = self.now.get_mut().unwrap();
        life.child.kill().ok();
        life.child.wait().ok();
    }
}
