//! Other words, account, tags or state for many posts at once, as a host asks for them.

use roost_core::id::PostId;
use serde::{Deserialize, Serialize};

/// What becomes of the posts of a selection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum RewriteChange {
    /// Words are found and replaced, in every part.
    Replace(ReplaceText),
    /// Words are put behind those of the last part.
    Append {
        /// The words.
        text: String,
        /// Whether they stand on a line of their own; else behind a space.
        #[serde(default)]
        new_line: bool,
    },
    /// Words are put before those of the first part.
    Prepend {
        /// The words.
        text: String,
        /// Whether they stand on a line of their own; else before a space.
        #[serde(default)]
        new_line: bool,
    },
    /// Texts that are too long for their accounts are split into the parts of threads.
    Split {
        /// Whether each part of such a thread ends with its number and how many there are: ` 2/5`.
        #[serde(default)]
        numbered: bool,
    },
    /// Another account.
    SetAccount {
        /// Its handle with or without `@`, or its X user id.
        account: String,
    },
    /// Tags are put on and taken off.
    Tags {
        /// Tags that each post carries then.
        #[serde(default)]
        add: Vec<String>,
        /// Tags that none carries then.
        #[serde(default)]
        remove: Vec<String>,
    },
    /// Another note to oneself.
    SetNote {
        /// The note; empty for none.
        note: String,
    },
    /// They become drafts, which keep their times and do not go out.
    ToDraft,
    /// Drafts that have a time are scheduled at it.
    Schedule,
    /// They do not go out; they stay in the list as cancelled.
    Cancel,
    /// They go to the trash; what the relay may hold is withdrawn first, and what is on X stays there.
    Delete,
}

/// What is looked for, and what stands there then.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct ReplaceText {
    /// What is looked for.
    pub find: String,
    /// What stands there then. In a regular expression's, `$1` and `${name}` stand for its groups.
    pub replacement: String,
    /// Whether `find` is a regular expression; else it stands for itself.
    #[serde(default)]
    pub is_regex: bool,
    /// Whether capital and small letters differ.
    #[serde(default)]
    pub matches_case: bool,
    /// Whether it is found only as a whole word.
    #[serde(default)]
    pub is_whole_word: bool,
    /// Matches that stay as they are.
    #[serde(default)]
    pub skip: Vec<MatchRef>,
}

/// One match of a preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct MatchRef {
    /// The post.
    pub post: PostId,
    /// Which part of the thread, from 0.
    pub part: u32,
    /// Which match of the part, from 0.
    pub number: u32,
}
