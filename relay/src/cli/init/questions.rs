//! What `init` asks on a terminal, when no setting was given.

use std::io::{BufRead, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::Context;
use clap::ValueEnum;
use url::Url;

use crate::cli::arguments::TlsChoice;

use super::settings::{Settings, keys};

/// Where a relay that speaks TLS by itself listens.
const TLS_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 443);
/// How often a question is asked again before `init` gives up.
const TRIES_MAX: usize = 5;

/// Asks for what a relay can't do without.
pub(super) fn ask() -> anyhow::Result<Settings> {
    roost_log_writer::say(format_args!(
        "A relay needs an address of its own and a scheduler that calls it. Enter takes what stands \
         in brackets; everything can be changed in the file later."
    ));
    let url = until_good(
        "Address under which the relay is reached, such as https://relay.example.org []: ",
        public_url,
    )?;
    let tls = match url.as_ref().filter(|url| url.scheme() == "https") {
        None => TlsChoice::Off,
        Some(url) => {
            let usual = if url.domain().is_some() { "acme" } else { "self-signed" };
            until_good(
                &format!("TLS: acme, self-signed, or off (a proxy speaks it) [{usual}]: "),
                |answer| tls(if answer.is_empty() { usual } else { answer }),
            )?
        }
    };
    let listen = (tls != TlsChoice::Off).then_some(TLS_LISTEN);
    let embedded_scheduler = until_good("Scheduler: embedded or qstash [embedded]: ", scheduler)?;
    let current = if embedded_scheduler {
        String::new()
    } else {
        secret(
            "QStash's current signing key (not shown; Enter: a computer that is paired sends both): ",
        )?
    };
    let keys_from_desktop = !embedded_scheduler && current.is_empty();
    let signing_keys = if current.is_empty() {
        None
    } else {
        Some(keys(&current, &secret("QStash's next signing key (not shown): ")?)?)
    };
    Ok(Settings {
        public_urls: url.into_iter().collect(),
        listen,
        tls: Some(tls),
        embedded_scheduler,
        signing_keys,
        keys_from_desktop,
        ..Settings::default()
    })
}

/// Asks until the answer is one.
fn until_good<T>(question: &str, read: impl Fn(&str) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let mut tries = 1;
    loop {
        match read(line(question)?.trim()) {
            Err(error) if tries < TRIES_MAX => {
                roost_log_writer::say(format_args!("  {error:#}"));
                tries += 1;
            }
            answer => return answer,
        }
    }
}

fn line(question: &str) -> anyhow::Result<String> {
    prompt(question)?;
    let mut line = String::new();
    let bytes =
        std::io::stdin().lock().read_line(&mut line).context("the terminal can't be read")?;
    anyhow::ensure!(bytes > 0, "the answers ended; nothing was written");
    Ok(line)
}

fn secret(question: &str) -> anyhow::Result<String> {
    prompt(question)?;
    Ok(rpassword::read_password().context("the terminal can't be read")?.trim().to_owned())
}

/// Questions go to standard error, beside everything else that is said to a person.
fn prompt(question: &str) -> anyhow::Result<()> {
    let mut out = std::io::stderr().lock();
    out.write_all(question.as_bytes()).and_then(|()| out.flush()).context("nothing can be asked")
}

fn public_url(answer: &str) -> anyhow::Result<Option<Url>> {
    if answer.is_empty() {
        return Ok(None);
    }
    let with_scheme =
        if answer.contains("://") { answer.to_owned() } else { format!("https://{answer}") };
    let url = Url::parse(&with_scheme).context("this is no address")?;
    anyhow::ensure!(
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none(),
        "an address is https://host, with or without a path, and nothing more"
    );
    Ok(Some(url))
}

fn tls(answer: &str) -> anyhow::Result<TlsChoice> {
    TlsChoice::from_str(answer, false)
        .map_err(|_| anyhow::anyhow!("answer with acme, self-signed or off"))
}

fn scheduler(answer: &str) -> anyhow::Result<bool> {
    match answer {
        "" | "embedded" | "e" => Ok(true),
        "qstash" | "q" => Ok(false),
        _ => anyhow::bail!("answer with embedded or qstash"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_leave_its_scheme_away() {
        let url = public_url("relay.example.org").expect("an address").expect("given");
        assert_eq!(url.as_str(), "https://relay.example.org/");
        assert_eq!(public_url("").expect("none"), None);
        for wrong in ["ftp://relay.example.org", "https://relay.example.org/?a=b", "https://"] {
            assert!(public_url(wrong).is_err(), "{wrong}");
        }
    }
}
