//! A post is staged when the relay has all its files. Uploading them is no part of a pass: one account's
//! video would hold back the texts of all others. A post whose files are on their way is passed over,
//! and comes again when they are there.

use std::collections::{HashMap, HashSet};

use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_core::post::MediaDigest;
use roost_core::status::{Actor, Status};
use roost_relay_api::StageResult;
use roost_store::{Post, PostFile, Reason};

use super::pass_state::PassState;
use crate::Result;
use crate::state::{EngineState, Services, Wanted};

/// Why a post is not staged now, for good or until its file is there.
struct Obstacle {
    code: Code,
    message: String,
    is_final: bool,
}

/// Returns the posts of which the relay has every file. What the others need is uploaded.
pub(super) async fn whole_on_relay(
    engine: &EngineState,
    services: &Services,
    posts: Vec<Post>,
    pass: &mut PassState,
) -> Result<Vec<Post>> {
    let ids: Vec<PostId> = posts.iter().map(|post| post.id).collect();
    let files = engine.read(move |store| store.files_of_posts(&ids)).await?;
    if files.is_empty() {
        return Ok(posts);
    }
    let mut waiting = HashSet::new();
    let mut obstacles = HashMap::new();
    {
        let mut uploads = engine.uploads();
        let uploads = uploads.of_relay(&services.relay_public_url);
        for PostFile { post, due_at, file } in files {
            let Some(file) = file else {
                obstacles.insert(post, missing());
                continue;
            };
            if uploads.is_whole(file.sha256) {
                continue;
            }
            waiting.insert(post);
            uploads.want(Wanted { file, due_at });
            if let Some(failure) = uploads.failure(file.sha256) {
                let (code, message) = (failure.code, failure.message.clone());
                let obstacle = Obstacle { code, message, is_final: failure.is_final };
                obstacles.insert(post, obstacle);
            }
        }
    }
    engine.upload_wake.notify_one();
    pass.set_aside.extend(&waiting);
    let aside: HashSet<PostId> = waiting.into_iter().chain(obstacles.keys().copied()).collect();
    tell(engine, obstacles, pass).await?;
    Ok(posts.into_iter().filter(|post| !aside.contains(&post.id)).collect())
}

fn missing() -> Obstacle {
    let code = Code::MediaFileMissing;
    Obstacle { code, message: code.text().to_owned(), is_final: true }
}

/// Says at each post what keeps its files from the relay.
async fn tell(
    engine: &EngineState,
    obstacles: HashMap<PostId, Obstacle>,
    pass: &mut PassState,
) -> Result<()> {
    if obstacles.is_empty() {
        return Ok(());
    }
    for (post, obstacle) in &obstacles {
        pass.put_aside(*post, obstacle.code, &obstacle.message);
    }
    engine
        .write("handover.media", move |store| {
            for (post, Obstacle { code, message, is_final }) in obstacles {
                // An older revision may go out still: only the relay concludes about that.
                let is_here_alone = !store.expect_post(post)?.may_be_on_relay();
                let fails = is_final && is_here_alone;
                let status = if fails { Status::Failed } else { Status::Pending };
                let reason = Reason {
                    code: Some(code.as_str().to_owned()),
                    message: Some(message),
                    until: None,
                };
                store.set_status(post, status, Actor::Engine, &reason)?;
            }
            Ok(())
        })
        .await
}

/// Notes which files the relay lacks, though it was taken to have them: the next pass has them uploaded.
pub(super) fn note_missing(engine: &EngineState, services: &Services, results: &[StageResult]) {
    let mut uploads = engine.uploads();
    let uploads = uploads.of_relay(&services.relay_public_url);
    for digest in results.iter().flat_map(|result| &result.missing_media) {
        if let Ok(digest) = digest.parse::<MediaDigest>() {
            uploads.lacks(digest);
        }
    }
}
