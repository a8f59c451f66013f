//! A post that has more than the relay knows is not handed over: the relay would leave out what it does
//! not know, and send the rest. The post waits for the relay's update.

use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_core::post::Part;
use roost_core::status::{Actor, Status};
use roost_store::{Post, Reason};

use super::pass_state::PassState;
use crate::Result;
use crate::state::EngineState;

/// Returns the posts that the relay knows how to keep. The others wait, and say what they wait for.
pub(super) async fn known_to_relay(
    engine: &EngineState,
    posts: Vec<Post>,
    pass: &mut PassState,
) -> Result<Vec<Post>> {
    let Some(relay) = engine.health().relay_status.clone() else { return Ok(posts) };
    let knows_follow_ups = relay.follow_ups || posts.iter().all(|post| post.follow_up.is_none());
    if knows_follow_ups && Part::sent_field_names().iter().all(|field| relay.takes(field)) {
        return Ok(posts);
    }
    let given = posts.clone();
    let unknown: Vec<(PostId, Vec<String>)> = engine
        .read(move |store| {
            let mut unknown = Vec::new();
            for post in given {
                let mut fields = relay.unknown_fields(&store.content(&post)?);
                if post.follow_up.is_some() && !relay.follow_ups {
                    fields.push("follow_up".to_owned());
                }
                if !fields.is_empty() {
                    unknown.push((post.id, fields));
                }
            }
            Ok(unknown)
        })
        .await?;
    if unknown.is_empty() {
        return Ok(posts);
    }
    let ids: Vec<PostId> = unknown.iter().map(|(id, _)| *id).collect();
    for (id, fields) in &unknown {
        pass.put_aside(*id, Code::RelayOutdated, &message(fields));
    }
    engine
        .write("handover.outdated", move |store| {
            for (id, fields) in unknown {
                let reason = Reason {
                    code: Some(Code::RelayOutdated.as_str().to_owned()),
                    message: Some(message(&fields)),
                    until: None,
                };
                store.set_status(id, Status::Pending, Actor::Engine, &reason)?;
            }
            Ok(())
        })
        .await?;
    Ok(posts.into_iter().filter(|post| !ids.contains(&post.id)).collect())
}

fn message(fields: &[String]) -> String {
    format!("The relay does not know \"{}\" of a post. Update the relay.", fields.join("\", \""))
}
