//! What is planned in a run: posts that can be told apart by their first word.

use anyhow::Result;
use roost_core::clock::UnixMillis;
use serde_json::json;

use super::attached_file::AttachedFile;

/// A planned post. Its parts begin with `key/1`, `key/2` …, whatever is edited behind.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) key: String,
    /// When it is due, Unix milliseconds.
    pub(crate) due_at: i64,
    pub(crate) parts: Vec<String>,
    /// What each part has beside its text.
    pub(crate) files: Vec<Vec<AttachedFile>>,
    /// When the person was told that it is withdrawn.
    pub(crate) withdrawn_at: Option<i64>,
}

impl Planned {
    pub(crate) fn new(key: &str, parts: usize, due_at: i64) -> Self {
        let part = |number| format!("{key}/{number} of the crash test");
        Self {
            key: key.to_owned(),
            due_at,
            parts: (1..=parts).map(part).collect(),
            files: vec![Vec::new(); parts],
            withdrawn_at: None,
        }
    }

    /// The same with a file of its first part.
    pub(crate) fn with(mut self, file: AttachedFile) -> Self {
        self.files[0] = vec![file];
        self
    }

    /// The same with so many pictures of each part.
    pub(crate) fn with_pictures(mut self, of_each: u16) -> Self {
        let mut numbers = 1..;
        for files in &mut self.files {
            let numbers = numbers.by_ref().take(usize::from(of_each));
            files.extend(numbers.map(AttachedFile::Numbered));
        }
        self
    }

    /// When it is due, as a person in UTC types it.
    pub(crate) fn wall_time(&self) -> String {
        let text = UnixMillis(self.due_at).to_string();
        format!("{} {}", &text[..10], &text[11..19])
    }
}

/// A file that `roost import` reads.
pub(crate) fn import_file(posts: &[Planned]) -> Result<Vec<u8>> {
    let post = |post: &Planned| {
        let at = UnixMillis(post.due_at).to_string();
        let mut row = match post.parts.as_slice() {
            [content] => json!({ "content": content, "scheduledAt": at }),
            parts => json!({ "thread": parts, "scheduledAt": at }),
        };
        if post.files.iter().any(|files| !files.is_empty()) {
            let each = |of: fn(AttachedFile) -> String| -> Vec<Vec<String>> {
                let of_part = |files: &Vec<AttachedFile>| files.iter().copied().map(of).collect();
                post.files.iter().map(of_part).collect()
            };
            row["media"] = json!(each(AttachedFile::file_name));
            row["altText"] = json!(each(AttachedFile::alt_text));
        }
        row
    };
    let posts: Vec<_> = posts.iter().map(post).collect();
    Ok(serde_json::to_vec(&json!({ "posts": posts }))?)
}
