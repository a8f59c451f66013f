//! `roost posts cancel` and `roost posts delete`: what became of the posts

use roost_core::id::PostId;
use roost_core::status::Status;
use roost_engine::api::Deleted;
use roost_engine::{Cancelled, Engine, Target};

use super::carry_out;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Exit, counted};

/// What a withdrawal is for.
pub(super) enum Goal {
    Cancelled,
    Deleted {
        /// The posts that stay on X all the same.
        on_x: Vec<PostId>,
    },
}

/// Which of the posts are on X: removing a row takes nothing from there.
pub(super) async fn on_x(engine: &Engine, posts: &[Target]) -> Result<Vec<PostId>, Failure> {
    let mut found = Vec::new();
    for Target { id, .. } in posts {
        if engine.post(*id).await?.row.status == Status::Posted {
            found.push(*id);
        }
    }
    Ok(found)
}

pub(super) async fn withdrawn(
    context: &Context,
    engine: &Engine,
    asked: Cancelled,
    posts: &[Target],
    goal: Goal,
) -> Result<Exit, Failure> {
    carry_out(context, engine).await;
    let mut now =
        Cancelled { too_late: asked.too_late, stale: asked.stale, ..Cancelled::default() };
    let left =
        [now.too_late.clone(), now.stale.iter().map(|stale| stale.now.id).collect::<Vec<PostId>>()]
            .concat();
    for id in posts.iter().map(|post| post.id).filter(|id| !left.contains(id)) {
        match engine.post(id).await {
            Ok(post) if post.row.waiting_for.is_some() => now.cancelling.push(id),
            Ok(post) if post.row.status != Status::Cancelled && matches!(goal, Goal::Cancelled) => {
                now.too_late.push(id);
            }
            _ => now.cancelled.push(id),
        }
    }
    let people = || withdrawal(&now, &goal);
    match &goal {
        Goal::Cancelled => context.output.result(&now, people),
        Goal::Deleted { on_x } => {
            let document = Deleted::of(now.clone(), on_x.clone());
            context.output.result(&document, people);
        }
    }
    let nothing = now.cancelled.is_empty() && now.cancelling.is_empty();
    Ok(match (now.too_late.is_empty() && now.stale.is_empty(), nothing) {
        (true, _) => Exit::Done,
        (false, false) => Exit::Partly,
        (false, true) => Exit::Failed,
    })
}

fn withdrawal(now: &Cancelled, goal: &Goal) -> String {
    let verb = match goal {
        Goal::Cancelled => "Cancelled",
        Goal::Deleted { .. } => "Deleted",
    };
    let mut lines = Vec::new();
    if !now.cancelled.is_empty() {
        lines.push(format!("{verb}: {}.", counted(now.cancelled.len() as u64, "post", "posts")));
    }
    if let Goal::Deleted { on_x } = goal {
        let stays = |id| format!("{id}: removed from this list; it stays on X.");
        lines.extend(on_x.iter().filter(|id| now.cancelled.contains(id)).map(stays));
    }
    for id in &now.cancelling {
        lines.push(format!("{id}: cancelling; the relay has not acknowledged it yet."));
    }
    if lines.is_empty() && now.too_late.is_empty() && now.stale.is_empty() {
        lines.push("Nothing is still to go out.".to_owned());
    }
    for id in &now.too_late {
        lines.push(format!("{id}: too late. `roost posts show {id}` tells why."));
    }
    for stale in &now.stale {
        let (id, now, seen) = (stale.now.id, stale.now.version, stale.based_on);
        lines.push(format!(
            "{id}: changed meanwhile (it is version {now}, this was based on version {seen}), so that \
             it was left as it is. Look at it with `roost posts show {id}`."
        ));
    }
    lines.join("\n")
}
