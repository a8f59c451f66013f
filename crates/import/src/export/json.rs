//! An export as JSON: the format of imports, with what only an export knows beside it.

use roost_core::post::{Part, ReplySettings};

use super::{ExportError, ExportRow, time};
use crate::document::{File, OfFiles, Post};

/// Returns the posts as an object with a list.
pub(super) fn write(rows: &[ExportRow]) -> Result<Vec<u8>, ExportError> {
    let mut plans =
        rows.iter().filter_map(|row| row.own_id.as_ref()).map(|(plan, _)| plan.as_str());
    let first = plans.next();
    let plan = first.filter(|plan| !plan.is_empty() && plans.all(|other| other == *plan));
    let posts = rows.iter().map(|row| post(row, plan)).collect();
    let mut bytes = serde_json::to_vec_pretty(&File { plan, posts, ..File::default() })
        .map_err(|error| ExportError::Unwritable(error.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn post<'r>(row: &'r ExportRow, plan: Option<&str>) -> Post<'r> {
    let texts: Vec<&str> = row.content.texts().collect();
    let is_thread = texts.len() > 1;
    let first = row.content.parts.first();
    let media = super::media_of(&row.content);
    let described = media.iter().flatten().any(|(_, alt_text)| alt_text.is_some());
    let poll = first.and_then(|part| part.poll.as_ref());
    let disclosed = row.content.disclosing();
    let own = row.own_id.as_ref();
    let own_plan = own.map(|(plan, _)| plan.as_str()).filter(|own| !own.is_empty());
    Post {
        id: own.map(|(_, id)| id.as_str()),
        plan: own_plan.filter(|own| plan != Some(*own)),
        content: if is_thread { None } else { texts.first().copied().filter(|it| !it.is_empty()) },
        thread: is_thread.then_some(texts),
        scheduled_at: row.schedule.as_ref().map(time::planned),
        draft: row.is_draft(),
        timezone: row.schedule.as_ref().map(|schedule| schedule.zone.as_str()),
        account: row.account.as_deref(),
        tags: &row.tags,
        note: row.note.as_deref(),
        reply_settings: first.and_then(reply_settings),
        made_with_ai: disclosed.made_with_ai,
        paid_partnership: disclosed.paid_partnership,
        community_id: first.and_then(|part| part.community_id.as_deref()),
        follow_up: row.follow_up.as_ref().map(|(text, _)| text.as_str()),
        follow_up_after: row.follow_up.as_ref().map(|(_, minutes)| *minutes),
        alt_text: match described {
            true => OfFiles::each(&media, |(_, alt_text)| alt_text.unwrap_or_default()),
            false => OfFiles::default(),
        },
        media: OfFiles::each(&media, |(source, _)| source.clone()),
        poll_options: poll.map_or(&[], |poll| poll.options.as_slice()),
        poll_duration: poll.map(|poll| poll.duration_minutes),
        status: Some(row.status),
        tweet_id: row.tweet_ids.iter().map(|tweet| tweet.0.as_str()).collect(),
        tweet_url: row.addresses(),
        posted_at: row.posted_at.map(time::instant),
        post_id: Some(row.post_id),
    }
}

const fn reply_settings(part: &Part) -> Option<ReplySettings> {
    part.reply_settings
}
