//! JSON with comments and trailing commas, as editors' configuration files have them.

/// Returns the same text without its comments and trailing commas, where it has some. Blanks stand in their
/// place, so that every byte keeps its place and every row its line.
pub(super) fn clean(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let mut changed = false;
    let mut comma = None;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                comma = None;
                at = text_end(&bytes, at);
                continue;
            }
            b'/' if matches!(bytes.get(at + 1), Some(b'/' | b'*')) => {
                let end = comment_end(&bytes, at);
                blank(&mut bytes[at..end]);
                changed = true;
                at = end;
                continue;
            }
            b',' => comma = Some(at),
            b']' | b'}' => {
                if let Some(comma) = comma.take() {
                    bytes[comma] = b' ';
                    changed = true;
                }
            }
            byte if byte.is_ascii_whitespace() => {}
            _ => comma = None,
        }
        at += 1;
    }
    changed.then(|| String::from_utf8(bytes).ok()).flatten()
}

fn text_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at.min(bytes.len())..]) {
        at += found + 1;
        if bytes[at - 1] == b'"' {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

fn comment_end(bytes: &[u8], start: usize) -> usize {
    let rest = &bytes[start + 2..];
    let length = if bytes[start + 1] == b'/' {
        memchr::memchr(b'\n', rest)
    } else {
        memchr::memmem::find(rest, b"*/").map(|at| at + 2)
    };
    length.map_or(bytes.len(), |length| start + 2 + length)
}

fn blank(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| **byte != b'\n') {
        *byte = b' ';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_trailing_commas_become_blanks_and_texts_stay() {
        for (text, expected) in [
            ("[1, // é one\n 2]", Some("[1,          \n 2]")),
            ("[1, /* a\nb */ 2,\n]", Some("[1,     \n     2 \n]")),
            ("{\"a\": \"// no, ]\", /* , */ }", Some("{\"a\": \"// no, ]\"          }")),
            ("[\"\\\"//\", 2]", None),
            ("[1 /", None),
            ("[\"//", None),
            ("[1, 2] // the end", Some("[1, 2]           ")),
            ("[1 /* never ends", Some("[1              ")),
        ] {
            let clean = clean(text);
            assert_eq!(clean.as_deref(), expected);
            assert!(clean.is_none_or(|clean| clean.len() == text.len()));
        }
    }
}
