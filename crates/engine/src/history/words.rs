//! Steps in words that a person reads.

use roost_store::{Error as StoreError, HistoryStep as Stored, Label, ListedStep, Read};

use crate::api::{HistoryStep, StepState};
use crate::excerpt::excerpt;

/// Returns a step as it is shown. `redo` are the changes that can be redone.
pub(super) fn step(
    store: &Read<'_>,
    listed: ListedStep,
    redo: &[i64],
) -> Result<HistoryStep, StoreError> {
    let ListedStep { step, undone_at } = listed;
    let state = match undone_at {
        _ if !step.label.can_be_undone() => StepState::Final,
        None => StepState::Done,
        Some(_) if redo.contains(&step.seq) => StepState::Undone,
        Some(_) => StepState::Superseded,
    };
    Ok(HistoryStep {
        id: step.seq,
        at: step.at,
        label: step.label.as_str().to_owned(),
        title: title(&step),
        about: about(store, &step)?,
        posts: step.posts,
        state,
        undone_at,
        cannot: cannot(step.label).map(str::to_owned),
    })
}

fn title(step: &Stored) -> String {
    let verb = match step.label.as_str() {
        "create" => "Wrote",
        "import" => "Imported",
        "retry" => "Scheduled again:",
        "cancel" => "Cancelled",
        "delete" => "Deleted",
        "restore" => "Took out of the trash:",
        "undo_import" => "Took an import back:",
        "post_too" => "Scheduled a late change:",
        "resolve" => "Decided about",
        "delete_on_x" => return "Deleted on X".to_owned(),
        "replace" => return "Deleted on X and replaced".to_owned(),
        "settings" => return "Changed the settings".to_owned(),
        "slots" => return "Changed posting times".to_owned(),
        "sign_in" => return "Signed in".to_owned(),
        "disconnect" => return "Disconnected an account".to_owned(),
        "pair" => return "Paired with a relay".to_owned(),
        "unpair" => return "Left a relay".to_owned(),
        "pause" => return "Paused everything".to_owned(),
        "resume" => return "Resumed after a pause".to_owned(),
        "series.create" => return "Made a series".to_owned(),
        "series.edit" => return "Changed a series".to_owned(),
        "series.skip" => return "Left a time of a series out".to_owned(),
        "series.end" => return "Ended a series".to_owned(),
        "posts.replace" => "Replaced words in",
        "posts.append" | "posts.prepend" => "Added words to",
        "posts.split" => "Split",
        "posts.account" => "Changed the account of",
        "posts.tag" => "Changed the tags of",
        "posts.note" => "Changed the note of",
        "posts.draft" => "Made drafts of",
        "posts.schedule" => "Scheduled",
        "posts.rules" => "Settled the times of",
        "posts.zone" => "Changed the zone of",
        "posts.arrange" | "posts.reverse" | "posts.shuffle" | "posts.swap" => "Reordered",
        other if other.starts_with("posts.") => "Moved",
        _ => "Changed",
    };
    match step.posts {
        1 => format!("{verb} 1 post"),
        posts => format!("{verb} {posts} posts"),
    }
}

/// Returns what tells a step from others of its kind.
fn about(store: &Read<'_>, step: &Stored) -> Result<Option<String>, StoreError> {
    if let Some(import) = step.import {
        return Ok(store.import(import)?.map(|import| import.source));
    }
    if step.label == Label::Settings {
        let fields = step.after.as_ref().and_then(|after| after.as_object());
        let names = fields.into_iter().flatten().map(|(name, _)| setting(name));
        return Ok(Some(names.collect::<Vec<_>>().join(", ")));
    }
    if matches!(step.label, Label::Slots | Label::SignIn | Label::Disconnect) {
        let id = roost_core::id::XUserId(step.subject.clone().unwrap_or_default());
        let account = store.account(&id)?;
        return Ok(Some(account.map_or(id.0, |account| format!("@{}", account.username))));
    }
    if step.label.is_of_series() {
        let id = step.subject.as_deref().and_then(|subject| subject.parse().ok());
        let series = id.map(|id| store.series(id)).transpose()?.flatten();
        let said = series.and_then(|series| series.state.variants.into_iter().next());
        return Ok(said.map(|content| excerpt(content.first_text())));
    }
    if let Some(subject) = &step.subject {
        return Ok(Some(subject.clone()));
    }
    let (Some((first, _)), 1) = (step.events, step.posts) else { return Ok(None) };
    let post = store.post_of_event(first)?.map(|id| store.post(id)).transpose()?.flatten();
    Ok(post.map(|post| excerpt(&post.content)))
}

/// Returns what a setting is called, by its field.
pub(super) fn setting(field: &str) -> &str {
    match field {
        "zone" => "time zone",
        "horizon_windows" => "how far ahead posts are handed over",
        "late" => "late posts",
        "when_disconnected" => "posts of a signed-out account",
        "prices" => "prices",
        "collision_minutes" => "how close posts may be",
        "watched_folder" => "watched folder",
        "start_at_login" => "start at login",
        "notices" => "notices",
        "month_budget_micros" => "month's budget",
        "backup_bytes_max" => "size of backups",
        other => other,
    }
}

/// Says why steps of a kind can't be undone.
pub(super) const fn cannot(label: Label) -> Option<&'static str> {
    Some(match label {
        Label::Resolve => "What you decided about a post was told to the relay, which acted on it.",
        Label::Replace | Label::DeleteOnX => "What is deleted on X can't be brought back.",
        Label::SignIn => "A sign-in is X's; disconnect the account instead.",
        Label::Disconnect => "The relay forgot the sign-in; sign in again instead.",
        Label::Pair | Label::Unpair => "A relay that was left needs a new pairing link.",
        Label::Pause => "A pause ends with Resume.",
        Label::Resume => "What waited may have gone out; pause again instead.",
        _ => return None,
    })
}
