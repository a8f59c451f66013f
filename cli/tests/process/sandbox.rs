//! `roost` with relay and scheduler inside, against a sandbox over a socket.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use roost_core::clock::{Clock, SystemClock, UnixMillis};
use roost_core::zone::{Zone, wall_time_of};
use roost_x_sandbox::{Config, Entry, NewAccount, Running, Sandbox};
use serde_json::{Value, json};

use crate::roost::{Roost, text};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A sandbox in this process.
pub(crate) struct X {
    runtime: tokio::runtime::Runtime,
    running: Running,
    _folder: tempfile::TempDir,
}

impl X {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Config)) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::new(folder.path().join("x.db"));
        change(&mut config);
        let running = runtime.block_on(Sandbox::start(config, 0)).unwrap();
        Self { runtime, running, _folder: folder }
    }

    pub(crate) fn url(&self) -> String {
        self.running.base_url()
    }

    /// Has X refuse an account's sign-in.
    pub(crate) fn disconnect(&self, handle: &str) {
        self.runtime.block_on(self.running.sandbox.disconnect(handle)).unwrap();
    }

    fn ledger(&self) -> Vec<Entry> {
        self.runtime.block_on(self.running.sandbox.ledger(0, 10_000)).unwrap()
    }

    /// The texts that X saw, in order of the alphabet, each as often as it was asked for.
    pub(crate) fn texts(&self) -> Vec<String> {
        let mut texts: Vec<String> =
            self.ledger().into_iter().filter_map(|entry| entry.text).collect();
        texts.sort_unstable();
        texts
    }
}

/// A calendar of posts that are due one after the other, beginning `first` seconds from now.
pub(crate) fn calendar(
    roost: &Roost,
    count: u64,
    first: u64,
    millis_apart: u64,
) -> std::path::PathBuf {
    let zone = Zone::parse("Asia/Kolkata").unwrap();
    let start = UnixMillis::from_seconds(SystemClock.now().seconds_rounded_up());
    let post = |number: u64| {
        let after = Duration::from_secs(first) + Duration::from_millis(number * millis_apart);
        let at = UnixMillis::from_seconds(start.plus(after).seconds_rounded_up());
        let wall = wall_time_of(at, &zone).to_string();
        json!({ "content": format!("post {number:03}"), "scheduledAt": wall })
    };
    let posts: Vec<Value> = (0..count).map(post).collect();
    let file = json!({ "timezone": "Asia/Kolkata", "posts": posts });
    roost.file("calendar.json", file.to_string())
}

pub(crate) fn expected(count: u64) -> Vec<String> {
    (0..count).map(|number| format!("post {number:03}")).collect()
}

/// Starts `roost sync --watch`; it ends when standard input closes.
fn watch(roost: &Roost, x: &X, more: &[&str]) -> Child {
    let mut command = roost.command(&["sync", "--watch", "--exit-with-stdin", "--late", "post"]);
    command.args(more).args(["--overdue-spacing", "0"]).env("X_API_BASE", x.url());
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Waits for a run that ends by itself; its standard input stays open until then.
pub(crate) fn finish(roost: &Roost, run: &mut Child) -> bool {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = run.try_wait().unwrap() {
            return status.success();
        }
        assert!(Instant::now() < end, "did not end: {}", roost.run(&["posts", "list"]).stdout);
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "not {what} in time");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_first_run_signs_in_imports_and_posts_all_of_it_once() {
    let (x, roost) = (X::new(), Roost::new());
    let account = roost.json(&["login", "--sandbox", &x.url()]);
    let again = roost.json(&["login", "--sandbox", &x.url()]);
    assert_eq!(account["x_user_id"], again["x_user_id"], "one that is connected stays");
    let file = calendar(&roost, 24, 3, 100);
    roost.json(&["import", text(&file)]);
    let mut command = roost.command(&["sync", "--watch", "--until-done", "--json"]);
    let ended = command.env("X_API_BASE", x.url()).stdin(Stdio::null()).output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    // Notices came on the way, each on a line; the last line is how things stand.
    let told = String::from_utf8(ended.stdout).unwrap();
    let lines: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (document, notices) = lines.split_last().unwrap();
    assert_eq!(document["counts"]["posted"], 24);
    assert!(notices.iter().all(|line| line["notice"].is_object()), "{notices:?}");
    assert_eq!(x.texts(), expected(24));
    for entry in x.ledger() {
        assert!(entry.accepted, "{entry:?}");
    }
}

#[test]
fn a_login_to_a_sandbox_asks_the_relay_and_not_the_store_whether_the_account_is_connected() {
    let (x, roost) = (X::new(), Roost::new());
    let login = || roost.run(&["login", "--sandbox", &x.url()]);
    assert!(login().stdout.starts_with("Connected @"));
    let again = login();
    assert!(again.stdout.starts_with("Connected already: @"), "{again:?}");
    for name in ["relay.db", "relay.db-wal", "relay.db-shm"] {
        let _ = std::fs::remove_file(roost.data().join("local").join(name));
    }
    let anew = login();
    assert!(anew.stdout.starts_with("Connected @"), "the relay lost it: {anew:?}");
    let file = calendar(&roost, 1, 2, 0);
    roost.json(&["import", text(&file)]);
    assert!(finish(&roost, &mut watch(&roost, &x, &["--until-done"])));
    assert_eq!(x.texts(), expected(1));
}

#[test]
fn a_run_that_is_killed_loses_nothing_and_doubles_nothing() {
    let (x, roost) = (X::new(), Roost::new());
    roost.json(&["login", "--sandbox", &x.url()]);
    let file = calendar(&roost, 60, 2, 100);
    roost.json(&["import", text(&file)]);
    // Killed while handing over, while posting, and again.
    for posted in [0, 5, 25] {
        let mut run = watch(&roost, &x, &[]);
        if posted == 0 {
            let handed_over = || roost.json(&["status"])["sync"]["handed_over"].as_u64().unwrap();
            until("handing over", || handed_over() > 0);
        } else {
            until("posting", || x.ledger().len() >= posted);
        }
        run.kill().unwrap();
        run.wait().unwrap();
    }
    let mut last = watch(&roost, &x, &["--until-done"]);
    let end = Instant::now() + PATIENCE;
    while last.try_wait().unwrap().is_none() {
        assert!(Instant::now() < end, "did not end: {:?}", roost.run(&["status"]).stdout);
        std::thread::sleep(Duration::from_millis(100));
    }
    let needs_you = roost.json(&["status"])["counts"]["needs_you"].as_u64().unwrap();
    let posted = roost.json(&["status"])["counts"]["posted"].as_u64().unwrap();
    assert_eq!((posted, needs_you), (60, 0), "{:?}", roost.run(&["posts", "list"]).stdout);
    assert_eq!(x.texts(), expected(60));
}

#[test]
fn a_run_ends_with_its_standard_input_and_another_can_begin() {
    let (x, roost) = (X::new(), Roost::new());
    roost.json(&["login", "--sandbox", &x.url()]);
    let mut run = watch(&roost, &x, &[]);
    let mut stderr = BufReader::new(run.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.contains("Watching"), "{line}");
    // One instance per data folder.
    let mut second = roost.command(&["sync", "--watch"]);
    let second = second.env("X_API_BASE", x.url()).stdin(Stdio::null()).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).contains("Roost runs already"));
    drop(run.stdin.take());
    assert!(run.wait().unwrap().success());
    assert!(finish(&roost, &mut watch(&roost, &x, &["--until-done"])));
}

#[test]
fn other_commands_work_beside_a_running_sync() {
    let (x, roost) = (X::new(), Roost::new());
    roost.json(&["login", "--sandbox", &x.url()]);
    let mut run = watch(&roost, &x, &[]);
    let far = roost.json(&["posts", "create", "far", "--at", "2099-03-01 09:00", "--zone", "UTC"]);
    let file = calendar(&roost, 2, 3, 0);
    roost.json(&["import", text(&file)]);
    let cancelled = roost.posts();
    let victim = cancelled.iter().find(|post| post["text"] == "post 001").unwrap();
    roost.run(&["posts", "cancel", victim["id"].as_str().unwrap()]);
    until("posted", || x.texts().contains(&"post 000".to_owned()));
    until("cancelled", || {
        let posts = roost.posts();
        posts.iter().any(|post| post["text"] == "post 001" && post["status"] == "cancelled")
    });
    until("told", || {
        roost.posts().iter().any(|post| post["text"] == "post 000" && post["status"] == "posted")
    });
    assert_eq!(x.texts(), ["post 000"]);
    assert_eq!(far["row"]["status"], "pending");
    drop(run.stdin.take());
    assert!(run.wait().unwrap().success());
}

#[test]
fn a_sandbox_s_data_folder_never_posts_to_the_real_x() {
    let (x, roost) = (X::new(), Roost::new());
    roost.json(&["login", "--sandbox", &x.url()]);
    let mut command = roost.command(&["sync"]);
    let ended = command.env("X_API_BASE", "https://api.x.com").output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("belongs to"), "{ended:?}");
}

#[test]
fn a_sign_in_through_the_browser_connects_the_account_and_keeps_no_token() {
    let x = X::with(|config| {
        config.accounts = vec![NewAccount::named("ada")];
        config.auto_approve = true;
    });
    let roost = Roost::new();
    let mut command = roost.command(&["login", "--client-id", "sandbox-client", "--json"]);
    command.env("X_API_BASE", x.url()).env("X_CLIENT_SECRET", "sandbox-secret");
    // No browser may open during a test.
    command.env("BROWSER", "true").env("PATH", "");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut login = command.spawn().unwrap();
    let page = BufReader::new(login.stderr.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .find(|line| line.trim().starts_with("http://"))
        .unwrap();
    let visited = x.runtime.block_on(async {
        drop(rustls::crypto::ring::default_provider().install_default());
        reqwest::get(page.trim()).await.unwrap().text().await.unwrap()
    });
    assert!(visited.contains("go back to Roost"), "{visited}");
    let ended = login.wait_with_output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    let account: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(account["username"], "ada");
    // The store has the name and no token; the relay's file has the token sealed.
    let file = calendar(&roost, 1, 2, 0);
    roost.json(&["import", text(&file)]);
    assert!(finish(&roost, &mut watch(&roost, &x, &["--until-done"])));
    assert_eq!(x.texts(), expected(1));
}
