//! The scheduler, as it is shipped.

use anyhow::Result;

use super::Row;

/// Measures and returns one row for each figure.
pub(crate) fn measure() -> Result<Vec<Row>> {
    Ok(Vec::new())
}
