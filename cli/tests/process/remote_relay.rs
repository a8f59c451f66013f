//! A relay that is not in this process: what `roost` says when relay or scheduler refuse.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use roost_core::clock::{Clock, SystemClock};
use roost_core::zone::{Zone, wall_time_of};
use roost_local::{Local, LocalConfig};

use crate::roost::Roost;
use crate::sandbox::X;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A relay with its scheduler in the test's process, as on a server.
struct Server {
    runtime: tokio::runtime::Runtime,
    local: Local,
    _folder: tempfile::TempDir,
}

impl Server {
    fn new(x: &X) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let config = LocalConfig::new(folder.path(), x.url());
        let local = runtime.block_on(Local::start(config)).unwrap();
        Self { runtime, local, _folder: folder }
    }

    /// A pairing link with this key, and a scheduler at this address.
    fn link(&self, key: &str, scheduler: &str) -> String {
        let endpoints = self.local.endpoints();
        let plain = |text: &str| text.replace(':', "%3A").replace('/', "%2F");
        format!(
            "roost://pair?relay={}&key={key}&public={}&qstash={}&token={}",
            plain(&endpoints.relay_url),
            plain(&endpoints.relay_public_url),
            plain(scheduler),
            endpoints.qstash_token
        )
    }

    fn good_link(&self) -> String {
        let endpoints = self.local.endpoints();
        self.link(&endpoints.relay_key, &endpoints.qstash_url)
    }
}

fn pair(roost: &Roost, link: &str) {
    let paired = roost.run(&["pair", link, "--key-in-file"]);
    assert_eq!(paired.code, 0, "{paired:?}");
}

fn create(roost: &Roost, text: &str) {
    let later = SystemClock.now().plus(Duration::from_hours(1));
    let at = wall_time_of(later, &Zone::parse("UTC").unwrap()).to_string();
    roost.json(&["posts", "create", text, "--at", &at, "--zone", "UTC"]);
}

/// A store that is paired with the server, and signed in.
fn paired(x: &X, server: &Server) -> Roost {
    let roost = Roost::new();
    pair(&roost, &server.good_link());
    roost.json(&["login", "--sandbox", &x.url(), "--handle", "ada"]);
    roost
}

/// Waits for a line of standard error that contains something.
fn hears(lines: &Receiver<String>, what: &str) {
    let end = std::time::Instant::now() + PATIENCE;
    let mut heard = Vec::new();
    while let Ok(line) = lines.recv_timeout(end - std::time::Instant::now()) {
        if line.contains(what) {
            return;
        }
        heard.push(line);
    }
    panic!("{what:?} was not said: {heard:#?}");
}

/// A running `roost sync --watch`, and the lines of its standard error.
fn watched(roost: &Roost) -> (Child, Receiver<String>) {
    let mut command = roost.command(&["sync", "--watch", "--exit-with-stdin"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut watch = command.spawn().unwrap();
    let stderr = watch.stderr.take().unwrap();
    let (line, lines) = channel();
    std::thread::spawn(move || {
        for text in BufReader::new(stderr).lines().map_while(Result::ok) {
            drop(line.send(text));
        }
    });
    (watch, lines)
}

#[test]
fn status_calls_nothing_safe_while_the_relay_refuses_and_a_watch_goes_on_with_a_new_pairing() {
    let x = X::new();
    let server = Server::new(&x);
    let roost = paired(&x, &server);
    create(&roost, "who has it");
    roost.json(&["sync"]);
    let safe = roost.run(&["status"]);
    assert!(safe.stdout.contains("Safe to close: everything is handed over."), "{safe:?}");

    let old = server.link("rk_of_a_lost_database", &server.local.endpoints().qstash_url);
    pair(&roost, &old);
    let status = roost.run(&["status"]);
    assert_eq!(status.code, 0, "{status:?}");
    assert!(!status.stdout.contains("Safe to close"), "{status:?}");
    assert!(status.stdout.contains("does not accept this computer's key"), "{status:?}");
    let document = roost.json(&["status"]);
    assert_eq!(document["sync"]["safe_to_close"]["answer"], "blocked", "{document}");
    assert_eq!(document["sync"]["blockers"][0]["kind"], "relay_refuses", "{document}");

    let (mut watch, lines) = watched(&roost);
    hears(&lines, "does not accept this computer's key");
    create(&roost, "written meanwhile");
    pair(&roost, &server.good_link());
    hears(&lines, "Paired anew");
    hears(&lines, "the relay takes this computer again");
    let end = std::time::Instant::now() + PATIENCE;
    while !roost.posts().iter().all(|post| post["status"] == "queued") {
        assert!(std::time::Instant::now() < end, "not handed over: {:?}", roost.posts());
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(watch.stdin.take());
    watch.wait().unwrap();
}

#[test]
fn a_relay_is_not_left_under_the_eyes_of_a_watch_and_one_that_was_left_is_given_nothing() {
    let x = X::new();
    let server = Server::new(&x);
    let roost = paired(&x, &server);
    let (mut watch, lines) = watched(&roost);
    hears(&lines, "Watching");
    let running = roost.data().join("roost.running");
    let end = std::time::Instant::now() + PATIENCE;
    while std::fs::File::open(&running).is_ok_and(|mark| mark.try_lock().is_ok()) {
        assert!(std::time::Instant::now() < end, "the watch does not run");
        std::thread::sleep(Duration::from_millis(20));
    }
    for unpair in [&["unpair"][..], &["unpair", "--old-relay-is-gone"]] {
        let refused = roost.run(unpair);
        assert_eq!(refused.code, 1, "{unpair:?}: {refused:?}");
        assert!(refused.stderr.contains("stop it first"), "{refused:?}");
        assert!(roost.data().join("pairing.json").exists());
    }
    // Whoever takes the pairing away all the same has the watch stop handing over.
    std::fs::remove_file(roost.data().join("pairing.json")).unwrap();
    hears(&lines, "not paired any more");
    create(&roost, "stays here");
    drop(watch.stdin.take());
    watch.wait().unwrap();
    assert_eq!(roost.posts()[0]["status"], "pending");
}

/// A scheduler that refuses every message whose number in its batch is below `refused`.
async fn refuse(State(refused): State<usize>, request: Request) -> Response {
    let body = to_bytes(request.into_body(), usize::MAX).await.unwrap();
    let Ok(messages) = serde_json::from_slice::<Vec<serde_json::Value>>(&body) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let element = |number: usize| match number < refused {
        true => serde_json::json!({ "error": "invalid destination url", "status": 400 }),
        false => serde_json::json!({ "messageId": format!("msg_{number}") }),
    };
    let answer: Vec<serde_json::Value> = (0..messages.len()).map(element).collect();
    axum::Json(answer).into_response()
}

#[test]
fn a_sync_whose_messages_are_refused_one_by_one_says_so_and_does_not_end_well() {
    let x = X::new();
    let server = Server::new(&x);
    for (refused, code) in [(5, 3), (10, 1)] {
        let scheduler = server.runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let router = Router::new().fallback(refuse).with_state(refused);
            tokio::spawn(async move { axum::serve(listener, router).await });
            url
        });
        let roost = paired(&x, &server);
        pair(&roost, &server.link(&server.local.endpoints().relay_key, &scheduler));
        for number in 0..10 {
            create(&roost, &format!("post {number} of {refused}"));
        }
        let ended = roost.run(&["sync"]);
        assert_eq!(ended.code, code, "{ended:?}");
        assert!(ended.stdout.contains(&format!("refused {refused} of 10")), "{ended:?}");
        assert!(ended.stdout.contains("invalid destination url"), "{ended:?}");
        let status = roost.run(&["status"]);
        assert!(status.stdout.contains("QStash refused the message"), "{status:?}");
        let wanting = roost.run(&["posts", "list", "--view", "needs-you"]);
        assert!(wanting.stderr.contains("QStash refused the message"), "{wanting:?}");
        let doctor = roost.run(&["doctor"]);
        assert!(doctor.stdout.contains("QStash refused the message"), "{doctor:?}");
    }
}
