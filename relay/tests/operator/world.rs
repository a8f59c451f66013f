//! A relay whose log goes to a file, an X, and a store that speaks to both.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use roost_core::clock::{Clock, SystemClock, UnixMillis};
use roost_core::id::{PostId, Revision, StoreId, XUserId};
use roost_core::post::Content;
use roost_qstash::signature::Signer;
use roost_relay_api::{Client, Delivery, Lookup, Manifest, POST_TWEET_PATH, Stage, StageBatch};
use roost_x_sandbox::{Fault, NewAccount, Running, Sandbox};
use serde_json::Value;

use crate::sandbox_grant::grant_of;

pub(crate) const CURRENT: &str = "sig_current_key_of_the_operator";
pub(crate) const PUBLIC_URL: &str = "http://relay.roost.internal";
/// Stands in every text; the log must not know it.
pub(crate) const CANARY: &str = "canary-of-the-content";
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// The program with its log in a file, killed when the test ends however it ends.
pub(crate) struct Program(pub(crate) Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A relay in a process of its own, an X, and a store that speaks to both.
pub(crate) struct Operator {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) x: Running,
    pub(crate) address: SocketAddr,
    pub(crate) client: Client,
    pub(crate) http: reqwest::Client,
    pub(crate) store: StoreId,
    pub(crate) secrets: Vec<String>,
    pub(crate) program: Program,
}

/// What a line of the log says of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) revision: i64,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) reason: String,
    pub(crate) tweet: String,
    pub(crate) message: String,
    pub(crate) attempt: i64,
}

pub(crate) fn program(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost-relay"));
    command.arg("--config").arg(config).env_remove("RUST_LOG");
    command
}

pub(crate) fn write_config(folder: &Path, address: SocketAddr, x: &str) -> PathBuf {
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
pub(crate) fn serve(folder: &Path) -> Program {
    let log = std::fs::File::options().create(true).append(true).open(folder.join("log"));
    let mut command = program(&folder.join("relay.toml"));
    command.arg("serve").stdout(Stdio::null()).stderr(log.expect("a file"));
    Program(command.spawn().expect("runs"))
}

impl Operator {
    pub(crate) async fn new() -> Self {
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

    pub(crate) async fn connect(&mut self, name: &str) -> XUserId {
        let granted = self.x.sandbox.grant(NewAccount::named(name), None).await.expect("a grant");
        let user = XUserId(granted.id.clone());
        self.secrets.extend([granted.access_token.clone(), granted.refresh_token.clone()]);
        let grant = grant_of(&granted, SystemClock.now().plus(Duration::from_secs(7000)));
        self.client.connect(&user, &grant).await.expect("connected");
        user
    }

    pub(crate) fn arm(&self, text: &str, mut fault: Fault) {
        fault.text = Some(text.to_owned());
        self.x.sandbox.arm(fault).expect("armed");
    }

    pub(crate) async fn stage(
        &self,
        account: &XUserId,
        revision: i64,
        id: PostId,
        texts: &[&str],
    ) -> Stage {
        let now = SystemClock.now();
        self.stage_until(account, revision, id, texts, now.plus(Duration::from_secs(3600))).await
    }

    pub(crate) async fn stage_until(
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
            follow_up: None,
        };
        let batch = StageBatch { store_id: self.store, items: vec![item.clone()] };
        self.client.stage(&batch).await.expect("staged");
        item
    }

    pub(crate) async fn deliver(&self, item: &Stage) {
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

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).expect("a log")
    }

    /// The lines of each post, in order.
    pub(crate) fn lines(&self) -> BTreeMap<String, Vec<Line>> {
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

    pub(crate) async fn metrics(&self) -> String {
        let url = format!("http://{}/metrics", self.address);
        self.http.get(url).send().await.expect("an answer").text().await.expect("text")
    }

    pub(crate) async fn ledger(&self, ids: &[PostId]) -> Vec<Delivery> {
        let lookup = Lookup { post_ids: ids.to_vec() };
        self.client.lookup(&lookup).await.expect("found").deliveries
    }
}

pub(crate) async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub(crate) fn message_of(post: PostId) -> String {
    format!("msg_{post}")
}
