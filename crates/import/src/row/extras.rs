//! What a post has beside its text and its files: a poll, the accounts that may reply, what it discloses, the
//! community that it goes to, tags.

use std::borrow::Cow;

use roost_core::failure::{Code, Problem, clip};
use roost_core::post::{
    FOLLOW_UP_MINUTES, FOLLOW_UP_USUAL_MINUTES, Poll, ReplySettings, is_community_id,
};
use serde_json::Value;

use super::FieldCells;
use super::cells::FieldCell;
use super::items::listed;
use super::value::error;
use crate::field::Field;
use crate::finding::Sink;
use crate::follow_up::MeantFollowUp;
use crate::table::Kind;

/// How long a poll runs that does not say, in minutes: a day.
const POLL_MINUTES: u32 = 24 * 60;
/// Digits of a number that a spreadsheet keeps as they were typed.
const EXACT_DIGITS: usize = 15;

/// Returns the poll that a row asks.
pub(super) fn poll(cells: &FieldCells<'_>, sink: &mut impl Sink) -> Option<Poll> {
    let cell = cells.first(Field::PollOptions)?;
    let whole = (cell.kind == Kind::Object).then(|| serde_json::from_str::<Value>(cell.text).ok());
    if let Some(Some(Value::Object(fields))) = whole {
        let list = ["options", "answers", "choices"].iter().find_map(|name| fields.get(*name));
        let list = list.map(ToString::to_string).unwrap_or_default();
        let options = listed(FieldCell { kind: Kind::List, text: &list, ..cell });
        let minutes = ["duration_minutes", "durationMinutes", "duration", "minutes"]
            .iter()
            .find_map(|name| fields.get(*name))
            .and_then(Value::as_u64);
        let duration_minutes =
            minutes.map_or(POLL_MINUTES, |it| u32::try_from(it).unwrap_or(u32::MAX));
        return Some(Poll { options: options.unwrap_or_default(), duration_minutes });
    }
    let options = if cells.has_several(Field::PollOptions) {
        cells.all(Field::PollOptions).map(|cell| cell.text.trim().to_owned()).collect()
    } else {
        answers(cell)
    };
    let duration_minutes = match cells.first(Field::PollDuration) {
        Some(cell) => minutes(cell.text).unwrap_or_else(|| {
            error(sink, Code::PollInvalid, || {
                let message = format!("\"{}\" is no span of time.", clip(cell.text.trim(), 40));
                Problem::new(Code::PollInvalid, message)
                    .in_field("pollDuration")
                    .with_remedy("Write minutes, such as 1440, or 1 day.")
            });
            POLL_MINUTES
        }),
        None => POLL_MINUTES,
    };
    Some(Poll { options, duration_minutes })
}

/// Returns the answers of a cell, between the first of these that it has: line breaks, bars,
/// semicolons, commas.
fn answers(cell: FieldCell<'_>) -> Vec<String> {
    if let Some(items) = listed(cell) {
        return items;
    }
    let between = ['\n', '|', ';', ','].into_iter().find(|it| cell.text.contains(*it));
    let between = between.unwrap_or('\n');
    let pieces = cell.text.split(between).map(str::trim).filter(|piece| !piece.is_empty());
    pieces.map(str::to_owned).collect()
}

/// Returns the minutes of a span: `1440`, `1440.0` of JSON, `1 day`, `24h`, `7 days`, `90 min`.
fn minutes(text: &str) -> Option<u32> {
    let text = text.trim().to_lowercase();
    if let Ok(number) = text.parse::<f64>()
        && number.fract() == 0.0
        && (0.0..=f64::from(u32::MAX)).contains(&number)
    {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it fits")]
        return Some(number as u32);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u32 = text[..digits].parse().ok()?;
    let unit = match text[digits..].trim() {
        "" | "m" | "min" | "mins" | "minute" | "minutes" => 1,
        "h" | "hr" | "hrs" | "hour" | "hours" => 60,
        "d" | "day" | "days" => 24 * 60,
        "w" | "week" | "weeks" => 7 * 24 * 60,
        _ => return None,
    };
    number.checked_mul(unit)
}

/// Returns which accounts may reply; `None` for all.
pub(super) fn reply_settings(
    cells: &FieldCells<'_>,
    sink: &mut impl Sink,
) -> Option<ReplySettings> {
    let cell = cells.first(Field::ReplySettings)?;
    let word: String =
        cell.text.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match word.as_str() {
        "" | "everyone" | "all" | "public" | "anyone" => None,
        "following" | "peopleyoufollow" | "accountsyoufollow" | "followed" => {
            Some(ReplySettings::Following)
        }
        "mentionedusers"
        | "mentioned"
        | "mentions"
        | "onlypeopleyoumention"
        | "onlyaccountsyoumention" => Some(ReplySettings::MentionedUsers),
        "subscribers" | "subscriber" => Some(ReplySettings::Subscribers),
        "verified" | "verifiedaccounts" => Some(ReplySettings::Verified),
        _ => {
            error(sink, Code::WrongType, || {
                let message = format!("\"{}\" says not who may reply.", clip(cell.text.trim(), 40));
                Problem::new(Code::WrongType, message).in_field("replySettings").with_remedy(
                    "Write everyone, following, mentioned_users, subscribers or verified.",
                )
            });
            None
        }
    }
}

/// Returns whether a row discloses that a machine made it, and whether it does that somebody pays for it.
pub(super) fn disclosures(cells: &FieldCells<'_>, sink: &mut impl Sink) -> (bool, bool) {
    let mut says = |field, name| {
        let cell = cells.first(field);
        cell.and_then(|cell| cell.as_truth(name, sink)).unwrap_or(false)
    };
    (says(Field::MadeWithAi, "madeWithAi"), says(Field::PaidPartnership, "paidPartnership"))
}

/// Returns the id of the community that a row goes to: its digits, or what its address on X ends in.
pub(super) fn community_id(cells: &FieldCells<'_>, sink: &mut impl Sink) -> Option<String> {
    let cell = cells.first(Field::CommunityId)?;
    let written = cell.text.trim();
    let address = written.trim_end_matches('/');
    let id = address.rsplit_once("/communities/").map_or(written, |(_, id)| id);
    // A spreadsheet has rounded a longer number.
    let is_exact = cell.kind == Kind::Text || (!cell.is_typed && id.len() <= EXACT_DIGITS);
    if !is_community_id(id) || !is_exact {
        error(sink, Code::CommunityInvalid, || {
            let message = format!("\"{}\" is no id of a community on X.", clip(written, 40));
            Problem::new(Code::CommunityInvalid, message).in_field("communityId").with_remedy(
                "Write the digits at the end of the community's address on X, as a text.",
            )
        });
        return None;
    }
    Some(id.to_owned())
}

/// Returns the reply that follows a row's post, and after how many minutes; `None` where it has none.
pub(super) fn follow_up(cells: &FieldCells<'_>, sink: &mut impl Sink) -> Option<MeantFollowUp> {
    let text = cells.first(Field::FollowUp)?.as_text("followUp", sink)?;
    // X counts a line break of Windows as two characters and shows one.
    let text = text.trim().replace("\r\n", "\n");
    if text.is_empty() {
        return None;
    }
    let after_minutes = match cells.first(Field::FollowUpAfter) {
        Some(cell) if !cell.text.trim().is_empty() => {
            let read = minutes(cell.text).filter(|it| FOLLOW_UP_MINUTES.contains(it));
            read.unwrap_or_else(|| {
                error(sink, Code::TimeInvalid, || {
                    let (first, last) = (FOLLOW_UP_MINUTES.start(), FOLLOW_UP_MINUTES.end());
                    let written = clip(cell.text.trim(), 40);
                    let message = format!("\"{written}\" is no time after which a reply follows.");
                    Problem::new(Code::TimeInvalid, message)
                        .in_field("followUpAfter")
                        .with_remedy(format!("Write {first} to {last} minutes, such as 10."))
                });
                FOLLOW_UP_USUAL_MINUTES
            })
        }
        _ => FOLLOW_UP_USUAL_MINUTES,
    };
    Some(MeantFollowUp { text, after_minutes })
}

/// Returns the tags of a row, each once; the elements of a list, else what stands between commas,
/// semicolons and line breaks.
pub(super) fn tags(cells: &FieldCells<'_>, sink: &mut impl Sink) -> Option<Vec<String>> {
    let mut distinct: Vec<String> = Vec::new();
    for cell in cells.all(Field::Tags) {
        let tags: Vec<Cow<'_, str>> = match cell.as_list("tags", sink)? {
            Some(tags) => tags,
            None if cell.is_typed => {
                cell.not_a_list("tags", sink);
                return None;
            }
            None => cell
                .as_text("tags", sink)?
                .split([',', ';', '\n'])
                .map(str::trim)
                .filter(|tag| !tag.is_empty())
                .map(Cow::Borrowed)
                .collect(),
        };
        for tag in tags {
            let tag = tag.trim();
            if !distinct.iter().any(|known| known == tag) {
                distinct.push(tag.to_owned());
            }
        }
    }
    Some(distinct)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_in_the_unit_that_it_names() {
        for (text, read) in [
            ("1440", Some(1_440)),
            ("1440.0", Some(1_440)),
            ("1.44e3", Some(1_440)),
            ("1440.5", None),
            ("1 day", Some(1_440)),
            ("24h", Some(1_440)),
            ("7 Days", Some(10_080)),
            ("90 min", Some(90)),
            ("soon", None),
            ("", None),
            ("99999999 weeks", None),
        ] {
            assert_eq!(minutes(text), read, "{text}");
        }
    }
}
