//! Words from the environment, and what is taken without them.
/// X's API where no sandbox is named.
pub(crate) const X_API_BASE: &str = "https://api.x.com";

/// The value of a variable; an empty one counts as absent.
pub(crate) fn word(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
