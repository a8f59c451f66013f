//! What changed, so that a list is patched by id and read anew only where too much changed to be named.

use roost_core::id::{ImportId, PostId};
use serde::{Deserialize, Serialize};

/// A change that listeners are told of. A listener that misses some is told [`Change::Everything`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Change {
    /// Posts changed, created and deleted ones too; counts may have.
    Posts(PostsChanged),
    /// So much changed that everything is to be read anew.
    Everything,
    /// The sync state changed: relay, horizon, pause.
    Sync,
    /// Accounts changed.
    Accounts,
    /// Notices came, or were read.
    Notices,
    /// Imports were opened, committed or dropped.
    OpenImports,
}

/// Posts that changed together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PostsChanged {
    /// Which posts.
    pub posts: ChangedPosts,
    /// What happened to them, each kind once.
    pub kinds: Vec<ChangeKind>,
    /// Where the change was made.
    pub source: ChangeSource,
}

/// Which posts changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case", tag = "which")]
pub enum ChangedPosts {
    /// These: at most [`ChangedPosts::IDS_MAX`].
    Ids {
        /// Their ids, each once.
        ids: Vec<PostId>,
    },
    /// More than are named, all made by one import.
    Import {
        /// The import.
        import: ImportId,
    },
    /// More than are named.
    Many,
}

impl ChangedPosts {
    /// So many posts are named; of more it is only said that they are many.
    pub const IDS_MAX: usize = 500;
}

/// What happened to a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It was written or imported.
    Created,
    /// Its text, time or account changed.
    Edited,
    /// Its further parts, files or polls changed, or parts of it are on X.
    Parts,
    /// Its tags changed.
    Tags,
    /// It came to another status, or another revision of it is to go out.
    Status,
    /// It was deleted.
    Deleted,
    /// It was taken back out of the trash.
    Restored,
}

/// Where a change was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum ChangeSource {
    /// In this process.
    ThisProcess {
        /// The name of the write.
        operation: String,
    },
    /// In another process that has the same store open.
    AnotherProcess,
    /// On the relay, which told this process.
    Relay,
}

impl Change {
    /// Returns whether it says that the post changed.
    #[must_use]
    pub fn concerns(&self, id: PostId) -> bool {
        match self {
            Self::Everything => true,
            Self::Posts(changed) => match &changed.posts {
                ChangedPosts::Ids { ids } => ids.contains(&id),
                ChangedPosts::Import { .. } | ChangedPosts::Many => true,
            },
            Self::Sync | Self::Accounts | Self::Notices | Self::OpenImports => false,
        }
    }
}
