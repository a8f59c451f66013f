//! A Roost of its own: data folder, X sandbox, files to import.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use roost_core::clock::{Clock as _, SystemClock, UnixMillis};
use roost_core::zone::{Zone, wall_time_of};
use serde_json::{Value, json};

use crate::process::Process;
use crate::tools;

/// The zone that files are written in: the store's own at first.
const ZONE: &str = "Asia/Kolkata";

/// Data folder and sandbox, gone with the test.
pub(crate) struct Stage {
    folder: tempfile::TempDir,
    address: String,
    http: reqwest::Client,
    _sandbox: Process,
}

impl Stage {
    /// Starts a sandbox with an empty ledger.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("sandbox.db");
        let (sandbox, ready) = Process::start_and_read(
            Command::new(tools::sandbox())
                .args(["--port", "0", "--limits", "demo", "--print-ready", "--database"])
                .arg(database)
                .stderr(Stdio::null()),
        );
        let ready: Value = serde_json::from_str(&ready).expect("one line of JSON");
        let address = ready["base_url"].as_str().expect("an address").trim_end_matches('/');
        fs::create_dir(folder.path().join("roost")).expect("a data folder");
        Self {
            address: address.to_owned(),
            folder,
            http: reqwest::Client::new(),
            _sandbox: sandbox,
        }
    }

    /// What the desktop finds in its environment.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let sample = self.file("launch-week.json");
        vec![
            ("ROOST_DATA_DIR".to_owned(), self.data().display().to_string()),
            ("ROOST_SANDBOX_URL".to_owned(), self.address.clone()),
            ("ROOST_SAMPLE_FILE".to_owned(), sample.display().to_string()),
        ]
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("roost")
    }

    /// Where a file of this stage is.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of posts, each due so many seconds from now.
    pub(crate) fn write_posts(&self, name: &str, posts: &[(&str, u64)]) -> PathBuf {
        let posts: Vec<Value> = posts
            .iter()
            .map(|(text, seconds)| json!({ "content": text, "scheduledAt": ahead(*seconds) }))
            .collect();
        self.write(name, &json!({ "timezone": ZONE, "posts": posts }))
    }

    /// Writes a JSON file.
    pub(crate) fn write(&self, name: &str, content: &Value) -> PathBuf {
        let path = self.file(name);
        fs::write(&path, content.to_string()).expect("a file can be written");
        path
    }

    /// Lets X accept this account's sign-in no longer.
    pub(crate) fn sign_out(&self, username: &str) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let address = format!("{}/_sandbox/accounts/{username}/disconnect", self.address);
        let answer = runtime.block_on(self.http.post(address).send()).expect("an answer");
        assert!(answer.status().is_success(), "{answer:?}");
    }

    /// The texts that X was asked to post, in their order; what was asked for twice is there twice.
    pub(crate) fn texts_on_x(&self) -> Vec<String> {
        self.texts_of_requests(|_| true)
    }

    /// Those of them that X took.
    pub(crate) fn texts_taken_by_x(&self) -> Vec<String> {
        self.texts_of_requests(|request| request["accepted"] == true)
    }

    /// The pictures that X shows, each with its description and its bytes.
    pub(crate) fn pictures_on_x(&self) -> Vec<(String, Vec<u8>)> {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let get = |path: &str| self.http.get(format!("{}{path}", self.address)).send();
            let page = get("/").await.expect("the sandbox answers").text().await.expect("a page");
            let mut pictures = Vec::new();
            for image in page.split("<img src=\"").skip(1) {
                let mut words = image.split('"');
                let (path, alt) = (words.next().unwrap_or_default(), words.nth(1));
                let answer = get(path).await.expect("the sandbox answers");
                let bytes = answer.bytes().await.expect("a picture").to_vec();
                pictures.push((alt.unwrap_or_default().to_owned(), bytes));
            }
            pictures
        })
    }

    fn texts_of_requests(&self, counts: impl Fn(&Value) -> bool) -> Vec<String> {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let ledger = runtime.block_on(async {
            let address = format!("{}/_sandbox/ledger", self.address);
            let answer = self.http.get(address).send().await.expect("the sandbox answers");
            answer.json::<Value>().await.expect("a ledger is JSON")
        });
        let requests = ledger.as_array().expect("a list of requests").iter();
        requests
            .filter(|request| counts(request))
            .filter_map(|request| request["text"].as_str().map(str::to_owned))
            .collect()
    }
}

/// The wall time so many seconds from now.
pub(crate) fn ahead(seconds: u64) -> String {
    let zone = Zone::parse(ZONE).expect("a zone");
    let at: UnixMillis = SystemClock.now().plus(std::time::Duration::from_secs(seconds));
    wall_time_of(at, &zone).to_string()
}

/// Where screenshots go.
pub(crate) fn screenshots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/screenshots")
}
