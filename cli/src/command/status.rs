//! `roost status`

use roost_engine::Mode;
use roost_engine::api::Overview;
use roost_engine::view::Reach;

use crate::context::Context;
use crate::failure::Failure;
use crate::format;
use crate::output::{Exit, Table, counted, money};

pub(crate) async fn run(context: &Context) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    if !context.is_this_computer() {
        engine.refresh_status().await?;
    }
    let status = engine.overview().await?;
    context.output.result(&status, || people(context, &status));
    Ok(Exit::Done)
}

fn people(context: &Context, status: &Overview) -> String {
    let sync = &status.sync;
    let mut posts = Table::new(["status", "posts"]);
    for count in status.counts.by_status.iter().filter(|count| count.posts > 0) {
        posts.row([count.status.label().to_owned(), count.posts.to_string()]);
    }
    let mut lines = vec![if status.counts.total == 0 {
        "No posts yet. `roost import FILE` brings some.\n".to_owned()
    } else {
        posts.render()
    }];
    let from = match sync.mode {
        Mode::ThisComputer => "this computer".to_owned(),
        Mode::Server | Mode::ServerQstash => context.relay_url().unwrap_or_default().to_owned(),
    };
    lines.push(format!("Posts go out from: {from}"));
    if sync.mode != Mode::ThisComputer {
        lines.push(format!("Relay:             {}", format::reach(&sync.relay)));
    }
    if sync.mode != Mode::ThisComputer && sync.scheduler == Reach::NotConfigured {
        lines.push(
            "Scheduler:         QStash's token is not known here: `roost pair --qstash` keeps it"
                .to_owned(),
        );
    }
    if sync.sandbox {
        lines.push("X:                 a sandbox: nothing reaches the real X".to_owned());
    }
    let last = sync.last_sync_at.map_or_else(|| "never".to_owned(), format::instant);
    lines.push(format!("Last handed over:  {last}"));
    lines.extend(status.unclean_end.iter().map(|notice| {
        format!("Last end:          {} (`roost notices --mark-read` ends this line)", notice.body)
    }));
    lines.extend(status.recent_runs.iter().map(|run| format!("  {}", format::sync_run(run))));
    lines.push(format!(
        "Waiting here:      {} ({} beyond {})",
        counted(sync.waiting_here, "post", "posts"),
        sync.waiting_beyond,
        format::instant(sync.horizon_until)
    ));
    if sync.intentions > 0 {
        lines.push(format!(
            "On their way:      {} that the relay has not acknowledged",
            counted(sync.intentions, "change", "changes")
        ));
    }
    for waiting in &sync.waiting {
        let next = waiting.next_try.map(|next| format!(" Next try at {}.", format::instant(next)));
        lines.push(format!(
            "Waiting at relay:  {}: {}{}",
            counted(waiting.posts, "post", "posts"),
            waiting.message,
            next.unwrap_or_default()
        ));
    }
    lines.push(format!(
        "This month:        {} posted, {} with what is due",
        money(sync.month_cost_micros),
        money(sync.month_forecast_micros)
    ));
    if status.counts.needs_you > 0 {
        lines.push(format::needs_you(status.counts.needs_you));
    }
    lines.extend(sync.blockers.iter().map(format::blocker));
    lines.push(format::safe_to_close(sync));
    lines.join("\n")
}
