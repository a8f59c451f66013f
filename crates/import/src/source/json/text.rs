//! The escapes of a JSON text.

/// Half of a character that takes two escapes, without its other half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LoneSurrogate;

/// Writes what a JSON text says; `inner` stands between its quotation marks and is sound JSON.
///
/// # Errors
/// [`LoneSurrogate`] where it holds half a character; what was written until there is of no use.
pub(super) fn unescape(inner: &str, into: &mut String) -> Result<(), LoneSurrogate> {
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        into.push_str(&rest[..at]);
        let escape = rest.as_bytes().get(at + 1).copied().unwrap_or(b'\\');
        rest = rest.get(at + 2..).unwrap_or_default();
        match escape {
            b'n' => into.push('\n'),
            b't' => into.push('\t'),
            b'r' => into.push('\r'),
            b'b' => into.push('\u{8}'),
            b'f' => into.push('\u{c}'),
            b'u' => {
                let (letter, after) = unicode(rest)?;
                into.push(letter);
                rest = after;
            }
            other => into.push(char::from(other)),
        }
    }
    into.push_str(rest);
    Ok(())
}

/// Reads the digits after `\u`, and a second escape where the character takes two.
fn unicode(rest: &str) -> Result<(char, &str), LoneSurrogate> {
    let (unit, after) = unit(rest).ok_or(LoneSurrogate)?;
    if let Some(letter) = char::from_u32(unit) {
        return Ok((letter, after));
    }
    let (second, after) = after.strip_prefix("\\u").and_then(self::unit).ok_or(LoneSurrogate)?;
    if unit > 0xDBFF || !(0xDC00..=0xDFFF).contains(&second) {
        return Err(LoneSurrogate);
    }
    let letter = char::from_u32(0x1_0000 + ((unit - 0xD800) << 10) + (second - 0xDC00));
    Ok((letter.ok_or(LoneSurrogate)?, after))
}

fn unit(rest: &str) -> Option<(u32, &str)> {
    let unit = u32::from_str_radix(rest.get(..4)?, 16).ok()?;
    Some((unit, &rest[4..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_as_serde_json_reads_them() {
        for inner in [
            "plain é 🐦",
            r#"a\n\t\r\b\f\/\\\"z"#,
            r"\u00e9\u20AC",
            r"\ud83d\udc26!",
            r"\u0041\ud83D\uDC26\u0042",
            r"",
        ] {
            let mut text = String::new();
            assert_eq!(unescape(inner, &mut text), Ok(()));
            let expected: String = serde_json::from_str(&format!("\"{inner}\"")).unwrap();
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn half_a_character_is_an_error() {
        for inner in [r"\ud83d", r"a\ud83d b", r"\udc26\ud83d", r"\ud83d\u0041", r"\ud83d\n"] {
            let mut text = String::new();
            assert_eq!(unescape(inner, &mut text), Err(LoneSurrogate), "{inner}");
        }
    }
}
