//! Cancelling and deleting. Only the relay's acknowledgement proves a withdrawal of what was
//! handed over; until then the row says that it is on its way.

use roost_core::id::XUserId;
use roost_core::status::{Actor, Status};
use roost_store::{Error as StoreError, Filter, Label, Order, Post, Tx, WithdrawTo, Withdrawal};

use crate::stale::stale;
use crate::state::EngineState;
use crate::{Cancelled, Error, Result, Target, posts};

/// Withdraws posts.
pub(crate) async fn cancel(engine: &EngineState, posts: Vec<Target>) -> Result<Cancelled> {
    each(engine, "cancel.posts", Label::Cancel, posts, |store, post| {
        store.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person)
    })
    .await
}

/// Withdraws whatever of an account is still to go out.
pub(crate) async fn cancel_account(engine: &EngineState, user: XUserId) -> Result<Cancelled> {
    let cancelled = engine
        .write("cancel.account", move |store| {
            store.label(Label::Cancel);
            pending_of(store, &user)
        })
        .await?;
    engine.wake.notify_one();
    Ok(cancelled)
}

/// The same within a transaction.
pub(crate) fn pending_of(store: &mut Tx<'_>, user: &XUserId) -> Result<Cancelled> {
    let statuses = vec![Status::Pending, Status::Queued, Status::Held];
    let filter = Filter { statuses, account: Some(user.clone()), ..Filter::default() };
    let mut cancelled = Cancelled::default();
    for id in store.post_ids(&filter, Order::Ascending, u32::MAX)? {
        // What is being removed goes out neither.
        if store.expect_post(id)?.withdraw_to == Some(WithdrawTo::Deleted) {
            continue;
        }
        match store.withdraw_post(id, WithdrawTo::Cancelled, Actor::Person) {
            Ok(Withdrawal::Done(_)) => cancelled.cancelled.push(id),
            Ok(Withdrawal::Asked(_)) => cancelled.cancelling.push(id),
            // It is being sent, or was, or is on its way back already.
            Err(StoreError::Refused { .. }) => cancelled.too_late.push(id),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(cancelled)
}

/// Removes posts from the list; what the relay may hold is withdrawn first.
pub(crate) async fn delete(engine: &EngineState, posts: Vec<Target>) -> Result<Cancelled> {
    each(engine, "cancel.delete", Label::Delete, posts, remove).await
}

/// Removes one post: at once, or with the relay's acknowledgement.
pub(crate) fn remove(
    store: &mut Tx<'_>,
    post: &Post,
) -> std::result::Result<Withdrawal, StoreError> {
    if post.may_be_on_relay() {
        return store.withdraw_post(post.id, WithdrawTo::Deleted, Actor::Person);
    }
    store.delete_post(post.id, Actor::Person).map(Withdrawal::Done)
}

async fn each(
    engine: &EngineState,
    point: &'static str,
    label: Label,
    wanted: Vec<Target>,
    step: impl Fn(&mut Tx<'_>, &Post) -> std::result::Result<Withdrawal, StoreError> + Send + 'static,
) -> Result<Cancelled> {
    let scene = posts::scene(engine).await?;
    let cancelled = engine
        .write(point, move |store| {
            store.label(label);
            let mut cancelled = Cancelled::default();
            for Target { id, based_on } in wanted {
                let post = store
                    .post(id)?
                    .filter(|post| post.deleted_at.is_none())
                    .ok_or(Error::NoSuchPost(id))?;
                if let Some(stale) = stale(store, &post, based_on, &scene)? {
                    // That it is out says more than that it was changed.
                    if matches!(post.status, Status::Sending | Status::Posted) {
                        cancelled.too_late.push(id);
                    } else {
                        cancelled.stale.push(stale);
                    }
                    continue;
                }
                match step(store, &post) {
                    Ok(Withdrawal::Done(_)) => cancelled.cancelled.push(id),
                    Ok(Withdrawal::Asked(_)) => cancelled.cancelling.push(id),
                    // A refusal comes before anything is written.
                    Err(StoreError::Refused { .. } | StoreError::StillHandedOver { .. }) => {
                        cancelled.too_late.push(id);
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(cancelled)
        })
        .await?;
    engine.wake.notify_one();
    Ok(cancelled)
}
