//! Domains: labels, dots, and a known top level domain at the end.

use super::tld;

/// What a label may be made of.
pub(super) struct Alphabet {
    /// May stand anywhere in a label.
    pub(super) inner: fn(u16) -> bool,
    /// May begin and end a label.
    pub(super) edge: fn(u16) -> bool,
}

/// The labels of a text, read once, so that every place in it can ask whether a domain starts
/// there and where it ends without reading on: texts made to be slow stay fast.
pub(super) struct Labels<'t> {
    units: &'t [u16],
    alphabet: Alphabet,
    labels: Vec<Label>,
}

/// A longest run of units that may stand in a label.
struct Label {
    start: usize,
    end: usize,
    /// An underscore may stand in a subdomain, never in the label before the top level domain.
    last_underscore: Option<usize>,
    /// Ends in a unit that may end a label, and then a dot.
    closed: bool,
    /// Where a domain that goes on beyond the next label ends.
    deeper: Option<usize>,
    /// Where the top level domain directly after this label's dot ends.
    tld: Option<usize>,
}

impl<'t> Labels<'t> {
    pub(super) fn of(units: &'t [u16], alphabet: Alphabet) -> Self {
        let mut labels = Self { units, alphabet, labels: Vec::new() };
        labels.read();
        labels.link();
        labels
    }

    fn read(&mut self) {
        let mut index = 0;
        while index < self.units.len() {
            if !(self.alphabet.inner)(self.units[index]) {
                index += 1;
                continue;
            }
            let start = index;
            let mut last_underscore = None;
            while index < self.units.len() && (self.alphabet.inner)(self.units[index]) {
                if self.units[index] == u16::from(b'_') {
                    last_underscore = Some(index);
                }
                index += 1;
            }
            let dotted = self.units.get(index) == Some(&u16::from(b'.'));
            let closed = dotted && (self.alphabet.edge)(self.units[index - 1]);
            let tld = if closed { tld::end(self.units, index + 1) } else { None };
            let label = Label { start, end: index, last_underscore, closed, deeper: None, tld };
            self.labels.push(label);
        }
    }

    /// From the back to the front, so that each label finds its follower's answer ready.
    fn link(&mut self) {
        for index in (0..self.labels.len().saturating_sub(1)).rev() {
            let next = &self.labels[index + 1];
            if self.labels[index].closed && next.start == self.labels[index].end + 1 {
                self.labels[index].deeper = self.end_in(next, next.start);
            }
        }
    }

    /// Where the domain that starts at `start` ends: the longest one that ends in a known top
    /// level domain.
    pub(super) fn domain_end(&self, start: usize) -> Option<usize> {
        let label = &self.labels[self.labels.partition_point(|label| label.end <= start)..];
        label.first().filter(|label| label.start <= start).and_then(|l| self.end_in(l, start))
    }

    fn end_in(&self, label: &Label, start: usize) -> Option<usize> {
        if !label.closed || !(self.alphabet.edge)(self.units[start]) {
            return None;
        }
        let underscored = label.last_underscore.is_some_and(|underscore| underscore >= start);
        label.deeper.or(if underscored { None } else { label.tld })
    }

    /// The domains in the text, one after the other, wherever they start.
    pub(super) fn domains(&self) -> Vec<std::ops::Range<usize>> {
        let mut domains: Vec<std::ops::Range<usize>> = Vec::new();
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
