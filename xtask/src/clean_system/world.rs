//! What stands in for the world: the sandbox in X's place and `pebble` in Let's Encrypt's, under their own
//! names, with certificates of roots that the systems are given to trust. nginx speaks TLS for both.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::Ground;
use super::system::System;
use crate::command::{self, command};
use crate::project;
use crate::run::ledger::Create;

/// Where the stand-ins are.
const ADDRESS: &str = "203.0.113.1";
/// The relay's server, by whose address the guide calls it.
pub(super) const SERVER: &str = "203.0.113.7";
/// The person's computer.
pub(super) const COMPUTER: &str = "203.0.113.20";
/// The relay's name in the guide.
pub(super) const RELAY: &str = "relay.example.org";
/// Names in whose place something stands.
const NAMES: &[&str] = &["api.x.com", "x.com", "acme-v02.api.letsencrypt.org", "ntfy.sh"];
/// Where the sandbox answers.
const SANDBOX: &str = "http://127.0.0.1:4000";
const NGINX: &str = "
server {
    listen 443 ssl default_server;
    ssl_certificate /root/world.crt;
    ssl_certificate_key /root/world.key;
    location / {
        proxy_pass http://127.0.0.1:4000;
        proxy_http_version 1.1;
        proxy_set_header Host 127.0.0.1:4000;
        proxy_set_header Origin \"\";
        client_max_body_size 20m;
    }
}
server {
    listen 443 ssl;
    server_name acme-v02.api.letsencrypt.org;
    ssl_certificate /root/world.crt;
    ssl_certificate_key /root/world.key;
    location / { proxy_pass https://127.0.0.1:14000; proxy_set_header Host $host; }
    location = /directory { proxy_pass https://127.0.0.1:14000/dir; proxy_set_header Host $host; }
}
server {
    listen 443 ssl;
    server_name ntfy.sh;
    ssl_certificate /root/world.crt;
    ssl_certificate_key /root/world.key;
    access_log /var/log/nginx/ntfy.log;
    location / { return 200; }
}
";
const PEBBLE: &str = r#"{ "pebble": { "listenAddress": "127.0.0.1:14000",
    "managementListenAddress": "127.0.0.1:15000", "certificate": "/root/world.crt",
    "privateKey": "/root/world.key", "httpPort": 80, "tlsPort": 443, "ocspResponderURL": "",
    "externalAccountBindingRequired": false } }"#;

/// The system on which all of it runs.
pub(super) struct World(System);

impl World {
    /// Boots it, with an account of this handle at the sandbox.
    pub(super) fn boot(ground: &Ground, handle: &str, sandbox: &str) -> Result<Self> {
        let hosts = format!("{SERVER} {RELAY}\n{ADDRESS} {}\n", NAMES.join(" "));
        let system =
            System::boot((&ground.debian, ground), "world", &format!("{ADDRESS}/24"), &hosts)?;
        certificates(&system)?;
        system.root("apt-get install -qq -y --no-install-recommends nginx-light pebble curl")?;
        std::fs::write(system.path("/etc/nginx/conf.d/world.conf"), NGINX)?;
        std::fs::write(system.path("/root/pebble.json"), PEBBLE)?;
        system.bring(&project::binary("x-sandbox"), "/usr/local/bin/x-sandbox")?;
        system.root(&format!(
            "rm /etc/nginx/sites-enabled/default
             systemctl restart nginx
             systemd-run --quiet --unit=x --working-directory=/root x-sandbox --port 4000 \
                 --accounts {handle} --auto-approve {sandbox}
             systemd-run --quiet --unit=pebble --setenv=PEBBLE_VA_NOSLEEP=1 \
                 --setenv=PEBBLE_WFE_NONCEREJECT=0 pebble -config /root/pebble.json"
        ))?;
        let world = Self(system);
        world.0.until("root", &format!("curl -fsS {SANDBOX}/_sandbox/accounts"))?;
        world.0.until("root", "curl -fsSk https://127.0.0.1:15000/roots/0 > /root/acme.crt")?;
        Ok(world)
    }

    pub(super) const fn system(&self) -> &System {
        &self.0
    }

    /// Returns the lines of `/etc/hosts` by which a system finds it, and the relay.
    pub(super) fn hosts() -> String {
        format!("{ADDRESS} {}\n{SERVER} {RELAY}\n", NAMES.join(" "))
    }

    /// Puts the roots where `ca-certificates` looks for those of the place; what is installed already hears
    /// of them.
    pub(super) fn is_trusted_by(&self, system: &System) -> Result<()> {
        for root in ["root.crt", "acme.crt"] {
            let place = format!("/usr/local/share/ca-certificates/{root}");
            system.bring(&self.0.path(&format!("/root/{root}")), &place)?;
        }
        let refresh = "if command -v update-ca-certificates; then update-ca-certificates; fi";
        system.root(refresh).map(drop)
    }

    /// Returns the requests for posts that came so far.
    pub(super) fn creates(&self) -> Result<Vec<Create>> {
        let answer = self.0.root(&format!("curl -fsS '{SANDBOX}/_sandbox/ledger'"))?;
        serde_json::from_str(&answer).context("the ledger is not understood")
    }

    /// Returns how often this text was taken.
    pub(super) fn posted(&self, text: &str) -> Result<usize> {
        let creates = self.creates()?;
        Ok(creates.iter().filter(|create| create.accepted && create.text == text).count())
    }

    /// Waits until this text stands there once, and fails when it does twice.
    pub(super) fn until_posted(&self, text: &str) -> Result<()> {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(300);
        loop {
            match self.posted(text)? {
                0 if std::time::Instant::now() < deadline => {
                    std::thread::sleep(std::time::Duration::from_millis(300));
                }
                1 => return Ok(()),
                times => anyhow::bail!("\"{text}\" was posted {times} times"),
            }
        }
    }

    /// Ends all sign-ins of an account, as its owner does in X's settings.
    pub(super) fn revoke(&self, handle: &str) -> Result<()> {
        let path = format!("{SANDBOX}/_sandbox/accounts/{handle}/disconnect");
        self.0.root(&format!("curl -fsS -X POST {path}")).map(drop)
    }

    /// Returns how many messages the alarm channel took.
    pub(super) fn alarms(&self) -> Result<usize> {
        let log = std::fs::read_to_string(self.0.path("/var/log/nginx/ntfy.log"))?;
        Ok(log.lines().filter(|line| line.contains("\"POST ")).count())
    }
}

/// Makes a root, and a certificate of it for the names.
fn certificates(system: &System) -> Result<()> {
    let folder = system.path("/root");
    let openssl = |arguments: &[&str]| -> Result<()> {
        command::output(&mut command("openssl", arguments, &folder)).map(drop)
    };
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout"];
    let root = ["root.key", "-out", "root.crt", "-subj", "/CN=A world of its own", "-days", "30"];
    openssl(&[&["req", "-x509"], &key[..], &root[..]].concat())?;
    let leaf = ["world.key", "-out", "world.csr", "-subj", "/CN=A stand-in"];
    openssl(&[&["req"], &key[..], &leaf[..]].concat())?;
    let mut names = String::from("subjectAltName=IP:127.0.0.1,DNS:localhost");
    for name in NAMES {
        // Writing to a String can't fail.
        let _ = write!(names, ",DNS:{name}");
    }
    std::fs::write(folder.join("names"), names)?;
    let by = ["-CA", "root.crt", "-CAkey", "root.key", "-CAcreateserial", "-extfile", "names"];
    let sign = ["x509", "-req", "-in", "world.csr", "-out", "world.crt", "-days", "30"];
    openssl(&[&sign[..], &by[..]].concat())
}

/// Installs a package's file, with what it depends on.
pub(super) fn install(system: &System, package: &Path) -> Result<()> {
    let name = package.file_name().unwrap_or_default().to_string_lossy().into_owned();
    system.bring(package, &format!("/root/{name}"))?;
    system.root(&format!("apt-get install -qq -y ./{name}")).map(drop)
}
