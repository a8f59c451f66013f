//! The desktop's side of the wire: one method per route.

mod error;
mod exchange;
mod media;
mod pin;
mod transport;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Method, StatusCode};
use roost_core::id::{PostId, StoreId, XUserId};
use url::Url;

pub use error::{ClientError, Outcome};
pub use pin::{NoPin, Pin, fingerprint_groups};
pub use transport::{Answer, Broken, Exchange, Transport};

use transport::Network;

use crate::{
    Account, AccountProof, AlarmTest, AlarmsStatus, Coverage, Decision, Delivery, EventPage, Grant,
    Lookup, LookupAnswer, Manifest, ManifestAnswer, OrderedPause, PairAnswer, PairRequest,
    PairedDevice, Pause, Readiness, RelayStatus, Removal, Removed, Resolve, SchedulerKeys,
    SchedulerState, SchedulerToken, SelfTest, StageAnswer, StageBatch, Takeover, TextsAnswer,
    TextsOf, WithdrawAnswer, WithdrawBatch,
};

/// How long an ordinary request may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long deleting on X may take: one call for each part of a thread.
const REMOVAL_TIMEOUT: Duration = Duration::from_mins(3);

/// How long a test of the alarms may take: the relay waits that long for mail servers.
const ALARM_TEST_TIMEOUT: Duration = Duration::from_mins(1);

/// Speaks to one relay with one device key. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    transport: Arc<dyn Transport>,
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
    /// Returns a client for the relay at `base` (a path is kept as prefix) with a device key.
    ///
    /// # Errors
    /// When the key can't stand in a header, the address is no http(s) one, or no TLS provider
    /// is installed.
    pub fn new(base: Url, device_key: impl AsRef<str>) -> Result<Self, ClientError> {
        Self::pinned(base, device_key, None)
    }

    /// The same; with a pin, the relay is the one with that certificate and no other.
    ///
    /// # Errors
    /// As of [`Client::new`]; a pin for an address without TLS is refused.
    pub fn pinned(
        base: Url,
        device_key: impl AsRef<str>,
        pin: Option<&Pin>,
    ) -> Result<Self, ClientError> {
        check(&base)?;
        if pin.is_some() && base.scheme() != "https" {
            return Err(ClientError::Unusable(format!(
                "\"{base}\" speaks no TLS, and a certificate is expected of it"
            )));
        }
        let network = Network::to(&base, pin)?;
        Self::over(Arc::new(network), base, device_key)
    }

    /// Returns a client whose requests another transport carries than the network.
    ///
    /// # Errors
    /// When the key can't stand in a header, or the address is no http(s) one.
    pub fn over(
        transport: Arc<dyn Transport>,
        base: Url,
        device_key: impl AsRef<str>,
    ) -> Result<Self, ClientError> {
        check(&base)?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", device_key.as_ref().trim()))
            .map_err(|_| {
            ClientError::Unusable("the device key has characters that no key has".to_owned())
        })?;
        bearer.set_sensitive(true);
        Ok(Self { transport, base, bearer })
    }

    /// Returns the relay's address.
    #[must_use]
    pub const fn base(&self) -> &Url {
        &self.base
    }

    /// Stages up to [`crate::BATCH_MAX`] posts. Returns what became of each.
    ///
    /// # Errors
    /// See [`ClientError`]; single rows that were refused are in the answer.
    pub async fn stage(&self, batch: &StageBatch) -> Result<StageAnswer, ClientError> {
        self.send(Method::POST, "v1/stage", Some(batch), TIMEOUT).await
    }

    /// Withdraws up to [`crate::BATCH_MAX`] posts. Returns what became of each.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn withdraw(&self, batch: &WithdrawBatch) -> Result<WithdrawAnswer, ClientError> {
        self.send(Method::POST, "v1/withdraw", Some(batch), TIMEOUT).await
    }

    /// Returns up to [`crate::BATCH_MAX`] deliveries, as the relay has them.
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

    /// Carries a person's decision about a parked delivery. Returns the delivery as it is then.
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

    /// Deletes on X everything that a post put there. Returns what is gone.
    ///
    /// # Errors
    /// See [`ClientError`]; [`crate::RefusalCode::TooLate`] when the post is not posted,
    /// [`crate::RefusalCode::Unavailable`] when X did not answer and it is to be asked again.
    pub async fn remove(&self, post: PostId, removal: &Removal) -> Result<Removed, ClientError> {
        self.send(Method::POST, &format!("v1/posts/{post}/remove"), Some(removal), REMOVAL_TIMEOUT)
            .await
    }

    /// Returns the page of the feed after `cursor`. With `wait`, the relay holds the answer until
    /// something happened or the time is over (it caps the wait itself).
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

    /// Sends one page of the manifest. Returns what the relay makes of it.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn manifest(&self, manifest: &Manifest) -> Result<ManifestAnswer, ClientError> {
        self.send(Method::POST, "v1/manifest", Some(manifest), TIMEOUT).await
    }

    /// Pauses or resumes everything. Returns how the relay is then.
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

    /// Pauses or resumes one account, unless something newer of the same store came before it.
    ///
    /// # Errors
    /// See [`ClientError`]; a relay of an earlier release knows no such route, and does nothing.
    pub async fn pause_account(
        &self,
        account: &XUserId,
        pause: OrderedPause,
    ) -> Result<RelayStatus, ClientError> {
        let path = format!("v1/accounts/{account}/pause");
        self.send(Method::POST, &path, Some(&pause), TIMEOUT).await
    }

    /// Has the relay try at once whatever waits for X, an app or an account.
    ///
    /// # Errors
    /// See [`ClientError`]; a relay of an earlier release knows no such route.
    pub async fn try_now(&self) -> Result<RelayStatus, ClientError> {
        self.send(Method::POST, "v1/try-now", None::<&()>, TIMEOUT).await
    }

    /// Tells until when everything is handed over. Returns how the relay is then.
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

    /// Returns how the relay is.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn status(&self) -> Result<RelayStatus, ClientError> {
        self.send(Method::GET, "v1/status", None::<&()>, TIMEOUT).await
    }

    /// Returns how the relay is, and whether it waits for the manifest of this very store.
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

    /// Asks to be known by this client's key from now on. Repeating it is safe: the relay remembers
    /// which key a code let in.
    ///
    /// # Errors
    /// See [`ClientError`]; [`crate::RefusalCode::Unauthorized`] when the code is over, used or none,
    /// [`crate::RefusalCode::Invalid`] when the device's name is taken.
    pub async fn pair(&self, request: &PairRequest) -> Result<PairAnswer, ClientError> {
        self.send(Method::POST, "v1/pair", Some(request), TIMEOUT).await
    }

    /// Returns the computers that may speak to the relay.
    ///
    /// # Errors
    /// See [`ClientError`]; a relay of an earlier release knows no such route.
    pub async fn devices(&self) -> Result<Vec<PairedDevice>, ClientError> {
        self.send(Method::GET, "v1/devices", None::<&()>, TIMEOUT).await
    }

    /// Returns whose deliveries the relay takes.
    ///
    /// # Errors
    /// See [`ClientError`]; a relay of an earlier release knows no such route.
    pub async fn scheduler(&self) -> Result<SchedulerState, ClientError> {
        self.send(Method::GET, "v1/scheduler", None::<&()>, TIMEOUT).await
    }

    /// Has the relay take what is signed with these keys. They replace the pair that was sent before.
    ///
    /// # Errors
    /// See [`ClientError`]; a relay of an earlier release knows no such route.
    pub async fn send_scheduler_keys(
        &self,
        keys: &SchedulerKeys,
    ) -> Result<SchedulerState, ClientError> {
        self.send(Method::PUT, "v1/scheduler/keys", Some(keys), TIMEOUT).await
    }

    /// Returns the token of the scheduler inside the relay.
    ///
    /// # Errors
    /// See [`ClientError`]; [`crate::RefusalCode::NotFound`] when none runs there.
    pub async fn scheduler_token(&self) -> Result<SchedulerToken, ClientError> {
        self.send(Method::GET, "v1/scheduler/token", None::<&()>, TIMEOUT).await
    }

    /// Has the relay wait for a test delivery. Returns what it has to name.
    ///
    /// # Errors
    /// See [`ClientError`]; a relay of an earlier release knows no such route.
    pub async fn begin_self_test(&self) -> Result<SelfTest, ClientError> {
        self.send(Method::POST, "v1/self-test", None::<&()>, TIMEOUT).await
    }

    /// Returns what became of a test delivery, as soon as it came or after `wait`; 25 s at the most.
    ///
    /// # Errors
    /// See [`ClientError`]; [`crate::RefusalCode::NotFound`] when the relay was started again meanwhile.
    pub async fn self_test(&self, probe: PostId, wait: Duration) -> Result<SelfTest, ClientError> {
        let path = format!("v1/self-test/{probe}?wait_ms={}", wait.as_millis());
        self.send(Method::GET, &path, None::<&()>, TIMEOUT).await
    }

    /// Has the relay ask X whether it takes each account's sign-in. Returns what X said of each.
    ///
    /// # Errors
    /// See [`ClientError`]; a relay of an earlier release knows no such route.
    pub async fn prove_accounts(&self) -> Result<Vec<AccountProof>, ClientError> {
        self.send(Method::POST, "v1/self-test/accounts", None::<&()>, REMOVAL_TIMEOUT).await
    }

    /// Returns where alarms go, and what stands now.
    ///
    /// # Errors
    /// See [`ClientError`]; a relay of an earlier release knows no such route.
    pub async fn alarms(&self) -> Result<AlarmsStatus, ClientError> {
        self.send(Method::GET, "v1/alarms", None::<&()>, TIMEOUT).await
    }

    /// Has the relay send a test through every channel. Returns what became of each.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn test_alarms(&self) -> Result<Vec<AlarmTest>, ClientError> {
        self.send(Method::POST, "v1/alarms/test", None::<&()>, ALARM_TEST_TIMEOUT).await
    }

    /// Takes a computer's key away.
    ///
    /// # Errors
    /// See [`ClientError`]; [`crate::RefusalCode::NotFound`] when there is none of the name.
    pub async fn revoke(&self, device: &str) -> Result<(), ClientError> {
        let mut address = self.address("v1/devices/")?;
        if let Ok(mut path) = address.path_segments_mut() {
            path.pop_if_empty().push(device);
        }
        let path = address.as_str().strip_prefix(self.base.as_str().trim_end_matches('/'));
        let path = path.unwrap_or_default().trim_start_matches('/').to_owned();
        self.exchange(Method::DELETE, &path, None::<&()>, TIMEOUT).await.map(|_| ())
    }

    /// Returns the accounts that the relay can post with.
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
}

fn check(base: &Url) -> Result<(), ClientError> {
    if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
        return Err(ClientError::Unusable(format!(
            "\"{base}\" is no address of a relay: it must begin with http:// or https://"
        )));
    }
    Ok(())
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
