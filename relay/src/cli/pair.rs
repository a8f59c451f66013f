//! `roost-relay pair`: a link that lets one computer in.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use roost_core::clock::{Clock, SystemClock};
use roost_log_writer::say;
use roost_relay::admin;
use roost_relay_api::link_fingerprint;
use url::Url;

use super::file::File;
use super::listener_file::TlsPlan;

pub(super) fn pair(path: &Path, no_qr: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let file = File::read(path)?;
    let config = file.config(path)?;
    let addresses = Addresses::of(&config.public_urls)
        .with_context(|| format!("{} has no address that a computer could use", path.display()))?;
    let pin = pin(&file, path)?;
    let code = admin::make_pairing_code(&config.database, SystemClock.now())?;
    let link = addresses.link(code.expose(), pin.as_deref())?;
    // The link alone on stdout, so that it can be piped.
    say(format_args!("This link lets one computer in, once, within 10 minutes:"));
    writeln!(out, "{link}")?;
    out.flush()?;
    if !no_qr {
        say(format_args!("{}", qr(&link)?));
    }
    let fingerprint = link_fingerprint(&addresses.relay, pin.as_deref(), code.expose());
    say(format_args!(
        "Its fingerprint: {fingerprint}\n\
         On that computer open the link, or paste it into Roost (Settings, Relay) or into `roost pair`.\n\
         Both show {} and this fingerprint before anything is done.",
        addresses.relay
    ));
    Ok(())
}

/// Where a computer reaches the relay, and how the scheduler names it where that differs.
#[derive(Debug, PartialEq, Eq)]
struct Addresses {
    relay: String,
    public: Option<String>,
}

impl Addresses {
    /// A key crosses no network in the open: the first address with TLS is the computer's. Deliveries
    /// are published under the first address of all.
    fn of(public_urls: &[Url]) -> anyhow::Result<Self> {
        let Some(first) = public_urls.first() else {
            bail!("public_urls is empty: set it, such as [\"https://relay.example.org\"]");
        };
        let Some(relay) = public_urls.iter().find(|url| url.scheme() == "https" || is_here(url))
        else {
            bail!(
                "{first} speaks no TLS, and a key would cross the network in the open: put an address \
                 that begins with https:// into public_urls. `[tls] mode = \"acme\"` gets a \
                 certificate for a name, `roost-relay init --tls self-signed` makes one for an IP \
                 address"
            );
        };
        let text = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        let public = (first != relay).then(|| text(first));
        Ok(Self { relay: text(relay), public })
    }

    fn link(&self, code: &str, pin: Option<&str>) -> anyhow::Result<Url> {
        let mut link = Url::parse("roost://pair")?;
        let mut query = link.query_pairs_mut();
        query.append_pair("relay", &self.relay).append_pair("code", code);
        if let Some(pin) = pin {
            query.append_pair("pin", pin);
        }
        if let Some(public) = &self.public {
            query.append_pair("public", public);
        }
        drop(query);
        Ok(link)
    }
}

/// Whether an address is this machine's own, where nothing crosses a network.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// The pin of a certificate that vouches for itself: no root would know it.
pub(super) fn pin(file: &File, path: &Path) -> anyhow::Result<Option<String>> {
    let TlsPlan::Files(files) = file.tls(path)? else { return Ok(None) };
    if !roost_listener::is_self_signed(&files.certificate)? {
        return Ok(None);
    }
    Ok(Some(roost_listener::pin_of(&files.certificate)?))
}

/// The link for a camera, light on dark as most terminals are.
fn qr(link: &Url) -> anyhow::Result<String> {
    let code = QrCode::new(link.as_str()).context("the link is too long for a QR code")?;
    let mut picture = code.render::<Dense1x2>();
    picture.dark_color(Dense1x2::Light).light_color(Dense1x2::Dark);
    Ok(picture.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(urls: &[&str]) -> anyhow::Result<Addresses> {
        let urls: Vec<_> = urls.iter().map(|url| Url::parse(url).expect("an address")).collect();
        Addresses::of(&urls)
    }

    #[test]
    fn a_computer_is_told_the_address_with_tls_and_the_scheduler_s_name_beside_it() {
        let both =
            addresses(&["http://203.0.113.7:8080", "https://203.0.113.7"]).expect("addresses");
        let link = both.link("pc_1", Some("pin")).expect("a link");
        assert_eq!(
            link.as_str(),
            "roost://pair?relay=https%3A%2F%2F203.0.113.7&code=pc_1&pin=pin\
             &public=http%3A%2F%2F203.0.113.7%3A8080"
        );
        assert_eq!(addresses(&["https://r.example/"]).expect("one").public, None);
        assert!(addresses(&["http://127.0.0.1:80"]).is_ok(), "nothing leaves the machine");
        for open in [&["http://203.0.113.7"][..], &[]] {
            let refused = addresses(open).expect_err("no TLS").to_string();
            assert!(refused.contains("https://"), "{refused}");
        }
    }

    #[test]
    fn a_reader_of_qr_codes_reads_the_link() {
        let both = addresses(&["https://relay.example.org"]).expect("addresses");
        let link = both.link("pc_0123456789abcdefghijkl", None).expect("a link");
        let picture = qr(&link).expect("a picture");
        // Each character is two modules, one above the other; light ones are drawn.
        let rows: Vec<Vec<char>> = picture.lines().map(|line| line.chars().collect()).collect();
        let is_dark = |x: usize, y: usize| {
            matches!((rows[y / 2][x], y % 2), (' ', _) | ('\u{2584}', 0) | ('\u{2580}', 1))
        };
        let (width, height, scale) = (rows[0].len(), rows.len() * 2, 4);
        let mut image =
            rqrr::PreparedImage::prepare_from_bitmap(width * scale, height * scale, |x, y| {
                is_dark(x / scale, y / scale)
            });
        let grids = image.detect_grids();
        let (_, text) = grids.first().expect("a code").decode().expect("read");
        assert_eq!(text, link.as_str());
    }
}
