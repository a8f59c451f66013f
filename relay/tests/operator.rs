//! What somebody knows who has nothing but the relay's log and `/metrics`: the fate of every post.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use roost_core::clock::{Clock, SystemClock, UnixMillis};
use roost_core::id::{PostId, Revision, StoreId, TweetId, XUserId};
use roost_core::post::Content;
use roost_qstash::signature::Signer;
use roost_relay_api::{
    Client, Delivery, DeliveryState, Grant, Lookup, Manifest, POST_TWEET_PATH, Pause, Stage,
    StageBatch, Withdraw, WithdrawBatch,
};
use roost_x_sandbox::{Fault, FaultKind, NewAccount, On, Running, Sandbox};
use serde_json::Value;

const CURRENT: &str = "sig_current_key_of_the_operator";
const PUBLIC_URL: &str = "http://relay.roost.internal";
/// Stands in every text; the log must not know it.
const CANARY: &str = "canary-of-the-content";
const PATIENCE: Duration = Duration::from_secs(90);

/// The program with its log in a file, killed when the test ends however it ends.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A relay in a process of its own, an X, and a store that speaks to both.
struct Operator {
    folder: tempfile::TempDir,
    x: Running,
    address: SocketAddr,
    client: Client,
    http: reqwest::Client,
    store: StoreId,
    secrets: Vec<String>,
    program: Program,
}

/// What a line of the log says of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    revision: i64,
    from: String,
    to: String,
    reason: String,
    tweet: String,
    message: String,
    attempt: i64,
}

/// Where a post stands, as the last line says or as the ledger has it.
#[derive(Debug, PartialEq, Eq)]
struct Fate {
    state: String,
    reason: String,
    revision: i64,
    attempts: i64,
    tweet: Option<String>,
}

fn program(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost-relay"));
    command.arg("--config").arg(config).env_remove("RUST_LOG");
    command
}

fn write_config(folder: &Path, address: SocketAddr, x: &str) -> PathBuf {
    let path = folder.join("relay.toml");
    let text = format!(
        "database = \"relay.sqlite\"\nlisten = \"{address}\"\npublic_urls = [\"{PUBLIC_URL}\"]\n\
         x_api_base = \"{x}\"\nlog = \"json\"\n[qstash]\ncurrent_signing_key = \"{CURRENT}\"\n\
         next_signing_key = \"sig_next\"\n[limits]\nplan = \"demo\"\n[pace]\n\
         tick_seconds = 0.05\nlooks_seconds = [0.2, 0.5, 1.0]\noverdue_spacing_seconds = 0.01\n\
         backstop_after_seconds = 2\nretry_first_seconds = 0.1\n"
    );
    std::fs::write(&path, text).expect("written");
    path
}

/// Starts the program; its log goes on where it was.
fn serve(folder: &Path) -> Program {
    let log = std::fs::File::options().create(true).append(true).open(folder.join("log"));
    let mut command = program(&folder.join("relay.toml"));
    command.arg("serve").stdout(Stdio::null()).stderr(log.expect("a file"));
    Program(command.spawn().expect("runs"))
}

impl Operator {
    async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a folder");
        let mut x_config = roost_x_sandbox::Config::new(folder.path().join("x.sqlite"));
        x_config.duplicates = false;
        let x = Sandbox::start(x_config, 0).await.expect("a sandbox");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let config = write_config(folder.path(), address, &x.base_url());
        let made = program(&config).arg("init").output().expect("ran");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let added = program(&config).args(["device", "add", "test"]).output().expect("ran");
        let key = String::from_utf8(added.stdout).expect("text").trim().to_owned();
        let program = serve(folder.path());
        let url = format!("http://{address}").parse().expect("a URL");
        let operator = Self {
            folder,
            x,
            address,
            client: Client::new(url, &key).expect("a client"),
            http: reqwest::Client::builder().no_proxy().build().expect("a client"),
            store: StoreId::new(SystemClock.now()),
            secrets: vec![key, CURRENT.to_owned()],
            program,
        };
        let answers = async || operator.client.status().await.is_ok();
        eventually("the program answers", answers).await;
        let epoch = operator.client.status().await.expect("a status").epoch;
        let manifest = Manifest { epoch, store_id: operator.store, posts: vec![], more: false };
        operator.client.manifest(&manifest).await.expect("introduced");
        operator
    }

    async fn connect(&mut self, name: &str) -> XUserId {
        let granted = self.x.sandbox.grant(NewAccount::named(name), None).await.expect("a grant");
        let user = XUserId(granted.id);
        self.secrets.extend([granted.access_token.clone(), granted.refresh_token.clone()]);
        let grant = Grant {
            username: granted.username,
            name: granted.name,
            subscription_type: None,
            client_id: granted.client_id,
            client_secret: granted.client_secret,
            access_token: granted.access_token,
            refresh_token: granted.refresh_token,
            expires_at: SystemClock.now().plus(Duration::from_secs(7000)),
            scope: granted.scope,
        };
        self.client.connect(&user, &grant).await.expect("connected");
        user
    }

    fn arm(&self, text: &str, mut fault: Fault) {
        fault.text = Some(text.to_owned());
        self.x.sandbox.arm(fault).expect("armed");
    }

    async fn stage(&self, account: &XUserId, revision: i64, id: PostId, texts: &[&str]) -> Stage {
        let now = SystemClock.now();
        self.stage_until(account, revision, id, texts, now.plus(Duration::from_secs(3600))).await
    }

    async fn stage_until(
        &self,
        account: &XUserId,
        revision: i64,
        id: PostId,
        texts: &[&str],
        not_after: UnixMillis,
    ) -> Stage {
        let text = |text: &&str| format!("{text} {CANARY}");
        let item = Stage {
            post_id: id,
            revision: Revision(revision),
            account: account.clone(),
            content: Content::of_texts(texts.iter().map(text)),
            body_hash: None,
            due_at: SystemClock.now().min(not_after),
            not_after,
        };
        let batch = StageBatch { store_id: self.store, items: vec![item.clone()] };
        self.client.stage(&batch).await.expect("staged");
        item
    }

    async fn deliver(&self, item: &Stage) {
        let body = serde_json::to_vec(&serde_json::json!({
            "postId": item.post_id, "revision": item.revision
        }))
        .expect("JSON");
        let url = format!("{PUBLIC_URL}{POST_TWEET_PATH}");
        let signature = Signer::new(CURRENT).sign(&url, &body, SystemClock.now().0 / 1000);
        let answer = self
            .http
            .post(format!("http://{}{POST_TWEET_PATH}", self.address))
            .header("Upstash-Signature", signature)
            .header("Upstash-Message-Id", message_of(item.post_id))
            .body(body)
            .send()
            .await
            .expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).expect("a log")
    }

    /// The lines of each post, in order.
    fn lines(&self) -> BTreeMap<String, Vec<Line>> {
        let mut lines: BTreeMap<String, Vec<Line>> = BTreeMap::new();
        for line in self.log().lines() {
            let line: Value = serde_json::from_str(line).expect("every line is JSON");
            let fields = &line["fields"];
            let (Some(id), Some(to)) = (fields["post.id"].as_str(), fields["to"].as_str()) else {
                continue;
            };
            assert_eq!(line["level"], "INFO");
            let text = |name: &str| fields[name].as_str().unwrap_or_default().to_owned();
            let number = |name: &str| fields[name].as_i64().expect("a number");
            for name in ["account.id", "post.part", "until", "message.id"] {
                assert!(!fields[name].is_null(), "{name} is missing in {line}");
            }
            lines.entry(id.to_owned()).or_default().push(Line {
                revision: number("post.revision"),
                from: text("from"),
                to: to.to_owned(),
                reason: text("reason"),
                tweet: text("tweet.id"),
                message: text("message.id"),
                attempt: number("attempt"),
            });
        }
        lines
    }

    async fn metrics(&self) -> String {
        let url = format!("http://{}/metrics", self.address);
        self.http.get(url).send().await.expect("an answer").text().await.expect("text")
    }

    async fn ledger(&self, ids: &[PostId]) -> Vec<Delivery> {
        let lookup = Lookup { post_ids: ids.to_vec() };
        self.client.lookup(&lookup).await.expect("found").deliveries
    }
}

async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn message_of(post: PostId) -> String {
    format!("msg_{post}")
}

/// What the log alone says became of a post.
fn told(lines: &[Line]) -> Fate {
    let last = lines.last().expect("a line");
    let tweet = lines.iter().find(|line| !line.tweet.is_empty());
    Fate {
        state: last.to.clone(),
        reason: last.reason.clone(),
        revision: last.revision,
        attempts: last.attempt,
        tweet: tweet.map(|line| line.tweet.clone()),
    }
}

fn kept(delivery: &Delivery) -> Fate {
    Fate {
        state: delivery.state.as_str().to_owned(),
        reason: delivery.code.clone().unwrap_or_default(),
        revision: delivery.revision.0,
        attempts: i64::from(delivery.attempts),
        tweet: delivery.tweet_id.clone().map(|TweetId(id)| id),
    }
}

/// What the counters must be, if the log told everything once.
fn counted(lines: &BTreeMap<String, Vec<Line>>) -> Vec<String> {
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    for line in lines.values().flatten() {
        *counts.entry((line.to.clone(), line.reason.clone())).or_default() += 1;
    }
    let name = "roost_relay_transitions_total";
    let line = |((to, reason), count)| format!("{name}{{to=\"{to}\",reason=\"{reason}\"}} {count}");
    counts.into_iter().map(line).collect()
}

/// Brings twelve posts to twelve ends. Answers each with the states that it must go through.
async fn fates(operator: &mut Operator) -> Vec<(PostId, &'static str)> {
    let ada = operator.connect("ada").await;
    let bob = operator.connect("bob").await;
    let carol = operator.connect("carol").await;
    let new = || PostId::new(SystemClock.now());
    let mut fates = Vec::new();
    let mut limited = Fault::named(On::Create, "rate_limited");
    limited.headers.insert("retry-after".to_owned(), "1".to_owned());
    for (account, text, fault, states) in [
        (&ada, "plain", None, "staged claimed sending posted"),
        (
            &ada,
            "twice",
            Some(Fault::named(On::Create, "duplicate")),
            "staged claimed sending refused",
        ),
        (
            &ada,
            "lost",
            Some(Fault::new(On::Create, FaultKind::CutAfter)),
            "staged claimed sending unknown posted",
        ),
        (
            &ada,
            "gone",
            Some(Fault::new(On::Create, FaultKind::CutBefore)),
            "staged claimed sending unknown parked",
        ),
        (
            &ada,
            "renewed",
            Some(Fault::named(On::Create, "unauthorized")),
            "staged claimed sending waiting sending posted",
        ),
        (
            &bob,
            "held",
            Some(Fault::named(On::Create, "suspended")),
            "staged claimed sending waiting",
        ),
        (&carol, "limited", Some(limited), "staged claimed sending waiting sending posted"),
    ] {
        if let Some(fault) = fault {
            operator.arm(text, fault);
        }
        let item = operator.stage(account, 1, new(), &[text]).await;
        operator.deliver(&item).await;
        fates.push((item.post_id, states));
    }
    let withdrawn = operator.stage(&bob, 1, new(), &["withdrawn"]).await;
    let items = vec![Withdraw { post_id: withdrawn.post_id, revision: Revision(2) }];
    let batch = WithdrawBatch { store_id: operator.store, items };
    operator.client.withdraw(&batch).await.expect("withdrawn");
    fates.push((withdrawn.post_id, "staged withdrawn"));
    let edited = operator.stage(&ada, 1, new(), &["before"]).await;
    let edited = operator.stage(&ada, 2, edited.post_id, &["after"]).await;
    operator.deliver(&edited).await;
    fates.push((edited.post_id, "staged staged claimed sending posted"));
    // Just past: what was due before the store introduced itself would be looked for first.
    let past = SystemClock.now().minus(Duration::from_millis(1));
    let late = operator.stage_until(&ada, 1, new(), &["late"], past).await;
    fates.push((late.post_id, "staged expired"));
    operator.arm("second", Fault::named(On::Create, "cashtag"));
    let thread = operator.stage(&ada, 1, new(), &["first", "second"]).await;
    operator.deliver(&thread).await;
    fates.push((thread.post_id, "staged claimed sending claimed sending partial"));
    let forgotten = operator.stage(&ada, 1, new(), &["no delivery comes"]).await;
    fates.push((forgotten.post_id, "staged claimed sending posted"));
    fates
}

#[tokio::test(flavor = "multi_thread")]
async fn log_and_metrics_alone_tell_the_fate_of_every_post() {
    let mut operator = Operator::new().await;
    let fates = fates(&mut operator).await;
    let ids: Vec<PostId> = fates.iter().map(|(id, _)| *id).collect();
    let path =
        |lines: &[Line]| lines.iter().map(|line| line.to.as_str()).collect::<Vec<_>>().join(" ");
    eventually("every post has come to its end, and the log knows", async || {
        let lines = operator.lines();
        fates.iter().all(|(id, states)| {
            let lines = lines.get(&id.to_string());
            // One step more than expected is told below.
            lines.is_some_and(|lines| path(lines).len() >= states.len())
        })
    })
    .await;
    let lines = operator.lines();
    for (id, states) in &fates {
        let lines = &lines[&id.to_string()];
        assert_eq!(path(lines), *states, "{lines:#?}");
        assert_eq!(lines[0].from, "", "nobody heard of it before");
        for pair in lines.windows(2) {
            assert_eq!(pair[1].from, pair[0].to, "{lines:#?}");
        }
        let claims = lines.iter().filter(|line| !line.message.is_empty());
        assert!(claims.clone().all(|line| line.message == message_of(*id) && line.to == "claimed"));
    }
    let ledger = operator.ledger(&ids).await;
    assert_eq!(ledger.len(), ids.len());
    for delivery in &ledger {
        let lines = &lines[&delivery.post_id.to_string()];
        assert_eq!(told(lines), kept(delivery), "{lines:#?}");
    }
    let metrics = operator.metrics().await;
    for line in counted(&lines) {
        assert!(metrics.contains(&line), "{line} is not in\n{metrics}");
    }
    for line in [
        "roost_relay_waiting_posts{reason=\"account_suspended\"} 1",
        "roost_relay_parked_posts 1",
        "roost_relay_oldest_overdue_seconds 0",
        "roost_relay_backstop_total 1",
        "# TYPE roost_relay_waiting_posts gauge",
        "# TYPE roost_relay_transitions_total counter",
        "# TYPE roost_relay_heartbeat_age_seconds gauge",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    let log = operator.log();
    assert!(!log.contains(CANARY) && !metrics.contains(CANARY), "no post's words");
    for secret in &operator.secrets {
        assert!(!log.contains(secret.as_str()) && !metrics.contains(secret.as_str()));
    }
    let accepted = operator.x.sandbox.ledger(0, 100).await.expect("a ledger");
    let posted = ledger.iter().filter(|it| it.state == DeliveryState::Posted).count();
    let accepted = accepted.iter().filter(|entry| entry.accepted).count();
    assert_eq!(accepted, posted + 1, "all that is posted, and one part of the thread");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_a_kill_swallowed_is_told_at_the_next_start() {
    let mut operator = Operator::new().await;
    let ada = operator.connect("ada").await;
    let new = || PostId::new(SystemClock.now());
    operator.arm("refused", Fault::named(On::Create, "duplicate"));
    let mut ids = Vec::new();
    for texts in [&["plain"][..], &["refused"], &["first", "second"]] {
        let item = operator.stage(&ada, 1, new(), texts).await;
        operator.deliver(&item).await;
        ids.push(item.post_id);
    }
    let withdrawn = operator.stage(&ada, 1, new(), &["withdrawn"]).await;
    let items = vec![Withdraw { post_id: withdrawn.post_id, revision: Revision(2) }];
    let batch = WithdrawBatch { store_id: operator.store, items };
    operator.client.withdraw(&batch).await.expect("withdrawn");
    ids.push(withdrawn.post_id);
    let ends = ["posted", "refused", "withdrawn"];
    let has_ended = |lines: &Vec<Line>| lines.iter().any(|line| ends.contains(&line.to.as_str()));
    eventually("all have ended", async || {
        let lines = operator.lines();
        ids.iter().all(|id| lines.get(&id.to_string()).is_some_and(has_ended))
    })
    .await;
    let _ = operator.program.0.kill();
    let _ = operator.program.0.wait();
    // As if each end had been on disk, and the process gone before its line was.
    let kept_lines = |line: &&str| ends.iter().all(|end| !line.contains(&format!("\"{end}\"")));
    let log: Vec<String> = operator.log().lines().filter(kept_lines).map(str::to_owned).collect();
    std::fs::write(operator.folder.path().join("log"), log.join("\n") + "\n").expect("written");
    assert!(!operator.lines().values().any(has_ended));

    operator.program = serve(operator.folder.path());
    let answers = async || operator.client.status().await.is_ok();
    eventually("the program answers", answers).await;
    let lines = operator.lines();
    for delivery in operator.ledger(&ids).await {
        let lines = &lines[&delivery.post_id.to_string()];
        let (told, kept) = (told(lines), kept(&delivery));
        assert_eq!((&told.state, &told.reason), (&kept.state, &kept.reason), "{lines:#?}");
        assert_eq!((told.revision, told.attempts), (kept.revision, kept.attempts));
        let last = lines.last().expect("a line");
        assert_eq!(last.from, last.to, "it says that it repeats");
        assert_eq!(last.tweet.is_empty(), kept.tweet.is_none(), "{lines:#?}");
    }
    let metrics = operator.metrics().await;
    assert!(!metrics.contains("transitions_total{to=\"posted\""), "a repeated line is no change");
}

/// The lines of the log about an account's or an app's trouble, as level and reason.
fn troubles(operator: &Operator) -> Vec<(String, String)> {
    let log = operator.log();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines
        .filter(|line| line["fields"]["app"].is_string())
        .map(|line| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (text(&line["level"]), text(&line["fields"]["reason"]))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trouble_of_an_account_or_an_app_is_one_line_and_its_end_another() {
    let mut operator = Operator::new().await;
    let ada = operator.connect("ada").await;
    let line = |level: &str, reason: &str| (level.to_owned(), reason.to_owned());
    for (fault, reason) in
        [("credits_depleted", "credits_depleted"), ("suspended", "account_suspended")]
    {
        let before = troubles(&operator).len();
        let mut refused = Fault::named(On::Create, fault);
        refused.count = Some(0);
        operator.x.sandbox.arm(refused).expect("armed");
        let mut items = Vec::new();
        for number in 0..5 {
            let id = PostId::new(SystemClock.now());
            let text = format!("{reason} {number}");
            items.push(operator.stage(&ada, 1, id, &[text.as_str()]).await);
        }
        for item in &items {
            operator.deliver(item).await;
        }
        let ids: Vec<PostId> = items.iter().map(|item| item.post_id).collect();
        let all = async |state: DeliveryState| {
            operator.ledger(&ids).await.iter().all(|delivery| delivery.state == state)
        };
        eventually("they wait", async || all(DeliveryState::Waiting).await).await;
        let said = async || troubles(&operator).len() > before;
        eventually("the trouble is said", said).await;
        operator.x.sandbox.disarm(None);
        operator.client.pause(Pause { paused: false }).await.expect("resumed");
        eventually("they go out", async || all(DeliveryState::Posted).await).await;
        let over = async || troubles(&operator).last() == Some(&line("INFO", reason));
        eventually("its end is said", over).await;
        let said = troubles(&operator).split_off(before);
        assert_eq!(said, [line("ERROR", reason), line("INFO", reason)]);
    }
}
