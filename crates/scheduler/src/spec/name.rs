//! Names that users give: to queues, schedules and URL groups.

/// The longest name.
const LONGEST: usize = 256;

/// Letters, digits, `-`, `.` and `_`; `kind` says in the refusal what is named.
pub(crate) fn check_name(kind: &str, name: &str) -> Result<(), String> {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if name.is_empty() || name.len() > LONGEST || !name.chars().all(known) {
        return Err(format!(
            "invalid {kind}: it has 1 to {LONGEST} characters, which are letters, digits, '-', \
             '.' or '_'"
        ));
    }
    Ok(())
}

/// The name of an endpoint of a URL group is free text of one line: official clients' own tests
/// call theirs "First endpoint".
pub(crate) fn check_endpoint_name(name: &str) -> Result<(), String> {
    if name.len() > LONGEST || name.chars().any(char::is_control) {
        return Err(format!("invalid endpoint name: it has at most {LONGEST} bytes, on one line"));
    }
    Ok(())
}

/// Whether a destination is a URL; if not it names a URL group.
pub(crate) fn is_url(destination: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        destination.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

#[cfg(test)]
mod tests {
    use super::{check_endpoint_name, check_name};

    #[test]
    fn an_endpoint_may_be_called_in_words() {
        assert!(check_endpoint_name("First endpoint").is_ok());
        for name in ["two\nlines", &"x".repeat(257)] {
            assert!(check_endpoint_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_name_is_made_of_letters_digits_and_three_signs() {
        for name in ["a", "My-Queue_1.b", &"x".repeat(256)] {
            assert!(check_name("name", name).is_ok(), "{name}");
        }
        for name in ["", "a b", "a/b", "a:b", "\u{e4}", &"x".repeat(257)] {
            assert!(check_name("name", name).is_err(), "{name}");
        }
    }
}
