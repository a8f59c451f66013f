//! The link that a relay prints, with which a data folder is paired.

use roost_engine::{Endpoint, Secret};
use roost_relay_api::Pin;
use url::Url;

/// A link with keys, as `roost-relay device add` prints it:
/// `roost://pair?relay=…&key=…[&qstash=…&token=…][&public=…][&pin=…]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The relay, with the key of this device.
    pub relay: Endpoint,
    /// The relay as the scheduler names it.
    pub public_url: Option<String>,
    /// The scheduler inside the relay; a relay without one works with QStash, whose token is kept by
    /// [`crate::keep_scheduler`].
    pub qstash: Option<Endpoint>,
    /// The relay's certificate, where it vouches for itself.
    pub pin: Option<Pin>,
}

/// A text that is no link. Nothing of it is repeated: it carries keys.
#[derive(Debug, thiserror::Error)]
#[error(
    "This is no pairing link: {0}. It looks like roost://pair?relay=…&code=…; `roost-relay pair` \
     on your server prints one."
)]
pub struct NoLink(String);

/// What stands in a link.
pub(crate) struct Values(Vec<(String, String)>);

pub(crate) fn values(text: &str) -> Result<Values, NoLink> {
    let bad = |why: &str| NoLink(why.to_owned());
    let url = Url::parse(text.trim()).map_err(|_| bad("it is no address"))?;
    if url.scheme() != "roost" || url.host_str() != Some("pair") {
        return Err(bad("it does not begin with roost://pair"));
    }
    let owned = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned()));
    Ok(Values(owned.filter(|(_, value)| !value.is_empty()).collect()))
}

impl Values {
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// Where the relay is, how the scheduler names it, and its certificate.
    pub(crate) fn place(&self) -> Result<(String, Option<String>, Option<Pin>), NoLink> {
        let relay = self.get("relay").ok_or_else(|| NoLink("it names no relay".to_owned()))?;
        check_address(&relay).map_err(NoLink)?;
        let pin = self.get("pin").map(|text| text.parse::<Pin>()).transpose();
        let pin = pin.map_err(|wrong| NoLink(wrong.to_string()))?;
        if pin.is_some() && !relay.starts_with("https://") {
            return Err(NoLink("it names a certificate for an address without TLS".to_owned()));
        }
        Ok((relay, self.get("public"), pin))
    }
}

impl Link {
    /// Reads a link with keys.
    ///
    /// # Errors
    /// When it is none, or would send keys over an open network.
    pub fn parse(text: &str) -> Result<Self, NoLink> {
        let values = values(text)?;
        let (relay, public_url, pin) = values.place()?;
        let key = values.get("key").ok_or_else(|| NoLink("it has no key".to_owned()))?;
        let qstash = match (values.get("qstash"), values.get("token")) {
            (Some(url), Some(token)) => {
                check_address(&url).map_err(NoLink)?;
                Some(Endpoint { url, bearer: Secret::new(token) })
            }
            _ => None,
        };
        let relay = Endpoint { url: relay, bearer: Secret::new(key) };
        Ok(Self { relay, public_url, qstash, pin })
    }
}

/// QStash, by its address and token.
///
/// # Errors
/// When the address is none, or would send the token over an open network.
pub fn qstash(url: String, token: String) -> Result<Endpoint, BadAddress> {
    check_address(&url).map_err(BadAddress)?;
    Ok(Endpoint { url, bearer: Secret::new(token) })
}

/// An address that is none, or that would send a key over an open network.
#[derive(Debug, thiserror::Error)]
#[error("That is no address for QStash: {0}.")]
pub struct BadAddress(String);

/// Keys cross no network in the clear: `http` is for this machine only.
fn check_address(address: &str) -> Result<(), String> {
    let url = Url::parse(address).map_err(|_| format!("\"{address}\" is no address"))?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(format!("\"{address}\" names no machine")),
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if loopback => Ok(()),
        "http" => Err(format!("{address} is not encrypted; use https")),
        _ => Err(format!("{address} does not begin with https://")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_with_relay_and_key_is_read() {
        let link = Link::parse("roost://pair?relay=https%3A%2F%2Fr.example&key=k1").unwrap();
        assert_eq!(link.relay.url, "https://r.example");
        assert_eq!(link.relay.bearer.reveal(), "k1");
        assert_eq!(link.qstash, None);
    }

    #[test]
    fn a_key_goes_over_no_open_network_and_into_no_message() {
        for link in [
            "roost://pair?relay=http%3A%2F%2Fr.example&key=sesame",
            "roost://pair?key=sesame",
            "https://pair?relay=https%3A%2F%2Fr.example&key=sesame",
            "sesame",
        ] {
            let refused = Link::parse(link).unwrap_err().to_string();
            assert!(!refused.contains("sesame"), "{refused}");
        }
        assert!(Link::parse("roost://pair?relay=http%3A%2F%2F127.0.0.1%3A80&key=k").is_ok());
    }
}
