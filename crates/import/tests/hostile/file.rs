//! What no file may do to an import. Also the fuzz target's body.

use roost_core::clock::UnixMillis;
use roost_import::strict::{self, Options};

/// Any bytes as a file: it is read or refused, and each row is taken or named.
pub(crate) fn imported(data: &[u8]) {
    // 2027-01-01 00:00 UTC.
    let options = Options::new(UnixMillis(1_798_761_600_000));
    match strict::parse(data, &options) {
        Ok(parsed) => {
            let counted = parsed.rows.len() + parsed.skipped.len();
            let total = usize::try_from(parsed.total - parsed.failed).expect("a count");
            assert_eq!(counted, total, "no row is lost");
            let at = parsed.rows.iter().filter_map(|row| row.scheduled_at);
            assert!(at.clone().all(|at| at.0 % 1000 == 0), "whole seconds");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
