//! Rows that have the same id of the person's own: it names one post, and the first row has it.

use crate::session::kept::{Flags, Kept};

/// The ids of rows, by hash and row; rows that go nowhere have none.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct OwnIds(Vec<(u64, u32)>);

impl OwnIds {
    pub(super) fn new(facts: &[Kept]) -> Self {
        let rows = (1..).zip(facts).filter_map(|(row, facts)| Some((id(facts)?, row)));
        let mut ids: Vec<_> = rows.collect();
        ids.sort_unstable();
        Self(ids)
    }

    /// Returns the first row with the same id, if it stands before this one.
    pub(super) fn earlier(&self, row: u32, facts: &Kept) -> Option<u32> {
        let id = id(facts)?;
        let (same, first) = *self.0.get(self.0.partition_point(|(it, _)| *it < id))?;
        (same == id && first < row).then_some(first)
    }

    /// Notes that a row changed, and returns the rows that have its old or its new id.
    pub(super) fn change(&mut self, row: u32, before: &Kept, after: &Kept) -> Vec<u32> {
        let (before, after) = (id(before), id(after));
        if before != after {
            if let Some(place) = before.and_then(|id| self.0.binary_search(&(id, row)).ok()) {
                self.0.remove(place);
            }
            if let Some(id) = after {
                let place = self.0.partition_point(|entry| *entry < (id, row));
                self.0.insert(place, (id, row));
            }
        }
        if before == after {
            return Vec::new();
        }
        [before, after].into_iter().flatten().flat_map(|id| self.rows(id)).collect()
    }

    fn rows(&self, id: u64) -> impl Iterator<Item = u32> {
        let from = self.0.partition_point(|(it, _)| *it < id);
        self.0[from..].iter().take_while(move |(it, _)| *it == id).map(|(_, row)| *row)
    }
}

/// Returns the hash of a row's id, unless the row goes nowhere.
fn id(facts: &Kept) -> Option<u64> {
    let nowhere = [Flags::LEFT_OUT, Flags::OTHER_NETWORK, Flags::WENT_OUT, Flags::CANCELLED];
    (facts.own_id != 0 && !nowhere.iter().any(|flag| facts.flags.has(*flag)))
        .then_some(facts.own_id)
}
