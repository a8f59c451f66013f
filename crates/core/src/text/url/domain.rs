//! Domains: labels, dots, and a known top level domain at the end.

use std::marker::PhantomData;
use std::ops::Range;

use super::tld;

const UNDERSCORE: u16 = b'_' as u16;

/// What a label may be made of.
pub(super) trait Alphabet {
    /// May stand anywhere in a label.
    fn is_inner(unit: u16) -> bool;
    /// May begin and end a label.
    fn is_edge(unit: u16) -> bool;
}

/// The labels of a text, read once, so that every place in it can ask whether a domain starts
/// there and where it ends without reading on: texts made to be slow stay fast.
pub(super) struct Labels<'t, A> {
    units: &'t [u16],
    alphabet: PhantomData<A>,
    labels: Vec<Label>,
}

/// A longest run of units that may stand in a label, that ends as a label may, and then a dot.
struct Label {
    start: usize,
    end: usize,
    /// An underscore may stand in a subdomain, never in the label before the top level domain.
    last_underscore: Option<usize>,
    /// Where a domain that goes on beyond the next label ends.
    deeper: Option<usize>,
    /// Where the top level domain directly after this label's dot ends.
    tld: Option<usize>,
}

impl<'t, A: Alphabet> Labels<'t, A> {
    pub(super) fn of(units: &'t [u16]) -> Self {
        let mut labels = Self { units, alphabet: PhantomData, labels: Vec::new() };
        labels.read();
        labels.link();
        labels
    }

    fn read(&mut self) {
        let mut start = 0;
        while start < self.units.len() {
            let run = self.units[start..].iter().take_while(|unit| A::is_inner(**unit)).count();
            let end = start + run;
            let is_dotted = self.units.get(end) == Some(&u16::from(b'.'));
            if run > 0 && is_dotted && A::is_edge(self.units[end - 1]) {
                let underscore =
                    self.units[start..end].iter().rposition(|unit| *unit == UNDERSCORE);
                self.labels.push(Label {
                    start,
                    end,
                    last_underscore: underscore.map(|position| start + position),
                    deeper: None,
                    tld: tld::end(self.units, end + 1),
                });
            }
            start = end + 1;
        }
    }

    /// From the back to the front, so that each label finds its follower's answer ready.
    fn link(&mut self) {
        for index in (0..self.labels.len().saturating_sub(1)).rev() {
            let next = &self.labels[index + 1];
            if next.start == self.labels[index].end + 1 {
                self.labels[index].deeper = self.end_in(next, next.start);
            }
        }
    }

    /// Whether the text has no domain at all.
    pub(super) fn is_empty(&self) -> bool {
        self.labels.iter().all(|label| label.tld.is_none())
    }

    /// Where the domain that starts at `start` ends: the longest one that ends in a known top
    /// level domain.
    pub(super) fn domain_end(&self, start: usize) -> Option<usize> {
        let label = &self.labels[self.labels.partition_point(|label| label.end <= start)..];
        label.first().filter(|label| label.start <= start).and_then(|l| self.end_in(l, start))
    }

    fn end_in(&self, label: &Label, start: usize) -> Option<usize> {
        if !A::is_edge(self.units[start]) {
            return None;
        }
        let underscored = label.last_underscore.is_some_and(|underscore| underscore >= start);
        label.deeper.or(if underscored { None } else { label.tld })
    }

    /// The domains in the text, one after the other, wherever they start.
    pub(super) fn domains(&self) -> Vec<Range<usize>> {
        let mut domains: Vec<Range<usize>> = Vec::new();
        for label in &self.labels {
            let after = domains.last().map_or(0, |domain| domain.end);
            let start = label.start.max(after);
            if start < label.end
                && let Some(end) = self.end_in(label, start)
            {
                domains.push(start..end);
            }
        }
        domains
    }
}
