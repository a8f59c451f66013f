//! Which URLs may be called, and where they are really dialled.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::Name;
use tower::Service;
use url::{Host, Url};

use crate::config::Destinations;
use crate::error::Error;

/// The destinations of a scheduler.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    destinations: Destinations,
    /// Origin as `scheme://host[:port]` → base that is dialled, without its last `/`.
    via: BTreeMap<String, String>,
}

/// Where to dial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Dial {
    /// An address that the configuration named; not checked further.
    Trusted(Url),
    /// An address that must turn out to be public.
    Public(Url),
}

impl Policy {
    pub(crate) fn new(
        destinations: Destinations,
        deliver_via: &BTreeMap<String, Url>,
    ) -> Result<Self, Error> {
        let mut via = BTreeMap::new();
        for (logical, live) in deliver_via {
            let origin = Url::parse(logical)
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https"))
                .map(|url| url.origin().ascii_serialization())
                .ok_or_else(|| Error::Config(format!("{logical} is not an http(s) origin")))?;
            via.insert(origin, live.as_str().trim_end_matches('/').to_owned());
        }
        Ok(Self { destinations, via })
    }

    /// Where to dial for `url`, as far as the URL itself tells.
    ///
    /// # Errors
    /// Why it may not be called, in QStash's words.
    pub(crate) fn dial(&self, url: &str) -> Result<Dial, String> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return refuse("endpoint has invalid scheme, add http:// or https://");
        }
        let Ok(parsed) = Url::parse(url) else { return refuse("endpoint is not a valid URL") };
        if let Destinations::Only(urls) = &self.destinations
            && !urls.iter().any(|allowed| is_within(allowed, url, &parsed))
        {
            return refuse("endpoint is not one of those that this scheduler may call");
        }
        if let Some(base) = self.via.get(&parsed.origin().ascii_serialization()) {
            let after_origin = &parsed[url::Position::BeforePath..url::Position::AfterQuery];
            return Url::parse(&format!("{base}{after_origin}"))
                .map(Dial::Trusted)
                .or_else(|_| refuse("endpoint can't be mapped to its live address"));
        }
        if self.destinations != Destinations::Public {
            return Ok(Dial::Trusted(parsed));
        }
        match parsed.host() {
            Some(Host::Ipv4(address)) => public(address.into())?,
            Some(Host::Ipv6(address)) => public(address.into())?,
            Some(Host::Domain(_)) => {}
            None => return refuse("endpoint has no host"),
        }
        Ok(Dial::Public(parsed))
    }

    /// As [`Policy::dial`], and resolves the name, so that what can't be delivered is refused at
    /// publish. The delivery resolves and checks again.
    pub(crate) async fn accept(&self, url: &str) -> Result<(), String> {
        let Dial::Public(parsed) = self.dial(url)? else { return Ok(()) };
        let Some(Host::Domain(name)) = parsed.host() else { return Ok(()) };
        let port = parsed.port_or_known_default().unwrap_or(443);
        let Ok(addresses) = tokio::net::lookup_host((name, port)).await else {
            return refuse(&format!("unable to resolve host: lookup {name}: no such host"));
        };
        for address in addresses {
            public(address.ip())?;
        }
        Ok(())
    }
}

/// Whether a destination is the allowed one, or below it. Below is judged by the address as it is
/// dialled: dots that lead out of a folder are resolved in it.
fn is_within(allowed: &str, url: &str, parsed: &Url) -> bool {
    allowed == url || (allowed.ends_with('/') && parsed.as_str().starts_with(allowed))
}

fn refuse<T>(why: &str) -> Result<T, String> {
    Err(format!("invalid destination url: {why}"))
}

fn public(address: IpAddr) -> Result<(), String> {
    match roost_public_address::not_public(address) {
        None => Ok(()),
        Some(kind) => refuse(&format!("endpoint resolves to a {kind} address: {address}")),
    }
}

/// Resolves names for connections.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Resolver {
    Any,
    /// To public addresses only. The connection is made to what was checked here, so a name that
    /// changes its mind in between changes nothing.
    PublicOnly,
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let resolver = *self;
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if let Self::PublicOnly = resolver {
                found.iter().try_for_each(|one| public(one.ip())).map_err(io::Error::other)?;
            }
            Ok(found.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(destinations: Destinations) -> Policy {
        let via =
            [("http://relay.internal".to_owned(), Url::parse("http://127.0.0.1:4321/").unwrap())];
        Policy::new(destinations, &via.into()).unwrap()
    }

    #[test]
    fn what_is_not_public_is_refused_in_qstashs_words() {
        let policy = policy(Destinations::Public);
        for (url, why) in [
            ("host/x", "endpoint has invalid scheme, add http:// or https://"),
            ("http://127.0.0.1/", "endpoint resolves to a loopback address: 127.0.0.1"),
            ("http://[::1]:8080/x", "endpoint resolves to a loopback address: ::1"),
            ("http://10.1.2.3/", "endpoint resolves to a private address: 10.1.2.3"),
            (
                "http://169.254.169.254/",
                "endpoint resolves to a link-local address: 169.254.169.254",
            ),
            (
                "http://[::ffff:127.0.0.1]/",
                "endpoint resolves to a loopback address: ::ffff:127.0.0.1",
            ),
            ("http://0x7f.1/", "endpoint resolves to a loopback address: 127.0.0.1"),
            ("http://[fe80::1]/", "endpoint resolves to a link-local address: fe80::1"),
            ("http://[64:ff9b::a00:1]/", "endpoint resolves to a private address: 64:ff9b::a00:1"),
        ] {
            assert_eq!(policy.dial(url), Err(format!("invalid destination url: {why}")), "{url}");
        }
        assert!(matches!(policy.dial("https://1.1.1.1/x"), Ok(Dial::Public(_))));
        assert!(matches!(policy.dial("https://[2606:4700::1]/x"), Ok(Dial::Public(_))));
    }

    #[test]
    fn a_logical_origin_is_dialled_at_its_live_address() {
        let dialled = |url: &str| match policy(Destinations::Public).dial(url) {
            Ok(Dial::Trusted(url)) => url.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(dialled("http://relay.internal/a//b?x=%20"), "http://127.0.0.1:4321/a//b?x=%20");
        assert_eq!(dialled("http://relay.internal"), "http://127.0.0.1:4321/");
        let other = policy(Destinations::Any).dial("http://relay.internal:81/").unwrap();
        assert_eq!(other, Dial::Trusted("http://relay.internal:81/".parse().unwrap()));
    }

    #[test]
    fn only_means_exactly_these() {
        let policy = policy(Destinations::Only(vec!["http://relay.internal/a".into()]));
        assert!(policy.dial("http://relay.internal/a").is_ok());
        for other in ["http://relay.internal/a/", "http://relay.internal/b", "https://x.example/"] {
            assert!(policy.dial(other).is_err(), "{other}");
        }
    }
}
