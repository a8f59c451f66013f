//! What every part of a running relay holds.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use roost_core::clock::{Clock, UnixMillis};
use roost_listener::{CertificateState, CertificateStatus};
use rusqlite::Connection;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::alarm_state::AlarmState;
use crate::attempts::Attempts;
use crate::audit_log;
use crate::clock_check::ClockSkew;
use crate::config::{Config, Secret};
use crate::database::{Database, DatabaseError};
use crate::feed_head::FeedHead;
use crate::incidents::Incidents;
use crate::ledger_write::LedgerWrite;
use crate::media_store::MediaStore;
use crate::media_uploads::MediaUploads;
use crate::metrics::Metrics;
use crate::pause_order::PauseOrders;
use crate::rate_limiter::RateLimiter;
use crate::self_test::SelfTests;
use crate::signing_keys::SigningKeys;
use crate::tokens::Vault;
use crate::write_check::WriteCheck;

/// The relay's parts, shared by router and publisher.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) clock_skew: Arc<ClockSkew>,
    pub(crate) database: Database,
    pub(crate) media: MediaStore,
    pub(crate) media_uploads: MediaUploads,
    /// Whose deliveries count.
    pub(crate) signing_keys: SigningKeys,
    /// The URLs that deliveries may be signed for, by path.
    pub(crate) delivery_urls: Vec<String>,
    pub(crate) failure_urls: Vec<String>,
    /// Keys that live in memory: SHA-256 → device.
    pub(crate) devices: HashMap<[u8; 32], String>,
    pub(crate) x: roost_x_api::Client,
    pub(crate) vault: Vault,
    pub(crate) tokens: crate::tokens::TokenCache,
    pub(crate) rate_limiter: RateLimiter,
    pub(crate) pauses: Arc<PauseOrders>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) write_check: WriteCheck,
    pub(crate) incidents: Incidents,
    /// The certificate of a relay that speaks TLS by itself.
    pub(crate) certificate: OnceLock<Arc<CertificateState>>,
    /// The token of the scheduler inside this relay, for computers that are let in.
    pub(crate) scheduler_token: OnceLock<Secret>,
    /// Pairing codes that were wrong.
    pub(crate) pairing_attempts: Attempts,
    /// Test deliveries that are waited for.
    pub(crate) self_tests: SelfTests,
    /// How the alarms stand.
    pub(crate) alarms: AlarmState,
    /// The newest event; readers of the feed wait on it.
    pub(crate) head: FeedHead,
    /// Tells the publisher that there may be something to do.
    pub(crate) work: Notify,
    pub(crate) stopping: CancellationToken,
}

impl Shared {
    pub(crate) fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    /// How the certificate stands, where the relay speaks TLS by itself.
    pub(crate) fn certificate(&self) -> Option<CertificateStatus> {
        self.certificate.get().map(|state| state.status())
    }

    /// Whether deliveries can be told from forgeries.
    pub(crate) fn has_signing_keys(&self) -> bool {
        !self.signing_keys.is_empty()
    }

    /// The one way in which the relay writes: through the database's own, and then tells the
    /// log and the readers of the feed. What is written is told even when the caller has gone.
    pub(crate) async fn write<T, F>(&self, point: &'static str, body: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: FnOnce(&mut LedgerWrite<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        let (database, metrics) = (self.database.clone(), Arc::clone(&self.metrics));
        let written = tokio::spawn(async move {
            let written = database.write(point, |connection| {
                let mut write = LedgerWrite::new(connection);
                let value = body(&mut write)?;
                Ok((value, write.into_log()))
            });
            let (value, log) = written.await.inspect_err(|error| {
                metrics.write_failures.add(1);
                tracing::error!(point, %error, "the ledger could not be written");
            })?;
            audit_log::log_changes(&log.changes, &metrics.transitions);
            Ok((value, log.head))
        });
        let (value, head) = written.await.map_err(|_| DatabaseError::Stopped)??;
        if let Some(head) = head {
            self.head.advance(head);
        }
        Ok(value)
    }

    pub(crate) async fn read<T, F>(&self, point: &'static str, body: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.database.read(point, body).await
    }
}
