//! An end of the loop that nobody planned: a kill, a crash, a power cut. The start after it counts the
//! posts whose state was open in that moment, checks them as every start does, and tells the person.

use std::collections::HashSet;

use roost_core::notice::Headline;
use roost_store::{Error as StoreError, NewNotification, Post};

use crate::diagnosis::counted::counted;
use crate::state::{Activity, EngineState, NotedActivity};
use crate::sync::recover::RESULT_PATIENCE;
use crate::view::Notice;
use crate::{Change, Result, horizon, notify};

/// The kind of the notice that tells of it.
const KIND: &str = "unclean_end";
/// Posts that are counted at the most.
const POSTS_MAX: u32 = 10_000;
/// Unread notices among which the newest of this kind is looked for.
const NOTICES_MAX: u32 = 200;

/// An end that nobody planned.
#[derive(Debug)]
pub(crate) struct UncleanEnd {
    noted: NotedActivity,
    /// Posts that a pass and a recovery look at again: handed over in part, or past their time and
    /// without a result.
    to_check: u64,
}

impl UncleanEnd {
    /// Returns the end that the note of the loop before tells of; none when that loop stopped by itself.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) async fn of(
        engine: &EngineState,
        before: Option<NotedActivity>,
    ) -> Result<Option<Self>> {
        let Some(noted) = before.filter(|it| it.activity != Activity::Stopped) else {
            return Ok(None);
        };
        tracing::warn!(activity = ?noted.activity, since = noted.since.0, "the last run ended unexpectedly");
        let Some(relay) = engine.services().ok().map(|services| services.relay_public_url) else {
            return Ok(Some(Self { noted, to_check: 0 }));
        };
        let (end, late) = (horizon::end(engine).await?, engine.now().minus(RESULT_PATIENCE));
        let to_check = engine.read(move |store| {
            let due = store.due_for_handover(&relay, end, POSTS_MAX)?;
            let in_part = due.into_iter().filter(Post::may_be_on_relay);
            let without_result = store.awaiting_result(&relay, late, POSTS_MAX)?;
            let posts: HashSet<_> = in_part.chain(without_result).map(|post| post.id).collect();
            Ok::<_, StoreError>(posts.len() as u64)
        });
        Ok(Some(Self { noted, to_check: to_check.await? }))
    }

    /// Tells the person once. `is_checked` says that the posts were looked at since.
    pub(crate) async fn tell(self, engine: &EngineState, is_checked: bool) {
        let notice = NewNotification {
            key: format!("{KIND}:{}", self.noted.since.0),
            kind: KIND.to_owned(),
            post_id: None,
            account: None,
            cause: None,
            title: Headline::EndedUnexpectedly.to_string(),
            body: self.sentence(is_checked),
        };
        let noted = engine.write("unclean_end.tell", move |store| Ok(store.notify(&notice)?)).await;
        match noted {
            Ok(_) => engine.publish(Change::Notices),
            Err(error) => tracing::error!(%error, "a notice could not be written"),
        }
        engine.publish(Change::Sync);
    }

    fn sentence(&self, is_checked: bool) -> String {
        let doing = match self.noted.activity {
            Activity::HandingOver => " while handing over",
            Activity::AskingForResults => " while asking for results",
            Activity::Waiting | Activity::Stopped => "",
        };
        let posts = counted(self.to_check, "post", "posts");
        let were = if self.to_check == 1 { "was" } else { "were" };
        let are = if self.to_check == 1 { "is" } else { "are" };
        match (self.to_check, is_checked) {
            (0, _) => format!("Roost ended unexpectedly{doing}. Nothing was lost."),
            (_, true) => format!(
                "Roost ended unexpectedly{doing}. Nothing was lost; {posts} {were} checked again."
            ),
            (_, false) => format!(
                "Roost ended unexpectedly{doing}. Nothing was lost; {posts} {are} checked again as \
                 soon as the relay is reached."
            ),
        }
    }
}

/// Returns what was told of the newest end that nobody planned, until the person has read it.
///
/// # Errors
/// When the store can't be read.
pub(crate) async fn unread(engine: &EngineState) -> Result<Option<Notice>> {
    let notices = notify::list(engine, false, NOTICES_MAX).await?;
    Ok(notices.into_iter().find(|notice| notice.kind == KIND))
}

#[cfg(test)]
mod tests {
    use roost_core::clock::UnixMillis;

    use super::*;

    fn said(activity: Activity, to_check: u64, is_checked: bool) -> String {
        let noted = NotedActivity { activity, since: UnixMillis(0) };
        UncleanEnd { noted, to_check }.sentence(is_checked)
    }

    #[test]
    fn an_unplanned_end_is_told_in_plain_words() {
        assert_eq!(
            said(Activity::HandingOver, 2, true),
            "Roost ended unexpectedly while handing over. Nothing was lost; 2 posts were checked again."
        );
        assert_eq!(
            said(Activity::Waiting, 0, false),
            "Roost ended unexpectedly. Nothing was lost."
        );
        let waits = said(Activity::AskingForResults, 1, false);
        assert!(
            waits.ends_with("1 post is checked again as soon as the relay is reached."),
            "{waits}"
        );
    }
}
