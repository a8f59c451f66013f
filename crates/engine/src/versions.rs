//! What a post said over time, so that a person can go back to it.

use roost_core::post::Content;
use roost_store::{PostEvent, PostFields};

use crate::view::PostVersion;

/// Returns the versions of a post, oldest first: one for each event that changed its words, its time or its
/// account. What went on at relay and scheduler is none.
pub(crate) fn of(events: &[PostEvent]) -> Vec<PostVersion> {
    let mut versions: Vec<PostVersion> = Vec::new();
    let (mut known, mut content) = (PostFields::default(), Content::default());
    for event in events {
        let after = &event.change.after;
        if !(after.has_content() || after.schedule.is_some() || after.account.is_some()) {
            continue;
        }
        if after.has_content() {
            content = after.over(content);
        }
        known = after.clone().or(known);
        let schedule = known.schedule.clone().flatten();
        let version = PostVersion {
            at: event.at,
            content: content.clone(),
            scheduled_at: schedule.as_ref().map(|it| it.at),
            wall_time: schedule.as_ref().map(|it| it.wall_time.clone()),
            zone: schedule.map(|it| it.zone),
            account: known.account.clone().flatten(),
        };
        let is_same =
            |other: &PostVersion| PostVersion { at: version.at, ..other.clone() } == version;
        if !versions.last().is_some_and(is_same) {
            versions.push(version);
        }
    }
    versions
}
