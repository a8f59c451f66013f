//! Whether a post that is due would be delivered now, and what is in the way.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_relay_api::{AccountHealth, ReadinessFinding};
use rusqlite::Connection;
use serde::Serialize;

use crate::clock_check::Confidence;
use crate::rows::account::AccountRow;
use crate::rows::{account, app, manifest_epoch, relay};
use crate::shared::Shared;

/// Holds of X on a whole app that somebody has to end.
const APP_HOLDS: &[Code] =
    &[Code::CreditsDepleted, Code::SpendCapReached, Code::AppNotEnrolled, Code::AppSuspended];

/// An account, and why none of its posts goes out.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AccountState {
    pub(crate) x_user_id: XUserId,
    pub(crate) username: String,
    pub(crate) can_post: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

/// How ready the relay is.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Readiness {
    pub(crate) paused: bool,
    pub(crate) findings: Vec<ReadinessFinding>,
    pub(crate) accounts: Vec<AccountState>,
}

impl Readiness {
    /// A pause is somebody's wish, and no reason to call the relay unready.
    pub(crate) const fn is_ready(&self) -> bool {
        self.findings.is_empty()
    }

    /// Looks at everything that a delivery needs.
    pub(crate) async fn of(shared: &Shared) -> Self {
        let now = shared.now();
        let mut findings = Vec::new();
        let mut find = |what: &str, message: String| {
            findings.push(ReadinessFinding { what: what.to_owned(), message });
        };
        if let Err(reason) = shared.write_check.run(&shared.database).await {
            find("database", format!("The database can't be written: {reason}."));
        }
        if shared.stopping.is_cancelled() {
            find("stopping", "The relay is stopping.".to_owned());
        }
        if !shared.has_signing_keys() {
            find(
                "signing_keys",
                "There are no signing keys: every delivery is refused. A paired computer that has \
                 QStash's token sends them."
                    .to_owned(),
            );
        }
        if shared.delivery_urls.is_empty() {
            find("public_urls", "public_urls is empty: every delivery is refused.".to_owned());
        }
        if let Confidence::Contradicted { ahead_ms } = shared.clock_skew.confidence(now) {
            find("clock", crate::clock_check::describe_skew(ahead_ms));
        }
        if let Some(message) = shared.certificate().and_then(|status| status.alarm(now.0)) {
            find("certificate", message);
        }
        let (mut paused, mut accounts) = (false, Vec::new());
        match shared.read("readiness", move |c| Rows::read(c, now)).await {
            Ok(rows) => {
                if now.since(rows.heartbeat_at) > shared.config.pace.gap {
                    find("publisher", "The publisher does not run.".to_owned());
                }
                if rows.awaited > 0 {
                    let message = "Posts rest until each desktop has told the relay what it knows.";
                    find("manifest", message.to_owned());
                }
                (paused, accounts) = (rows.paused, rows.accounts);
                if !accounts.is_empty() && accounts.iter().all(|account| !account.can_post) {
                    find("accounts", "No account can post.".to_owned());
                }
            }
            Err(error) => find("database", format!("The database can't be read: {error}.")),
        }
        Self { paused, findings, accounts }
    }
}

/// What the ledger says.
struct Rows {
    heartbeat_at: UnixMillis,
    paused: bool,
    awaited: u64,
    accounts: Vec<AccountState>,
}

impl Rows {
    fn read(connection: &Connection, now: UnixMillis) -> rusqlite::Result<Self> {
        let relay = relay::row(connection)?;
        let accounts = account::list(connection)?
            .into_iter()
            .map(|row| state(connection, row, now))
            .collect::<rusqlite::Result<_>>()?;
        Ok(Self {
            heartbeat_at: relay.heartbeat_at,
            paused: relay.paused,
            awaited: manifest_epoch::count_missing(connection)?,
            accounts,
        })
    }
}

/// Returns whether the account can post; a limit of X that ends by itself does not count.
pub(crate) fn state(
    connection: &Connection,
    row: AccountRow,
    now: UnixMillis,
) -> rusqlite::Result<AccountState> {
    let held = app::get(connection, &row.client_id)?.filter(|hold| {
        let code = hold.code.parse::<Code>();
        hold.until > now && code.is_ok_and(|code| APP_HOLDS.contains(&code))
    });
    let account = row.account;
    let is_well = account.health == AccountHealth::Connected && row.grant_sealed.is_some();
    let message = account.message.or_else(|| held.as_ref().map(|hold| hold.message.clone()));
    Ok(AccountState {
        x_user_id: account.x_user_id,
        username: account.username,
        can_post: is_well && held.is_none(),
        message,
    })
}
