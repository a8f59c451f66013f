//! `roost posts retry`, of more than one post

use roost_engine::{Engine, Target};

use super::carry_out;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Exit, counted};

/// Schedules posts again, each for itself: one that has to be mended first keeps no other.
pub(super) async fn retry_all(
    context: &Context,
    engine: &Engine,
    posts: &[Target],
) -> Result<Exit, Failure> {
    let (mut again, mut refused) = (Vec::new(), Vec::new());
    for post in posts {
        match engine.retry(*post).await {
            Ok(_) => again.push(post.id),
            Err(error) => refused.push((post.id, error)),
        }
    }
    carry_out(context, engine).await;
    let told: Vec<_> = refused
        .iter()
        .map(|(id, error)| {
            let code = error.code().as_str();
            serde_json::json!({ "id": id, "code": code, "message": error.to_string() })
        })
        .collect();
    let document = serde_json::json!({ "scheduled_again": again, "refused": told });
    context.output.result(&document, || {
        let count = counted(again.len() as u64, "post", "posts");
        let mut lines = vec![format!("Scheduled again: {count}.")];
        lines.extend(refused.iter().map(|(id, error)| format!("{id}: {error}")));
        lines.join("\n")
    });
    Ok(match (refused.is_empty(), again.is_empty()) {
        (true, _) => Exit::Done,
        (false, false) => Exit::Partly,
        (false, true) => Exit::Failed,
    })
}
