//! The desktop's side of the wire: one method per route.

use std::fmt;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, StatusCode};
use roost_core::id::{PostId, StoreId, XUserId};
use roost_crash_points::{self as crash, Moment};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::{
    Account, Coverage, Decision, Delivery, EventPage, Grant, Lookup, LookupAnswer, Manifest,
    ManifestAnswer, OrderedPause, Pause, Readiness, Refusal, RelayStatus, Removal, Removed,
    Resolve, StageAnswer, StageBatch, Takeover, TextsAnswer, TextsOf, WithdrawAnswer,
    WithdrawBatch,
};

/// How long an ordinary request may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long deleting on X may take: one call for each part of a thread.
const REMOVAL_TIMEOUT: Duration = Duration::from_mins(3);
/// How long a connection may take to stand.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// An answer beyond this is not the relay's.
const ANSWER_MAX_BYTES: usize = 32 * 1024 * 1024;

/// Whether a request that got no answer may have been carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing reached the relay: no connection stood.
    NotSent,
    /// The request left; whether the relay acted is not known. Every route may be repeated.
    Unknown,
}

/// Why a request gave no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// No answer came.
    #[error("the relay at {address} could not be reached: {reason}")]
    Unreachable {
        /// Which relay.
        address: String,
        /// Whether the request may have been carried out all the same.
        outcome: Outcome,
        /// Why, in the words of the network.
        reason: String,
    },
    /// The relay answered, and said no.
    #[error("the relay refused: {refusal}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Why.
        refusal: Refusal,
    },
    /// Something answered that is no relay, or one of another version.
    #[error("{address} answered {status} with something that is no relay's answer: {reason}")]
    Garbled {
        /// Which address.
        address: String,
        /// The HTTP status.
        status: u16,
        /// What was wrong with it.
        reason: String,
    },
    /// The client could not be made: the device key or address can't be used.
    #[error("{0}")]
    Unusable(String),
}

impl ClientError {
    /// The relay's refusal, when it is one.
    #[must_use]
    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal),
            _ => None,
        }
    }

    /// Whether no answer came at all: the row is "relay not reached", not wrong.
    #[must_use]
    pub const fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }

    /// Whether it is certain that the relay did not carry the request out.
    #[must_use]
    pub const fn is_definite(&self) -> bool {
        match self {
            Self::Unreachable { outcome, .. } => matches!(outcome, Outcome::NotSent),
            Self::Refused { status, .. } => *status < 500,
            Self::Garbled { .. } => false,
            Self::Unusable(_) => true,
        }
    }
}

/// Speaks to one relay with one device key. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    bearer: HeaderValue,
}

impl fmt::Debug for Client {
    /// Names the relay; the key stays out.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

impl Client {
    /// A client for the relay at `base` (a path is kept as prefix) with a device key.
    ///
    /// # Errors
    /// When the key can't stand in a header, the address is no http(s) one, or no TLS provider
    /// is installed.
    pub fn new(base: Url, device_key: impl AsRef<str>) -> Result<Self, ClientError> {
        if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
            return Err(ClientError::Unusable(format!(
                "\"{base}\" is no address of a relay: it must begin with http:// or https://"
            )));
        }
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", device_key.as_ref().trim()))
            .map_err(|_| {
            ClientError::Unusable("the device key has characters that no key has".to_owned())
        })?;
        bearer.set_sensitive(true);
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("Roost/", env!("CARGO_PKG_VERSION")));
        // A proxy of the system can't reach this computer's own relay.
        let builder = if is_loopback(&base) { builder.no_proxy() } else { builder };
        let http = builder
            .build()
            .map_err(|error| ClientError::Unusable(format!("no HTTP client: {error}")))?;
        Ok(Self { http, base, bearer })
    }

    /// The relay's address.
    #[must_use]
    pub const fn base(&self) -> &Url {
        &self.base
    }

    /// Stages up to [`crate::BATCH_MAX`] posts.
    ///
    /// # Errors
    /// See [`ClientError`]; single rows that were refused are in the answer.
    pub async fn stage(&self, batch: &StageBatch) -> Result<StageAnswer, ClientError> {
        self.send(Method::POST, "v1/stage", Some(batch), TIMEOUT).await
    }

    /// Withdraws up to [`crate::BATCH_MAX`] posts.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn withdraw(&self, batch: &WithdrawBatch) -> Result<WithdrawAnswer, ClientError> {
        self.send(Method::POST, "v1/withdraw", Some(batch), TIMEOUT).await
    }

    /// Asks for up to [`crate::BATCH_MAX`] deliveries.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn lookup(&self, lookup: &Lookup) -> Result<LookupAnswer, ClientError> {
        self.send(Method::POST, "v1/posts", Some(lookup), TIMEOUT).await
    }

    /// Reads back what is staged of posts. A relay of an earlier version tells none.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn texts(&self, of: &TextsOf) -> Result<TextsAnswer, ClientError> {
        match self.send(Method::POST, "v1/texts", Some(of), TIMEOUT).await {
            Err(ClientError::Garbled { status: 404 | 405, .. }) => {
                Ok(TextsAnswer { posts: Vec::new(), last: None })
            }
            answer => answer,
        }
    }

    /// Carries a person's decision about a parked delivery.
    ///
    /// # Errors
    /// See [`ClientError`]; [`crate::RefusalCode::TooLate`] when it is not parked any more.
    pub async fn resolve(&self, post: PostId, resolve: &Resolve) -> Result<Delivery, ClientError> {
        self.decide(post, &Decision::from(resolve.clone())).await
    }

    /// Carries out a person's decision on a parked or partial delivery, if it still stands as the
    /// person saw it: a decision told twice is carried out once.
    ///
    /// # Errors
    /// See [`ClientError`]; [`crate::RefusalCode::TooLate`] when the delivery has moved on.
    pub async fn decide(&self, post: PostId, decision: &Decision) -> Result<Delivery, ClientError> {
        self.send(Method::POST, &format!("v1/posts/{post}/resolve"), Some(decision), TIMEOUT).await
    }

    /// Deletes on X everything that a post put there.
    ///
    /// # Errors
    /// See [`ClientError`]; [`crate::RefusalCode::TooLate`] when the post is not posted,
    /// [`crate::RefusalCode::Unavailable`] when X did not answer and it is to be asked again.
    pub async fn remove(&self, post: PostId, removal: &Removal) -> Result<Removed, ClientError> {
        self.send(Method::POST, &format!("v1/posts/{post}/remove"), Some(removal), REMOVAL_TIMEOUT)
            .await
    }

    /// Reads the feed after `cursor`. With `wait`, the relay holds the answer until something
    /// happened or the time is over (it caps the wait itself).
    ///
    /// # Errors
    /// See [`ClientError`]; [`crate::RefusalCode::CursorGone`] when the cursor is too old.
    pub async fn events(
        &self,
        cursor: i64,
        limit: u32,
        wait: Duration,
    ) -> Result<EventPage, ClientError> {
        let path = format!("v1/events?cursor={cursor}&limit={limit}&wait_ms={}", wait.as_millis());
        self.send(Method::GET, &path, None::<&()>, TIMEOUT + wait).await
    }

    /// Sends one page of the manifest.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn manifest(&self, manifest: &Manifest) -> Result<ManifestAnswer, ClientError> {
        self.send(Method::POST, "v1/manifest", Some(manifest), TIMEOUT).await
    }

    /// Pauses or resumes everything.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn pause(&self, pause: Pause) -> Result<RelayStatus, ClientError> {
        self.pause_in_order(OrderedPause::from(pause)).await
    }

    /// Pauses or resumes everything, unless something newer of the same store came before it. The
    /// status says what holds.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn pause_in_order(&self, pause: OrderedPause) -> Result<RelayStatus, ClientError> {
        self.send(Method::POST, "v1/pause", Some(&pause), TIMEOUT).await
    }

    /// Has the relay try at once whatever waits for X, an app or an account.
    ///
    /// # Errors
    /// See [`ClientError`]; a relay of an earlier release knows no such route.
    pub async fn try_now(&self) -> Result<RelayStatus, ClientError> {
        self.send(Method::POST, "v1/try-now", None::<&()>, TIMEOUT).await
    }

    /// Tells until when everything is handed over.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn coverage(&self, coverage: Coverage) -> Result<RelayStatus, ClientError> {
        self.send(Method::POST, "v1/coverage", Some(&coverage), TIMEOUT).await
    }

    /// Makes this device the one that feeds the relay from a store.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn take_over(&self, takeover: Takeover) -> Result<RelayStatus, ClientError> {
        self.send(Method::POST, "v1/takeover", Some(&takeover), TIMEOUT).await
    }

    /// How the relay is.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn status(&self) -> Result<RelayStatus, ClientError> {
        self.send(Method::GET, "v1/status", None::<&()>, TIMEOUT).await
    }

    /// How the relay is, and whether it waits for the manifest of this very store.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn status_for(&self, store: StoreId) -> Result<RelayStatus, ClientError> {
        self.send(Method::GET, &format!("v1/status?store={store}"), None::<&()>, TIMEOUT).await
    }

    /// Asks whether a post that is due would be delivered now, and what is in the way. `None`: a
    /// relay of an earlier version, which does not tell.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn readiness(&self) -> Result<Option<Readiness>, ClientError> {
        let (status, bytes) =
            self.exchange_any(Method::GET, "readyz", None::<&()>, TIMEOUT).await?;
        match status {
            StatusCode::NOT_FOUND => Ok(None),
            // A relay that is not ready says so with the same document.
            StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| self.garbled(status, error.to_string())),
            _ => Err(self.refused(status, &bytes)),
        }
    }

    /// The accounts that the relay can post with.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn accounts(&self) -> Result<Vec<Account>, ClientError> {
        self.send(Method::GET, "v1/accounts", None::<&()>, TIMEOUT).await
    }

    /// Gives the relay a grant. The relay proves it with X before it answers.
    ///
    /// # Errors
    /// See [`ClientError`]; [`crate::RefusalCode::OtherAccount`] when the grant is someone else's.
    pub async fn connect(&self, user: &XUserId, grant: &Grant) -> Result<Account, ClientError> {
        self.send(Method::PUT, &format!("v1/accounts/{user}"), Some(grant), TIMEOUT).await
    }

    /// Makes the relay forget an account's grant.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn disconnect(&self, user: &XUserId) -> Result<(), ClientError> {
        let path = format!("v1/accounts/{user}");
        self.exchange(Method::DELETE, &path, None::<&()>, TIMEOUT).await.map(|_| ())
    }

    async fn send<B: Serialize + ?Sized, A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
        timeout: Duration,
    ) -> Result<A, ClientError> {
        let (status, bytes) = self.exchange(method, path, body, timeout).await?;
        serde_json::from_slice(&bytes).map_err(|error| self.garbled(status, error.to_string()))
    }

    /// Exchanges one request. Gives the body of a 2xx answer.
    async fn exchange<B: Serialize + ?Sized>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
        timeout: Duration,
    ) -> Result<(StatusCode, Vec<u8>), ClientError> {
        let (status, bytes) = self.exchange_any(method, path, body, timeout).await?;
        if status.is_success() { Ok((status, bytes)) } else { Err(self.refused(status, &bytes)) }
    }

    fn refused(&self, status: StatusCode, bytes: &[u8]) -> ClientError {
        match serde_json::from_slice::<Refusal>(bytes) {
            Ok(refusal) => ClientError::Refused { status: status.as_u16(), refusal },
            Err(error) => self.garbled(status, error.to_string()),
        }
    }

    /// The one place where bytes leave for the relay. Gives any answer.
    async fn exchange_any<B: Serialize + ?Sized>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
        timeout: Duration,
    ) -> Result<(StatusCode, Vec<u8>), ClientError> {
        let mut request = self
            .http
            .request(method, self.address(path)?)
            .header(AUTHORIZATION, self.bearer.clone())
            .timeout(timeout);
        if let Some(body) = body {
            request = request.json(body);
        }
        crash::point(route(path), Moment::Ask);
        let exchanged = async {
            let response = request.send().await.map_err(|error| self.unreachable(&error))?;
            let status = response.status();
            self.read(status, response).await.map(|bytes| (status, bytes))
        };
        let exchanged = exchanged.await;
        crash::point(route(path), Moment::Answered);
        exchanged
    }

    async fn read(
        &self,
        status: StatusCode,
        mut response: reqwest::Response,
    ) -> Result<Vec<u8>, ClientError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            if bytes.len() + chunk.len() > ANSWER_MAX_BYTES {
                return Err(self.garbled(status, "the answer has no end".to_owned()));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn address(&self, path: &str) -> Result<Url, ClientError> {
        let base = self.base.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/{path}"))
            .map_err(|error| ClientError::Unusable(format!("no address at {base}: {error}")))
    }

    fn unreachable(&self, error: &reqwest::Error) -> ClientError {
        let outcome = if error.is_connect() || error.is_builder() {
            Outcome::NotSent
        } else {
            Outcome::Unknown
        };
        ClientError::Unreachable {
            address: self.base.to_string(),
            outcome,
            reason: innermost(error),
        }
    }

    fn garbled(&self, status: StatusCode, reason: String) -> ClientError {
        ClientError::Garbled { address: self.base.to_string(), status: status.as_u16(), reason }
    }
}

/// The route of a path, without what it is asked about: `v1/posts` of `v1/posts/42/resolve`.
fn route(path: &str) -> &str {
    let end = path.match_indices(['/', '?']).nth(1).map_or(path.len(), |(place, _)| place);
    path[..end].split('?').next().unwrap_or(path)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The last cause of an error: "connection refused" says more than "error sending request".
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    if error.is_timeout() { "no answer in time".to_owned() } else { cause.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(base: &str) -> Client {
        // Another test may have installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Client::new(Url::parse(base).expect("a URL"), "rk_secret").expect("a client")
    }

    #[tokio::test]
    async fn a_relay_that_is_not_there_is_a_definite_failure() {
        // A port that was free a moment ago and has no listener.
        let port = {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            listener.local_addr().expect("an address").port()
        };
        let error = client(&format!("http://127.0.0.1:{port}")).status().await.unwrap_err();
        assert!(error.is_unreachable() && error.is_definite(), "{error}");
    }

    #[tokio::test]
    async fn a_relay_that_hangs_up_is_an_unknown_outcome() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let served = tokio::spawn(async move {
            for _ in 0..2 {
                let (mut socket, _) = listener.accept().await.expect("a connection");
                let mut bytes = [0u8; 64];
                let _ = tokio::io::AsyncReadExt::read(&mut socket, &mut bytes).await;
            }
        });
        let error = client(&format!("http://{address}")).status().await.unwrap_err();
        assert!(error.is_unreachable() && !error.is_definite(), "{error}");
        served.abort();
    }

    #[test]
    fn the_key_stays_out_of_debug_and_a_path_prefix_is_kept() {
        let client = client("https://example.org/roost/");
        assert!(!format!("{client:?}").contains("rk_secret"));
        let address = client.address("v1/status").expect("an address");
        assert_eq!(address.as_str(), "https://example.org/roost/v1/status");
    }

    #[test]
    fn an_address_that_is_not_http_is_refused_in_words() {
        let url = Url::parse("ftp://example.org").expect("a URL");
        let error = Client::new(url, "key").unwrap_err();
        assert!(error.to_string().contains("http://"), "{error}");
    }
}
