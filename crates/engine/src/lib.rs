//! The use cases: compose, import, hand over, recover, pull results.
//!
//! Window and command line call the same [`Engine`]. Every method is one use case, in a file of its
//! own; those that need only the store answer while every network is down.

mod accounts;
mod agenda;
pub mod api;
mod beat;
mod bulk_change;
mod bulk_edit;
mod cancel;
mod cause_posts;
mod causes;
mod change_feed;
mod clock_difference;
mod compose;
mod computer_move;
mod config;
mod costs;
mod count;
mod daily_backup;
mod dead_letters;
mod delete_on_x;
mod diagnosis;
mod duplicates;
mod error;
mod excerpt;
mod export;
mod facade;
mod history;
mod horizon;
mod import;
mod late_edit;
mod media;
mod next_step;
mod notify;
mod open_import;
mod outgrown;
mod parts;
mod pause;
mod paused;
mod posting_times;
mod posts;
mod preferences;
mod receipt;
mod relay;
mod resolve;
mod row;
mod scheduler_setup;
mod series;
mod split;
mod stale;
mod state;
mod status;
mod suggest;
mod switch_relay;
mod sync;
mod system_zone;
mod time_rules;
mod time_words;
mod unsaved_edit;
mod update_hold;
mod versions;
pub mod view;
mod watch_other_processes;

use std::path::PathBuf;
use std::sync::Arc;

use roost_core::clock::Clock;
use roost_core::id::{ImportId, PostId, XUserId};
use tokio_util::sync::CancellationToken;

pub use api::post_change::{
    Cancelled, Edit, Finding, FollowUpChange, NewPost, Saved, Stale, Target, Verdict,
};
pub use api::preferences::{Preferences, WhenDisconnected};
pub use api::undone::{UndoFate, Undone, UndonePost};
pub use change_feed::Changes;
pub use computer_move::Leaving;
pub use config::{Endpoint, Endpoints, EngineConfig, Mode, Secret, Transports};
pub use diagnosis::diagnostics::LOG_FOLDER;
pub use error::Error;
pub use import::run::{
    ChangingRow, ImportBytes, ImportDone, ImportProgress, ImportRun, ImportStep, LeftOutRow,
};
pub use next_step::NextStep;
pub use notify::grouped as group_notices;
pub use preferences::is_sandbox;
pub use roost_core::post::{DuplicatePolicy, LatePolicy, PastPolicy, TooLate};
pub use roost_store::{Backup, Opening, OtherRelay};
pub use switch_relay::Detached;
pub use sync::run_lock::RunLock;
pub use system_zone::system_zone;
pub use view::Change;

use api::{Duplicates, FindDuplicates};
use state::EngineState;
use sync::sync_loop;
use view::{
    AccountRow, Agenda, AgendaQuery, Counts, ImportRow, Notice, PostDetail, PostPage, PostQuery,
    SyncState, TagRow,
};

type Result<T> = std::result::Result<T, Error>;

/// The engine over one store. Clones share it.
#[derive(Debug, Clone)]
pub struct Engine {
    state: Arc<EngineState>,
}

impl Engine {
    /// Opens the store: checks the file, makes it when there never was one, migrates it. Blocking.
    ///
    /// # Errors
    /// When the store can't be opened (it is left as it was), or an address is none.
    pub fn open(config: EngineConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        let state = EngineState::open(config, clock)?;
        if state.moved_trouble().is_none() {
            time_rules::note_seen(&state.store)?;
        }
        Ok(Self { state: Arc::new(state) })
    }

    /// Hands over, pulls results and recovers until it is cancelled. One runs per store.
    ///
    /// # Errors
    /// When the store can't be watched. Everything later is repeated until it works, and shown in
    /// [`Engine::sync_state`].
    pub async fn run(&self, stop: CancellationToken) -> Result<()> {
        sync_loop::run(self.state.clone(), stop).await
    }

    /// The same, once no other process runs for this store: it takes over from one that ends, or was
    /// killed.
    ///
    /// # Errors
    /// As [`Engine::run`], but for another process that runs.
    pub async fn run_when_free(&self, stop: CancellationToken) -> Result<()> {
        sync_loop::run_when_free(self.state.clone(), stop).await
    }

    /// Returns the changes from now on, those that other processes make to the store among them. Within
    /// a Tokio runtime, which notices the latter.
    #[must_use]
    pub fn changes(&self) -> Changes {
        watch_other_processes::start_once(&self.state);
        self.state.changes.listen()
    }

    /// Notes a clean end of the store, for a program that ends without dropping this engine: its next
    /// start then needs not read the whole file. Blocking.
    pub fn note_clean_end(&self) {
        self.state.store.note_clean_end();
    }

    /// Writes a whole, checked copy of the store: to a file, or among the dated backups beside the store,
    /// of which the newest stay.
    ///
    /// # Errors
    /// When it can't be written, or the store is damaged; an older file at the place stays.
    pub async fn backup(&self, to: Option<PathBuf>) -> Result<Backup> {
        let store = self.state.store.clone();
        self.state
            .blocking(move || match to {
                Some(path) => Ok(store.backup_to(path)?),
                None => Ok(store.backup()?),
            })
            .await
    }

    // Reading.

    /// A page of posts.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn posts(&self, query: &PostQuery) -> Result<PostPage> {
        posts::page(&self.state, query).await
    }

    /// Returns planned posts of one account that say the same, as a reader sees it.
    ///
    /// # Errors
    /// When the store can't be read, or the place in the request is none.
    pub async fn find_duplicates(&self, request: FindDuplicates) -> Result<Duplicates> {
        duplicates::find(&self.state, request).await
    }

    /// Returns all tags with the number of their posts, by name.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn tags(&self) -> Result<Vec<TagRow>> {
        posts::tags(&self.state).await
    }

    /// Returns the days of a calendar, each with how many posts stand on it and the first of them.
    ///
    /// # Errors
    /// When a date or a zone is none, or the store can't be read.
    pub async fn agenda(&self, query: &AgendaQuery) -> Result<Agenda> {
        agenda::agenda(&self.state, query).await
    }

    /// One post with its receipt.
    ///
    /// # Errors
    /// When there is none, or the store can't be read.
    pub async fn post(&self, id: PostId) -> Result<PostDetail> {
        posts::detail(&self.state, id).await
    }

    /// How many posts stand in each place of the rail.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn counts(&self) -> Result<Counts> {
        posts::counts(&self.state).await
    }

    /// The status bar.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn sync_state(&self) -> Result<SyncState> {
        status::sync_state(&self.state).await
    }

    /// Imports, newest first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn imports(&self) -> Result<Vec<ImportRow>> {
        import::list(&self.state).await
    }

    /// The accounts known here.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn accounts(&self) -> Result<Vec<AccountRow>> {
        accounts::list(&self.state).await
    }

    /// The account with a handle, with or without `@`.
    ///
    /// # Errors
    /// When none is connected under it.
    pub async fn account_named(&self, handle: &str) -> Result<XUserId> {
        accounts::named(&self.state, handle).await
    }

    /// What the person prefers.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn preferences(&self) -> Result<Preferences> {
        preferences::get(&self.state).await
    }

    /// The X, or the sandbox, that this store's posts go to; `None` before the first sign-in.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn x_api_base(&self) -> Result<Option<String>> {
        preferences::x_api_base(&self.state).await
    }

    // Writing.

    /// Judges a post while it is typed. Nothing is written.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn judge(&self, post: &NewPost) -> Result<Verdict> {
        compose::judge(&self.state, post).await
    }

    /// Makes a post or a draft.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the fields to mend.
    pub async fn create(&self, post: NewPost) -> Result<Saved> {
        compose::create(&self.state, post).await
    }

    /// Changes a post. What was handed over is armed anew under a fresh revision.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the fields to mend; [`Error::Stale`] says what the post is, when it is
    /// not what the change was based on; too late when it is being sent or was.
    pub async fn edit(&self, id: PostId, edit: Edit) -> Result<Saved> {
        compose::edit(&self.state, id, edit).await
    }

    /// Arms a failed, missed or cancelled post again; a time in the past means now.
    ///
    /// # Errors
    /// When it is something else, was changed since the person saw it, or its text has to be mended
    /// first.
    pub async fn retry(&self, post: impl Into<Target>) -> Result<Saved> {
        compose::retry(&self.state, post.into()).await
    }

    /// Schedules the draft that keeps a change which came too late: at its own time, or now when
    /// that has passed. `id` is the draft or the post whose change it was.
    ///
    /// # Errors
    /// When there is no such draft any more, or its text has to be mended first.
    pub async fn post_too(&self, id: PostId) -> Result<Saved> {
        late_edit::replace::post_too(&self.state, id).await
    }

    /// Deletes on X what went out with its old words, and posts the draft of the change that came too
    /// late in its place: at its own time, or now when that has passed. `id` is the draft or the
    /// post. The wish is written down first, and carried out once, whatever ends in between.
    ///
    /// # Errors
    /// When there is no such draft, the post is not on X, or the relay can't be reached; the wish
    /// stays written down then. When X refuses to delete it, nothing is posted.
    pub async fn replace(&self, id: PostId) -> Result<PostDetail> {
        let draft = late_edit::replace::replace(&self.state, id).await?;
        self.post(draft).await
    }

    /// Deletes on X what a post put there. It stays in the list, and its receipt says so. The wish is
    /// written down first, and carried out once, whatever ends in between. It costs what
    /// [`PostDetail::delete_on_x_cost_micros`] says, and can't be undone.
    ///
    /// # Errors
    /// When the post is not on X as a whole, was changed since the person saw it, X refuses, or the relay
    /// can't be reached; in the last case the wish stays written down.
    pub async fn delete_on_x(&self, post: impl Into<Target>) -> Result<PostDetail> {
        let target = post.into();
        delete_on_x::request::delete(&self.state, target).await?;
        self.post(target.id).await
    }

    /// Withdraws posts. They stay in the list as cancelled. Those that were changed since the person saw
    /// them are left as they are, and named.
    ///
    /// # Errors
    /// When one of them does not exist; nothing is changed then.
    pub async fn cancel<T: Into<Target> + Copy>(&self, posts: &[T]) -> Result<Cancelled> {
        cancel::cancel(&self.state, targets(posts)).await
    }

    /// Withdraws every post of an account that is still to go out. Each can be scheduled again.
    ///
    /// # Errors
    /// When the store can't be used; nothing is changed then.
    pub async fn cancel_account(&self, x_user_id: XUserId) -> Result<Cancelled> {
        cancel::cancel_account(&self.state, x_user_id).await
    }

    /// Removes posts from the list; what the relay may hold is withdrawn first. Those that were changed
    /// since the person saw them are left as they are, and named.
    ///
    /// # Errors
    /// When one of them does not exist; nothing is changed then.
    pub async fn delete<T: Into<Target> + Copy>(&self, posts: &[T]) -> Result<Cancelled> {
        cancel::delete(&self.state, targets(posts)).await
    }

    /// Tells what the person found out about a post that needs a check.
    ///
    /// # Errors
    /// When it needs none, was changed or decided about since the person saw it, or the relay can't be
    /// reached; then the decision stays written down.
    pub async fn resolve(&self, post: impl Into<Target>, finding: Finding) -> Result<PostDetail> {
        let target = post.into();
        resolve::resolve(&self.state, target, finding).await?;
        self.post(target.id).await
    }

    /// Returns what taking an import back would do, to each post.
    ///
    /// # Errors
    /// When there is none, or it was taken back before.
    pub async fn preview_undo_import(&self, id: ImportId) -> Result<Undone> {
        import::undo::preview(&self.state, id).await
    }

    /// Takes a whole import back.
    ///
    /// # Errors
    /// When there is none, or it was taken back before.
    pub async fn undo_import(&self, id: ImportId) -> Result<Undone> {
        import::undo::undo(&self.state, id).await
    }

    /// Keeps what the person prefers.
    ///
    /// # Errors
    /// When the zone is none.
    pub async fn set_preferences(&self, preferences: Preferences) -> Result<()> {
        preferences::set(&self.state, preferences).await
    }

    /// Notes which X, or sandbox, this store's posts go to.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn set_x_api_base(&self, base: &str) -> Result<()> {
        preferences::set_x_api_base(&self.state, base.to_owned()).await
    }

    /// Notices not told yet; each is given out once, over all processes.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn take_notices(&self) -> Result<Vec<Notice>> {
        notify::take(&self.state).await
    }

    /// The newest notices, newest first: all, or those that the person has not read.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn notices(&self, all: bool, limit: u32) -> Result<Vec<Notice>> {
        notify::list(&self.state, all, limit).await
    }

    /// How many notices the person has not read.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn unread_notices(&self) -> Result<u64> {
        notify::unread(&self.state).await
    }

    /// Notes that the person read a notice, by its id, and all older ones.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn notices_read(&self, up_to: i64) -> Result<()> {
        notify::read(&self.state, up_to).await
    }
}

fn targets<T: Into<Target> + Copy>(posts: &[T]) -> Vec<Target> {
    posts.iter().map(|post| (*post).into()).collect()
}
