//! The configuration file.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use roost_core::limits::{Limits, Plan, Rate};
use roost_relay::{Config, Network, Pace, QstashKeys, Secret, redact_parse_error};
use serde::Deserialize;
use url::Url;

use super::alarms_file::AlarmsFile;
use super::listener_file::{ConnectionsFile, TlsFile, TlsPlan};
use super::setting::{Wrong, seconds};

/// The file that explains every setting; what it says in comments are the defaults.
pub(super) const EXAMPLE: &str = include_str!("../../roost-relay.example.toml");

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    database: PathBuf,
    key_file: Option<PathBuf>,
    listen: SocketAddr,
    webhook_listen: Option<SocketAddr>,
    #[serde(default)]
    public_urls: Vec<Url>,
    #[serde(default)]
    trusted_proxies: Vec<String>,
    x_api_base: Option<Url>,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    resend_once: bool,
    #[serde(default)]
    embedded_scheduler: bool,
    #[serde(default)]
    log: Log,
    #[serde(default)]
    tls: TlsFile,
    #[serde(default)]
    connections: ConnectionsFile,
    #[serde(default)]
    alarms: AlarmsFile,
    #[serde(default)]
    media: MediaFile,
    #[serde(default)]
    qstash: Qstash,
    #[serde(default)]
    limits: LimitsFile,
    #[serde(default)]
    pace: PaceFile,
    /// What was read, for the lines of settings that make no sense together.
    #[serde(skip)]
    text: String,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Log {
    #[default]
    Text,
    Json,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct MediaFile {
    folder: Option<PathBuf>,
    max_mb: Option<u64>,
    min_free_mb: Option<u64>,
}

impl MediaFile {
    fn apply(&self, folder: &Path, config: &mut Config) {
        let bytes = |megabytes: u64| megabytes.saturating_mul(1_000_000);
        if let Some(media) = &self.folder {
            config.media_folder = folder.join(media);
        }
        config.media_bytes_max = self.max_mb.map_or(config.media_bytes_max, bytes);
        config.media_free_bytes_min = self.min_free_mb.map_or(config.media_free_bytes_min, bytes);
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Qstash {
    current_signing_key: Option<String>,
    next_signing_key: Option<String>,
    #[serde(default)]
    keys_from_desktop: bool,
}

impl std::fmt::Debug for Qstash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Qstash(…)")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsFile {
    #[serde(default)]
    plan: Plan,
    rates: Option<Vec<Rate>>,
}

macro_rules! pace_file {
    ($($field:ident <- $name:ident,)+) => {
        /// The relay's own times, in seconds.
        #[derive(Debug, Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct PaceFile {
            $($name: Option<f64>,)+
            looks_seconds: Option<Vec<f64>>,
            slots_per_account: Option<usize>,
            slots: Option<usize>,
        }

        impl PaceFile {
            fn apply(&self, pace: &mut Pace) -> Result<(), Wrong> {
                $(if let Some(value) = self.$name {
                    pace.$field = seconds(stringify!($name), value)?;
                })+
                if let Some(looks) = &self.looks_seconds {
                    pace.looks = looks
                        .iter()
                        .map(|value| seconds("looks_seconds", *value))
                        .collect::<Result<_, _>>()?;
                }
                pace.slots_per_account = self.slots_per_account.unwrap_or(pace.slots_per_account);
                pace.slots = self.slots.unwrap_or(pace.slots);
                Ok(())
            }
        }
    };
}

pace_file! {
    tick <- tick_seconds,
    backstop_after <- backstop_after_seconds,
    overdue_after <- overdue_after_seconds,
    overdue_spacing <- overdue_spacing_seconds,
    heartbeat <- heartbeat_seconds,
    gap <- gap_seconds,
    look_skew <- look_skew_seconds,
    doubt_margin <- doubt_margin_seconds,
    look_patience <- look_patience_seconds,
    retry_first <- retry_first_seconds,
    retry_max <- retry_max_seconds,
    credits_probe <- credits_probe_seconds,
    account_rest <- account_rest_seconds,
    token_margin <- token_margin_seconds,
    doubt <- doubt_seconds,
    prove_every <- prove_every_seconds,
    prove_before_due <- prove_before_due_seconds,
    call_timeout <- call_timeout_seconds,
    long_poll <- long_poll_seconds,
    send_again_within <- send_again_within_seconds,
    media_ahead <- media_ahead_seconds,
    keep_content <- keep_content_seconds,
    keep_events <- keep_events_seconds,
}

impl File {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| {
            format!("{} can't be read; make one with `roost-relay init`", path.display())
        })?;
        Self::parse(path, text)
    }

    /// Reads the text of the file at `path`.
    pub(super) fn parse(path: &Path, text: String) -> anyhow::Result<Self> {
        let file = toml::from_str(&text).map_err(|error| misread(path, &text, &error))?;
        Ok(Self { text, ..file })
    }

    /// How TLS is spoken.
    pub(super) fn tls(&self, path: &Path) -> anyhow::Result<TlsPlan> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let plan = self.tls.plan(folder, &self.public_urls);
        plan.map_err(|wrong| self.at(path, &wrong))
    }

    /// A further listener for deliveries alone, in plain HTTP.
    pub(super) const fn webhook_listen(&self) -> Option<SocketAddr> {
        self.webhook_listen
    }

    /// The limits of the listener.
    pub(super) fn connections(&self, path: &Path) -> anyhow::Result<roost_listener::Limits> {
        self.connections.limits().map_err(|wrong| self.at(path, &wrong))
    }

    fn at(&self, path: &Path, wrong: &Wrong) -> anyhow::Error {
        let line = line_of(&self.text, wrong.setting).map(|line| format!(", line {line}"));
        let line = line.unwrap_or_default();
        anyhow::anyhow!("{}{line}: {}. {REMEDY}", path.display(), wrong.reason)
    }

    /// Whether a paired computer sends the signing keys.
    pub(super) const fn keys_from_desktop(&self) -> bool {
        self.qstash.keys_from_desktop
    }

    /// Whether the file asks for the embedded scheduler.
    pub(super) const fn embedded_scheduler(&self) -> bool {
        self.embedded_scheduler
    }

    pub(super) const fn listen(&self) -> SocketAddr {
        self.listen
    }

    pub(super) const fn log(&self) -> Log {
        self.log
    }

    /// What the library is told. Paths are beside the configuration file unless absolute; keys
    /// may come from the environment, under the names that QStash's own SDKs use.
    pub(super) fn config(&self, path: &Path) -> anyhow::Result<Config> {
        let config = self.told(path).map_err(|wrong| self.at(path, &wrong))?;
        let checked = config.check();
        checked.map_err(|wrong| self.at(path, &Wrong::new(wrong.setting, wrong.reason)))?;
        // What only the listener needs is looked at as well, before anything starts.
        self.tls(path)?;
        self.connections(path)?;
        Ok(config)
    }

    fn told(&self, path: &Path) -> Result<Config, Wrong> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut config = Config::new(folder.join(&self.database));
        config.key_file = match (&self.key_file, std::env::var_os("CREDENTIALS_DIRECTORY")) {
            (Some(file), _) => folder.join(file),
            (None, Some(credentials)) if Path::new(&credentials).join(CREDENTIAL).exists() => {
                Path::new(&credentials).join(CREDENTIAL)
            }
            (None, _) => config.key_file,
        };
        config.public_urls.clone_from(&self.public_urls);
        let proxy = |text: &String| {
            let network = text.parse::<Network>();
            network.map_err(|wrong| Wrong::new("trusted_proxies", format!("\"{text}\": {wrong}")))
        };
        config.trusted_proxies =
            self.trusted_proxies.iter().map(proxy).collect::<Result<_, _>>()?;
        if let Some(base) = &self.x_api_base {
            config.x_api_base = base.clone();
        }
        config.dry_run = self.dry_run;
        config.resend_once = self.resend_once;
        config.loopback = self.listen.ip().is_loopback() && self.public_urls.iter().all(is_local);
        config.alarms = self.alarms.alarms(folder)?;
        self.media.apply(folder, &mut config);
        config.qstash_keys = self.qstash.keys()?;
        config.limits = Limits::of(self.limits.plan);
        if let Some(rates) = &self.limits.rates {
            config.limits.rates.clone_from(rates);
        }
        self.pace.apply(&mut config.pace)?;
        Ok(config)
    }
}

/// Where the file is not understood and why. The line itself is not repeated: a slip of the pen
/// is likeliest where a key was pasted.
fn misread(path: &Path, text: &str, error: &toml::de::Error) -> anyhow::Error {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    anyhow::anyhow!(
        "{}, line {line} is not understood: {}. {REMEDY}",
        path.display(),
        redact_parse_error(error.message()).trim_end()
    )
}

/// What helps against every setting that is not understood.
const REMEDY: &str = "`roost-relay example` explains every setting";

/// Returns the line of a setting, counted from 1.
fn line_of(text: &str, setting: &str) -> Option<usize> {
    let names_it = |line: &str| {
        let name = line.split_once('=').map(|(name, _)| name.trim());
        name == Some(setting)
    };
    text.lines().position(names_it).map(|line| line + 1)
}

/// The key that seals grants, as systemd hands it over (`LoadCredentialEncrypted=`).
const CREDENTIAL: &str = "roost-relay-key";

/// A public address that only this computer knows: nobody reaches the relay by another name.
fn is_local(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        host == "localhost" || host.starts_with("127.") || host.ends_with(".internal")
    })
}

impl Qstash {
    fn keys(&self) -> Result<Option<QstashKeys>, Wrong> {
        let or_environment = |value: &Option<String>, name: &str| {
            value.clone().or_else(|| std::env::var(name).ok()).filter(|key| !key.is_empty())
        };
        let current = or_environment(&self.current_signing_key, "QSTASH_CURRENT_SIGNING_KEY");
        let next = or_environment(&self.next_signing_key, "QSTASH_NEXT_SIGNING_KEY");
        match (current, next) {
            (Some(current), Some(next)) => {
                Ok(Some(QstashKeys { current: Secret::new(current), next: Secret::new(next) }))
            }
            (None, None) => Ok(None),
            (given, _) => {
                let (has, lacks) = match given {
                    Some(_) => ("current_signing_key", "next_signing_key"),
                    None => ("next_signing_key", "current_signing_key"),
                };
                let reason = format!(
                    "QStash has two signing keys, and only {has} is given; QStash's console shows \
                     {lacks} beside it"
                );
                Err(Wrong::new(has, reason))
            }
        }
    }
}

/// A file that may come to hold secrets is its owner's alone.
pub(super) fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    roost_private_files::options()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .with_context(|| format!("{} can't be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Config {
        let file: File = toml::from_str(text).expect("a file");
        file.config(Path::new("/etc/roost/relay.toml")).expect("a configuration")
    }

    #[test]
    fn the_example_reads_and_its_comments_say_the_defaults() {
        let plain = parsed(EXAMPLE);
        let settings: String = EXAMPLE
            .lines()
            .map(|line| {
                let setting = line.strip_prefix("# ").filter(|rest| {
                    rest.split_once(" = ").is_some_and(|(name, _)| {
                        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
                    })
                });
                format!("{}\n", setting.unwrap_or(line))
            })
            .collect();
        let spelt_out = parsed(&settings);
        assert_eq!(spelt_out.pace, plain.pace);
        assert_eq!(spelt_out.pace, Pace::default());
        assert_eq!(spelt_out.limits, Limits::default());
        assert_eq!(spelt_out.x_api_base.as_str(), "https://api.x.com/");
        let said = settings
            .lines()
            .filter(|line| !line.starts_with('#') && line.contains("_seconds = "))
            .count();
        assert_eq!(said, 28, "every time is in the example");
        assert_eq!(format!("{:?}", spelt_out.alarms), format!("{:?}", plain.alarms));
        let connections = ConnectionsFile::default().limits().expect("limits");
        assert_eq!(connections, roost_listener::Limits::default());
    }

    #[test]
    fn a_setting_that_makes_no_sense_is_named_with_its_line_and_a_remedy() {
        let start = "database = \"x\"\nlisten = \"127.0.0.1:1\"\n";
        for (settings, words) in [
            ("nope = 1", &["line 3", "unknown field `nope`"][..]),
            ("dry_run = \"canary\"", &["line 3", "expected a boolean"]),
            ("public_urls = [\"https://a.example/?canary=1\"]", &["line 3", "https://host"]),
            ("[pace]\ntick_seconds = 0", &["line 4", "between a moment and 30 seconds"]),
            ("[pace]\ngap_seconds = -1.0", &["line 4", "no length of time"]),
            ("[pace]\nlooks_seconds = [3, 2]", &["line 4", "must rise"]),
            ("[qstash]\nnext_signing_key = \"canary\"", &["line 4", "current_signing_key beside"]),
        ] {
            let path = Path::new("relay.toml");
            let file = File::parse(path, format!("{start}{settings}"));
            let refused = file.and_then(|file| file.config(path)).expect_err(settings);
            let refused = format!("{refused:#}");
            for word in words.iter().chain(&["relay.toml, ", "roost-relay example"]) {
                assert!(refused.contains(word), "{settings}: {refused}");
            }
            assert!(!refused.contains("canary"), "a value may be a secret: {refused}");
        }
    }

    #[test]
    fn paths_are_beside_the_file() {
        let config = parsed("database = \"relay.sqlite\"\nlisten = \"127.0.0.1:1\"");
        assert_eq!(config.database, Path::new("/etc/roost/relay.sqlite"));
        assert_eq!(config.key_file, Path::new("/etc/roost/relay.key"));
        assert_eq!(config.media_folder, Path::new("/etc/roost/relay.media"));
    }
}
