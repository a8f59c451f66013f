//! Tokens, keys, bodies and headers stay where they are kept: with every log on, through what goes
//! well and what fails, the program says none of them.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use roost_qstash::{Client, Publish};
use tempfile::tempdir;

use crate::support::{Destination, eventually};

const TOKEN: &str = "qstash_canary_of_the_owner";
const READER: &str = "qstash_canary_of_the_reader";
const MISTYPED: &str = "qstash_canary_mistyped";
const HEADER: &str = "Bearer canary-of-the-destination";
const BODY: &str = "canary-body-of-a-message";

fn program(folder: &Path, said: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qstash-local"));
    command
        .arg("--database")
        .arg(folder.join("scheduler.db"))
        .envs([("QSTASH_TOKEN", TOKEN), ("QSTASH_READ_ONLY_TOKEN", READER)])
        .envs([("RUST_LOG", "trace"), ("RUST_BACKTRACE", "full")])
        .stderr(File::create(folder.join(said)).unwrap());
    command
}

/// Killed when dropped, as by a loss of power.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().unwrap();
    }
}

/// Starts it; what it prints to be exported holds the token and is not kept.
fn serve(folder: &Path, said: &str, ways: &[String]) -> (Running, String) {
    let mut child = program(folder, said)
        .args(["--port", "0"])
        .args(ways)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let url = lines
        .find_map(|line| {
            Some(line.strip_prefix("export QSTASH_URL=")?.trim_matches('"').to_owned())
        })
        .expect("the program tells its address");
    (Running(child), url)
}

/// Where a secret stands, in any form in which it travels.
fn leaks(place: &str, bytes: &[u8], secrets: &[String]) -> Vec<String> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    let mut found = Vec::new();
    for secret in secrets {
        let percent: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for form in [secret.clone(), STANDARD_NO_PAD.encode(secret), percent] {
            if let Some(at) = bytes.windows(form.len()).position(|it| it == form.as_bytes()) {
                let around = &bytes[at.saturating_sub(80)..at + 8];
                found.push(format!("{place}: {}…", around.escape_ascii()));
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_anything_that_the_program_says_or_answers() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempdir().unwrap();
    let (good, bad) = (Destination::ok().await, Destination::status(500).await);
    let ways = [("good", &good), ("bad", &bad)].map(|(name, destination)| {
        let origin = url::Url::parse(&destination.url).unwrap().origin().ascii_serialization();
        format!("--deliver-via=http://{name}.example={origin}")
    });
    let (running, url) = serve(folder.path(), "first.log", &ways);
    let client = Client::new(url.parse().unwrap(), TOKEN.to_owned()).unwrap();
    let keys = client.keys().await.unwrap();
    for (name, destination) in [("good", &good), ("bad", &bad)] {
        let message = Publish {
            destination: format!("http://{name}.example/hook"),
            body: BODY.into(),
            retries: Some(0),
            forward: vec![("Authorization".to_owned(), HEADER.to_owned())],
            ..Publish::default()
        };
        client.publish(&message).await.unwrap();
        destination.until(1).await;
    }
    let http = reqwest::Client::new();
    let mut answers = Vec::new();
    for (path, token) in [
        ("/v2/events", MISTYPED),
        ("/v2/keys", MISTYPED),
        ("/v2/keys", READER),
        ("/metrics", TOKEN),
        ("/v2/queues", TOKEN),
        ("/nowhere", TOKEN),
        (&format!("/?qstash_token={MISTYPED}"), MISTYPED),
        (&format!("/?qstash_token={TOKEN}"), TOKEN),
    ] {
        let answer = http.get(format!("{url}{path}")).bearer_auth(token).send().await.unwrap();
        answers.push((path.to_owned(), answer.bytes().await.unwrap()));
    }
    let refused = http
        .post(format!("{url}/v2/publish/ftp://nowhere"))
        .header("Upstash-Delay", "no length of time")
        .header("Upstash-Forward-Authorization", HEADER)
        .bearer_auth(TOKEN)
        .body(BODY)
        .send()
        .await
        .unwrap();
    assert!(!refused.status().is_success());
    answers.push(("publish".to_owned(), refused.bytes().await.unwrap()));
    let failed = async || client.dlq(&roost_qstash::DlqFilter::default()).await.ok();
    eventually("the failure is told", async || {
        failed().await.filter(|dlq| !dlq.messages.is_empty())
    })
    .await;
    drop(running);
    let (running, _) = serve(folder.path(), "second.log", &ways);
    drop(running);
    let inspected = program(folder.path(), "inspect.log").arg("inspect").output().unwrap();
    answers.push(("inspect".to_owned(), inspected.stdout.into()));

    let said = [TOKEN, READER, MISTYPED, HEADER, BODY, &keys.current, &keys.next];
    let said = said.map(str::to_owned);
    let mut found = Vec::new();
    let mut length = 0;
    for log in ["first.log", "second.log", "inspect.log"] {
        let bytes = std::fs::read(folder.path().join(log)).unwrap();
        length += bytes.len();
        found.extend(leaks(log, &bytes, &said));
    }
    for (what, answer) in &answers {
        found.extend(leaks(what, answer, &said));
    }
    // What is to be delivered and the keys to sign it with are in its file; who may use it is not.
    for file in ["scheduler.db", "scheduler.db-wal"] {
        let bytes = std::fs::read(folder.path().join(file)).unwrap_or_default();
        found.extend(leaks(file, &bytes, &said[..3]));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(length > 1000, "every log was on: {length} bytes");
}
