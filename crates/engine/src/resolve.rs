//! What a person found out about a post that needs a check.

use roost_core::id::PostId;
use roost_core::status::{Actor, Status};
use roost_relay_api::Resolve;
use roost_store::{NewOutbox, OutboxKind};

use crate::inner::Inner;
use crate::{Error, Finding, Result, outbox};

/// Writes the decision down and carries it to the relay, which acts on it.
pub(crate) async fn resolve(inner: &Inner, id: PostId, finding: Finding) -> Result<()> {
    let decision = match finding {
        Finding::Verify => Resolve::Verify,
        Finding::WentOut { tweet_id } => Resolve::WentOut { tweet_id },
        Finding::SendAgain => Resolve::SendAgain,
    };
    let payload =
        serde_json::to_value(decision).map_err(|error| Error::Internal(error.to_string()))?;
    inner
        .write("resolve.intend", move |store| {
            let post = store.post(id)?.ok_or(Error::NoSuchPost(id))?;
            let asked = matches!(post.status, Status::Unknown | Status::Partial);
            if !asked || post.withdraw_to.is_some() {
                return Err(Error::NotAllowed { post: id, status: post.status });
            }
            store.intend(&NewOutbox {
                kind: OutboxKind::Resolve,
                post_id: Some(id),
                revision: Some(post.revision),
                payload,
                actor: Actor::Person,
            })?;
            Ok(())
        })
        .await?;
    inner.wake.notify_one();
    let services = inner.services()?;
    let _turn = inner.turn.lock().await;
    outbox::fences(inner, &services).await
}
