//! What no file may do to a session, nor a changed cell or a fix.

use roost_core::clock::UnixMillis;
use roost_core::post::{DuplicatePolicy, PastPolicy};
use roost_import::choices::{Choices, ProblemPolicy};
use roost_import::field::Field;
use roost_import::finding::FixId;
use roost_import::mapping::Mapping;
use roost_import::session::{CellChange, Outcome, RowFilter, Scope, Session};
use roost_import::source::{self, ReadOptions};
use roost_import::surroundings::Surroundings;

/// Any bytes as a file: it is refused with words, or each of its rows ends in exactly one way, and does
/// so again when a cell is changed and when fixes are applied.
pub(crate) fn judged(data: &[u8]) {
    let table = match source::read(data, None, &ReadOptions::default()) {
        Ok(table) => table,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let mapping = Mapping::recognise(&table);
    // 2027-01-01 00:00 UTC.
    let surroundings = Surroundings::empty(UnixMillis(1_798_761_600_000));
    let lenient = Choices {
        past: PastPolicy::NextSlot,
        duplicates: DuplicatePolicy::Keep,
        problems: ProblemPolicy::Draft,
        append_links: true,
        append_hashtags: true,
        keep_unknown_columns: true,
        update: true,
        ..Choices::default()
    };
    for choices in [Choices::default(), lenient] {
        let opened = Session::open(table.clone(), mapping.clone(), choices, surroundings.clone());
        let mut session = opened.expect("no store, no error");
        assert_adds_up(&session);
        if session.rows() > 0 {
            let text = String::from_utf8_lossy(data).into_owned();
            let cell = CellChange { row: 1, field: Field::Content, text };
            session.set_cells(&[cell]).expect("there is a row");
            assert_adds_up(&session);
        }
        for fix in FixId::ALL {
            session.apply(*fix, Scope::All).expect("no store, no error");
        }
        assert_adds_up(&session);
    }
}

fn assert_adds_up(session: &Session) {
    let summary = session.summary();
    let page = session.page(&RowFilter::default(), 0, u32::MAX).expect("no store, no error");
    let count = |outcome| page.rows.iter().filter(|row| row.outcome == outcome).count();
    let counted = [summary.ready, summary.drafts, summary.skipped, summary.refused];
    assert_eq!(Outcome::ALL.map(count), counted.map(|count| count as usize), "no row is lost");
    assert_eq!(page.total, session.rows());
    let stored: Vec<_> = session.ready().collect();
    assert_eq!(stored.len(), (summary.ready + summary.drafts) as usize);
    let times = stored.iter().filter_map(|row| row.scheduled_at);
    assert!(times.clone().all(|at| at.0 % 1000 == 0), "whole seconds");
    assert_eq!(session.rejects().count(), (summary.skipped + summary.refused) as usize);
}
