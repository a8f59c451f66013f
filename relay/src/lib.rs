//! The relay: verifies signed webhooks, keeps the ledger, posts to X.
//!
//! A post is staged by a desktop, called due by a scheduler (or by the relay's own clock), and
//! sent once. The **ledger** has one row per post over all its revisions; the step to `sending`
//! is one UPDATE, on disk before the first byte goes to X. What X does not answer is looked up in
//! the account's timeline, never repeated on a guess.
//!
//! ```text
//! webhook ─────┐                              ┌─ tokens (one refresher per account)
//! backstop ────┼─▶ transitions ─▶ publisher ──┤
//! desktop_api ─┘   (ledger, rows)             └─ X, one call per intent
//! ```
//!
//! Modules know only those below them: the routes (`webhook`, `desktop_api`, `health`), then
//! `publisher`, then `tokens` and `shared`, then `transitions`, `rows` and `ledger`. Two circles
//! stay. `shared` holds the cache of `tokens`, whose slots read and refresh a grant with what
//! `shared` holds. Within `tokens` a refused refresh asks other accounts' slots for a refresh
//! (`refusal_check`), because only they tell whether X itself is out of order.

#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod admin;
mod alarm_settings;
mod alarm_state;
mod alarms;
mod attempts;
mod audit_log;
mod client_address;
mod clock_check;
pub mod config;
mod database;
mod desktop_api;
pub mod failure_policy;
mod feed_head;
mod guard;
mod health;
mod housekeeping;
mod incidents;
mod ledger;
mod ledger_write;
mod media_store;
mod media_uploads;
mod metrics;
mod openapi;
mod transitions;

mod log_recovery;
mod pause_order;
mod publisher;
mod rate_limiter;
mod readiness;
mod redact;
mod rows;
mod self_test;
mod shared;
mod signing_keys;
mod start;
mod tokens;
mod webhook;
mod write_check;
mod x_time;
mod x_time_request;

use std::sync::Arc;

use axum::Router;
use roost_core::clock::Clock;
use roost_listener::CertificateState;
use tokio_util::sync::CancellationToken;

pub use alarm_settings::{Alarms, Channel, Mail, MailTls, QuietHours, Way, Webhook, WebhookShape};
pub use alarms::send_test_of;
pub use client_address::{Network, NoNetwork};
pub use config::{Config, ConfigError, DeviceKey, Pace, QstashKeys, Secret};
pub use database::{DatabaseError, OpenError};
pub use redact::redact_parse_error;
pub use start::Error;
pub use tokens::KeyError;

use shared::Shared;

/// A relay: the routes to serve, and the work beside them.
#[derive(Clone)]
pub struct Relay {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Relay")
            .field("database", &self.shared.config.database)
            .finish_non_exhaustive()
    }
}

impl Relay {
    /// Opens the ledger, alone in the whole system, and settles what an earlier process left
    /// open. A TLS provider must be installed.
    ///
    /// # Errors
    /// When another relay has the ledger, a file can't be used, or the configuration makes no
    /// sense.
    pub fn open(config: Config, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        start::open(config, clock).map(|shared| Self { shared: Arc::new(shared) })
    }

    /// The routes: `/v1/`, `/api/qstash/`, `/healthz`, `/readyz`, `/metrics`. They answer from the start;
    /// posts go out while [`Relay::run`] runs. Serve them with the peer's address
    /// (`into_make_service_with_connect_info`) to let this machine read `/metrics` without a key.
    pub fn router(&self) -> Router {
        Router::new()
            .merge(desktop_api::router())
            .merge(webhook::router())
            .merge(health::router())
            .merge(openapi::router())
            .layer(axum::middleware::from_fn_with_state(Arc::clone(&self.shared), guard::guard))
            .with_state(Arc::clone(&self.shared))
    }

    /// Sends what is due, until the token is cancelled; then lets the calls in flight end, writes
    /// their results down, and returns.
    pub async fn run(&self, cancel: CancellationToken) {
        let shared = Arc::clone(&self.shared);
        let stop = async {
            cancel.cancelled().await;
            shared.stopping.cancel();
        };
        tokio::join!(
            stop,
            publisher::run(Arc::clone(&self.shared)),
            publisher::upload_ahead(Arc::clone(&self.shared)),
            housekeeping::run(Arc::clone(&self.shared)),
            alarms::run(Arc::clone(&self.shared)),
        );
    }

    /// The scheduler's routes alone, for a listener that no desktop speaks to.
    pub fn webhook_router(&self) -> Router {
        Router::new()
            .merge(webhook::router())
            .layer(axum::middleware::from_fn_with_state(Arc::clone(&self.shared), guard::guard))
            .with_state(Arc::clone(&self.shared))
    }

    /// Tells of the certificate that the relay's listener speaks TLS with: `/readyz` and `/metrics`
    /// say how it stands. Only the first one counts.
    pub fn watch_certificate(&self, certificate: Arc<CertificateState>) {
        let _ = self.shared.certificate.set(certificate);
    }

    /// Names the token of the scheduler inside this relay: computers that are let in hear it. Only the
    /// first one counts.
    pub fn offer_scheduler(&self, token: Secret) {
        let _ = self.shared.scheduler_token.set(token);
    }

    /// Takes another pair of signing keys in the place of the configured one, at once. What a computer
    /// sent stays beside it.
    pub fn set_qstash_keys(&self, keys: &QstashKeys) {
        self.shared.signing_keys.set_own(keys.clone());
    }
}
