//! What stands for all that a preview showed.

use roost_core::id::{PostId, Version};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::api::{BulkEditRow, PostState};

/// What of a row the person agrees to: the post as it was, and what becomes of it. What passes by itself,
/// such as how far it was handed over, is none of it.
#[derive(Serialize)]
struct Agreed<'r> {
    id: PostId,
    version: Version,
    after: Option<&'r PostState>,
    refused: Option<&'static str>,
}

/// Returns the token of what is shown: 32 hexadecimal digits.
pub(super) fn of(rows: &[BulkEditRow]) -> String {
    let mut hash = Sha256::new();
    for row in rows {
        let refused = row.refused.as_ref().map(|problem| problem.code.as_str());
        let agreed =
            Agreed { id: row.id, version: row.version, after: row.after.as_ref(), refused };
        // What is made of texts and numbers alone can always be written.
        hash.update(serde_json::to_vec(&agreed).unwrap_or_default());
        hash.update(b"\n");
    }
    let digits = hash.finalize();
    digits.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
