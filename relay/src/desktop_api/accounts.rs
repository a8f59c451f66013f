//! Accounts: grants come in, are proven with X, and never go out again.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_relay_api::{Account, AccountHealth, Grant, RefusalCode};
use roost_x_api::{FailureKind, Me};

use super::auth::Device;
use super::error::{ApiError, JsonBody};
use crate::incidents::Subject;
use crate::rows::account::{self, AccountRow};
use crate::rows::admin_action::{self, What};
use crate::rows::post::{self, Wake};
use crate::shared::Shared;
use crate::tokens::{self, SealedGrant, TokenSlot, subscription_word};
use crate::transitions::emit_account;
use crate::transitions::resolve::look_after_sign_in;

/// What a new grant settles.
const SETTLED: &[Code] = &[
    Code::SignInNeeded,
    Code::AccountSuspended,
    Code::AccountLimited,
    Code::RateLimited,
    Code::XUnreachable,
    Code::SignInDoubtful,
    Code::RefreshRefused,
];
/// The longest name or token.
const FIELD_MAX_BYTES: usize = 4096;

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    _device: Device,
) -> Result<Json<Vec<Account>>, ApiError> {
    let rows = shared.read("accounts", account::list).await?;
    Ok(Json(rows.into_iter().map(|row| with_limits(&shared, row.account)).collect()))
}

pub(super) async fn connect(
    State(shared): State<Arc<Shared>>,
    Device(by): Device,
    Path(id): Path<String>,
    JsonBody(grant): JsonBody<Grant>,
) -> Result<Json<Account>, ApiError> {
    let id = XUserId(id);
    check(&id, &grant)?;
    let now = shared.now();
    let proof = prove(&shared, &id, &grant).await?;
    let sealed = SealedGrant::from(&grant).seal(&shared.vault, &id).map_err(|error| {
        ApiError::new(RefusalCode::Unavailable, format!("the grant could not be sealed: {error}"))
    })?;
    let mut row = row(id.clone(), &grant, proof, sealed, now);
    if shared.config.dry_run {
        // Nothing will be sent, so nothing needs a proof.
        row.account.proven_at = Some(now);
    }
    // The old token must not be used once the new one stands, nor the other way round.
    let locked = shared.tokens.slot(&id);
    let mut slot = locked.lock().await;
    let pace = shared.config.pace.clone();
    let account = shared
        .write("account-connect", move |c| {
            account::connect(c, &row, now)?;
            let about = format!("@{}", row.account.username);
            admin_action::note(c, &by, What::AccountConnected, &about, now)?;
            emit_account(c, &row.account.x_user_id, now)?;
            post::wake(c, Wake::For(SETTLED), Some(&row.account.x_user_id), now)?;
            post::wake(c, Wake::Endless, Some(&row.account.x_user_id), now)?;
            look_after_sign_in(c, &row.account.x_user_id, &pace, now)?;
            Ok(row.account)
        })
        .await?;
    *slot = TokenSlot::default();
    drop(slot);
    shared.work.notify_one();
    shared.incidents.end_all(&Subject::Account(id.clone()));
    tracing::info!(account.id = %id, account.name = account.username, "the account is connected");
    Ok(Json(with_limits(&shared, account)))
}

/// An account with the limits by which this relay sends for it: so the desktop plans by the same.
fn with_limits(shared: &Shared, account: Account) -> Account {
    Account { limits: Some(shared.config.limits.clone()), ..account }
}

pub(super) async fn disconnect(
    State(shared): State<Arc<Shared>>,
    Device(by): Device,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let id = XUserId(id);
    tokens::revoke(&shared, &id).await;
    let locked = shared.tokens.slot(&id);
    let mut slot = locked.lock().await;
    let now = shared.now();
    let user = id.clone();
    let known = shared
        .write("account-forget", move |c| {
            let message = "The account was disconnected here; sign in again to post.";
            let known = account::forget(c, &user, message, now)?;
            if known {
                admin_action::note(c, &by, What::AccountDisconnected, &user.0, now)?;
            }
            emit_account(c, &user, now)?;
            Ok(known)
        })
        .await?;
    *slot = TokenSlot::default();
    if !known {
        return Err(ApiError::new(RefusalCode::NotFound, "the relay does not know this account"));
    }
    tracing::info!(account.id = %id, "the account's grant is forgotten");
    Ok(StatusCode::NO_CONTENT)
}

/// Returns whether a text is an id such as X gives to users.
pub(super) fn is_user_id(id: &str) -> bool {
    (1..=19).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}

fn check(id: &XUserId, grant: &Grant) -> Result<(), ApiError> {
    if !is_user_id(&id.0) {
        return Err(ApiError::invalid("an X user id is a number of up to 19 digits"));
    }
    let fields = [
        &grant.username,
        &grant.name,
        &grant.client_id,
        &grant.access_token,
        &grant.refresh_token,
        &grant.scope,
    ];
    if fields.iter().any(|field| field.len() > FIELD_MAX_BYTES) {
        return Err(ApiError::invalid("a field of the grant is longer than X makes them"));
    }
    if grant.access_token.is_empty() || grant.refresh_token.is_empty() {
        return Err(ApiError::invalid(
            "the grant lacks a token: sign in again, with the scope offline.access",
        ));
    }
    Ok(())
}

/// Asks X whose grant it is. `None`: X could not say; the relay asks again by itself, and nothing
/// goes out before.
async fn prove(shared: &Shared, id: &XUserId, grant: &Grant) -> Result<Option<Me>, ApiError> {
    if shared.config.dry_run {
        return Ok(None);
    }
    match shared.x.me(&grant.access_token).await {
        Ok(me) if me.id == id.0 => Ok(Some(me)),
        Ok(me) => Err(ApiError::new(
            RefusalCode::OtherAccount,
            format!("this sign-in belongs to @{}, not to the account asked for", me.username),
        )),
        Err(failure)
            if failure.kind == FailureKind::Unauthorized && grant_is_fresh(shared, grant) =>
        {
            Err(ApiError::invalid(format!("X does not accept this sign-in: {failure}")))
        }
        Err(failure) => {
            tracing::warn!(account.id = %id, %failure, "X could not say whose grant this is");
            Ok(None)
        }
    }
}

fn grant_is_fresh(shared: &Shared, grant: &Grant) -> bool {
    grant.expires_at > shared.now()
}

fn row(
    id: XUserId,
    grant: &Grant,
    proof: Option<Me>,
    sealed: Vec<u8>,
    now: UnixMillis,
) -> AccountRow {
    let proven_at = proof.as_ref().map(|_| now);
    let (username, name, subscription) = match proof {
        Some(me) => {
            let word = subscription_word(me.subscription).map(str::to_owned);
            (me.username, me.name, word.or_else(|| grant.subscription_type.clone()))
        }
        None => (grant.username.clone(), grant.name.clone(), grant.subscription_type.clone()),
    };
    AccountRow {
        account: Account {
            x_user_id: id,
            username,
            name,
            subscription_type: subscription,
            health: AccountHealth::Connected,
            message: None,
            proven_at,
            limits: None,
        },
        client_id: grant.client_id.clone(),
        hold: None,
        grant_sealed: Some(sealed),
        grant_version: 0,
        expires_at: grant.expires_at,
        unopened: false,
        doubted_since: None,
    }
}
