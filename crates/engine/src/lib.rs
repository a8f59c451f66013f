//! The use cases: compose, import, hand over, recover, pull results.
//!
//! Window and command line call the same [`Engine`]. Every method is one use case; those that need
//! only the store answer while every network is down.

mod config;
mod error;
mod request;
pub mod view;

pub use config::{Endpoint, Endpoints, EngineConfig, LatePolicy, Mode, Secret, TooLate};
pub use error::Error;
pub use request::*;

use roost_core::clock::Clock;
use roost_core::id::*;
use std::sync::Arc;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use view::*;

/// What changed, for whoever shows it. Missed ones don't matter: read anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// These posts changed (created and removed ones too); counts may have.
    Posts(Vec<PostId>),
    /// So much changed that everything is to be read anew.
    Everything,
    /// The sync state changed: relay, horizon, pause.
    Sync,
    /// Accounts changed.
    Accounts,
    /// There is a new notice.
    Notices,
}

/// The engine over one store. Clones share it.
#[derive(Debug, Clone)]
pub struct Engine {
    clock: Arc<dyn Clock>,
    changes: broadcast::Sender<Change>,
}

type Result<T> = std::result::Result<T, Error>;

#[expect(unused_variables, clippy::unused_async, reason = "signatures first")]
impl Engine {
    /// Opens the store. Blocking; reads and migrates a file.
    pub fn open(config: EngineConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        Err(Error::NotReady)
    }
    /// Hands over, pulls results and recovers until it is cancelled. One runs per store.
    pub async fn run(&self, stop: CancellationToken) -> Result<()> {
        Err(Error::NotReady)
    }
    /// Subscribes to changes.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }
    /// Asks the running loop for a hand-over now.
    pub fn sync_soon(&self) {}

    // Reading
    /// A page of posts.
    pub async fn posts(&self, query: &PostQuery) -> Result<PostPage> {
        Err(Error::NotReady)
    }
    /// One post with its receipt.
    pub async fn post(&self, id: PostId) -> Result<PostDetail> {
        Err(Error::NotReady)
    }
    /// Counts of the rail.
    pub async fn counts(&self) -> Result<Counts> {
        Err(Error::NotReady)
    }
    /// The status bar.
    pub async fn sync_state(&self) -> Result<SyncState> {
        Err(Error::NotReady)
    }
    /// Imports, newest first.
    pub async fn imports(&self) -> Result<Vec<ImportRow>> {
        Err(Error::NotReady)
    }
    /// Accounts known here.
    pub async fn accounts(&self) -> Result<Vec<AccountRow>> {
        Err(Error::NotReady)
    }
    /// What the person prefers.
    pub async fn preferences(&self) -> Result<Preferences> {
        Err(Error::NotReady)
    }

    // Writing
    /// Judges a post while it is typed.
    pub async fn judge(&self, post: &NewPost) -> Result<Verdict> {
        Err(Error::NotReady)
    }
    /// Makes a post or a draft.
    pub async fn create(&self, post: NewPost) -> Result<Saved> {
        Err(Error::NotReady)
    }
    /// Changes a post.
    pub async fn edit(&self, id: PostId, edit: Edit) -> Result<Saved> {
        Err(Error::NotReady)
    }
    /// Withdraws posts.
    pub async fn cancel(&self, ids: &[PostId]) -> Result<Cancelled> {
        Err(Error::NotReady)
    }
    /// Arms a failed, missed, held-for-you or cancelled post again; a time in the past means now.
    pub async fn retry(&self, id: PostId) -> Result<Saved> {
        Err(Error::NotReady)
    }
    /// Removes rows: drafts, pending, decided ones. Handed-over ones are cancelled first.
    pub async fn delete(&self, ids: &[PostId]) -> Result<Cancelled> {
        Err(Error::NotReady)
    }
    /// Tells what the person found out about a post that needs a check.
    pub async fn resolve(&self, id: PostId, finding: Finding) -> Result<PostDetail> {
        Err(Error::NotReady)
    }
    /// Imports a file, or rehearses it. Errors of rows are in the report; then nothing is written.
    pub async fn import(
        &self,
        bytes: Vec<u8>,
        options: ImportOptions,
        dry_run: bool,
    ) -> Result<ImportReport> {
        Err(Error::NotReady)
    }
    /// Takes a whole import back.
    pub async fn undo_import(&self, id: ImportId) -> Result<Undone> {
        Err(Error::NotReady)
    }
    /// Sets what the person prefers.
    pub async fn prefer(&self, preferences: Preferences) -> Result<()> {
        Err(Error::NotReady)
    }

    // The outside
    /// Hands over now what is inside the horizon, and waits for it.
    pub async fn sync(&self) -> Result<()> {
        Err(Error::NotReady)
    }
    /// Pauses everything, or goes on. The flag is on the relay when this returns.
    pub async fn pause(&self, paused: bool) -> Result<SyncState> {
        Err(Error::NotReady)
    }
    /// Gives a sign-in to the relay; it is kept nowhere else.
    pub async fn connect(
        &self,
        x_user_id: XUserId,
        grant: roost_relay_api::Grant,
    ) -> Result<AccountRow> {
        Err(Error::NotReady)
    }
    /// Takes an account's sign-in from the relay.
    pub async fn disconnect(&self, x_user_id: XUserId) -> Result<()> {
        Err(Error::NotReady)
    }
    /// Reads the accounts anew from the relay.
    pub async fn refresh_accounts(&self) -> Result<Vec<AccountRow>> {
        Err(Error::NotReady)
    }
    /// Looks at everything that could be wrong.
    pub async fn doctor(&self) -> Vec<Check> {
        Vec::new()
    }
    /// Notices not told yet; each is given out once, over all processes.
    pub async fn take_notices(&self) -> Result<Vec<Notice>> {
        Err(Error::NotReady)
    }
}
