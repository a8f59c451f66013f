//! `roost notices`

use roost_engine::api;
use roost_engine::view::Notice;

use crate::args::Notices;
use crate::context::Context;
use crate::failure::Failure;
use crate::format;
use crate::output::{Exit, one_line};

pub(crate) async fn run(context: &Context, args: Notices) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    let notices = engine.notices(args.all, args.limit).await?;
    if args.mark_read
        && let Some(newest) = notices.first()
    {
        engine.notices_read(newest.id).await?;
    }
    let unread = engine.unread_notices().await?;
    let document = api::Notices { notices, unread };
    context.output.result(&document, || people(&document.notices, unread, args.all));
    Ok(Exit::Done)
}

fn people(notices: &[Notice], unread: u64, all: bool) -> String {
    if notices.is_empty() {
        let seen = if all { "No notices." } else { "Nothing that you have not read." };
        return seen.to_owned();
    }
    let mut lines: Vec<String> = notices.iter().map(line).collect();
    let shown = notices.iter().filter(|notice| notice.read_at.is_none()).count() as u64;
    if unread > shown {
        lines.push(format!("… and {} older; --limit shows more.", unread - shown));
    } else if unread > 0 {
        lines.push("`roost notices --mark-read` notes that you have read them.".to_owned());
    }
    lines.join("\n")
}

/// A notice on a line of its own.
pub(crate) fn line(notice: &Notice) -> String {
    let post = notice.post_id.map(|id| format!(" (post {id})")).unwrap_or_default();
    let at = format::instant(notice.at);
    format!("{at}  {}: {}{post}", one_line(&notice.title), one_line(&notice.body))
}
