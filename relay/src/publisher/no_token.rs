//! What becomes of a post whose account has no access token at this moment.

use std::time::Duration;

use roost_core::failure::Code;
use roost_core::id::{PostId, Revision, XUserId};

use super::deferral::{Deferral, Why, defer};
use super::write_until_ok::write_until_ok;
use crate::rows::account;
use crate::rows::app::Hold;
use crate::shared::Shared;
use crate::tokens::TokenError;

/// How long posts wait after a refresh that failed: X sees one attempt a minute at the most.
const REFRESH_RETRY_DELAY: Duration = Duration::from_secs(60);

/// Without a token the post waits, as what stopped it says.
pub(super) async fn no_token(
    shared: &Shared,
    id: PostId,
    revision: Revision,
    user: &XUserId,
    trouble: TokenError,
) -> Result<(), TokenError> {
    let now = shared.now();
    let (code, message, wait) = match trouble {
        TokenError::Database(_) => return Err(trouble),
        TokenError::Disconnected => {
            (Code::SignInNeeded, Code::SignInNeeded.text().to_owned(), None)
        }
        TokenError::AppRefused(reason) => {
            (Code::AppSuspended, reason, Some(shared.config.pace.credits_probe))
        }
        TokenError::Refused { code, reason } => (code, reason, Some(REFRESH_RETRY_DELAY)),
        TokenError::Transient(reason) => (Code::XUnreachable, reason, Some(REFRESH_RETRY_DELAY)),
    };
    let until = wait.map(|wait| now.plus(wait));
    // What is passing is the account's: its posts go on together, in the order in which they were
    // planned, and not each when its own wait ends.
    let is_passing = matches!(code, Code::XUnreachable | Code::RefreshRefused);
    let hold = until.filter(|_| is_passing).map(|until| Hold {
        until,
        code: code.as_str().to_owned(),
        message: message.clone(),
    });
    let why = Why::Wait { code, message, until };
    if hold.is_some() {
        shared.rate_limiter.outage_begins(user, false);
    }
    let user = user.clone();
    write_until_ok(shared, "no-token", move |c| {
        if let Some(hold) = &hold {
            account::hold(c, &user, hold)?;
        }
        defer(c, &[Deferral { post: id, revision, why: why.clone() }], now)
    })
    .await?;
    Ok(())
}
