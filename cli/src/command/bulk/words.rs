//! What people read of a change of many posts.

use roost_engine::api::{BulkEdit, BulkEditRow, MessagesNeeded, PostState};

use crate::format;
use crate::output::{Table, counted, money, one_line, shortened};

/// Rows that a preview shows, and reasons and warnings that are listed.
const SHOWN: usize = 20;
/// Columns of what a post says.
const TEXT_COLUMNS: usize = 50;

/// Returns what a change would do: each post before and after, and what stands in the way.
pub(super) fn preview(shown: &BulkEdit) -> String {
    let mut lines = Vec::new();
    let changed: Vec<&BulkEditRow> = shown.posts.iter().filter(|row| row.after.is_some()).collect();
    if !changed.is_empty() {
        lines.push(table(&changed).trim_end().to_owned());
        let more = changed.len().saturating_sub(SHOWN);
        if more > 0 {
            lines.push(format!("… and {more} more."));
        }
    }
    lines.extend(matches(shown));
    lines.extend(refusals(shown));
    lines.extend(warnings(shown));
    lines.push(format!("{} Nothing was changed.", summary(shown)));
    lines.join("\n")
}

fn table(rows: &[&BulkEditRow]) -> String {
    let mut table = Table::new(["id", "before", "after", "text"]);
    for row in rows.iter().take(SHOWN) {
        let Some(after) = &row.after else { continue };
        let (was, is) = differing(&row.before, after);
        table.row([row.id.to_string(), was, is, shortened(&row.excerpt, TEXT_COLUMNS)]);
    }
    table.render()
}

/// Returns what differs between before and after, in a few words.
fn differing(before: &PostState, after: &PostState) -> (String, String) {
    let time = |state: &PostState| {
        let time = state.time.as_ref();
        time.map_or_else(|| "no time".to_owned(), |it| format!("{} {}", it.wall_time, it.zone))
    };
    let texts = |state: &PostState| shortened(&state.texts.join(" ⏎ "), TEXT_COLUMNS);
    let tags = |state: &PostState| match state.tags.is_empty() {
        true => "no tags".to_owned(),
        false => state.tags.join(", "),
    };
    let account = |state: &PostState| {
        state.account.as_ref().map_or_else(|| "no account".to_owned(), ToString::to_string)
    };
    let note = |state: &PostState| match &state.note {
        Some(note) => shortened(note, TEXT_COLUMNS),
        None => "no note".to_owned(),
    };
    let both = |of: &dyn Fn(&PostState) -> String| (of(before), of(after));
    if before.time != after.time {
        both(&time)
    } else if before.texts != after.texts {
        both(&texts)
    } else if before.account != after.account {
        both(&account)
    } else if before.tags != after.tags {
        both(&tags)
    } else if before.note != after.note {
        both(&note)
    } else {
        both(&|state: &PostState| state.status.label().to_owned())
    }
}

/// Returns the matches of words by their names, for those that are to be left as they are.
fn matches(shown: &BulkEdit) -> Vec<String> {
    let named = |row: &BulkEditRow| {
        let id = row.id;
        row.matches
            .iter()
            .map(|found| {
                let (part, number) = (found.part + 1, found.number + 1);
                let (was, is) = (one_line(&found.found), one_line(&found.replacement));
                let skipped = if found.is_skipped { " (stays)" } else { "" };
                format!("{id}:{part}:{number}  \"{was}\" → \"{is}\"{skipped}")
            })
            .collect::<Vec<_>>()
    };
    let all: Vec<String> = shown.posts.iter().flat_map(named).collect();
    listed(all)
}

/// Returns why posts can't be changed.
pub(super) fn refusals(shown: &BulkEdit) -> Vec<String> {
    let refused = shown.posts.iter().filter_map(|row| {
        let problem = row.refused.as_ref()?;
        Some(format!("{} \"{}\": {problem}", row.id, one_line(&row.excerpt)))
    });
    listed(refused.collect())
}

/// Returns what the person should know of posts that are changed.
pub(super) fn warnings(shown: &BulkEdit) -> Vec<String> {
    let told = shown.posts.iter().filter(|row| row.after.is_some()).flat_map(|row| {
        let name = format!("{} \"{}\"", row.id, one_line(&row.excerpt));
        row.warnings.iter().map(move |problem| format!("Warning: {name}: {problem}"))
    });
    listed(told.collect())
}

fn listed(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(SHOWN);
    if more > 0 {
        lines.truncate(SHOWN);
        lines.push(format!("… and {more} more."));
    }
    lines
}

/// Returns why nothing was changed.
pub(super) fn refusal(shown: &BulkEdit) -> String {
    let mut lines = refusals(shown);
    let refused = counted(u64::from(shown.refused), "post", "posts");
    lines.push(format!("{refused} can't be changed, and so none was."));
    if shown.changed > 0 {
        let rest = counted(u64::from(shown.changed), "other", "others");
        lines.push(format!("--skip-refused leaves them out and changes the {rest}."));
    }
    lines.join("\n")
}

/// Returns that there is nothing to change.
pub(super) fn nothing(shown: &BulkEdit) -> String {
    let mut lines = refusals(shown);
    lines.push(match shown.posts.is_empty() {
        true => "The query means no posts.".to_owned(),
        false => "Nothing to change: the posts are so already.".to_owned(),
    });
    lines.join("\n")
}

/// Returns the question whether to go on.
pub(super) fn question(shown: &BulkEdit) -> String {
    format!("Change {}? [y/N] ", counted(u64::from(shown.changed), "post", "posts"))
}

/// Returns what was done.
pub(super) fn done(done: &BulkEdit) -> String {
    let mut lines = refusals(done);
    lines.push(summary(done));
    lines.join("\n")
}

/// Returns the figures of a change in sentences.
pub(super) fn summary(shown: &BulkEdit) -> String {
    let posts = |count: u32| counted(u64::from(count), "post", "posts");
    let verb = if shown.is_applied { "Changed" } else { "To be changed" };
    let mut said = vec![format!("{verb}: {}.", posts(shown.changed))];
    if shown.unchanged > 0 {
        said.push(format!("{} as before.", posts(shown.unchanged)));
    }
    if shown.refused > 0 {
        said.push(format!("{} refused.", posts(shown.refused)));
    }
    let (before, after) = (shown.cost_before_micros, shown.cost_after_micros);
    if before != after {
        said.push(format!("Cost: {} instead of {}.", money(after), money(before)));
    }
    said.extend(messages(&shown.messages));
    said.join(" ")
}

fn messages(messages: &MessagesNeeded) -> Vec<String> {
    let MessagesNeeded { needed, withdrawn, used_today, free_plan_left, .. } = messages;
    let posts = |count: u32| counted(u64::from(count), "post", "posts");
    let mut said = Vec::new();
    if *needed > 0 {
        said.push(match free_plan_left {
            None => format!("{} to be handed over.", posts(*needed)),
            Some(left) => format!(
                "{} to be handed over: a message of the scheduler each ({used_today} taken today; the \
                 free plan takes {left} more).",
                posts(*needed)
            ),
        });
    }
    if *withdrawn > 0 {
        said.push(format!("{} taken back from the scheduler.", posts(*withdrawn)));
    }
    if let Some(at) = messages.quota_ends_at {
        let at = format::instant(at);
        let waiting = posts(messages.staying_pending);
        said.push(format!(
            "The scheduler takes no more messages until {at}: {waiting} stay Pending."
        ));
    }
    said
}
