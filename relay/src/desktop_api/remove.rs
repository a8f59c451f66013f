//! Deleting on X what a post put there: asked for by a person, for what they want to replace.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use roost_core::failure::Code;
use roost_core::id::{PostId, TweetId, XUserId};
use roost_relay_api::{DeliveryState, RefusalCode, Removal, Removed};
use roost_x_api::{Failure, FailureKind};

use super::auth::Device;
use super::error::{ApiError, JsonBody};
use crate::rows::{part, pause, post, removal, store_binding};
use crate::shared::Shared;
use crate::tokens::{self, TokenError};

/// X's title for an id that no post has.
const NOT_FOUND: &str = "Not Found Error";

/// What the transaction found.
enum RemovalStart {
    /// Everything on X that is to go; the intent is on disk.
    Left(XUserId, Vec<(u32, TweetId)>),
    OtherStore,
    NoSuchPost,
    NotOnX(DeliveryState),
    /// The database forgot whose the post is.
    NoAccount,
    /// The database knows the ids of so many of its parts.
    NotAllKnown {
        known: usize,
        parts: u32,
    },
    Paused(Code),
}

pub(super) async fn remove(
    State(shared): State<Arc<Shared>>,
    device: Device,
    Path(id): Path<String>,
    JsonBody(Removal { store_id }): JsonBody<Removal>,
) -> Result<Json<Removed>, ApiError> {
    let id: PostId = id.parse().map_err(|_| ApiError::invalid("the post's id is no UUID"))?;
    if shared.config.dry_run {
        return Err(ApiError::invalid("the relay only rehearses: nothing of it is on X"));
    }
    let now = shared.now();
    let start = shared
        .write("removal", move |c| {
            if !store_binding::admit(c, store_id, &device.0, now)? {
                return Ok(RemovalStart::OtherStore);
            }
            let Some(post) = post::get(c, id)? else { return Ok(RemovalStart::NoSuchPost) };
            if post.state != DeliveryState::Posted {
                return Ok(RemovalStart::NotOnX(post.state));
            }
            let Some(account) = post.account else { return Ok(RemovalStart::NoAccount) };
            // A desktop tells a restored database the id of the first part alone: the rest of the
            // thread would stay, and answer nothing.
            let known = part::all_live(c, id)?.len();
            if u32::try_from(known) != Ok(post.parts) {
                return Ok(RemovalStart::NotAllKnown { known, parts: post.parts });
            }
            if let Some(pause) = pause::of(c, Some(&account))? {
                return Ok(RemovalStart::Paused(pause));
            }
            let left = removal::begin(c, id, &account, now)?;
            Ok(RemovalStart::Left(account, left))
        })
        .await?;
    match start {
        RemovalStart::Left(account, left) => {
            for (part, tweet) in left {
                // A pause that came since counts for every part that is still there.
                let user = account.clone();
                if let Some(pause) =
                    shared.read("removal", move |c| pause::of(c, Some(&user))).await?
                {
                    return Err(naming_gone(&shared, id, paused(pause)).await?);
                }
                if let Err(refusal) = delete(&shared, &account, &tweet).await {
                    return Err(naming_gone(&shared, id, refusal).await?);
                }
                let now = shared.now();
                shared.write("removed", move |c| removal::gone(c, id, part, now)).await?;
            }
            let tweet_ids = shared.read("removed", move |c| removal::all_gone(c, id)).await?;
            tracing::info!(post.id = %id, "the post is deleted on X, as a person asked");
            Ok(Json(Removed { tweet_ids }))
        }
        RemovalStart::OtherStore => Err(ApiError::other_store()),
        RemovalStart::NoSuchPost => {
            Err(ApiError::new(RefusalCode::NotFound, "the relay never heard of this post"))
        }
        RemovalStart::NotOnX(state) => Err(ApiError::new(
            RefusalCode::TooLate,
            format!("only a post that is on X whole is deleted there: it is {}", state.as_str()),
        )),
        RemovalStart::NoAccount => Err(ApiError::new(
            RefusalCode::TooLate,
            "the relay's database was lost after the post went out, and no longer knows its \
             account: delete it on X yourself",
        )),
        RemovalStart::NotAllKnown { known, parts } => Err(ApiError::new(
            RefusalCode::TooLate,
            format!(
                "the relay's database was restored, and knows the ids of {known} of the post's \
                 {parts} parts: nothing was deleted, so delete them on X yourself"
            ),
        )),
        RemovalStart::Paused(pause) => Err(paused(pause)),
    }
}

fn paused(pause: Code) -> ApiError {
    let what = if pause == Code::AccountPaused { "the account" } else { "everything" };
    let message = format!("{what} is paused: nothing is deleted on X before it goes on");
    ApiError::new(RefusalCode::Unavailable, message)
}

/// The refusal, with what X deleted of the post before it: that does not come back.
async fn naming_gone(shared: &Shared, id: PostId, refusal: ApiError) -> Result<ApiError, ApiError> {
    let gone = shared.read("removed", move |c| removal::gone_parts(c, id)).await?;
    Ok(if gone.is_empty() { refusal } else { refusal.with_gone(gone) })
}

/// Whether X has the post no more. X answers a deletion of what is gone already with `false`, too:
/// then only that it finds nothing under the id is a proof.
async fn is_gone(shared: &Shared, token: &str, tweet: &TweetId) -> Result<bool, Failure> {
    match shared.x.delete_post(token, &tweet.0).await {
        Ok(true) => return Ok(true),
        Err(failure) if failure.kind == FailureKind::NotFound => return Ok(true),
        Err(failure) => return Err(failure),
        Ok(false) => {}
    }
    let shown = shared.x.posts_by_ids(token, &[&tweet.0]).await?;
    Ok(shown.missing.iter().any(|it| it.id == tweet.0 && it.reason == NOT_FOUND))
}

/// Deletes one part. One that is there no more counts as deleted.
async fn delete(shared: &Shared, account: &XUserId, tweet: &TweetId) -> Result<(), ApiError> {
    let mut access = tokens::access(shared, account).await.map_err(no_token)?;
    let mut renewed = false;
    loop {
        let failure = match is_gone(shared, access.token.expose(), tweet).await {
            Ok(true) => return Ok(()),
            Ok(false) => {
                let message = format!("X did not delete {tweet}, and is asked again");
                return Err(ApiError::new(RefusalCode::Unavailable, message));
            }
            Err(failure) => failure,
        };
        if failure.kind != FailureKind::Unauthorized || renewed {
            return Err(refused(&failure, tweet));
        }
        renewed = true;
        access = tokens::renew(shared, account, access.version).await.map_err(no_token)?;
    }
}

fn no_token(trouble: TokenError) -> ApiError {
    match trouble {
        TokenError::Database(error) => error.into(),
        trouble => ApiError::new(RefusalCode::Unavailable, trouble.to_string()),
    }
}

/// A refusal that stays one ends the wish; anything else is tried again.
fn refused(failure: &Failure, tweet: &TweetId) -> ApiError {
    let final_one = matches!(
        failure.kind,
        FailureKind::InvalidRequest { .. } | FailureKind::NotPermitted | FailureKind::Refused
    );
    if final_one {
        return ApiError::invalid(format!("X refuses to delete {tweet}: {failure}"));
    }
    ApiError::new(
        RefusalCode::Unavailable,
        format!("X did not delete {tweet} yet, and is asked again: {failure}"),
    )
}
