//! The part of the configuration file that says who is told of troubles: `[alarms]`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use roost_core::alarm::AlarmKind;
use roost_core::zone::Zone;
use roost_relay::{Alarms, Channel, Mail, MailTls, QuietHours, Secret, Way, Webhook, WebhookShape};
use serde::Deserialize;
use url::Url;

use super::setting::{Wrong, seconds};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlarmsFile {
    kinds: Option<Vec<String>>,
    zone: Option<String>,
    quiet_hours: Option<String>,
    digest_seconds: Option<f64>,
    look_seconds: Option<f64>,
    #[serde(default)]
    show_posts: bool,
    posted_digest_at: Option<String>,
    disk_low_mb: Option<u64>,
    failing_percent: Option<u8>,
    silent_hours: Option<f64>,
    #[serde(default)]
    mail: Vec<MailFile>,
    #[serde(default)]
    webhook: Vec<WebhookFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MailFile {
    name: Option<String>,
    host: String,
    port: Option<u16>,
    #[serde(default)]
    tls: MailTlsWord,
    roots: Option<PathBuf>,
    user: Option<String>,
    password_file: Option<PathBuf>,
    from: String,
    to: Vec<String>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MailTlsWord {
    #[default]
    Starttls,
    Implicit,
    Off,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookFile {
    name: Option<String>,
    #[serde(default)]
    shape: ShapeWord,
    url: Option<String>,
    url_file: Option<PathBuf>,
    secret_file: Option<PathBuf>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ShapeWord {
    #[default]
    Json,
    Ntfy,
    Slack,
    Discord,
}

impl AlarmsFile {
    /// Returns what was set; files of secrets are beside the configuration file unless absolute.
    pub(super) fn alarms(&self, folder: &Path) -> Result<Alarms, Wrong> {
        let mut alarms = Alarms::none();
        if let Some(kinds) = &self.kinds {
            let kind = |word: &String| {
                word.parse::<AlarmKind>().map_err(|wrong| Wrong::new("kinds", wrong.to_string()))
            };
            alarms.kinds = kinds.iter().map(kind).collect::<Result<_, _>>()?;
        }
        if let Some(zone) = &self.zone {
            let unknown =
                |wrong: roost_core::zone::UnknownZone| Wrong::new("zone", wrong.to_string());
            alarms.zone = Zone::parse(zone).map_err(unknown)?;
        }
        alarms.quiet = self.quiet_hours.as_deref().map(quiet_hours).transpose()?;
        alarms.posted_at_minute = self
            .posted_digest_at
            .as_deref()
            .map(|text| minute("posted_digest_at", text))
            .transpose()?;
        for (name, given, target) in [
            ("digest_seconds", self.digest_seconds, &mut alarms.digest_after),
            ("look_seconds", self.look_seconds, &mut alarms.look_every),
            (
                "silent_hours",
                self.silent_hours.map(|hours| hours * 3600.0),
                &mut alarms.silent_after,
            ),
        ] {
            if let Some(value) = given {
                *target = seconds(name, value)?;
            }
        }
        if alarms.look_every.is_zero() {
            return Err(Wrong::new("look_seconds", "look_seconds must be longer than nothing"));
        }
        alarms.look_every = alarms.look_every.min(Duration::from_secs(60));
        alarms.show_posts = self.show_posts;
        if let Some(megabytes) = self.disk_low_mb {
            alarms.disk_low_bytes = megabytes.saturating_mul(1024 * 1024);
        }
        alarms.failing_percent = self.failing_percent.unwrap_or(alarms.failing_percent).min(100);
        alarms.channels = self.channels(folder)?;
        Ok(alarms)
    }

    fn channels(&self, folder: &Path) -> Result<Vec<Channel>, Wrong> {
        let mails = self.mail.iter().enumerate().map(|(at, mail)| mail.channel(at, folder));
        let hooks = self.webhook.iter().enumerate().map(|(at, hook)| hook.channel(at, folder));
        let channels = mails.chain(hooks).collect::<Result<Vec<_>, _>>()?;
        let mut names: Vec<&str> = channels.iter().map(|channel| channel.name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Wrong::new("name", "two channels of [alarms] have one name"));
        }
        Ok(channels)
    }
}

impl MailFile {
    fn channel(&self, at: usize, folder: &Path) -> Result<Channel, Wrong> {
        let (tls, port) = match self.tls {
            MailTlsWord::Starttls => (MailTls::StartTls, 587),
            MailTlsWord::Implicit => (MailTls::Implicit, 465),
            MailTlsWord::Off => (MailTls::Off, 25),
        };
        let is_here = self.host == "localhost"
            || self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        if tls == MailTls::Off && !is_here {
            let reason = "tls = \"off\" is for a mail server on this machine; \"starttls\" and \
                          \"implicit\" send nothing in the open";
            return Err(Wrong::new("tls", reason));
        }
        if self.to.is_empty() {
            return Err(Wrong::new("to", "a mail wants a receiver: to = [\"me@example.org\"]"));
        }
        let user = match (&self.user, &self.password_file) {
            (Some(user), Some(file)) => {
                Some((user.clone(), secret("password_file", &folder.join(file))?))
            }
            (None, None) => None,
            _ => return Err(Wrong::new("user", "user and password_file go together")),
        };
        let mail = Mail {
            host: self.host.clone(),
            port: self.port.unwrap_or(port),
            tls,
            roots: self.roots.as_ref().map(|roots| folder.join(roots)),
            user,
            from: self.from.clone(),
            to: self.to.clone(),
        };
        Ok(Channel { name: named(self.name.as_ref(), "mail", at), way: Way::Mail(mail) })
    }
}

impl WebhookFile {
    fn channel(&self, at: usize, folder: &Path) -> Result<Channel, Wrong> {
        let text = match (&self.url, &self.url_file) {
            (Some(url), None) => url.clone(),
            (None, Some(file)) => secret("url_file", &folder.join(file))?.expose().to_owned(),
            _ => return Err(Wrong::new("url", "a webhook has either url or url_file")),
        };
        // It may carry a secret, and is not repeated.
        let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let url =
            url.ok_or_else(|| Wrong::new("url", "a webhook's address begins with https://"))?;
        let secret = self.secret_file.as_ref();
        let secret = secret.map(|file| secret_of(folder, file)).transpose()?;
        let (shape, kind) = match self.shape {
            ShapeWord::Json => (WebhookShape::Json, "json"),
            ShapeWord::Ntfy => (WebhookShape::Ntfy, "ntfy"),
            ShapeWord::Slack => (WebhookShape::Slack, "slack"),
            ShapeWord::Discord => (WebhookShape::Discord, "discord"),
        };
        let way = Way::Webhook(Webhook { url, shape, secret });
        Ok(Channel { name: named(self.name.as_ref(), kind, at), way })
    }
}

fn secret_of(folder: &Path, file: &Path) -> Result<Secret, Wrong> {
    secret("secret_file", &folder.join(file))
}

/// A channel without a name of its own is called by what it is.
fn named(name: Option<&String>, kind: &str, at: usize) -> String {
    match (name, at) {
        (Some(name), _) => name.clone(),
        (None, 0) => kind.to_owned(),
        (None, at) => format!("{kind} {}", at + 1),
    }
}

/// The first line of a file.
fn secret(setting: &'static str, file: &Path) -> Result<Secret, Wrong> {
    let read = std::fs::read_to_string(file).map_err(|error| {
        Wrong::new(setting, format!("{} can't be read: {error}", file.display()))
    })?;
    match read.lines().next().map(str::trim).filter(|line| !line.is_empty()) {
        Some(line) => Ok(Secret::new(line)),
        None => Err(Wrong::new(setting, format!("{} is empty", file.display()))),
    }
}

fn quiet_hours(text: &str) -> Result<QuietHours, Wrong> {
    let wrong = || Wrong::new("quiet_hours", "quiet_hours is like \"22:00-07:00\"");
    let (from, until) = text.split_once('-').ok_or_else(wrong)?;
    let minute = |text: &str| minute("quiet_hours", text.trim()).map_err(|_| wrong());
    Ok(QuietHours { from: minute(from)?, until: minute(until)? })
}

/// The minute of the day of `08:30`.
fn minute(setting: &'static str, text: &str) -> Result<u16, Wrong> {
    let wrong = || Wrong::new(setting, format!("{setting} is a time of day, such as \"08:00\""));
    let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
    match (hour.parse::<u16>(), minute.parse::<u16>()) {
        (Ok(hour), Ok(minute)) if hour < 24 && minute < 60 => Ok(hour * 60 + minute),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarms(text: &str) -> Result<Alarms, String> {
        let file: AlarmsFile = toml::from_str(text).expect("a file");
        file.alarms(Path::new("/etc/roost"))
            .map_err(|wrong| format!("{}: {}", wrong.setting, wrong.reason))
    }

    #[test]
    fn channels_have_names_and_what_makes_no_sense_is_named() {
        let read = alarms(
            "quiet_hours = '22:00-07:30'\nzone = 'Europe/Berlin'\nposted_digest_at = '08:00'\n\
             [[mail]]\nhost = 'mail.example.org'\nfrom = 'roost@example.org'\nto = ['me@example.org']\n\
             [[webhook]]\nshape = 'ntfy'\nurl = 'https://ntfy.sh/topic'\n\
             [[webhook]]\nname = 'team'\nshape = 'slack'\nurl = 'https://hooks.example.org/x'\n",
        )
        .expect("alarms");
        let names: Vec<_> = read.channels.iter().map(|channel| channel.name.as_str()).collect();
        assert_eq!(names, ["mail", "ntfy", "team"]);
        assert_eq!(read.quiet, Some(QuietHours { from: 22 * 60, until: 7 * 60 + 30 }));
        assert_eq!(read.posted_at_minute, Some(8 * 60));
        for (text, word) in [
            ("quiet_hours = '22-7'", "quiet_hours"),
            ("zone = 'Mars'", "zone"),
            ("kinds = ['everything']", "post_failed"),
            ("[[mail]]\nhost = 'h'\ntls = 'off'\nfrom = 'a@b'\nto = ['c@d']", "in the open"),
            ("[[mail]]\nhost = 'h'\nfrom = 'a@b'\nto = []", "receiver"),
            ("[[mail]]\nhost = 'h'\nuser = 'u'\nfrom = 'a@b'\nto = ['c@d']", "go together"),
            ("[[webhook]]\nurl = 'ftp://secret'", "https://"),
            ("[[webhook]]\nsecret_file = 'none'\nurl = 'https://h'", "none can't be read"),
        ] {
            let refused = alarms(text).expect_err(text);
            assert!(refused.contains(word) && !refused.contains("ftp://"), "{refused}");
        }
    }
}
