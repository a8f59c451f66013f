//! Fetches a picture or a video from an address that a file of posts names.
//!
//! The address is somebody else's word, and this computer stands in a network of its own: a name is
//! resolved once, every address that it has must be public, and exactly those are dialled. A redirect
//! is a new address and is checked as one. What is too large, too slow or a web page is given up, and
//! nothing is sent along: no cookie, no credentials, no proxy's.
#![expect(
    clippy::disallowed_methods,
    reason = "requests for pictures and videos are sent here and nowhere else"
)]

use std::fs::File;
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Response, StatusCode, redirect};
pub use roost_public_address::not_public;
use url::{Host, Url};

/// Redirects that are followed.
const REDIRECTS_MAX: usize = 5;
/// Bytes that [`Limits::looks_right`] is shown.
const FIRST_BYTES: usize = 32;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What is fetched at the most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of the largest file.
    pub bytes_max: u64,
    /// How long one file may take.
    pub time_max: Duration,
    /// How long nothing may come.
    pub idle_max: Duration,
    /// Whether the first 32 bytes of a file are those of a file that is wanted: the rest of another one
    /// is not fetched.
    pub looks_right: fn(&[u8]) -> bool,
    /// Returns what keeps an address from being dialled; tests have servers on this computer.
    pub refuses: fn(IpAddr) -> Option<&'static str>,
}

impl Limits {
    /// Returns limits for files of up to `bytes_max` bytes from public addresses.
    #[must_use]
    pub const fn public(bytes_max: u64, looks_right: fn(&[u8]) -> bool) -> Self {
        Self {
            bytes_max,
            time_max: Duration::from_mins(5),
            idle_max: Duration::from_secs(20),
            looks_right,
            refuses: not_public,
        }
    }
}

/// Why a file was not fetched, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFetched {
    /// It is no address that is fetched from.
    #[error("\"{0}\" is no address that begins with https:// or http://")]
    Address(String),
    /// It names a user or a password, which would be sent.
    #[error("the address holds a user name or a password")]
    Credentials,
    /// It leads into a network that is not public.
    #[error("the address leads to {address}, which is {kind}: only public addresses are asked")]
    NotPublic {
        /// Where it leads.
        address: IpAddr,
        /// What that is.
        kind: &'static str,
    },
    /// Its name has no address.
    #[error("{0} is not found")]
    NoSuchHost(String),
    /// It could not be reached, or broke off.
    #[error("{0}")]
    Network(String),
    /// It took too long.
    #[error("it did not come within {} s", .0.as_secs())]
    Slow(Duration),
    /// It has more redirects than are followed.
    #[error("the address redirects more than {REDIRECTS_MAX} times")]
    Redirects,
    /// A redirect leads from an encrypted address to one that is not.
    #[error("the address redirects to one that is not encrypted")]
    Downgrade,
    /// The server did not answer with a file.
    #[error("the server answered {0}")]
    Status(u16),
    /// It is larger than is taken.
    #[error("it has more than {} MB", bytes_max / 1_000_000)]
    TooLarge {
        /// The most bytes that are taken.
        bytes_max: u64,
    },
    /// It is a web page, or another text.
    #[error("the address shows a web page, no picture and no video: take the address of the file")]
    Page,
    /// It is another kind of file.
    #[error("the file is no picture and no video that X takes")]
    Foreign,
    /// It could not be written here.
    #[error("it could not be kept: {0}")]
    Disk(String),
}

/// Fetches what stands at an address into a file, and returns its size in bytes.
///
/// # Errors
/// See [`NotFetched`]; what was written of it is of no use then.
pub async fn fetch(address: &str, file: &mut File, limits: &Limits) -> Result<u64, NotFetched> {
    match tokio::time::timeout(limits.time_max, follow(address, file, limits)).await {
        Ok(fetched) => fetched,
        Err(_) => Err(NotFetched::Slow(limits.time_max)),
    }
}

async fn follow(address: &str, file: &mut File, limits: &Limits) -> Result<u64, NotFetched> {
    let mut url = parsed(address)?;
    for _ in 0..=REDIRECTS_MAX {
        let answer = ask(&url, limits).await?;
        if !answer.status().is_redirection() {
            return read(answer, file, limits).await;
        }
        let next = answer.headers().get(LOCATION).and_then(|place| place.to_str().ok());
        let next = next.ok_or(NotFetched::Status(answer.status().as_u16()))?;
        let next = url.join(next).map_err(|_| NotFetched::Address(next.to_owned()))?;
        if url.scheme() == "https" && next.scheme() == "http" {
            return Err(NotFetched::Downgrade);
        }
        url = parsed(next.as_str())?;
    }
    Err(NotFetched::Redirects)
}

fn parsed(address: &str) -> Result<Url, NotFetched> {
    let refused = || NotFetched::Address(address.chars().take(120).collect());
    let url = Url::parse(address).map_err(|_| refused())?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(refused());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(NotFetched::Credentials);
    }
    Ok(url)
}

/// Resolves the name once, checks all that it has, and dials nothing else.
async fn ask(url: &Url, limits: &Limits) -> Result<Response, NotFetched> {
    let port = url.port_or_known_default().unwrap_or(443);
    let check = |address: IpAddr| match (limits.refuses)(address) {
        None => Ok(()),
        Some(kind) => Err(NotFetched::NotPublic { address, kind }),
    };
    let builder = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        // A proxy would resolve the name anew.
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(limits.idle_max)
        .user_agent(concat!("Roost/", env!("CARGO_PKG_VERSION")));
    let builder = match url.host() {
        Some(Host::Ipv4(address)) => check(address.into()).map(|()| builder)?,
        Some(Host::Ipv6(address)) => check(address.into()).map(|()| builder)?,
        Some(Host::Domain(name)) => {
            let found = tokio::net::lookup_host((name, port)).await;
            let found: Vec<SocketAddr> =
                found.map_err(|_| NotFetched::NoSuchHost(name.to_owned()))?.collect();
            if found.is_empty() {
                return Err(NotFetched::NoSuchHost(name.to_owned()));
            }
            found.iter().try_for_each(|address| check(address.ip()))?;
            builder.resolve_to_addrs(name, &found)
        }
        None => return Err(NotFetched::Address(url.to_string())),
    };
    let client = builder.build().map_err(|error| network(&error, limits))?;
    let request =
        client.get(url.clone()).header(ACCEPT, HeaderValue::from_static("image/*,video/*"));
    request.send().await.map_err(|error| network(&error, limits))
}

async fn read(mut answer: Response, file: &mut File, limits: &Limits) -> Result<u64, NotFetched> {
    if answer.status() != StatusCode::OK {
        return Err(NotFetched::Status(answer.status().as_u16()));
    }
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(is_page) {
        return Err(NotFetched::Page);
    }
    let too_large = NotFetched::TooLarge { bytes_max: limits.bytes_max };
    if answer.content_length().is_some_and(|bytes| bytes > limits.bytes_max) {
        return Err(too_large);
    }
    let mut first = Vec::with_capacity(FIRST_BYTES);
    let mut bytes = 0;
    while let Some(chunk) = answer.chunk().await.map_err(|error| network(&error, limits))? {
        bytes += chunk.len() as u64;
        if bytes > limits.bytes_max {
            return Err(too_large);
        }
        if first.len() < FIRST_BYTES {
            first.extend(chunk.iter().take(FIRST_BYTES - first.len()));
            if first.len() == FIRST_BYTES && !(limits.looks_right)(&first) {
                return Err(NotFetched::Foreign);
            }
        }
        file.write_all(&chunk).map_err(|error| NotFetched::Disk(error.to_string()))?;
    }
    if first.len() < FIRST_BYTES && !(limits.looks_right)(&first) {
        return Err(NotFetched::Foreign);
    }
    Ok(bytes)
}

fn is_page(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("text/")
        || matches!(kind.as_str(), "application/json" | "application/xhtml+xml")
}

/// Returns the innermost reason: the outer ones repeat the address.
fn network(error: &reqwest::Error, limits: &Limits) -> NotFetched {
    if error.is_timeout() {
        return NotFetched::Slow(limits.idle_max);
    }
    let mut reason: &dyn std::error::Error = error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    NotFetched::Network(reason.to_string())
}
