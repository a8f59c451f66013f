//! Laws of operating a scheduler: what it tells, copies and finishes.
#![expect(
    clippy::disallowed_methods,
    reason = "the test plays another program's part on the file and the wire"
)]

use std::process::{Command, Output};

use crate::program::Program;
use crate::support::{Clock, Destination, Server, config, eventually};
use roost_scheduler::{Config, TEST_USERS};
use serde_json::Value;
use tempfile::tempdir;

const NOON: i64 = 1_800_000_000_000;
const HOUR: (&str, &str) = ("Upstash-Delay", "1h");

fn run(database: &std::path::Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_qstash-local"))
        .args(arguments)
        .arg("--database")
        .arg(database)
        .env_remove("QSTASH_TOKEN")
        .output()
        .unwrap()
}

fn told(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn a_running_scheduler_is_inspected_and_its_copy_holds_all_it_acknowledged() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    for _ in 0..3 {
        server.publish("http://later.example", &[HOUR], "x").await;
    }
    let database = folder.path().join("scheduler.db");
    assert_eq!(told(&run(&database, &["inspect"]))["live"], 3);
    let copy = folder.path().join("copy.db");
    let backup = run(&database, &["backup", copy.to_str().unwrap()]);
    assert!(backup.status.success(), "{}", String::from_utf8_lossy(&backup.stderr));
    let again = run(&database, &["backup", copy.to_str().unwrap()]);
    assert!(!again.status.success(), "no backup takes the place of another file");
    let keys = server.scheduler.signing_keys();
    server.stop().await;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&copy).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "only its owner may read the copy");
    }
    let mut config = config(folder.path());
    config.database = copy;
    let restored = Server::with(config, None).await;
    assert_eq!(restored.scheduler.summary().await.unwrap().live, 3);
    assert_eq!(restored.scheduler.signing_keys(), keys);
    restored.stop().await;
    assert!(!run(&folder.path().join("none.db"), &["inspect"]).status.success());
}

#[tokio::test]
async fn what_another_version_wrote_is_not_counted_but_told() {
    let folder = tempdir().unwrap();
    Server::start(folder.path()).await.stop().await;
    let database = folder.path().join("scheduler.db");
    let inspected_after = |change: &str| {
        rusqlite::Connection::open(&database).unwrap().execute_batch(change).unwrap();
        let output = run(&database, &["inspect"]);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let newest = "(SELECT max(version) FROM refinery_schema_history)";
    let newer =
        format!("UPDATE refinery_schema_history SET version = 999 WHERE version = {newest}");
    assert!(inspected_after(&newer).contains("update this program"));
    let older = format!("DELETE FROM refinery_schema_history WHERE version = {newest}");
    assert!(inspected_after(&older).contains("start qstash-local on it once"));
}

#[tokio::test(flavor = "multi_thread")]
async fn draining_delivers_what_is_due_and_leaves_the_rest() {
    let folder = tempdir().unwrap();
    let destination = Destination::ok().await;
    // Of a scheduler that never delivered: its clock stands still in the past.
    let clock = Clock::at(NOON - 400 * 86_400_000);
    let server = Server::with(for_development(folder.path()), Some(clock)).await;
    for _ in 0..5 {
        server.publish(&destination.url, &[HOUR], "due").await;
    }
    let far_away = [("Upstash-Not-Before", "9999999999")];
    server.publish(&destination.url, &far_away, "later").await;
    server.stop().await;
    let database = folder.path().join("scheduler.db");
    let output = tokio::task::spawn_blocking(move || run(&database, &["--dev", "drain"]));
    let left = told(&output.await.unwrap());
    assert_eq!((left["due"].as_i64(), left["live"].as_i64()), (Some(0), Some(1)));
    assert_eq!(destination.seen().len(), 5);
}

/// Set up as `--dev` does it.
fn for_development(folder: &std::path::Path) -> Config {
    let mut config = config(folder);
    (config.development, config.keys) = (true, Some(TEST_USERS[0].pair()));
    config
}

#[tokio::test(flavor = "multi_thread")]
async fn draining_ends_though_a_paused_key_holds_messages_and_tells_of_them() {
    let folder = tempdir().unwrap();
    let destination = Destination::ok().await;
    let clock = Clock::at(NOON - 400 * 86_400_000);
    let server = Server::with(for_development(folder.path()), Some(clock)).await;
    server.ask("POST", "/v2/flowControl/k/pause", &[], "").await;
    let key = [HOUR, ("Upstash-Flow-Control-Key", "k"), ("Upstash-Flow-Control-Value", "rate=1")];
    server.publish(&destination.url, &key, "held").await;
    server.publish(&destination.url, &[HOUR], "due").await;
    server.stop().await;
    let database = folder.path().join("scheduler.db");
    let draining = tokio::task::spawn_blocking(move || run(&database, &["--dev", "drain"]));
    let output = tokio::time::timeout(std::time::Duration::from_secs(60), draining).await;
    let output = output.expect("it ends").unwrap();
    let left = told(&output);
    assert_eq!((left["due"].as_i64(), left["held"].as_i64()), (Some(1), Some(1)));
    assert!(String::from_utf8_lossy(&output.stderr).contains("flow control keys are paused"));
    assert_eq!(destination.seen().len(), 1);
}

#[tokio::test]
async fn what_was_used_for_development_is_not_drained_without_it() {
    let folder = tempdir().unwrap();
    let destination = Destination::ok().await;
    let clock = Clock::at(NOON - 400 * 86_400_000);
    let server = Server::with(for_development(folder.path()), Some(clock)).await;
    let id = server.publish(&destination.url, &[HOUR], "due").await;
    server.stop().await;
    let database = folder.path().join("scheduler.db");
    let output = run(&database, &["drain"]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("was used with --dev only"), "{said}");
    let server = Server::with(for_development(folder.path()), None).await;
    assert_eq!(server.until_state(&id, "DELIVERED").await, ["CREATED", "ACTIVE", "DELIVERED"]);
    server.stop().await;
}

/// Commits that come all the time hold no copy up, and the copy is of one moment.
#[tokio::test(flavor = "multi_thread")]
async fn a_busy_scheduler_is_copied_all_the_same() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let large = "x".repeat(1_000_000);
    for _ in 0..24 {
        server.publish("http://later.example", &[HOUR], &large).await;
    }
    let (database, copy) = (folder.path().join("scheduler.db"), folder.path().join("copy.db"));
    let target = copy.to_str().unwrap().to_owned();
    let backup = tokio::task::spawn_blocking(move || run(&database, &["backup", &target]));
    let busy = async {
        loop {
            server.publish("http://later.example", &[HOUR], "small").await;
        }
    };
    let patience = std::time::Duration::from_secs(60);
    let output = tokio::select! {
        output = tokio::time::timeout(patience, backup) => output.expect("it ends").unwrap(),
        () = busy => unreachable!(),
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let copied = told(&run(&copy, &["inspect"]))["live"].as_i64().unwrap();
    let live = server.scheduler.summary().await.unwrap().live;
    assert!((24..=live).contains(&copied), "{copied} of {live}");
    server.stop().await;
}

#[test]
fn a_copy_that_fails_leaves_no_file() {
    let folder = tempdir().unwrap();
    let damaged = folder.path().join("damaged.db");
    std::fs::write(&damaged, "no database").unwrap();
    let copy = folder.path().join("copy.db");
    assert!(!run(&damaged, &["backup", copy.to_str().unwrap()]).status.success());
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    let copies = left.iter().filter(|name| name.to_string_lossy().starts_with("copy"));
    assert_eq!(copies.count(), 0, "{left:?}");
}

#[tokio::test]
async fn metrics_and_the_page_are_shown_with_a_token_only() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    server.publish("http://later.example", &[HOUR], "x").await;
    for path in ["/", "/metrics"] {
        let url = format!("{}{path}", server.base);
        assert_eq!(server.http.get(&url).send().await.unwrap().status(), 401, "{path}");
    }
    let page = server.http.get(format!("{}/", server.base)).header("Accept", "text/html");
    let locked = page.send().await.unwrap();
    assert_eq!(locked.status(), 401);
    assert!(locked.text().await.unwrap().contains("This page needs its token"));
    let get = async |path: &str| {
        let url = format!("{}{path}?qstash_token={}", server.base, crate::support::TOKEN);
        server.http.get(url).send().await.unwrap()
    };
    let metrics = get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("\nqstash_messages_live 1\n"), "{metrics}");
    assert!(metrics.contains("\nqstash_deliveries_parallel 100\n"), "{metrics}");
    let page = get("/").await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'"));
    let html = page.text().await.unwrap();
    assert!(!html.contains("http://") && !html.contains("https://"), "nothing from elsewhere");
    assert!(!["{nonce}", "{style}", "{script}"].iter().any(|hole| html.contains(hole)));
    assert!(!html.contains(crate::support::TOKEN));
    server.stop().await;
}

#[tokio::test]
async fn what_happened_is_counted_and_how_late_it_was() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let server = Server::at(folder.path(), &clock).await;
    let (good, bad) = (Destination::ok().await, Destination::status(500).await);
    let one_retry = [HOUR, ("Upstash-Retries", "1"), ("Upstash-Retry-Delay", "1")];
    for url in [&good.url, &good.url] {
        server.publish(url, &one_retry, "").await;
    }
    let failing = server.publish(&bad.url, &one_retry, "").await;
    let gone = server.publish(&good.url, &[("Upstash-Delay", "2h")], "").await;
    server.ask("DELETE", &format!("/v2/messages/{gone}"), &[], "").await;
    server.set(NOON + 3_600_000 + 70);
    server.until_state(&failing, "RETRY").await;
    // The retry is due a millisecond after the first attempt.
    server.set(NOON + 3_600_000 + 71);
    let metrics = async || {
        let url = format!("{}/metrics?qstash_token={}", server.base, crate::support::TOKEN);
        server.http.get(url).send().await.unwrap().text().await.unwrap()
    };
    let told = eventually("all ended", async || {
        Some(metrics().await).filter(|told| told.contains("\nqstash_messages_live 0\n"))
    })
    .await;
    let name = "qstash_delivery_lateness_seconds";
    for line in [
        "qstash_published_total 4",
        "qstash_delivered_total 2",
        "qstash_retried_total 1",
        "qstash_failed_total 1",
        "qstash_canceled_total 1",
        &format!("{name}_bucket{{le=\"0.005\"}} 1"),
        &format!("{name}_bucket{{le=\"0.050\"}} 1"),
        &format!("{name}_bucket{{le=\"0.100\"}} 4"),
        &format!("{name}_bucket{{le=\"+Inf\"}} 4"),
        &format!("{name}_count 4"),
        &format!("{name}_sum 0.210"),
    ] {
        assert!(told.contains(&format!("\n{line}\n")), "{line} is missing: {told}");
    }
    server.stop().await;
}

type Chunks = tokio::sync::mpsc::Sender<Result<Vec<u8>, std::io::Error>>;

/// A body that goes on as its sender does.
fn slowly() -> (Chunks, reqwest::Body) {
    let (sender, chunks) = tokio::sync::mpsc::channel(1);
    let chunks = futures::stream::unfold(chunks, |mut chunks| async {
        chunks.recv().await.map(|chunk: Result<Vec<u8>, std::io::Error>| (chunk, chunks))
    });
    (sender, reqwest::Body::wrap_stream(chunks))
}

impl Server {
    /// Publishes a body that goes on as its sender does.
    fn publishing(&self, body: reqwest::Body) -> tokio::task::JoinHandle<u16> {
        let url = format!("{}/v2/publish/http://later.example", self.base);
        let request = self.http.post(url).header("Upstash-Delay", "1h");
        let sent = request.bearer_auth(crate::support::TOKEN).body(body).send();
        tokio::spawn(async move { sent.await.map_or(0, |answer| answer.status().as_u16()) })
    }
}

#[tokio::test]
async fn bodies_take_the_room_there_is_until_their_requests_are_answered() {
    let folder = tempdir().unwrap();
    let mut config = config(folder.path());
    (config.max_message_bytes, config.max_request_bytes) = (80 * 1024, 100 * 1024);
    // A batch of a hundred is always let in: so much room there is in any case.
    let room = 100 * config.max_message_bytes;
    let part = config.max_message_bytes - 1024;
    let large = "x".repeat(config.max_message_bytes);
    let server = Server::with(config, None).await;
    let publish = async || {
        server.ask("POST", "/v2/publish/http://later.example", &[HOUR], large.clone()).await.0
    };
    // Uploads begin and do not end, until there is no room for one more.
    let mut slow = Vec::new();
    eventually("there is no room", async || {
        let (sender, body) = slowly();
        let publishing = server.publishing(body);
        sender.send(Ok(vec![b'x'; part])).await.unwrap();
        slow.push((sender, publishing));
        (publish().await == 503).then_some(())
    })
    .await;
    let mut accepted = 0;
    for (sender, publishing) in slow {
        drop(sender);
        match publishing.await.unwrap() {
            200 => accepted += 1,
            status => assert_eq!(status, 503, "it came when there was no room"),
        }
    }
    assert!((1..=room / part).contains(&accepted), "{accepted}");
    assert_eq!(publish().await, 200, "there is room again");
    server.stop().await;
}

#[tokio::test]
async fn an_upload_that_stalls_gives_its_place_back() {
    let folder = tempdir().unwrap();
    let mut config = config(folder.path());
    config.max_requests = 1;
    config.max_upload = std::time::Duration::from_millis(200);
    let server = Server::with(config, None).await;
    let (sender, body) = slowly();
    let stalled = server.publishing(body);
    sender.send(Ok(b"begun".to_vec())).await.unwrap();
    eventually("there is a place", async || {
        let (status, _) = server.ask("POST", "/v2/publish/http://later.example", &[HOUR], "").await;
        (status == 200).then_some(())
    })
    .await;
    assert_eq!(stalled.await.unwrap(), 408);
    drop(sender);
    server.stop().await;
}

#[tokio::test]
async fn what_a_group_would_make_too_much_of_is_refused_before_it_is_made() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let endpoints: Vec<Value> =
        (0..50).map(|n| serde_json::json!({"url": format!("http://{n}.example")})).collect();
    let group = serde_json::json!({ "endpoints": endpoints }).to_string();
    assert_eq!(server.ask("POST", "/v2/topics/many/endpoints", &[], group).await.0, 200);
    let element = serde_json::json!({"destination": "many", "body": "x".repeat(1_000_000)});
    let batch = serde_json::json!(vec![element; 10]).to_string();
    let (status, answer) = server.ask("POST", "/v2/batch", &[], batch).await;
    assert_eq!(status, 400, "{answer}");
    assert_eq!(server.scheduler.summary().await.unwrap().live, 0);
    server.stop().await;
}

#[tokio::test]
async fn more_requests_than_can_be_worked_on_are_told_to_come_again() {
    let folder = tempdir().unwrap();
    let mut config = config(folder.path());
    config.max_requests = 1;
    let server = Server::with(config, None).await;
    // A request whose body does not end takes the only place.
    let (sender, chunks) = tokio::sync::mpsc::channel::<Result<Vec<u8>, std::io::Error>>(1);
    let chunks = futures::stream::unfold(chunks, |mut chunks| async {
        chunks.recv().await.map(|chunk| (chunk, chunks))
    });
    let slow = server
        .http
        .post(format!("{}/v2/publish/http://later.example", server.base))
        .header("Upstash-Delay", "1h")
        .bearer_auth(crate::support::TOKEN)
        .body(reqwest::Body::wrap_stream(chunks));
    let slow = tokio::spawn(slow.send());
    let refused = eventually("a refusal", async || {
        let request = server.http.get(format!("{}/v2/keys", server.base));
        let response = request.bearer_auth(crate::support::TOKEN).send().await.unwrap();
        (response.status() == 503).then_some(response)
    })
    .await;
    assert_eq!(refused.headers()["retry-after"], "1");
    drop(sender);
    assert_eq!(slow.await.unwrap().unwrap().status(), 200);
    assert_eq!(server.ask("GET", "/v2/keys", &[], "").await.0, 200);
    server.stop().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_that_is_asked_to_stop_ends_well_and_keeps_what_it_acknowledged() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempdir().unwrap();
    let mut program = Program::start(folder.path(), &["--dev"]);
    let publish = format!("{}/v2/publish/http://localhost:1/x", program.url);
    let http = reqwest::Client::new();
    let request = http.post(publish).header("Upstash-Delay", "1h").bearer_auth(&program.token);
    assert_eq!(request.send().await.unwrap().status(), 200);
    let status = program.terminate();
    assert!(status.success(), "{status}");
    let held = told(&run(&folder.path().join("program.db"), &["inspect"]));
    assert_eq!(held["live"], 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_half_sent_request_does_not_hold_a_stop_up() {
    use tokio::io::AsyncWriteExt;

    let folder = tempdir().unwrap();
    let mut program = Program::start(folder.path(), &["--dev"]);
    let address = program.url.strip_prefix("http://").unwrap().to_owned();
    let token = program.token.clone();
    let head = format!(
        "POST /v2/publish/http://localhost:1/x HTTP/1.1\r\nHost: {address}\r\n\
         Authorization: Bearer {token}\r\nContent-Length: 100\r\n"
    );
    let mut half_sent = Vec::new();
    for begun in [head.clone(), format!("{head}\r\nonly the begi"), "POST /v2/pub".to_owned()] {
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        half_sent.push(stream);
    }
    // They are in its hands: what was sent after them is answered.
    rustls::crypto::ring::default_provider().install_default().ok();
    let keys = reqwest::Client::new().get(format!("{}/v2/keys", program.url));
    assert_eq!(keys.bearer_auth(&token).send().await.unwrap().status(), 200);
    let stopped = tokio::task::spawn_blocking(move || program.terminate());
    let stopped = tokio::time::timeout(std::time::Duration::from_secs(60), stopped).await;
    assert!(stopped.expect("it stops").unwrap().success());
    let held = told(&run(&folder.path().join("program.db"), &["inspect"]));
    assert_eq!(held["live"], 0, "what was not sent to its end is not accepted");
    drop(half_sent);
}
