//! What the person set for alarms.

use std::path::PathBuf;
use std::time::Duration;

use roost_core::alarm::AlarmKind;
use roost_core::clock::UnixMillis;
use roost_core::zone::{Zone, wall_time_of};
use roost_x_api::Secret;
use url::Url;

/// Which troubles are told, when, and where.
#[derive(Debug, Clone)]
pub struct Alarms {
    /// Where messages go. Without any, nothing is looked for.
    pub channels: Vec<Channel>,
    /// What is told.
    pub kinds: Vec<AlarmKind>,
    /// The zone of times in messages and of the quiet hours.
    pub zone: Zone,
    /// A part of the day in which nothing is sent; what stands at its end is told then.
    pub quiet: Option<QuietHours>,
    /// How long the first trouble waits for others, so that they come in one message.
    pub digest_after: Duration,
    /// How often everything is looked at.
    pub look_every: Duration,
    /// Whether the words of a post are in an alarm about it.
    pub show_posts: bool,
    /// The minute of the day at which posts of the day before are told; none: never.
    pub posted_at_minute: Option<u16>,
    /// The disk is low below this.
    pub disk_low_bytes: u64,
    /// Calls fail above this share of them.
    pub failing_percent: u8,
    /// How long a computer with posts may be silent.
    pub silent_after: Duration,
}

impl Alarms {
    /// No channel, and what a small server wants otherwise. Times are in UTC.
    ///
    /// # Panics
    /// Never: UTC is a zone.
    #[must_use]
    pub fn none() -> Self {
        Self {
            channels: Vec::new(),
            kinds: AlarmKind::ALL.to_vec(),
            zone: Zone::parse("UTC").expect("a zone"),
            quiet: None,
            digest_after: Duration::from_secs(60),
            look_every: Duration::from_secs(15),
            show_posts: false,
            posted_at_minute: None,
            disk_low_bytes: 256 * 1024 * 1024,
            failing_percent: 50,
            // A window of six hours, and an hour for the computer to wake up.
            silent_after: Duration::from_secs(7 * 60 * 60),
        }
    }

    /// Whether nothing is sent at this moment.
    pub(crate) fn is_quiet(&self, now: UnixMillis) -> bool {
        self.quiet.is_some_and(|quiet| quiet.holds(minute_of_day(now, &self.zone)))
    }
}

/// A part of the day, in minutes since midnight; it may go over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// The first minute.
    pub from: u16,
    /// The minute after the last.
    pub until: u16,
}

impl QuietHours {
    const fn holds(self, minute: u16) -> bool {
        if self.from <= self.until {
            self.from <= minute && minute < self.until
        } else {
            self.from <= minute || minute < self.until
        }
    }
}

/// The minute of the day in a zone.
pub(crate) fn minute_of_day(now: UnixMillis, zone: &Zone) -> u16 {
    let wall = wall_time_of(now, zone);
    u16::from(wall.hour().unsigned_abs()) * 60 + u16::from(wall.minute().unsigned_abs())
}

/// A place that messages go to.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Its name: in the log, in databases and in answers.
    pub name: String,
    /// How it is reached.
    pub way: Way,
}

/// How a channel is reached.
#[derive(Debug, Clone)]
pub enum Way {
    /// By mail.
    Mail(Mail),
    /// By a request to an address.
    Webhook(Webhook),
}

/// A mail server, and the mail's sender and receivers.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How TLS is spoken.
    pub tls: MailTls,
    /// Further roots for the server's certificate, in PEM.
    pub roots: Option<PathBuf>,
    /// Who signs in there, if anybody.
    pub user: Option<(String, Secret)>,
    /// The sender.
    pub from: String,
    /// The receivers.
    pub to: Vec<String>,
}

/// How TLS is spoken with a mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTls {
    /// From the first byte.
    Implicit,
    /// After STARTTLS, or not at all: nothing is sent in the open.
    StartTls,
    /// Not: for a server on this machine.
    Off,
}

/// An address that takes messages.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// The address. It may carry a secret, and is shown to nobody.
    pub url: Url,
    /// In which shape it takes them.
    pub shape: WebhookShape,
    /// What messages are signed with (`json`), or the bearer that opens the address (`ntfy`).
    pub secret: Option<Secret>,
}

/// In which shape an address takes messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookShape {
    /// JSON, signed as Standard Webhooks say.
    Json,
    /// ntfy: the text as body, the title in a header.
    Ntfy,
    /// Slack's incoming webhooks, and what speaks like them.
    Slack,
    /// Discord's webhooks.
    Discord,
}

impl Way {
    /// Returns its name in answers.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Mail(_) => "mail",
            Self::Webhook(to) => match to.shape {
                WebhookShape::Json => "json",
                WebhookShape::Ntfy => "ntfy",
                WebhookShape::Slack => "slack",
                WebhookShape::Discord => "discord",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_may_go_over_midnight() {
        let night = QuietHours { from: 22 * 60, until: 7 * 60 };
        assert!(night.holds(22 * 60) && night.holds(0) && night.holds(7 * 60 - 1));
        assert!(!night.holds(7 * 60) && !night.holds(21 * 60 + 59));
        let noon = QuietHours { from: 12 * 60, until: 13 * 60 };
        assert!(noon.holds(12 * 60) && !noon.holds(13 * 60) && !noon.holds(0));
    }
}
