//! What concerns history and the trash.

use roost_store::Label;

use crate::api::{History, ListHistory, ListTrash, MoveInHistory, Restored, Reversal, Trash};
use crate::history::{self, Direction};
use crate::{Engine, Result, Target};

impl Engine {
    /// Returns what the person did, step by step, newest first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn history(&self, wanted: ListHistory) -> Result<History> {
        history::list(&self.state, wanted).await
    }

    /// Says what undoing would do. Nothing is written.
    ///
    /// # Errors
    /// As [`Engine::undo`].
    pub async fn preview_undo(&self, wanted: MoveInHistory) -> Result<Reversal> {
        history::rehearse(&self.state, Direction::Undo, wanted).await
    }

    /// Says what redoing would do. Nothing is written.
    ///
    /// # Errors
    /// As [`Engine::redo`].
    pub async fn preview_redo(&self, wanted: MoveInHistory) -> Result<Reversal> {
        history::rehearse(&self.state, Direction::Redo, wanted).await
    }

    /// Undoes the newest step that can be undone, or all down to one, in one transaction. What went out
    /// stays, and the answer says so post by post.
    ///
    /// # Errors
    /// When there is nothing to undo, the step is none that is in force, something was done since the
    /// person looked, or the store can't be written.
    pub async fn undo(&self, wanted: MoveInHistory) -> Result<Reversal> {
        history::carry_out(&self.state, Direction::Undo, wanted).await
    }

    /// Redoes the step that was undone last, or all up to one, in one transaction.
    ///
    /// # Errors
    /// When there is nothing to redo, the step is none that can be redone, something was done since the
    /// person looked, or the store can't be written.
    pub async fn redo(&self, wanted: MoveInHistory) -> Result<Reversal> {
        history::carry_out(&self.state, Direction::Redo, wanted).await
    }

    /// Notes in the history that this computer was paired with a relay, by its address.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn note_pairing(&self, relay: &str) -> Result<()> {
        history::note(&self.state, Label::Pair, Some(relay.to_owned())).await
    }

    /// Notes in the history that this computer left its relay.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn note_unpairing(&self) -> Result<()> {
        history::note(&self.state, Label::Unpair, None).await
    }

    /// Returns deleted posts, the one deleted last first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn trash(&self, wanted: ListTrash) -> Result<Trash> {
        history::list_trash(&self.state, wanted).await
    }

    /// Takes posts out of the trash.
    ///
    /// # Errors
    /// When one of them does not exist any more; nothing is changed then.
    pub async fn restore_posts(&self, posts: &[Target]) -> Result<Restored> {
        let ids = posts.iter().map(|post| post.id).collect();
        history::restore(&self.state, ids).await
    }
}
