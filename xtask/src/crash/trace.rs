//! What the armed programs write down: each crossing of a point, in order.

use std::path::Path;

use roost_crash_points::RECORD;

/// The names that were crossed, first to last, over all processes with the same trace.
pub(crate) fn read(path: &Path) -> Vec<String> {
    let bytes = std::fs::read(path).unwrap_or_default();
    bytes
        .chunks_exact(RECORD)
        .map(|record| String::from_utf8_lossy(record).trim().to_owned())
        .collect()
}
