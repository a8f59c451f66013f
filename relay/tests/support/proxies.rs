//! A relay as `init` makes it for a proxy in front, and that proxy with the example that Roost ships.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use roost_relay_api::{Client, Pin};

/// The scheduler's key, with which deliveries are signed.
pub(crate) const CURRENT: &str = "sig_current_of_the_proxies";
const PATIENCE: Duration = Duration::from_secs(60);
const NGINX: &str = include_str!("../../../deploy/nginx.conf");
const CADDY: &str = include_str!("../../../deploy/Caddyfile");
/// The name and the place of certificates in the examples.
const NAME: &str = "relay.example.org";
const CERTIFICATES: &str = "/etc/letsencrypt/live/relay.example.org";
const RELAY: &str = "127.0.0.1:8787";

/// A proxy that the guide has an example for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nginx,
    Caddy,
}

/// A program, asked to end when the test ends however it ends, and killed if it does not.
#[derive(Debug)]
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // nginx leaves its workers behind when it is killed at once.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline && matches!(self.0.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A relay, and a proxy in front of it.
#[derive(Debug)]
pub(crate) struct World {
    /// The address of the world.
    pub(crate) base: String,
    /// Where the relay listens itself.
    pub(crate) relay: SocketAddr,
    pin: Pin,
    _proxy: Program,
    _relay: Program,
    folder: tempfile::TempDir,
}

impl World {
    /// Starts both; none where the proxy is not installed.
    pub(crate) async fn start(kind: Kind, x: &str) -> Option<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a folder");
        let (port, relay) = (free_port().port(), free_port());
        let base = format!("https://localhost:{port}");
        let proxy = match kind {
            Kind::Nginx => nginx(folder.path(), port, relay),
            Kind::Caddy => caddy(folder.path(), port, relay),
        };
        let Ok(proxy) = proxy else {
            let required = std::env::var_os("ROOST_REQUIRE_TOOLS").is_some();
            assert!(!required, "{kind:?} is not installed, and ROOST_REQUIRE_TOOLS asks for it");
            println!("skipped: {kind:?} is not installed, so nothing stands before the relay");
            return None;
        };
        let served = serve(folder.path(), &base, relay, x);
        let mut world = Self {
            base,
            relay,
            pin: Pin::of(b"not seen yet"),
            _proxy: proxy,
            _relay: served,
            folder,
        };
        let deadline = Instant::now() + PATIENCE;
        while !world.answers().await {
            assert!(Instant::now() < deadline, "{kind:?} leads to no relay: {}", world.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Some(world)
    }

    /// Returns whether the relay answers through the proxy, whose certificate is known from then on.
    async fn answers(&mut self) -> bool {
        let request = self.http(None).get(format!("{}/healthz", self.base));
        let Ok(answer) = request.send().await else { return false };
        let shown = answer.extensions().get::<reqwest::tls::TlsInfo>();
        let Some(certificate) = shown.and_then(|info| info.peer_certificate()) else {
            return false;
        };
        self.pin = Pin::of(certificate);
        answer.status().is_success()
    }

    /// Returns somebody in the world who connects from this address, and takes any certificate.
    pub(crate) fn http(&self, from: Option<&str>) -> reqwest::Client {
        let from: Option<IpAddr> = from.map(|from| from.parse().expect("an address"));
        reqwest::Client::builder()
            .no_proxy()
            .tls_danger_accept_invalid_certs(true)
            .tls_info(true)
            .resolve("localhost", SocketAddr::from(([127, 0, 0, 1], 0)))
            .local_address(from)
            .build()
            .expect("a client")
    }

    /// Returns the client of a computer, which takes the proxy's certificate alone.
    pub(crate) fn client(&self, key: &str) -> Client {
        let base = self.base.parse().expect("an address");
        Client::pinned(base, key, Some(&self.pin)).expect("a client")
    }

    /// Returns a code that lets a computer in.
    pub(crate) fn code(&self) -> String {
        let printed = run(self.folder.path(), &["pair", "--no-qr"]);
        let link = printed.lines().find(|line| line.starts_with("roost://")).expect("a link");
        let link = url::Url::parse(link).expect("a link");
        let code = link.query_pairs().find(|(name, _)| name == "code");
        code.expect("a code").1.into_owned()
    }

    /// Returns what relay and proxy said.
    pub(crate) fn log(&self) -> String {
        let read =
            |name: &str| std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        format!("{}\n{}", read("relay.log"), read("proxy.log"))
    }
}

pub(crate) async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address")
}

/// Starts a program with what it says in a file.
fn start(mut command: Command, log: &Path) -> std::io::Result<Program> {
    let log = std::fs::File::create(log)?;
    let command = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    command.spawn().map(Program)
}

/// The relay as the guide has it made, with the keys of a scheduler elsewhere.
fn serve(folder: &Path, base: &str, listen: SocketAddr, x: &str) -> Program {
    std::fs::write(folder.join("keys"), format!("{CURRENT}\nsig_next\n")).expect("written");
    let (listen, keys) = (listen.to_string(), folder.join("keys").display().to_string());
    let flags = ["init", "--public-url", base, "--listen", &listen, "--tls", "off"];
    run(folder, &[&flags[..], &["--signing-keys-file", &keys]].concat());
    let path = folder.join("relay.toml");
    let made = std::fs::read_to_string(&path).expect("a configuration");
    let real = "# x_api_base = \"https://api.x.com\"";
    let rehearsed = changed(&made, &[(real, format!("x_api_base = \"{x}\""))]);
    std::fs::write(&path, rehearsed).expect("written");
    let mut serve = program(folder);
    serve.arg("serve").env_remove("CREDENTIALS_DIRECTORY");
    start(serve, &folder.join("relay.log")).expect("the relay starts")
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost-relay"));
    command.arg("--config").arg(folder.join("relay.toml")).env_remove("RUST_LOG");
    command
}

fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = program(folder).args(arguments).output().expect("ran");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Returns the example with other words in it, each of which has to be there.
fn changed(example: &str, changes: &[(&str, String)]) -> String {
    changes.iter().fold(example.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the example has no \"{from}\" any more");
        text.replace(from, to)
    })
}

/// nginx with the example inside the least that it needs around it.
fn nginx(folder: &Path, port: u16, relay: SocketAddr) -> std::io::Result<Program> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
    std::fs::write(folder.join("fullchain.pem"), made.cert.pem())?;
    std::fs::write(folder.join("privkey.pem"), made.signing_key.serialize_pem())?;
    let at = folder.display();
    let example = changed(
        NGINX,
        &[
            (CERTIFICATES, at.to_string()),
            (NAME, "localhost".to_owned()),
            (RELAY, relay.to_string()),
            ("listen 443 ssl", format!("listen 127.0.0.1:{port} ssl")),
            // A machine of tests may have no IPv6.
            ("    listen [::]:443 ssl;\n", String::new()),
        ],
    );
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|of| format!("{of}_temp_path {at}/{of};\n"))
        .collect();
    // The first line counts only where root runs it: its workers could not enter the folder otherwise.
    let whole = format!(
        "user root;\ndaemon off;\npid {at}/nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n\
         {temporary}{example}}}\n"
    );
    let path = folder.join("nginx.conf");
    std::fs::write(&path, whole)?;
    // Debian keeps it where only root's PATH leads.
    let program = ["/usr/sbin/nginx", "/usr/bin/nginx"].iter().find(|it| Path::new(it).exists());
    let mut nginx = Command::new(program.unwrap_or(&"nginx"));
    nginx.arg("-c").arg(path).arg("-p").arg(folder).args(["-e", "stderr"]);
    start(nginx, &folder.join("proxy.log"))
}

/// Caddy with the example; for this name it makes certificates itself.
fn caddy(folder: &Path, port: u16, relay: SocketAddr) -> std::io::Result<Program> {
    let example =
        changed(CADDY, &[(RELAY, relay.to_string()), (NAME, format!("localhost:{port}"))]);
    let global = "{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n}\n";
    let path = folder.join("Caddyfile");
    std::fs::write(&path, format!("{global}{example}"))?;
    let mut caddy = Command::new("caddy");
    caddy.arg("run").arg("--config").arg(path).args(["--adapter", "caddyfile"]);
    caddy.env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder).env("HOME", folder);
    start(caddy, &folder.join("proxy.log"))
}
