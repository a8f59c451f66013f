//! The posts that the ids, the tag and the indexed words of a filter select. The indexes of these give the
//! posts in no order that a list has, so the store looks them up first, once for both page and count.

use roost_core::id::PostId;

use super::filter::Filter;
use super::search;
use crate::error::Error;
use crate::store::Read;

/// So many rows are sorted; of more, the list's own order is followed until the page is full.
const SORTED_MAX: usize = 1_000;

/// The seqs of the posts that may be in a list.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// One bit for each seq.
    bits: Vec<u64>,
    seqs: Vec<i64>,
}

impl Candidates {
    pub(super) fn contains(&self, seq: i64) -> bool {
        let Ok(place) = usize::try_from(seq) else { return false };
        self.bits.get(place / 64).is_some_and(|bits| bits >> (place % 64) & 1 == 1)
    }

    /// Returns the seqs as JSON when they are few enough to be sorted.
    pub(super) fn few(&self) -> Option<String> {
        (self.seqs.len() <= SORTED_MAX).then(|| self.json())
    }

    /// Returns the seqs as JSON.
    pub(super) fn json(&self) -> String {
        let numbers: Vec<String> = self.seqs.iter().map(ToString::to_string).collect();
        format!("[{}]", numbers.join(","))
    }

    fn retain_in(&mut self, other: &Self) {
        self.seqs.retain(|seq| other.contains(*seq));
        for (place, bits) in self.bits.iter_mut().enumerate() {
            *bits &= other.bits.get(place).copied().unwrap_or_default();
        }
    }
}

impl FromIterator<i64> for Candidates {
    fn from_iter<I: IntoIterator<Item = i64>>(seqs: I) -> Self {
        let mut found = Self::default();
        for seq in seqs {
            // SQLite counts rows from 1.
            let Ok(place) = usize::try_from(seq) else { continue };
            if found.bits.len() <= place / 64 {
                found.bits.resize(place / 64 + 1, 0);
            }
            if !found.contains(seq) {
                found.bits[place / 64] |= 1 << (place % 64);
                found.seqs.push(seq);
            }
        }
        found
    }
}

impl Read<'_> {
    /// Returns what ids, tag and indexed words of a filter narrow it to; none when it has none.
    pub(super) fn candidates(&self, filter: &Filter) -> Result<Option<Candidates>, Error> {
        let mut found: Vec<Candidates> = Vec::new();
        if !filter.ids.is_empty() {
            found.push(self.seqs_of(&filter.ids)?);
        }
        if let Some(tag) = &filter.tag {
            found.push(self.seqs(
                "SELECT seq FROM post_tag
                 WHERE tag_id = (SELECT id FROM tag WHERE name = ?1) AND seq IS NOT NULL",
                tag.trim(),
            )?);
        }
        if let Some(phrases) = filter.text.as_deref().and_then(search::indexed) {
            found.push(
                self.seqs("SELECT rowid FROM post_search WHERE post_search MATCH ?1", &phrases)?,
            );
        }
        Ok(found.into_iter().reduce(|mut all, narrower| {
            all.retain_in(&narrower);
            all
        }))
    }

    fn seqs_of(&self, ids: &[PostId]) -> Result<Candidates, Error> {
        let ids = serde_json::to_string(ids)?;
        self.seqs(
            "SELECT seq FROM scheduled_post WHERE id IN (SELECT value FROM json_each(?1))",
            &ids,
        )
    }

    fn seqs(&self, sql: &str, value: &str) -> Result<Candidates, Error> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let seqs = statement.query_map([value], |row| row.get(0))?;
        Ok(seqs.collect::<Result<_, _>>()?)
    }
}
