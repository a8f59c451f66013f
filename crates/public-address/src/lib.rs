//! Which addresses of the internet protocol are public. What is dialled on behalf of somebody else, a
//! scheduler's destination or a picture's address in a file, must lead to no network behind this one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Returns what keeps an address from being public, in a word; `None` when nothing does. An IPv6
/// address that carries an IPv4 one is as public as that.
#[must_use]
pub fn not_public(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => kind_v4(address),
        IpAddr::V6(address) => kind_v6(address),
    }
}

fn kind_v4(address: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        _ if address.is_loopback() => Some("loopback"),
        _ if address.is_private() => Some("private"),
        (169, 254, _) => Some("link-local"),
        (100, 64..=127, _) => Some("private"),
        (0, ..) | (192, 0, 0) | (198, 18..=19, _) | (224.., ..) => Some("reserved"),
        _ if address.is_documentation() => Some("reserved"),
        _ => None,
    }
}

fn kind_v6(address: Ipv6Addr) -> Option<&'static str> {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        kind_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("loopback"),
        // Addresses that carry an IPv4 address: mapped, compatible, NAT64, 6to4.
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] => embedded(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => embedded(high, low),
        [0xfc00..=0xfdff, ..] => Some("private"),
        [0xfe80..=0xfebf, ..] => Some("link-local"),
        [0x2000..=0x3fff, ..] if segments[0] != 0x2001 || segments[1] != 0xdb8 => None,
        _ => Some("reserved"),
    }
}

#[cfg(test)]
mod tests {
    use super::not_public;

    #[test]
    fn what_leads_behind_this_network_is_named() {
        for (address, kind) in [
            ("127.0.0.1", "loopback"),
            ("127.9.9.9", "loopback"),
            ("::1", "loopback"),
            ("10.0.0.1", "private"),
            ("172.16.0.1", "private"),
            ("192.168.1.1", "private"),
            ("100.64.0.1", "private"),
            ("fd00::1", "private"),
            ("169.254.169.254", "link-local"),
            ("fe80::1", "link-local"),
            ("0.0.0.0", "reserved"),
            ("224.0.0.1", "reserved"),
            ("255.255.255.255", "reserved"),
            ("2001:db8::1", "reserved"),
            ("::", "reserved"),
            ("::ffff:127.0.0.1", "loopback"),
            ("::ffff:10.0.0.1", "private"),
            ("::ffff:169.254.169.254", "link-local"),
            ("64:ff9b::a00:1", "private"),
            ("2002:7f00:1::", "loopback"),
        ] {
            assert_eq!(not_public(address.parse().unwrap()), Some(kind), "{address}");
        }
        for public in ["1.1.1.1", "93.184.216.34", "2606:4700::1", "::ffff:1.1.1.1"] {
            assert_eq!(not_public(public.parse().unwrap()), None, "{public}");
        }
    }
}
