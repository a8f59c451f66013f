//! NFC, with the way back: X counts the composed text, people edit the one they typed.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc, is_nfc_quick};

/// A text in NFC.
pub(super) struct Normal<'t> {
    pub(super) text: Cow<'t, str>,
    /// Where pieces that compose independently start, as (byte here, byte in the original), the
    /// ends of both texts last. Empty when the original was NFC already.
    seams: Vec<(usize, usize)>,
}

impl<'t> Normal<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        if text.is_ascii() || is_nfc(text) {
            return Self { text: Cow::Borrowed(text), seams: Vec::new() };
        }
        let mut composed = String::with_capacity(text.len());
        let mut seams = Vec::new();
        let mut piece = 0;
        let inner_starts = text.char_indices().skip(1).filter(|(_, c)| starts_a_piece(*c));
        for end in inner_starts.map(|(start, _)| start).chain([text.len()]) {
            seams.push((composed.len(), piece));
            composed.extend(text[piece..end].nfc());
            piece = end;
        }
        seams.push((composed.len(), text.len()));
        Self { text: Cow::Owned(composed), seams }
    }

    /// The byte of the original at which the piece around `byte` starts.
    pub(super) fn start_in_original(&self, byte: usize) -> usize {
        match self.seams.partition_point(|seam| seam.0 <= byte) {
            0 => byte,
            after => self.seams[after - 1].1,
        }
    }

    /// The byte of the original at which the piece that ends at or after `byte` ends.
    pub(super) fn end_in_original(&self, byte: usize) -> usize {
        self.seams.get(self.seams.partition_point(|seam| seam.0 < byte)).map_or(byte, |seam| seam.1)
    }
}

/// Whether nothing before `c` can compose with it or be reordered around it.
fn starts_a_piece(c: char) -> bool {
    unicode_normalization::char::canonical_combining_class(c) == 0
        && is_nfc_quick(std::iter::once(c)) == IsNormalized::Yes
}
