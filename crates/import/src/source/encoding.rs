//! From bytes to text: by a mark at the start, by UTF-8, by the zero bytes of UTF-16, by likelihood.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use roost_core::failure::{Code, Problem};

use super::lines::line_at;
use crate::error::ImportError;

/// Bytes of a text that are looked at to find its encoding.
const SAMPLE_BYTES: usize = 1_000_000;
/// Bytes in which the zero bytes of UTF-16 are counted.
const PATTERN_BYTES: usize = 64_000;
/// Zero bytes that make a text UTF-16: one or two are a slip.
const PATTERN_PAIRS_MIN: usize = 3;

/// A text, and how its bytes were understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded<'b> {
    /// The text, without the mark that some programs put at the start.
    pub(super) text: Cow<'b, str>,
    /// The encoding, by its standard name.
    pub(super) encoding: &'static str,
    /// Whether the encoding is a guess.
    guessed: bool,
}

impl Decoded<'_> {
    /// Returns what a person should know of it.
    pub(super) fn note(&self) -> Option<Problem> {
        self.guessed.then(|| {
            let message = format!("The file is no UTF-8; Roost read it as {}.", self.encoding);
            Problem::new(Code::FileEncodingGuessed, message)
        })
    }
}

/// Returns the text of a file. `chosen` is the encoding that a person named.
pub(super) fn decode<'b>(
    bytes: &'b [u8],
    chosen: Option<&str>,
) -> Result<Decoded<'b>, ImportError> {
    let decoded = match chosen {
        Some(name) => by_name(bytes, name)?,
        None => by_contents(bytes)?,
    };
    if let Some(offset) = memchr::memchr(0, decoded.text.as_bytes()) {
        return Err(ImportError::Nul { offset, line: line_at(decoded.text.as_bytes(), offset) });
    }
    if decoded.text.trim().is_empty() {
        return Err(ImportError::Empty);
    }
    Ok(decoded)
}

fn by_name<'b>(bytes: &'b [u8], name: &str) -> Result<Decoded<'b>, ImportError> {
    let encoding = Encoding::for_label(name.trim().as_bytes())
        .ok_or_else(|| ImportError::NoSuchEncoding { name: name.to_owned() })?;
    let bytes = match Encoding::for_bom(bytes) {
        Some((marked, length)) if marked == encoding => &bytes[length..],
        _ => bytes,
    };
    whole(bytes, encoding).ok_or_else(|| not_text(bytes, encoding))
}

fn by_contents(bytes: &[u8]) -> Result<Decoded<'_>, ImportError> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return match whole(&bytes[length..], encoding) {
            Some(decoded) => Ok(decoded),
            None if encoding == UTF_8 => by_likelihood(&bytes[length..], length),
            None => Err(not_text(&bytes[length..], encoding)),
        };
    }
    if let Some(encoding) = utf16_pattern(bytes)
        && let Some(decoded) = whole(bytes, encoding)
    {
        return Ok(decoded);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Decoded { text: Cow::Borrowed(text), encoding: "UTF-8", guessed: false }),
        Err(_) => by_likelihood(bytes, 0),
    }
}

/// Returns the text of bytes that are sound in an encoding.
fn whole<'b>(bytes: &'b [u8], encoding: &'static Encoding) -> Option<Decoded<'b>> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    Some(Decoded { text, encoding: encoding.name(), guessed: false })
}

/// Returns the text of bytes that are no UTF-8, where they are not UTF-8 that was damaged.
fn by_likelihood(bytes: &[u8], mark: usize) -> Result<Decoded<'_>, ImportError> {
    // A zero byte first: what has many of them is no text, and "fits no character" would lead astray.
    if let Some(nul) = memchr::memchr(0, bytes) {
        return Err(ImportError::Nul { offset: nul + mark, line: line_at(bytes, nul) });
    }
    let first = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    if is_damaged_utf8(bytes) {
        let line = line_at(bytes, first);
        return Err(ImportError::NotText { encoding: "UTF-8", offset: first + mark, line });
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let sample = &bytes[first.saturating_sub(SAMPLE_BYTES / 4)..];
    let sample = &sample[..sample.len().min(SAMPLE_BYTES)];
    detector.feed(sample, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let decoded = whole(bytes, guess).or_else(|| whole(bytes, WINDOWS_1252));
    decoded
        .map(|decoded| Decoded { guessed: true, ..decoded })
        .ok_or_else(|| not_text(bytes, guess))
}

/// Whether bytes are UTF-8 but for a few of them: characters of several bytes that come out right are no
/// coincidence. Read in another encoding, all of them would come out wrong.
fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let (mut sound, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    sound > broken * 2
}

/// Returns the UTF-16 whose zero bytes these are: a text without a mark at its start.
fn utf16_pattern(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(PATTERN_BYTES)];
    memchr::memchr(0, sample)?;
    let (pairs, _) = sample.as_chunks::<2>();
    let first = pairs.iter().filter(|pair| pair[0] == 0).count();
    let second = pairs.iter().filter(|pair| pair[1] == 0).count();
    // Blanks and line breaks alone make more than one pair in 16 in any script.
    let most = first.max(second);
    if pairs.contains(&[0, 0]) || most < PATTERN_PAIRS_MIN || most * 16 < pairs.len() {
        return None;
    }
    match (first, second) {
        (0, _) => Some(UTF_16LE),
        (_, 0) => Some(UTF_16BE),
        _ => None,
    }
}

fn not_text(bytes: &[u8], encoding: &'static Encoding) -> ImportError {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(4_096);
    let (mut offset, mut line) = (0, 1);
    loop {
        text.clear();
        let (result, read) =
            decoder.decode_to_string_without_replacement(&bytes[offset..], &mut text, true);
        offset += read;
        line += line_at(text.as_bytes(), text.len()) - 1;
        match result {
            encoding_rs::DecoderResult::OutputFull => {}
            encoding_rs::DecoderResult::InputEmpty => break,
            encoding_rs::DecoderResult::Malformed(length, after) => {
                offset = offset.saturating_sub(usize::from(length) + usize::from(after));
                break;
            }
        }
    }
    ImportError::NotText { encoding: encoding.name(), offset, line }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_bytes(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    fn text_of(bytes: &[u8]) -> (String, &'static str, bool) {
        let decoded = decode(bytes, None).unwrap();
        (decoded.text.clone().into_owned(), decoded.encoding, decoded.note().is_some())
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
        for (bytes, encoding) in [
            (text.as_bytes(), "UTF-8"),
            (&utf8, "UTF-8"),
            (&little, "UTF-16LE"),
            (&big, "UTF-16BE"),
        ] {
            assert_eq!(text_of(bytes), (text.to_owned(), encoding, false));
        }
    }

    #[test]
    fn utf_16_without_a_mark_is_known_by_its_zero_bytes() {
        for text in
            ["Date\tText\r\n2027-03-01\tcafé €", "Дата\tТекст записи\r\n1\tдобрый день всем"]
        {
            let little = utf16_bytes(text, u16::to_le_bytes);
            assert_eq!(text_of(&little), (text.to_owned(), "UTF-16LE", false));
            let big = utf16_bytes(text, u16::to_be_bytes);
            assert_eq!(text_of(&big), (text.to_owned(), "UTF-16BE", false));
        }
    }

    #[test]
    fn another_encoding_is_guessed_and_told() {
        for (text, encoding) in [
            ("It’s café time – come in, naïve façade", encoding_rs::WINDOWS_1252),
            ("Доброе утро, сегодня открываем двери", encoding_rs::WINDOWS_1251),
            ("おはようございます、今日は開店です", encoding_rs::SHIFT_JIS),
            ("今天我们开门营业，欢迎大家光临", encoding_rs::GBK),
        ] {
            let (bytes, _, _) = encoding.encode(text);
            assert_eq!(text_of(&bytes), (text.to_owned(), encoding.name(), true));
        }
    }

    #[test]
    fn utf_8_with_a_wrong_byte_is_refused_at_it_and_not_taken_for_something_else() {
        let mut bytes = "äöü\nßéè€ and more".as_bytes().to_vec();
        bytes[8] = 0xFF;
        let expected = ImportError::NotText { encoding: "UTF-8", offset: 7, line: 2 };
        assert_eq!(decode(&bytes, None), Err(expected));
    }

    #[test]
    fn broken_utf_16_is_refused_with_its_place() {
        // Half a pair of surrogates, then half a unit.
        for (bytes, offset) in [
            (&[0xFF, 0xFE, b'[', 0, 0x00, 0xD8, b']', 0][..], 2),
            (&[0xFF, 0xFE, b'[', 0, b']'], 2),
        ] {
            let expected = ImportError::NotText { encoding: "UTF-16LE", offset, line: 1 };
            assert_eq!(decode(bytes, None), Err(expected));
        }
    }

    #[test]
    fn a_zero_byte_is_refused_as_such() {
        assert_eq!(decode(b"[\n\0]", None), Err(ImportError::Nul { offset: 2, line: 2 }));
        assert_eq!(decode(b"[\n\0\xFF]", None), Err(ImportError::Nul { offset: 2, line: 2 }));
    }

    #[test]
    fn an_empty_file_is_called_empty() {
        for bytes in [&b""[..], b" \n\t", b"\xEF\xBB\xBF", b"\xFF\xFE"] {
            assert_eq!(decode(bytes, None), Err(ImportError::Empty));
        }
    }

    #[test]
    fn a_person_may_name_the_encoding() {
        let (bytes, _, _) = encoding_rs::MACINTOSH.encode("café");
        let decoded = decode(&bytes, Some(" macintosh ")).unwrap();
        assert_eq!((&*decoded.text, decoded.encoding), ("café", "macintosh"));
        let wrong = decode(&bytes, Some("klingon"));
        assert_eq!(wrong, Err(ImportError::NoSuchEncoding { name: "klingon".to_owned() }));
        let wrong = decode(b"a\n\xFF", Some("utf-8"));
        assert_eq!(wrong, Err(ImportError::NotText { encoding: "UTF-8", offset: 2, line: 2 }));
    }
}
