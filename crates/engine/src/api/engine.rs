//! The engine's methods that answer whole questions of a host.

use roost_core::id::PostId;
use roost_core::status::Status;

use super::{
    ActOnCause, BulkEdit, CauseDone, Causes, ChangeSettings, CountText, DailyCosts, Diagnostics,
    GetDiagnostics, KeepUnsavedEdit, ListDailyCosts, ListNotices, ListSyncRuns, MovedTimes,
    ReadTime, Reschedule, Rewrite, SettleMovedTimes, SplitText, SuggestTimes,
};
#[cfg(doc)]
use crate::Error;
use crate::api::answers::{
    Backups, Deleted, Notices, Overview, RelayLeftBehind, Relays, Suggestions, SyncRuns, TextCount,
    TextSplit, TimeRead,
};
use crate::diagnosis::diagnostics;
use crate::sync::{run_record, unclean_end};
use crate::view::UnsavedKept;
use crate::{
    Engine, Preferences, Result, Target, bulk_edit, causes, costs, count, notify, preferences,
    split, suggest, time_rules, time_words, unsaved_edit,
};

/// Runs of handing over that stand in the overview.
const RECENT_RUNS: u32 = 5;
/// Notices that are listed when the request does not say how many.
const NOTICES: u32 = 50;

impl Engine {
    /// Returns what stands around every list.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn overview(&self) -> Result<Overview> {
        Ok(Overview {
            now: self.state.now(),
            counts: self.counts().await?,
            accounts: self.accounts().await?,
            sync: self.sync_state().await?,
            settings: self.preferences().await?,
            recent_runs: run_record::list(&self.state, RECENT_RUNS).await?,
            unread_notices: self.unread_notices().await?,
            unclean_end: unclean_end::unread(&self.state).await?,
        })
    }

    /// Returns the newest runs of handing over and of recovery, newest first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn sync_runs(&self, wanted: ListSyncRuns) -> Result<SyncRuns> {
        let limit = if wanted.limit == 0 { run_record::LISTED } else { wanted.limit };
        Ok(SyncRuns { runs: run_record::list(&self.state, limit).await? })
    }

    /// Keeps a change beside its post while it is written; the post goes out as it was until it is saved.
    ///
    /// # Errors
    /// When there is no such post, or the store can't be written.
    pub async fn keep_unsaved_edit(&self, asked: KeepUnsavedEdit) -> Result<UnsavedKept> {
        unsaved_edit::keep::keep(&self.state, asked).await
    }

    /// Throws the change away that is kept beside a post.
    ///
    /// # Errors
    /// When there is no such post, or the store can't be written.
    pub async fn drop_unsaved_edit(&self, post: PostId) -> Result<()> {
        unsaved_edit::keep::drop(&self.state, post).await
    }

    /// Returns what X charged on each of the last days in the person's zone, the newest first. What was
    /// charged stays, whatever becomes of the posts.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn daily_costs(&self, wanted: ListDailyCosts) -> Result<DailyCosts> {
        costs::daily(&self.state, wanted).await
    }

    /// Returns what failed, waits or was missed, by the reason that posts have in common, the most
    /// frequent first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn list_causes(&self) -> Result<Causes> {
        Ok(Causes { causes: causes::list(&self.state).await? })
    }

    /// Does one thing with all posts of a cause, by the rules for single posts.
    ///
    /// # Errors
    /// When there is no such cause, or it has other posts than the person saw; nothing is done then.
    pub async fn act_on_cause(&self, wanted: ActOnCause) -> Result<CauseDone> {
        causes::act(&self.state, wanted).await
    }

    /// Returns what a person passes on when something is wrong: versions, sizes, states and the last
    /// lines of the log. No texts, handles, addresses or secrets are in it.
    pub async fn diagnostics(&self, asked: GetDiagnostics) -> Diagnostics {
        diagnostics::gather(&self.state, asked).await
    }

    /// Counts texts as X does, for the account that is to post them.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn count(&self, text: CountText) -> Result<TextCount> {
        count::count(&self.state, text).await
    }

    /// Splits texts that are too long for the account that is to post them into the parts of a thread.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn split(&self, text: SplitText) -> Result<TextSplit> {
        split::split(&self.state, text).await
    }

    /// Returns times that are round, ahead, and free for the account.
    ///
    /// # Errors
    /// When the zone is none, or the store can't be read.
    pub async fn suggest_times(&self, wanted: SuggestTimes) -> Result<Suggestions> {
        suggest::times(&self.state, wanted).await
    }

    /// Returns what a person's words for a time mean now.
    ///
    /// # Errors
    /// When the zone is none, or the store can't be read. Words that mean no time are no error: the answer
    /// says why.
    pub async fn read_time(&self, asked: ReadTime) -> Result<TimeRead> {
        time_words::read(&self.state, asked).await
    }

    /// Returns the posts that changed clock rules of their zones would move.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn moved_times(&self) -> Result<MovedTimes> {
        time_rules::list(&self.state).await
    }

    /// Lets posts whose clock rules changed keep their times of day or their instants, in one transaction.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn settle_moved_times(&self, wanted: SettleMovedTimes) -> Result<BulkEdit> {
        time_rules::settle(&self.state, wanted).await
    }

    /// Returns what would become of the times of many posts, and changes nothing.
    ///
    /// # Errors
    /// When a post does not exist, or the change can't be made of these times. A post that can't be moved
    /// is no error: the answer says why.
    pub async fn preview_reschedule(&self, asked: Reschedule) -> Result<BulkEdit> {
        bulk_edit::preview(&self.state, asked.into()).await
    }

    /// Gives many posts new times in one transaction. What was handed over is armed anew, or taken back
    /// where it moves beyond the horizon.
    ///
    /// # Errors
    /// As [`Engine::preview_reschedule`]; [`Error::Invalid`] names the posts that can't be moved, and
    /// [`Error::PreviewOutdated`] says that it would come out otherwise than was shown.
    pub async fn reschedule(&self, asked: Reschedule) -> Result<BulkEdit> {
        bulk_edit::apply(&self.state, asked.into()).await
    }

    /// Returns what would become of many posts with other words, account, tags or state, and changes
    /// nothing.
    ///
    /// # Errors
    /// When a post does not exist, or nothing can be looked for or added so.
    pub async fn preview_rewrite(&self, asked: Rewrite) -> Result<BulkEdit> {
        bulk_edit::preview(&self.state, asked.into()).await
    }

    /// Changes words, account, tags or state of many posts in one transaction. What was handed over is
    /// armed anew, or taken back where it becomes a draft.
    ///
    /// # Errors
    /// As [`Engine::preview_rewrite`]; [`Error::Invalid`] names the posts that can't be changed, and
    /// [`Error::PreviewOutdated`] says that it would come out otherwise than was shown.
    pub async fn rewrite(&self, asked: Rewrite) -> Result<BulkEdit> {
        bulk_edit::apply(&self.state, asked.into()).await
    }

    /// Removes posts from the list, and says which of them stay on X.
    ///
    /// # Errors
    /// When one of them does not exist; nothing is changed then.
    pub async fn delete_posts(&self, posts: &[Target]) -> Result<Deleted> {
        let mut on_x = Vec::new();
        for Target { id, .. } in posts {
            if self.post(*id).await?.row.status == Status::Posted {
                on_x.push(*id);
            }
        }
        let done = self.delete(posts).await?;
        on_x.retain(|id| done.cancelled.contains(id));
        Ok(Deleted::of(done, on_x))
    }

    /// Changes what the person prefers; what the change leaves out stays. Returns what holds now.
    ///
    /// # Errors
    /// When the zone is none, or the store can't be written.
    pub async fn change_settings(&self, change: ChangeSettings) -> Result<Preferences> {
        let before = self.preferences().await?;
        let plan_delay_days = change.plan_delay_days.unwrap_or(before.plan_delay_days);
        let horizon_windows = match change.travel {
            Some(true) => preferences::horizon_max(plan_delay_days),
            Some(false) => preferences::HORIZON_DEFAULT,
            None => change.horizon_windows.unwrap_or(before.horizon_windows),
        };
        let after = Preferences {
            zone: change.zone.unwrap_or_else(|| before.zone.clone()),
            horizon_windows,
            plan_delay_days,
            late: change.late.unwrap_or(before.late),
            when_disconnected: change.when_disconnected.unwrap_or(before.when_disconnected),
            prices: change.prices.unwrap_or(before.prices),
            watched_folder: change.watched_folder.or_else(|| before.watched_folder.clone()),
            collision_minutes: change.collision_minutes.unwrap_or(before.collision_minutes),
            backup_bytes_max: change.backup_bytes_max.unwrap_or(before.backup_bytes_max),
            start_at_login: change.start_at_login.unwrap_or(before.start_at_login),
            notices: change.notices.unwrap_or(before.notices),
            month_budget_micros: match change.month_budget_micros {
                Some(budget) => Some(budget).filter(|budget| *budget != 0),
                None => before.month_budget_micros,
            },
        };
        if after != before {
            self.set_preferences(after).await?;
        }
        self.preferences().await
    }

    /// Returns the newest notices, newest first, and how many are unread.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn list_notices(&self, wanted: ListNotices) -> Result<Notices> {
        let limit = if wanted.limit == 0 { NOTICES } else { wanted.limit };
        let found = self.notices(wanted.all, limit).await?;
        Ok(Notices {
            notices: if wanted.grouped { notify::grouped(found) } else { found },
            unread: self.unread_notices().await?,
        })
    }

    /// Returns the backups beside the store, newest first.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub async fn backups(&self) -> Result<Backups> {
        let path = self.state.config.database.clone();
        let found = self.state.blocking(move || Ok(roost_store::backups(path)?)).await?;
        Ok(Backups { backups: found.into_iter().map(Into::into).collect() })
    }

    /// Returns the relays, other than the one in use, that hold posts of this store.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn relays_left_behind(&self) -> Result<Relays> {
        let others = self.other_relays(self.relay_in_use()).await?;
        let relay =
            |other: crate::OtherRelay| RelayLeftBehind { relay: other.relay, posts: other.posts };
        Ok(Relays { relays: others.into_iter().map(relay).collect() })
    }
}
