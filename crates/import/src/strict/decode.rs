//! From bytes to text: UTF-8, or UTF-16 where a mark at the start says so.

use std::borrow::Cow;

use super::ImportError;
use super::syntax::line_at;

/// The text of a file, without the mark that some editors put at the start.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, ImportError> {
    let text = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest, 3)?,
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)?),
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)?),
        _ => utf8(bytes, 0)?,
    };
    if let Some(offset) = text.bytes().position(|byte| byte == 0) {
        return Err(ImportError::Nul { offset, line: line_at(text.as_bytes(), offset) });
    }
    if text.trim().is_empty() {
        return Err(ImportError::Empty);
    }
    Ok(text)
}

fn utf8(bytes: &[u8], mark: usize) -> Result<Cow<'_, str>, ImportError> {
    // A zero byte first: what has many of them is UTF-16 without its mark, or no text at all,
    // and "fits no character" would lead astray.
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(error) => {
            let offset = error.valid_up_to();
            let line = line_at(bytes, offset);
            Err(match bytes[..offset].iter().position(|byte| *byte == 0) {
                Some(nul) => ImportError::Nul { offset: nul + mark, line: line_at(bytes, nul) },
                None => ImportError::NotText { encoding: "UTF-8", offset: offset + mark, line },
            })
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, ImportError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let mut units = 0;
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let Ok(letter) = decoded else {
            return Err(broken_utf16(&text, units));
        };
        units += letter.len_utf16();
        text.push(letter);
    }
    if rest.is_empty() { Ok(text) } else { Err(broken_utf16(&text, units)) }
}

fn broken_utf16(before: &str, units: usize) -> ImportError {
    let line = line_at(before.as_bytes(), before.len());
    ImportError::NotText { encoding: "UTF-16", offset: 2 + units * 2, line }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_bytes(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn a_mark_at_the_start_is_understood_and_left_out() {
        let text = "[\"é🐦\"]";
        let mut utf8 = vec![0xEF, 0xBB, 0xBF];
        utf8.extend(text.as_bytes());
        let mut little = vec![0xFF, 0xFE];
        little.extend(utf16_bytes(text, u16::to_le_bytes));
        let mut big = vec![0xFE, 0xFF];
        big.extend(utf16_bytes(text, u16::to_be_bytes));
        for bytes in [text.as_bytes(), &utf8, &little, &big] {
            assert_eq!(decode(bytes).unwrap(), text);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_with_their_place() {
        let latin1 = b"[\n\"caf\xE9\"]";
        let expected = ImportError::NotText { encoding: "UTF-8", offset: 6, line: 2 };
        assert_eq!(decode(latin1), Err(expected));
        // Half a pair of surrogates, then half a unit.
        let expected = ImportError::NotText { encoding: "UTF-16", offset: 4, line: 1 };
        assert_eq!(decode(&[0xFF, 0xFE, b'[', 0, 0x00, 0xD8, b']', 0]), Err(expected));
        let expected = ImportError::NotText { encoding: "UTF-16", offset: 4, line: 1 };
        assert_eq!(decode(&[0xFF, 0xFE, b'[', 0, b']']), Err(expected));
    }

    #[test]
    fn a_zero_byte_is_refused_as_such() {
        assert_eq!(decode(b"[\n\0]"), Err(ImportError::Nul { offset: 2, line: 2 }));
        let unmarked = utf16_bytes("[\"é\"]", u16::to_le_bytes);
        assert_eq!(decode(&unmarked), Err(ImportError::Nul { offset: 1, line: 1 }));
    }

    #[test]
    fn an_empty_file_is_called_empty() {
        for bytes in [&b""[..], b" \n\t", b"\xEF\xBB\xBF", b"\xFF\xFE"] {
            assert_eq!(decode(bytes), Err(ImportError::Empty));
        }
    }
}
