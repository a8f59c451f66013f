//! Which grants open with the key file. One that does not is that account's trouble and nobody
//! else's: it is told at the start, and not at the first post as if X had refused it.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_relay_api::AccountHealth;

use super::vault::{SealedGrant, Vault};
use crate::ledger_write::LedgerWrite;
use crate::rows::account;
use crate::rows::post::{self, Wake};
use crate::transitions::emit_account;

/// What a person reads of such an account.
const UNOPENED: &str = "The relay can't open this account's sign-in: its key file is not the one \
    that the sign-in was sealed with. Sign in again, or put the right key file back and start the \
    relay again; the posts wait.";

/// Looks at every grant. One that does not open signs its account out; one that opens again, because
/// the key file came back, signs it in.
pub(crate) fn settle(
    ledger: &mut LedgerWrite<'_>,
    vault: &Vault,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    for row in account::list(ledger)? {
        let id = &row.account.x_user_id;
        let Some(sealed) = &row.grant_sealed else { continue };
        let opens = SealedGrant::open(sealed, vault, id).is_ok();
        if row.unopened && opens {
            account::opened(ledger, id, now)?;
            emit_account(ledger, id, now)?;
            post::wake(ledger, Wake::For(&[Code::SignInNeeded]), Some(id), now)?;
            tracing::info!(account.id = %id, "the account's sign-in opens again");
        } else if !opens && row.account.health != AccountHealth::Disconnected {
            sign_out(ledger, id, row.grant_version, now)?;
        } else if row.unopened {
            log_unopened(id);
        }
    }
    Ok(())
}

/// Signs an account out whose grant does not open.
pub(super) fn sign_out(
    ledger: &mut LedgerWrite<'_>,
    id: &XUserId,
    version: i64,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    if account::unopened(ledger, id, version, UNOPENED, now)? {
        emit_account(ledger, id, now)?;
        log_unopened(id);
    }
    Ok(())
}

fn log_unopened(id: &XUserId) {
    tracing::error!(
        account.id = %id,
        "the account's sign-in does not open with the key file; its posts wait"
    );
}
