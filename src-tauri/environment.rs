//! Words from the environment.

/// The value of a variable; an empty one counts as absent.
pub(crate) fn word(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
