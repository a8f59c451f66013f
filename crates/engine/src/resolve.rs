//! What a person found out about a post that needs a check.

use roost_core::failure::{Code, Problem};
use roost_core::id::TweetId;
use roost_core::status::{Actor, Status};
use roost_relay_api::Resolve;
use roost_store::{Label, NewOutbox, OutboxKind};

use crate::stale::check_version;
use crate::state::EngineState;
use crate::sync::outbox;
use crate::{Error, Finding, Result, Target, posts};

/// Writes the decision down and carries it to the relay, which acts on it.
pub(crate) async fn resolve(engine: &EngineState, target: Target, finding: Finding) -> Result<()> {
    let scene = posts::scene(engine).await?;
    let id = target.id;
    let said = match &finding {
        // To look once more decides nothing.
        Finding::Verify => None,
        Finding::WentOut { .. } => Some("went_out"),
        Finding::SendAgain => Some("send_again"),
    };
    let decision = match finding {
        Finding::Verify => Resolve::Verify,
        Finding::WentOut { tweet } => Resolve::WentOut { tweet_id: tweet_id(&tweet)? },
        Finding::SendAgain => Resolve::SendAgain,
    };
    let payload =
        serde_json::to_value(decision).map_err(|error| Error::Internal(error.to_string()))?;
    engine
        .write("resolve.intend", move |store| {
            store.label(Label::Resolve);
            let post = store.post(id)?.ok_or(Error::NoSuchPost(id))?;
            check_version(store, &post, target.based_on, &scene)?;
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
            if let Some(said) = said {
                store.note_decision(id, said)?;
            }
            Ok(())
        })
        .await?;
    engine.wake.notify_one();
    let services = engine.services()?;
    let _pass = engine.pass_lock.lock().await;
    outbox::fences(engine, &services).await
}

/// Returns the id that the person means by what they copied from X.
fn tweet_id(address: &str) -> Result<TweetId> {
    TweetId::from_address(address).map_err(|error| {
        let problem = Problem::new(Code::NotAPostOnX, format!("{error}.")).in_field("tweet");
        Error::Invalid(vec![problem])
    })
}
