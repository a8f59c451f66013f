//! A text as the UTF-16 code units in which the reference counts, with the way back to bytes.

/// Code units, and the byte each of them starts at.
pub(super) struct Units {
    pub(super) units: Vec<u16>,
    /// Absent for ASCII, where both count alike.
    bytes: Option<Vec<usize>>,
}

impl Units {
    pub(super) fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Self { units: text.bytes().map(u16::from).collect(), bytes: None };
        }
        let mut units = Vec::with_capacity(text.len());
        let mut bytes = Vec::with_capacity(text.len() + 1);
        for (start, c) in text.char_indices() {
            let mut pair = [0; 2];
            for unit in c.encode_utf16(&mut pair) {
                units.push(*unit);
                bytes.push(start);
            }
        }
        bytes.push(text.len());
        Self { units, bytes: Some(bytes) }
    }

    pub(super) fn is_ascii(&self) -> bool {
        self.bytes.is_none()
    }

    /// The byte at which the character with this code unit starts.
    pub(super) fn byte_at(&self, index: usize) -> usize {
        match &self.bytes {
            None => index,
            Some(bytes) => bytes[index.min(self.units.len())],
        }
    }
}

/// The code point at `index`, and how many units it takes; a lone surrogate stands for itself.
pub(super) fn code_point_at(units: &[u16], index: usize) -> Option<(u32, usize)> {
    let high = u32::from(*units.get(index)?);
    let low = units.get(index + 1).copied().map_or(0, u32::from);
    if (0xD800..0xDC00).contains(&high) && (0xDC00..0xE000).contains(&low) {
        return Some((0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00), 2));
    }
    Some((high, 1))
}
