//! Lines of a text, counted once from its start to its end.

/// Returns the line, from 1, of the byte at `offset`.
pub(super) fn line_at(bytes: &[u8], offset: usize) -> u32 {
    let breaks = count_breaks(&bytes[..offset.min(bytes.len())]);
    u32::try_from(breaks + 1).unwrap_or(u32::MAX)
}

fn count_breaks(bytes: &[u8]) -> usize {
    // A carriage return alone ends a line too, as old programs of the Mac write it; both together are one.
    memchr::memchr_iter(b'\n', bytes).count()
}

/// Tells the lines of offsets that only grow.
#[derive(Debug)]
pub(super) struct LineCounter<'t> {
    bytes: &'t [u8],
    counted: usize,
    line: u32,
}

impl<'t> LineCounter<'t> {
    /// Begins at the start of `text`.
    pub(super) const fn new(text: &'t str) -> Self {
        Self { bytes: text.as_bytes(), counted: 0, line: 1 }
    }

    /// Returns the line, from 1, of the byte at `offset`, which is no smaller than the last one.
    pub(super) fn line(&mut self, offset: usize) -> u32 {
        let breaks = count_breaks(&self.bytes[self.counted..offset]);
        self.line = self.line.saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
        self.counted = offset;
        self.line
    }
}
