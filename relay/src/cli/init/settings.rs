//! What `init` writes into a new configuration, and where it comes from.

use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use anyhow::{Context, bail, ensure};
use roost_core::limits::Plan;
use roost_relay::{QstashKeys, Secret};
use serde_json::json;
use url::Url;

use crate::cli::arguments::{Init, TlsChoice};
use crate::cli::file::EXAMPLE;

/// Two signing keys are shorter.
const KEYS_MAX_BYTES: u64 = 4096;

/// The settings that a new configuration states; everything else stays at its default.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) public_urls: Vec<Url>,
    pub(super) listen: Option<SocketAddr>,
    pub(super) tls: Option<TlsChoice>,
    pub(super) acme_contact: Option<String>,
    pub(super) embedded_scheduler: bool,
    pub(super) signing_keys: Option<QstashKeys>,
    pub(super) keys_from_desktop: bool,
    pub(super) plan: Option<Plan>,
}

impl Settings {
    /// Returns the settings that were given as flags.
    pub(super) fn of(given: Init) -> anyhow::Result<Self> {
        Ok(Self {
            public_urls: given.public_urls,
            listen: given.listen,
            tls: given.tls,
            acme_contact: given.acme_contact,
            embedded_scheduler: given.embedded_scheduler,
            signing_keys: given.signing_keys_file.as_deref().map(signing_keys).transpose()?,
            keys_from_desktop: given.keys_from_desktop,
            plan: given.plan,
        })
    }

    /// Returns the example with these settings in their places, so that the explanations of all
    /// others stay beside them.
    pub(super) fn render(&self) -> anyhow::Result<String> {
        let mut text = EXAMPLE.to_owned();
        if !self.public_urls.is_empty() {
            let urls: Vec<_> =
                self.public_urls.iter().map(|url| url.as_str().trim_end_matches('/')).collect();
            set(&mut text, "", "public_urls", &json!(urls))?;
        }
        if let Some(listen) = self.listen {
            set(&mut text, "", "listen", &json!(listen.to_string()))?;
        }
        if let Some(proxy) = self.proxy_on_this_machine() {
            set(&mut text, "", "trusted_proxies", &json!([proxy]))?;
        }
        let mode = match self.tls {
            None | Some(TlsChoice::Off) => None,
            Some(TlsChoice::Acme) => Some("acme"),
            Some(TlsChoice::SelfSigned) => Some("files"),
        };
        if let Some(mode) = mode {
            set(&mut text, "tls", "mode", &json!(mode))?;
        }
        if let Some(contact) = &self.acme_contact {
            set(&mut text, "tls", "acme_contact", &json!(contact))?;
        }
        if self.embedded_scheduler {
            set(&mut text, "", "embedded_scheduler", &json!(true))?;
        }
        if let Some(keys) = &self.signing_keys {
            set(&mut text, "qstash", "current_signing_key", &json!(keys.current.expose()))?;
            set(&mut text, "qstash", "next_signing_key", &json!(keys.next.expose()))?;
        }
        if self.keys_from_desktop {
            set(&mut text, "qstash", "keys_from_desktop", &json!(true))?;
        }
        if let Some(plan) = self.plan {
            set(&mut text, "limits", "plan", &serde_json::to_value(plan)?)?;
        }
        Ok(text)
    }

    /// Returns the address of the proxy that has to be there: the world speaks TLS, and the relay, without it,
    /// hears its own machine alone. Named, it says which client asks; else all clients would be one, and ten
    /// wrong codes of a stranger would keep every computer from pairing.
    fn proxy_on_this_machine(&self) -> Option<IpAddr> {
        let is_off = matches!(self.tls, None | Some(TlsChoice::Off));
        let is_spoken = self.public_urls.iter().any(|url| url.scheme() == "https");
        let listen = self.listen.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |listen| listen.ip());
        (is_off && is_spoken && listen.is_loopback()).then_some(listen)
    }
}

/// Reads QStash's two signing keys, one in a line: the current one first. "-" is standard input.
fn signing_keys(from: &Path) -> anyhow::Result<QstashKeys> {
    let mut text = String::new();
    let read = match from.to_str() {
        Some("-") => std::io::stdin().take(KEYS_MAX_BYTES).read_to_string(&mut text),
        _ => std::fs::File::open(from)
            .and_then(|file| file.take(KEYS_MAX_BYTES).read_to_string(&mut text)),
    };
    read.with_context(|| format!("the signing keys can't be read from {}", from.display()))?;
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match lines[..] {
        [current, next] => keys(current, next),
        _ => bail!(
            "{} has {} lines; QStash has two signing keys, one in a line, the current one first",
            from.display(),
            lines.len()
        ),
    }
}

/// Returns the pair of keys. What is no key is not repeated: it may be another secret.
pub(super) fn keys(current: &str, next: &str) -> anyhow::Result<QstashKeys> {
    let is_key = |key: &str| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
    ensure!(
        is_key(current) && is_key(next),
        "a signing key has letters, digits and signs, and no space; QStash's console shows both"
    );
    Ok(QstashKeys { current: Secret::new(current), next: Secret::new(next) })
}

/// Puts a value in the place where the example explains the setting. What JSON writes of strings,
/// lists and yes or no, TOML reads the same.
fn set(
    text: &mut String,
    section: &str,
    key: &str,
    value: &serde_json::Value,
) -> anyhow::Result<()> {
    let mut current = "";
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches('#').trim();
        if let Some(name) = line.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            current = name;
        }
        let is_here = bare.split_once(" = ").is_some_and(|(name, _)| name == key);
        if current == section && is_here {
            let range = offset..offset + line.len();
            text.replace_range(range, &format!("{key} = {value}\n"));
            return Ok(());
        }
        offset += line.len();
    }
    bail!("the example has no setting {key}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::file::File;
    use crate::cli::listener_file::TlsPlan;

    #[test]
    fn a_rendered_configuration_says_what_was_set_and_explains_the_rest() {
        let settings = Settings {
            public_urls: vec![Url::parse("https://relay.example.org/").expect("a URL")],
            listen: Some("0.0.0.0:443".parse().expect("an address")),
            tls: Some(TlsChoice::Acme),
            acme_contact: Some("me@example.org".to_owned()),
            embedded_scheduler: true,
            signing_keys: Some(keys("sig_\"1", "sig_2").expect("keys")),
            keys_from_desktop: true,
            plan: Some(Plan::LegacyFree),
        };
        let text = settings.render().expect("rendered");
        let file = File::parse(Path::new("relay.toml"), text.clone()).expect("a file");
        let config = file.config(Path::new("relay.toml")).expect("a configuration");
        assert_eq!(config.public_urls, settings.public_urls);
        assert_eq!(Some(file.listen()), settings.listen);
        assert!(file.embedded_scheduler() && file.keys_from_desktop());
        let tls = file.tls(Path::new("relay.toml")).expect("TLS");
        let TlsPlan::Acme(acme) = tls else { panic!("{tls:?}") };
        assert_eq!(acme.domains, ["relay.example.org"]);
        assert_eq!(acme.contact, ["mailto:me@example.org"]);
        assert_eq!(config.qstash_keys, settings.signing_keys);
        assert_eq!(text.lines().count(), EXAMPLE.lines().count(), "no explanation is lost");
    }

    #[test]
    fn a_relay_that_hears_its_own_machine_alone_trusts_the_proxy_there_and_no_other_does() {
        let trusted = |public: &str, listen: Option<&str>, tls| {
            let settings = Settings {
                public_urls: vec![Url::parse(public).expect("a URL")],
                listen: listen.map(|listen| listen.parse().expect("an address")),
                tls,
                ..Settings::default()
            };
            let text = settings.render().expect("rendered");
            let file = File::parse(Path::new("relay.toml"), text).expect("a file");
            let config = file.config(Path::new("relay.toml")).expect("a configuration");
            config.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let public = "https://relay.example.org";
        assert_eq!(trusted(public, None, None), ["127.0.0.1/32"]);
        assert_eq!(trusted(public, Some("127.0.0.1:8787"), Some(TlsChoice::Off)), ["127.0.0.1/32"]);
        assert_eq!(trusted(public, Some("[::1]:8787"), None), ["::1/128"]);
        assert!(trusted(public, Some("0.0.0.0:8787"), None).is_empty(), "it may be anybody");
        assert!(trusted(public, Some("127.0.0.1:443"), Some(TlsChoice::Acme)).is_empty());
        assert!(trusted("http://127.0.0.1:8787", None, None).is_empty(), "there is no proxy");
    }

    #[test]
    fn what_is_no_signing_key_is_refused_and_not_repeated() {
        let refused = keys("my pass word", "sig_2").expect_err("refused").to_string();
        assert!(!refused.contains("pass"), "{refused}");
    }
}
