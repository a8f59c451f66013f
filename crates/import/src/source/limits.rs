//! How much of a file is read. Each refusal names the figure.

/// Bytes that a file may have. Hosts that know its size refuse a larger one before they read it.
pub const FILE_BYTES_MAX: usize = 256_000_000;

/// How much of a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that a file may have.
    pub bytes: usize,
    /// Rows that it may have.
    pub rows: usize,
    /// Columns that it may have.
    pub columns: usize,
    /// Bytes that the text of one cell may have; a larger one is an error of its row.
    pub cell_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: FILE_BYTES_MAX, rows: 1_000_000, columns: 1_000, cell_bytes: 1_000_000 }
    }
}

impl Limits {
    /// Returns what a cell says whose text of `bytes` bytes is too large.
    pub(super) fn cell_message(&self, bytes: usize) -> String {
        let limit = self.cell_bytes;
        format!("The cell has {bytes} bytes; at most {limit} are read.")
    }
}

/// Levels of nesting that JSON may have; an import needs four.
pub(super) const DEPTH_MAX: usize = 64;
