//! `roost posts time-rules`

use roost_engine::Engine;
use roost_engine::api::{MovedTime, MovedTimes, SettleMovedTimes};

use crate::args::{KeepArg, TimeRules};
use crate::command::bulk;
use crate::command::carry_out::carry_out;
use crate::context::Context;
use crate::failure::Failure;
use crate::format;
use crate::output::{Exit, counted, one_line};

pub(crate) async fn run(
    context: &Context,
    engine: &Engine,
    args: TimeRules,
) -> Result<Exit, Failure> {
    let Some(keep) = args.keep else {
        let found = engine.moved_times().await?;
        context.output.result(&found, || people(&found));
        return Ok(Exit::Done);
    };
    let keep_instant = keep == KeepArg::Instant;
    let wanted = SettleMovedTimes { keep_instant, posts: args.ids, dry_run: args.dry_run };
    let done = engine.settle_moved_times(wanted).await?;
    if !args.dry_run {
        carry_out(context, engine).await;
    }
    context.output.result(&done, || bulk::words_of(&done));
    Ok(bulk::ended(&done))
}

fn people(found: &MovedTimes) -> String {
    if found.total == 0 {
        return format!("No post would move by the zone rules in use ({}).", found.tzdb_now);
    }
    let before = found.tzdb_before.as_deref().unwrap_or("earlier ones");
    let mut lines = vec![format!(
        "{} under the zone rules {} instead of {before}:",
        counted(found.total, "post would move", "posts would move"),
        found.tzdb_now
    )];
    lines.extend(found.posts.iter().map(line));
    if found.total > found.posts.len() as u64 {
        lines.push(format!("… and {} more.", found.total - found.posts.len() as u64));
    }
    lines.push(
        "`--keep wall-time` keeps the times of day, and the instants move; `--keep instant` keeps \
         the instants. Until then they go out at the instants that they have."
            .to_owned(),
    );
    lines.join("\n")
}

fn line(post: &MovedTime) -> String {
    let MovedTime { id, excerpt, planned, keeping_wall_time, keeping_instant } = post;
    format!(
        "{id}  \"{}\": {} {} at {}; keeping the time of day at {}, keeping the instant at {}",
        one_line(excerpt),
        planned.wall_time,
        planned.zone,
        format::instant(planned.at),
        format::instant(keeping_wall_time.at),
        keeping_instant.wall_time
    )
}
