//! A relay that speaks TLS by itself: with a certificate of its own through ACME, and with one from
//! files, called by a scheduler that knows nothing of Roost.
//!
//! The ACME server is `pebble`, a package of Debian; without it the test says so and ends.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

#[path = "support/sandbox_grant.rs"]
mod sandbox_grant;

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use roost_core::clock::{Clock, SystemClock};
use roost_core::id::{PostId, Revision, StoreId, XUserId};
use roost_core::post::Content;
use roost_relay_api::{Manifest, POST_TWEET_PATH, RelayStatus, Stage, StageBatch};
use roost_x_sandbox::{NewAccount, Sandbox};
use serde::Serialize;
use serde_json::json;

use sandbox_grant::grant_of;

const PATIENCE: Duration = Duration::from_secs(60);
/// How long pebble's certificates hold: long enough for a slow machine to renew one in time.
const VALIDITY_SECONDS: u64 = 12;
const NAME: &str = "relay.example.org";

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address")
}

/// Starts a program with its output in a file.
fn start(mut command: Command, log: PathBuf) -> std::io::Result<Program> {
    let log = std::fs::File::create(log)?;
    let child =
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn().map(Program)?;
    Ok(child)
}

/// An ACME server that believes that every name is this machine, and calls the relay at its port.
struct Pebble {
    directory: String,
    server: Program,
    _names: Program,
}

impl Pebble {
    fn start(folder: &Path, relay: SocketAddr, roots: &Path) -> Option<Self> {
        let (api, names) = (free_port(), free_port());
        let certificate = folder.join("pebble.pem");
        let key = folder.join("pebble.key");
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
        std::fs::write(&certificate, made.cert.pem()).expect("written");
        std::fs::write(roots, made.cert.pem()).expect("written");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
        let config = json!({ "pebble": {
            "listenAddress": api.to_string(),
            "managementListenAddress": free_port().to_string(),
            "certificate": certificate,
            "privateKey": key,
            "httpPort": 1,
            "tlsPort": relay.port(),
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
            "certificateValidityPeriod": VALIDITY_SECONDS,
        }});
        let path = folder.join("pebble.json");
        std::fs::write(&path, config.to_string()).expect("written");
        let mut resolver = Command::new("pebble-challtestsrv");
        resolver.args(["-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-http01", ""]);
        resolver.args(["-https01", "", "-tlsalpn01", ""]);
        resolver.args(["-dns01", &names.to_string(), "-management", &free_port().to_string()]);
        let names_server = start(resolver, folder.join("names.log")).ok()?;
        let mut server = Command::new("pebble");
        server.arg("-config").arg(path).args(["-dnsserver", &names.to_string()]);
        // It waits for no reason, and refuses good requests now and then, unless told otherwise.
        server.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_WFE_NONCEREJECT", "0");
        Some(Self {
            directory: format!("https://localhost:{}/dir", api.port()),
            server: start(server, folder.join("pebble.log")).ok()?,
            _names: names_server,
        })
    }
}

fn relay(folder: &Path, settings: &str) -> Program {
    std::fs::write(folder.join("relay.toml"), settings).expect("written");
    let program = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roost-relay"));
        command.arg("--config").arg(folder.join("relay.toml")).env_remove("RUST_LOG");
        command
    };
    let made = program().arg("init").output().expect("ran");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut serve = program();
    serve.arg("serve").env_remove("CREDENTIALS_DIRECTORY");
    start(serve, folder.join("relay.log")).expect("the program starts")
}

/// Asks the relay over TLS as a machine of the same name would, whatever certificate it shows: the
/// certificate itself is returned, too.
async fn ask(address: SocketAddr, path: &str) -> reqwest::Result<(String, Vec<u8>)> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_danger_accept_invalid_certs(true)
        .tls_info(true)
        .pool_max_idle_per_host(0)
        .resolve("localhost", address)
        .resolve(NAME, address)
        .build()?;
    let answer = client.get(format!("https://localhost:{}{path}", address.port())).send().await?;
    let info = answer.extensions().get::<reqwest::tls::TlsInfo>();
    let certificate =
        info.and_then(|info| info.peer_certificate()).map(<[u8]>::to_vec).unwrap_or_default();
    Ok((answer.text().await?, certificate))
}

/// Asks until the answer is as wanted.
async fn until(
    what: &str,
    address: SocketAddr,
    path: &str,
    folder: &Path,
    wanted: impl Fn(&str, &[u8]) -> bool,
) -> Vec<u8> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = ask(address, path).await;
        if let Ok((text, certificate)) = &answer
            && wanted(text, certificate)
        {
            return certificate.clone();
        }
        if Instant::now() > deadline {
            let log = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
            panic!("{what}: {answer:?}\n{}\n{}", log("relay.log"), log("pebble.log"));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_obtained_and_renewed_and_a_renewal_that_fails_is_told() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let address = free_port();
    let Some(pebble) = Pebble::start(folder, address, &folder.join("roots.pem")) else {
        println!("skipped: there is no `pebble` (a package of Debian), so no certificate is got");
        return;
    };
    let settings = format!(
        "database = \"relay.sqlite\"\nlisten = \"{address}\"\n\
         public_urls = [\"https://{NAME}\"]\nembedded_scheduler = true\n\
         [tls]\nmode = \"acme\"\nacme_directory = \"{}\"\nacme_roots = \"roots.pem\"\n",
        pebble.directory
    );
    let _relay = relay(folder, &settings);
    let first = until("a certificate", address, "/healthz", folder, |_, _| true).await;
    let metric = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("roost_relay_{name} ")));
        line.and_then(|value| value.parse::<i64>().ok())
    };
    until("the metric", address, "/metrics", folder, |text, _| {
        metric(text, "certificate_alarm") == Some(0)
            && metric(text, "certificate_seconds_left").is_some_and(|left| left > 0)
    })
    .await;
    #[cfg(unix)]
    for file in std::fs::read_dir(folder.join("acme")).expect("a folder") {
        use std::os::unix::fs::PermissionsExt;
        let file = file.expect("a file");
        let mode = file.metadata().expect("known").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.path().display());
    }
    let renewed = |_: &str, shown: &[u8]| shown != first;
    until("another certificate", address, "/healthz", folder, renewed).await;
    until("a ready relay", address, "/readyz", folder, |text, _| text.contains("\"ready\":true"))
        .await;

    drop(pebble.server);
    until("a failed renewal", address, "/readyz", folder, |text, _| {
        text.contains("\"certificate\"") && text.contains("was not renewed")
    })
    .await;
    until("the alarm", address, "/metrics", folder, |text, _| {
        metric(text, "certificate_alarm") == Some(1)
            && metric(text, "certificate_failures").is_some_and(|count| count > 0)
    })
    .await;
}

/// The relay's desktop, which takes whatever certificate it is shown.
struct Desktop {
    http: reqwest::Client,
    base: String,
    key: String,
}

impl Desktop {
    async fn ask(&self, method: reqwest::Method, path: &str, body: &impl Serialize) -> String {
        let request = self.http.request(method, format!("{}{path}", self.base));
        let answer = request.bearer_auth(&self.key).json(body).send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("text");
        assert!(status.is_success(), "{path}: {status} {text}");
        text
    }
}

/// `qstash-local`, trusting this certificate. Returns its address, token and signing keys.
fn scheduler(folder: &Path, destination: &str) -> Option<(Program, [String; 4])> {
    let program = Path::new(env!("CARGO_BIN_EXE_roost-relay")).with_file_name("qstash-local");
    let log = folder.join("qstash.log");
    let mut command = Command::new(program);
    command.args(["--port", "0", "--only", destination, "--database"]);
    command.arg(folder.join("qstash.sqlite"));
    command.env("SSL_CERT_FILE", folder.join("tls/certificate.pem")).env_remove("QSTASH_TOKEN");
    let running = start(command, log.clone()).ok()?;
    let names =
        ["QSTASH_URL", "QSTASH_TOKEN", "QSTASH_CURRENT_SIGNING_KEY", "QSTASH_NEXT_SIGNING_KEY"];
    let deadline = Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        let value = |name: &str| {
            let line = text.lines().find_map(|l| l.trim().strip_prefix(&format!("export {name}=")));
            line.map(|value| value.trim_matches('"').to_owned())
        };
        if let [Some(url), Some(token), Some(current), Some(next)] = names.map(value) {
            return Some((running, [url, token, current, next]));
        }
        assert!(Instant::now() < deadline, "{text}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduler_delivers_over_tls_once() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let address = free_port();
    let base = format!("https://{address}");
    let files = roost_listener::CertificateFiles {
        certificate: folder.join("tls/certificate.pem"),
        private_key: folder.join("tls/private-key.pem"),
    };
    roost_listener::make_self_signed(vec!["127.0.0.1".to_owned()], files).expect("made");
    let Some((_scheduler, [url, token, current, next])) =
        scheduler(folder, &format!("{base}/api/qstash/"))
    else {
        println!("skipped: qstash-local was not built, so nothing calls the relay over TLS");
        return;
    };
    let x = Sandbox::start(roost_x_sandbox::Config::new(folder.join("x.sqlite")), 0).await;
    let x = x.expect("a sandbox");
    let settings = format!(
        "database = \"relay.sqlite\"\nlisten = \"{address}\"\npublic_urls = [\"{base}\"]\n\
         x_api_base = \"{}\"\n[tls]\nmode = \"files\"\n[limits]\nplan = \"demo\"\n\
         [pace]\nbackstop_after_seconds = 3600\n[qstash]\n\
         current_signing_key = \"{current}\"\nnext_signing_key = \"{next}\"\n",
        x.base_url()
    );
    let _relay = relay(folder, &settings);
    let mut add = Command::new(env!("CARGO_BIN_EXE_roost-relay"));
    add.arg("--config").arg(folder.join("relay.toml")).args(["device", "add", "test"]);
    let key = String::from_utf8(add.output().expect("ran").stdout).expect("text");
    let http = reqwest::Client::builder().no_proxy().tls_danger_accept_invalid_certs(true).build();
    let desktop =
        Desktop { http: http.expect("a client"), base: base.clone(), key: key.trim().to_owned() };
    until("a relay", address, "/healthz", folder, |_, _| true).await;
    let store_id = StoreId::new(SystemClock.now());
    let status = desktop.ask(reqwest::Method::GET, "/v1/status", &()).await;
    let status: RelayStatus = serde_json::from_str(&status).expect("a status");
    let manifest = Manifest { epoch: status.epoch, store_id, posts: vec![], more: false };
    desktop.ask(reqwest::Method::POST, "/v1/manifest", &manifest).await;
    let granted = x.sandbox.grant(NewAccount::named("ada"), None).await.expect("a grant");
    let account = XUserId(granted.id.clone());
    let grant = grant_of(&granted, SystemClock.now().plus(Duration::from_secs(7000)));
    desktop.ask(reqwest::Method::PUT, &format!("/v1/accounts/{account}"), &grant).await;
    let now = SystemClock.now();
    let item = Stage {
        post_id: PostId::new(now),
        revision: Revision(1),
        account,
        content: Content::of_texts(["Over TLS".to_owned()]),
        body_hash: None,
        due_at: now,
        not_after: now.plus(Duration::from_secs(3600)),
        follow_up: None,
    };
    let id = item.post_id;
    desktop
        .ask(reqwest::Method::POST, "/v1/stage", &StageBatch { store_id, items: vec![item] })
        .await;
    let qstash = roost_qstash::Client::new(url.parse().expect("a URL"), token).expect("a client");
    let body = serde_json::to_vec(&json!({ "postId": id, "revision": 1 })).expect("JSON");
    let publish = roost_qstash::Publish {
        destination: format!("{base}{POST_TWEET_PATH}"),
        body,
        ..roost_qstash::Publish::default()
    };
    qstash.publish(&publish).await.expect("published");
    until("the post", address, "/metrics", folder, |text, _| {
        text.contains("roost_relay_created_total 1\n")
    })
    .await;
    let sent = x.sandbox.ledger(0, 10).await.expect("a ledger");
    assert_eq!(sent.len(), 1, "{sent:?}");
}
