//! `roost causes`

use roost_engine::api::{ActOnCause, CauseStep};
use roost_engine::view::{BulkDone, Cause};

use crate::args::{Causes, CausesCommand, OneCause};
use crate::context::Context;
use crate::failure::Failure;
use crate::next_step;
use crate::output::{Exit, counted};

pub(crate) async fn run(context: &Context, args: Causes) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    let (of, step) = match args.what {
        None | Some(CausesCommand::List) => {
            let causes = engine.list_causes().await?;
            context.output.result(&causes, || people(&causes.causes));
            return Ok(Exit::Done);
        }
        Some(CausesCommand::Retry(of)) => (of, CauseStep::Retry),
        Some(CausesCommand::Cancel(of)) => (of, CauseStep::Cancel),
        Some(CausesCommand::Reschedule(times)) => {
            let (from, zone, interval_minutes) = (times.from, times.zone, times.every);
            (times.of, CauseStep::Reschedule { from, zone, interval_minutes })
        }
    };
    let OneCause { cause, posts } = of;
    let done = engine.act_on_cause(ActOnCause { cause, step, posts }).await?;
    context.output.result(&done, || words(&done.done));
    Ok(exit(&done.done))
}

/// Returns how a command on many posts ended.
pub(crate) fn exit(done: &BulkDone) -> Exit {
    match (done.done.is_empty(), done.refused.is_empty()) {
        (_, true) => Exit::Done,
        (true, false) => Exit::Failed,
        (false, false) => Exit::Partly,
    }
}

/// Returns what was done, and what was refused with the reason.
pub(crate) fn words(done: &BulkDone) -> String {
    let all = done.done.len() as u64;
    let mut lines = vec![format!("Done with {}.", counted(all, "post", "posts"))];
    lines.extend(done.refused.iter().map(|refused| format!("{}: {}", refused.id, refused.message)));
    lines.join("\n")
}

fn people(causes: &[Cause]) -> String {
    if causes.is_empty() {
        return "Nothing failed, waits or was missed.".to_owned();
    }
    let mut lines = Vec::new();
    for cause in causes {
        let whose =
            cause.account.as_ref().map(|handle| format!(" of @{handle}")).unwrap_or_default();
        lines.push(format!("{}  {}{whose}", cause.id, counted(cause.posts, "post", "posts")));
        let said = cause.said.as_ref().map(|said| format!(" ({said})")).unwrap_or_default();
        let words = format!("{}{said} {}", cause.message, cause.remedy);
        lines.push(format!("  {}", next_step::with_steps(&words, &cause.next_steps)));
    }
    lines.push(
        "`roost causes retry CAUSE`, `reschedule CAUSE --from TIME` or `cancel CAUSE` does it for \
         all posts of one."
            .to_owned(),
    );
    lines.join("\n")
}
