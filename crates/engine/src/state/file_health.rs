//! What is known of the store's file in this process.

use roost_core::clock::UnixMillis;

use crate::view::Trouble;

/// What the last check of the whole file found, and when the next one is due.
#[derive(Debug, Default)]
pub(crate) struct FileHealth {
    pub(crate) damage: Option<Trouble>,
    pub(crate) is_being_read: bool,
    /// Before this no further check is begun.
    pub(crate) next_at: Option<UnixMillis>,
    /// Before this nobody looks whether a backup is due.
    pub(crate) next_backup_look: Option<UnixMillis>,
}
