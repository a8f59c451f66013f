//! One look at the bytes of a text, which tells what checks can find nothing.

/// A set of marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks(u16);

pub(super) const AMPERSAND: Marks = Marks(1);
pub(super) const LESS: Marks = Marks(1 << 1);
pub(super) const BACKSLASH: Marks = Marks(1 << 2);
/// Stars, underscores, tildes, back ticks, brackets, and a number sign.
pub(super) const MARKDOWN: Marks = Marks(1 << 3);
/// Braces, brackets, percent and dollar signs, bars.
pub(super) const PLACEHOLDER: Marks = Marks(1 << 4);
/// Colons, parentheses, brackets, digits behind words.
pub(super) const LEFTOVER: Marks = Marks(1 << 5);
/// First bytes of the letters that UTF-8 becomes when it is read as Windows-1252.
pub(super) const LATIN: Marks = Marks(1 << 6);

const TABLE: [u16; 256] = table();

const fn table() -> [u16; 256] {
    let mut table = [0; 256];
    let of: [(&[u8], Marks); 7] = [
        (b"&", AMPERSAND),
        (b"<", LESS),
        (b"\\", BACKSLASH),
        (b"*_~`[#", MARKDOWN),
        (b"{[%$|", PLACEHOLDER),
        (b":([\xe3", LEFTOVER),
        (b"\xc3", LATIN),
    ];
    let mut at = 0;
    while at < of.len() {
        let (bytes, mark) = of[at];
        let mut byte = 0;
        while byte < bytes.len() {
            table[bytes[byte] as usize] |= mark.0;
            byte += 1;
        }
        at += 1;
    }
    table
}

impl Marks {
    /// Returns the marks of a text.
    pub(super) fn of(text: &str) -> Self {
        Self(text.bytes().fold(0, |marks, byte| marks | TABLE[usize::from(byte)]))
    }

    /// Returns whether one of `marks` is among them.
    pub(super) const fn have(self, marks: Self) -> bool {
        self.0 & marks.0 != 0
    }
}
