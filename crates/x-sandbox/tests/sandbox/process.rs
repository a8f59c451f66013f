//! The program: started, killed without warning, started again.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use roost_x_sandbox::{Entry, Grant};
use serde_json::{Value, json};

use crate::support::{client, text_post};

struct Program {
    child: Child,
    base_url: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may be gone already; what counts is that it does not stay.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(database: &Path) -> Program {
    start_with(database, "error", Stdio::inherit())
}

fn start_with(database: &Path, filter: &str, log: Stdio) -> Program {
    let mut child = Command::new(env!("CARGO_BIN_EXE_x-sandbox"))
        .args(["--limits", "demo", "--accounts", "ada", "--print-ready", "--database"])
        .arg(database)
        .env("RUST_LOG", filter)
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(ready["ready"], true);
    Program { child, base_url: ready["base_url"].as_str().unwrap().to_owned() }
}

async fn grant(base_url: &str) -> Grant {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = http.post(format!("{base_url}/_sandbox/accounts"));
    let answer = request.json(&json!({ "username": "ada" })).send().await.unwrap();
    answer.json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_sandbox_forgets_no_post_that_it_accepted() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("x.db");
    let mut program = start(&database);
    let ada = grant(&program.base_url).await;
    let x = client(&program.base_url);
    let done = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..400)
        .map(|number| {
            let (x, token, done) = (x.clone(), ada.access_token.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                let result = x.create_post(&token, &text_post(&format!("post {number}"))).await;
                done.fetch_add(1, Ordering::SeqCst);
                result
            })
        })
        .collect();
    // In the midst of it.
    while done.load(Ordering::SeqCst) < 40 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    program.child.kill().unwrap();
    let mut accepted = Vec::new();
    for task in tasks {
        if let Ok(created) = task.await.unwrap() {
            accepted.push(created.id);
        }
    }
    drop(program);

    let program = start(&database);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let ledger = http.get(format!("{}/_sandbox/ledger", program.base_url));
    let ledger: Vec<Entry> = ledger.send().await.unwrap().json().await.unwrap();
    assert!(accepted.len() >= 40);
    for id in &accepted {
        assert!(ledger.iter().any(|entry| entry.tweet_id.as_ref() == Some(id)), "{id} is lost");
    }
    // What was accepted can be read back, and the tokens still work.
    let x = client(&program.base_url);
    let ids: Vec<&str> = accepted.iter().take(100).map(String::as_str).collect();
    let lookup = x.posts_by_ids(&ada.access_token, &ids).await.unwrap();
    assert_eq!(lookup.posts.len(), ids.len());
    assert!(lookup.missing.is_empty());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_that_can_not_write_its_log_goes_on() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    let full = || Stdio::from(std::fs::File::options().write(true).open("/dev/full").unwrap());
    let kinds: &[&dyn Fn() -> Stdio] =
        if cfg!(target_os = "linux") { &[&full, &closed] } else { &[&closed] };
    for log in kinds {
        let folder = tempfile::tempdir().unwrap();
        let mut program = start_with(&folder.path().join("x.db"), "trace", log());
        let ada = grant(&program.base_url).await;
        let x = client(&program.base_url);
        x.create_post(&ada.access_token, &text_post("without a log")).await.unwrap();
        assert!(program.child.try_wait().unwrap().is_none(), "it ended because of its log");
    }
}

#[cfg(unix)]
#[test]
fn what_a_sandbox_writes_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("x.db");
    std::fs::write(&database, "").unwrap();
    std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o644)).unwrap();
    let _program = start(&database);
    for file in std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file:?}");
    }
}
