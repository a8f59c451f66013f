//! What a relay prints for a computer: a link that is asked about, or one with keys.

use roost_engine::Secret;

use crate::link::values;
use crate::{Invitation, Link, NoLink};

/// What a relay prints for a computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairingLink {
    /// A one-time link, which the relay is asked to honour.
    Invitation(Invitation),
    /// A link that carries the key itself.
    Keys(Link),
}

impl PairingLink {
    /// Reads a link, whatever it carries.
    ///
    /// # Errors
    /// When it is none, or would send keys over an open network.
    pub fn parse(text: &str) -> Result<Self, NoLink> {
        let values = values(text)?;
        let Some(code) = values.get("code") else { return Link::parse(text).map(Self::Keys) };
        let (relay_url, public_url, pin) = values.place()?;
        Ok(Self::Invitation(Invitation { relay_url, public_url, pin, code: Secret::new(code) }))
    }
}

#[cfg(test)]
mod tests {
    use roost_relay_api::Pin;

    use super::*;

    #[test]
    fn a_one_time_link_names_host_and_fingerprint_and_shows_no_code() {
        let pin = Pin::of(b"a certificate");
        let text =
            format!("roost://pair?relay=https%3A%2F%2Fr.example%3A444&code=sesame&pin={pin}");
        let PairingLink::Invitation(link) = PairingLink::parse(&text).unwrap() else {
            panic!("it carries no key")
        };
        assert_eq!((link.host().as_str(), link.pin), ("r.example:444", Some(pin)));
        let printed = roost_relay_api::link_fingerprint(
            "https://r.example:444",
            Some(&pin.to_string()),
            "sesame",
        );
        assert_eq!(link.fingerprint(), printed);
        assert!(!format!("{link:?}").contains("sesame"), "{link:?}");
        for other in [
            "roost://pair?relay=https%3A%2F%2Fr.example%3A444&code=sesame",
            "roost://pair?relay=https%3A%2F%2Fr.example&code=sesame",
            "roost://pair?relay=https%3A%2F%2Fr.example%3A444&code=simsim",
        ] {
            let PairingLink::Invitation(other) = PairingLink::parse(other).unwrap() else {
                panic!("it carries no key")
            };
            assert_ne!(other.fingerprint(), printed, "another relay, certificate or code");
        }
    }

    #[test]
    fn a_one_time_link_over_an_open_network_or_with_a_broken_pin_is_none() {
        for (link, why) in [
            ("roost://pair?relay=http%3A%2F%2Fr.example&code=sesame", "not encrypted"),
            ("roost://pair?relay=https%3A%2F%2Fr.example&code=sesame&pin=abc", "43 characters"),
            ("roost://pair?code=sesame", "names no relay"),
            ("roost://pair?relay=https%3A%2F%2Fr.example", "has no key"),
        ] {
            let refused = PairingLink::parse(link).unwrap_err().to_string();
            assert!(refused.contains(why) && !refused.contains("sesame"), "{refused}");
        }
    }
}
