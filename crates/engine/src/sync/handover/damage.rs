//! A post that does not say what its body hash was made from is not handed over: the disk may have
//! changed a letter, and SQLite's own checks miss most single bits.

use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_core::status::{Actor, Status};
use roost_store::{Error as StoreError, Post, Read, Reason};

use super::pass_state::PassState;
use crate::Result;
use crate::state::EngineState;

const MESSAGE: &str = "The text of this post was damaged on this computer's disk, and was not \
    handed over. Check its words, and save it again.";

/// The posts that may be handed over. Damaged ones fail, and are told.
pub(super) async fn intact(
    engine: &EngineState,
    posts: &[Post],
    pass: &mut PassState,
) -> Result<Vec<Post>> {
    let given = posts.to_vec();
    let damaged = engine.read(move |store| damaged(store, &given)).await?;
    if !damaged.is_empty() {
        let ids = damaged.clone();
        engine
            .write("handover.damaged", move |store| {
                for id in ids {
                    let reason = Reason {
                        code: Some(Code::DatabaseDamaged.as_str().to_owned()),
                        message: Some(MESSAGE.to_owned()),
                        until: None,
                    };
                    store.set_status(id, Status::Failed, Actor::Engine, &reason)?;
                }
                Ok(())
            })
            .await?;
        for id in &damaged {
            pass.put_aside(*id, Code::DatabaseDamaged, MESSAGE);
        }
    }
    Ok(posts.iter().filter(|post| !damaged.contains(&post.id)).cloned().collect())
}

fn damaged(store: &Read<'_>, posts: &[Post]) -> std::result::Result<Vec<PostId>, StoreError> {
    let mut damaged = Vec::new();
    for post in posts {
        if !post.is_intact(&store.content(post)?) {
            damaged.push(post.id);
        }
    }
    Ok(damaged)
}
