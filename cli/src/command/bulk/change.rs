//! From what was typed to what the engine is asked for.

use roost_core::id::PostId;
use roost_engine::Engine;
use roost_engine::api::{MatchRef, ReplaceText, RewriteChange, SpreadOver, TimeChange, WeekendDay};

use super::span::{minutes, span};
use crate::args::{FieldsCommand, Many, TimesCommand, WeekendArg};
use crate::command::query;
use crate::failure::Failure;
use crate::input;

/// Which posts, and what becomes of them.
pub(super) struct Wanted<C> {
    pub(super) many: Many,
    pub(super) change: C,
    /// Whether what has ended is scheduled again.
    pub(super) restore: bool,
}

impl<C> Wanted<C> {
    const fn plain(many: Many, change: C) -> Self {
        Self { many, change, restore: false }
    }
}

/// Returns which new times are wanted.
pub(super) async fn times(
    engine: &Engine,
    command: TimesCommand,
) -> Result<Wanted<TimeChange>, Failure> {
    Ok(match command {
        TimesCommand::Shift { many, by, restore } => {
            let span = span(&by)?;
            let change = TimeChange::Shift { days: span.days, seconds: span.seconds };
            Wanted { many, change, restore }
        }
        TimesCommand::Move { many, to, time, day, zone, keep_instant, restore } => {
            let change = match (to, time, day, zone) {
                (Some(wall_time), ..) => TimeChange::MoveFirstTo { wall_time },
                (_, Some(time), ..) => TimeChange::SetTimeOfDay { time },
                (_, _, Some(date), _) => TimeChange::SetDate { date },
                (.., Some(zone)) => TimeChange::ToZone { zone, keep_instant },
                _ => return Err(Failure::usage("Say one of --to, --time, --day, --zone.")),
            };
            Wanted { many, change, restore }
        }
        TimesCommand::Spread {
            many,
            first_day,
            days,
            weekdays,
            hours,
            jitter,
            seed,
            zone,
            restore,
        } => {
            let Some((from, to)) = hours.split_once(['-', '–']) else {
                let message = format!("\"{hours}\" are no hours. Write them as 09:00-17:00.");
                return Err(Failure::usage(message));
            };
            let over = SpreadOver {
                first_day,
                days,
                weekdays: weekdays.as_deref().map_or(Ok(Vec::new()), self::weekdays)?,
                from: from.trim().to_owned(),
                to: to.trim().to_owned(),
                jitter_minutes: minutes(&jitter)?,
                seed,
                zone,
            };
            Wanted { many, change: TimeChange::Spread(over), restore }
        }
        TimesCommand::Slots { many, restore } => {
            Wanted { many, change: TimeChange::NextSlots, restore }
        }
        TimesCommand::Swap(many) => Wanted::plain(many, TimeChange::Swap),
        TimesCommand::Arrange(many) => {
            if many.ids.is_empty() {
                return Err(Failure::usage("Name the posts by their ids, in the wanted order."));
            }
            let order = many.ids.clone();
            Wanted::plain(many, TimeChange::Arrange { order })
        }
        TimesCommand::Reverse(many) => Wanted::plain(many, TimeChange::Reverse),
        TimesCommand::Shuffle { many, seed } => {
            let seed = seed.unwrap_or_else(chance);
            Wanted::plain(many, TimeChange::Shuffle { seed })
        }
        TimesCommand::Compress { many, gap } => {
            let longest_gap_minutes = minutes(&gap)?;
            Wanted::plain(many, TimeChange::Compress { longest_gap_minutes })
        }
        TimesCommand::Push { many, at, gap } => {
            let (taken_at, gap_minutes) = (query::instant_of(engine, &at).await?, minutes(&gap)?);
            Wanted::plain(many, TimeChange::PushBack { taken_at, gap_minutes })
        }
        TimesCommand::Insert { mut many, post, at, gap } => {
            if !many.ids.is_empty() && !many.ids.contains(&post) {
                many.ids.push(post);
            }
            let gap_minutes = minutes(&gap)?;
            Wanted::plain(many, TimeChange::Insert { post, wall_time: at, gap_minutes })
        }
        TimesCommand::Weekend { many, to } => {
            let to = match to {
                WeekendArg::Friday => WeekendDay::Friday,
                WeekendArg::Monday => WeekendDay::Monday,
                WeekendArg::Nearest => WeekendDay::Nearest,
            };
            Wanted::plain(many, TimeChange::OutOfWeekend { to })
        }
    })
}

/// Returns what else is wanted of the posts.
pub(super) async fn fields(command: FieldsCommand) -> Result<Wanted<RewriteChange>, Failure> {
    Ok(match command {
        FieldsCommand::ReplaceText { many, find, with, regex, match_case, whole_word, skip } => {
            let replace = ReplaceText {
                find,
                replacement: with,
                is_regex: regex,
                matches_case: match_case,
                is_whole_word: whole_word,
                skip: skip.iter().map(|name| match_ref(name)).collect::<Result<_, _>>()?,
            };
            Wanted::plain(many, RewriteChange::Replace(replace))
        }
        FieldsCommand::Append(words) => {
            let text = input::text(words.add).await?;
            let change = RewriteChange::Append { text, new_line: words.new_line };
            Wanted::plain(words.many, change)
        }
        FieldsCommand::Prepend(words) => {
            let text = input::text(words.add).await?;
            let change = RewriteChange::Prepend { text, new_line: words.new_line };
            Wanted::plain(words.many, change)
        }
        FieldsCommand::Split { many, numbered } => {
            Wanted::plain(many, RewriteChange::Split { numbered })
        }
        FieldsCommand::Account { many, to } => {
            Wanted::plain(many, RewriteChange::SetAccount { account: to })
        }
        FieldsCommand::Tag { many, add, remove } => {
            Wanted::plain(many, RewriteChange::Tags { add, remove })
        }
        FieldsCommand::Note { many, set } => {
            Wanted::plain(many, RewriteChange::SetNote { note: set })
        }
        FieldsCommand::Draft(many) => Wanted::plain(many, RewriteChange::ToDraft),
        FieldsCommand::Schedule { many, restore } => {
            Wanted { many, change: RewriteChange::Schedule, restore }
        }
    })
}

/// Returns a seed that is another at each call.
fn chance() -> u32 {
    use std::hash::{BuildHasher as _, RandomState};
    u32::try_from(RandomState::new().hash_one(0) & 0xffff_ffff).unwrap_or(0)
}

/// Reads `ID:PART:MATCH`, both counted from 1 as people do.
fn match_ref(name: &str) -> Result<MatchRef, Failure> {
    let read = || {
        let (rest, number) = name.rsplit_once(':')?;
        let (post, part) = rest.rsplit_once(':')?;
        let post: PostId = post.parse().ok()?;
        let place = |text: &str| text.parse::<u32>().ok()?.checked_sub(1);
        Some(MatchRef { post, part: place(part)?, number: place(number)? })
    };
    read().ok_or_else(|| {
        let message = format!("\"{name}\" is no match; --dry-run shows them as ID:PART:MATCH.");
        Failure::usage(message)
    })
}

/// Returns the days of the week, 1 (Monday) to 7 (Sunday), that a text such as `Mon-Fri` names.
fn weekdays(text: &str) -> Result<Vec<i8>, Failure> {
    // Posting times name days the same way; any time of day will do.
    let slots = roost_import::slots::parse(&format!("{text} 0:00"));
    let slots = slots.map_err(|error| Failure::usage(error.to_string()))?;
    let mut days: Vec<i8> =
        slots.into_iter().filter_map(|slot| i8::try_from(slot.weekday).ok()).collect();
    days.dedup();
    Ok(days)
}
