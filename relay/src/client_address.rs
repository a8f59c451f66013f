//! Which client asks: the peer of the connection, or whom a trusted proxy names.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;

/// An address, or a network of them: `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

/// A text that names no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a network is an IP address, or one with the bits of its prefix, such as 10.0.0.0/8")]
pub struct NoNetwork;

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| NoNetwork)?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NoNetwork)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = bits.unwrap_or(most);
        if prefix_bits > most {
            return Err(NoNetwork);
        }
        Ok(Self { address, prefix_bits })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.prefix_bits)
    }
}

impl Network {
    /// Returns whether the address is in the network. An IPv4 address in an IPv6 coat is itself.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let (ours, theirs) = (self.address.to_canonical(), address.to_canonical());
        match (ours, theirs) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix_bits)).unwrap_or(0);
                (ours.to_bits() ^ theirs.to_bits()) & mask == 0
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix_bits)).unwrap_or(0);
                (ours.to_bits() ^ theirs.to_bits()) & mask == 0
            }
            _ => false,
        }
    }
}

/// Which client asks. What a header says of it counts only when the peer is a proxy that the
/// configuration trusts: then the last address that no trusted proxy has.
pub(crate) fn client_address(request: &Parts, trusted: &[Network]) -> Option<IpAddr> {
    let peer = peer(request)?;
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(peer) {
        return Some(peer);
    }
    let forwarded = request.headers.get_all("x-forwarded-for").iter();
    let named: Vec<IpAddr> = forwarded
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map_while(|one| one.trim().parse::<IpAddr>().ok())
        .collect();
    let client =
        named.into_iter().rev().map(|one| one.to_canonical()).find(|one| !is_trusted(*one));
    Some(client.unwrap_or(peer))
}

/// The other end of the connection.
pub(crate) fn peer(request: &Parts) -> Option<IpAddr> {
    let ConnectInfo(peer) = request.extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(peer.ip().to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(peer: &str, forwarded: &[&str]) -> Parts {
        let mut request = axum::http::Request::new(());
        let peer: IpAddr = peer.parse().expect("an address");
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer, 1)));
        for value in forwarded {
            let value = value.parse().expect("a header");
            request.headers_mut().append("x-forwarded-for", value);
        }
        request.into_parts().0
    }

    #[test]
    fn a_network_holds_its_own_addresses_and_no_others() {
        let holds = |network: &str, address: &str| {
            let network: Network = network.parse().expect("a network");
            network.contains(address.parse().expect("an address"))
        };
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("0.0.0.0/0", "1.2.3.4") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("10.0.0.1", "::ffff:10.0.0.1") && !holds("10.0.0.1", "10.0.0.2"));
        assert!(holds("fd00::/8", "fd12::1") && !holds("fd00::/8", "fe80::1"));
        for wrong in ["", "10.0.0.0/33", "proxy", "10.0.0.0/x"] {
            assert_eq!(wrong.parse::<Network>(), Err(NoNetwork), "{wrong}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_says_which_client_asks() {
        let trusted: Vec<Network> = vec!["10.0.0.0/8".parse().expect("a network")];
        let client = |peer: &str, forwarded: &[&str]| {
            let client = client_address(&request(peer, forwarded), &trusted);
            client.expect("a client").to_string()
        };
        assert_eq!(client("203.0.113.9", &["1.1.1.1"]), "203.0.113.9", "a stranger's word");
        assert_eq!(client("10.0.0.2", &["1.1.1.1"]), "1.1.1.1");
        assert_eq!(client("10.0.0.2", &["6.6.6.6, 1.1.1.1, 10.0.0.3"]), "1.1.1.1", "the last");
        assert_eq!(client("10.0.0.2", &["6.6.6.6", "1.1.1.1"]), "1.1.1.1", "two headers are one");
        assert_eq!(client("10.0.0.2", &["garbage"]), "10.0.0.2");
        assert_eq!(client("10.0.0.2", &[]), "10.0.0.2");
    }
}
