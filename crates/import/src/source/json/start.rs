//! How JSON begins, and prose does not.

/// Whether a text begins as JSON does, and as hardly anything else.
pub(in crate::source) fn begins(text: &str) -> bool {
    let text = text.trim_start();
    let Some(first) = text.chars().next().filter(|first| matches!(first, '[' | '{')) else {
        return starts_with_comment(text);
    };
    let inside = text[1..].trim_start();
    match inside.chars().next() {
        None => true,
        Some('"' | '\'' | '“' | '„' | '/' | '{' | '}' | ']') => !text.starts_with("{{"),
        Some('[') => first == '[',
        Some(letter) if first == '[' && (letter.is_ascii_digit() || letter == '-') => {
            let digit = |letter: char| {
                letter.is_ascii_digit() || matches!(letter, '-' | '.' | 'e' | 'E' | '+')
            };
            let after = inside.trim_start_matches(digit).trim_start();
            after.is_empty() || after.starts_with(',') || after.trim_end() == "]"
        }
        Some(letter) if first == '[' => {
            let after = ["true", "false", "null"].iter().find_map(|word| inside.strip_prefix(word));
            letter.is_ascii_lowercase()
                && after.is_some_and(|it| it.trim_start().starts_with([',', ']']))
        }
        Some(_) => {
            // A field's name without its quotation marks.
            let after = inside.trim_start_matches(|it: char| it.is_alphanumeric() || it == '_');
            after.len() < inside.len() && after.trim_start().starts_with(':')
        }
    }
}

/// Whether a text begins with comments and then as JSON does.
fn starts_with_comment(text: &str) -> bool {
    let rest = match text.get(..2) {
        Some("//") => text.find('\n').map(|at| &text[at..]),
        Some("/*") => text.find("*/").map(|at| &text[at + 2..]),
        _ => None,
    };
    let Some(rest) = rest.map(str::trim_start) else {
        return false;
    };
    rest.starts_with(['[', '{']) || (rest.starts_with('/') && starts_with_comment_of(rest))
}

/// Goes over further comments, without calling itself for each of a million lines.
fn starts_with_comment_of(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty());
    lines.find(|line| !line.starts_with("//")).is_some_and(|line| line.starts_with(['[', '{', '/']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_known_by_how_it_begins_and_prose_is_not_taken_for_it() {
        for text in [
            "[",
            "{",
            "[]",
            " [ {\"a\"",
            "{\"a\": 1}",
            "[\"a\"]",
            "{'a': 1}",
            "{content: 1}",
            "[1, 2]",
            "[-1.5]",
            "[[1]]",
            "{ // comment\n",
            "// comment\n{\"a\"",
            "/* a */ [",
            "[true, 1]",
            "{“a”: 1}",
            "[\n\n{}]",
            "// a\n// b\n[1]",
        ] {
            assert!(begins(text), "{text}");
        }
        for text in [
            "[INSERT LINK] today",
            "{{name}}, hi",
            "[1/5] First",
            "[1] a footnote",
            "{name} is here",
            "content,date",
            "// a comment alone",
            "Hello [1]",
            "[true story] begins",
            "",
        ] {
            assert!(!begins(text), "{text}");
        }
    }
}
