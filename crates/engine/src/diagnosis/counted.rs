//! A count with its noun, for the sentences of a diagnosis.

/// Returns a count with its noun: `1 post waits`, `3 posts wait`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}
