//! Cuts a text into records and values. A quotation mark that has no partner spoils its own row: the rows
//! below it are not swallowed.

use std::ops::Range;

/// Cuts a text into records.
#[derive(Debug, Clone)]
pub(super) struct Splitter<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    /// What stands between two values; `None` where each record is one.
    separator: Option<u8>,
    /// What ends a line: a line feed, or a carriage return in texts that have no other.
    line_end: u8,
    /// Bytes that were read twice because a quotation mark had no partner.
    read_twice: usize,
}

/// A record, with room for the next one.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    /// The line on which it begins, from 1.
    pub(super) line: u32,
    /// Its values.
    pub(super) values: Vec<Raw>,
    /// The line of a quotation mark that has no partner or stands inside a value.
    pub(super) broken: Option<u32>,
}

/// A value as it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Raw {
    /// Its place, without the quotation marks around it.
    pub(super) place: Range<usize>,
    /// Whether quotation marks in it are doubled, or have a backslash before them.
    pub(super) doubled: bool,
}

/// A quoted value: where it ends, and where the next begins.
struct Quoted {
    end: usize,
    after: usize,
    doubled: bool,
    stray: Option<usize>,
}

impl Record {
    /// Returns whether no value of it holds anything.
    pub(super) fn is_empty(&self) -> bool {
        self.values.iter().all(|value| value.place.is_empty())
    }
}

impl<'t> Splitter<'t> {
    /// Begins at the byte `at` of `text`, on `line`.
    pub(super) fn new(text: &'t str, at: usize, line: u32, separator: Option<u8>) -> Self {
        let line_end = if memchr::memchr(b'\n', text.as_bytes()).is_some() { b'\n' } else { b'\r' };
        Self { text, at, line, separator, line_end, read_twice: 0 }
    }

    /// Reads the next record into `record`; `false` at the end.
    pub(super) fn next(&mut self, record: &mut Record) -> bool {
        record.values.clear();
        record.broken = None;
        record.line = self.line;
        if self.at >= self.text.len() {
            return false;
        }
        let begins = self.at;
        while !self.value(record) {}
        let bytes = &self.text.as_bytes()[begins..self.at];
        let lines = memchr::memchr_iter(self.line_end, bytes).count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        true
    }

    /// Reads one value and what follows it; `true` where the record ends.
    fn value(&mut self, record: &mut Record) -> bool {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let blanks = bytes[start..].iter().take_while(|byte| **byte == b' ').count();
        let opens = start + blanks;
        if bytes.get(opens) == Some(&b'"') {
            match self.quoted(opens) {
                Ok(value) => {
                    if let Some(stray) = value.stray {
                        self.blame(record, start, stray);
                    }
                    let place = opens + 1..value.end;
                    record.values.push(Raw { place, doubled: value.doubled });
                    return self.step(value.after);
                }
                Err(looked_to) => {
                    self.read_twice += looked_to - opens;
                    self.blame(record, start, opens);
                }
            }
        }
        let end = match self.separator {
            Some(separator) => memchr::memchr2(separator, self.line_end, &bytes[start..]),
            None => memchr::memchr(self.line_end, &bytes[start..]),
        };
        let end = end.map_or(bytes.len(), |at| start + at);
        let ends_line = bytes.get(end) != self.separator.as_ref() || self.separator.is_none();
        let cut = ends_line && self.line_end == b'\n' && end > start && bytes[end - 1] == b'\r';
        let place = start..end - usize::from(cut);
        record.values.push(Raw { place, doubled: false });
        self.step(end)
    }

    /// Goes behind the separator or the line's end at `end`.
    fn step(&mut self, end: usize) -> bool {
        let bytes = self.text.as_bytes();
        let mut end = end;
        if self.line_end == b'\n' && bytes.get(end) == Some(&b'\r') {
            end += 1;
        }
        self.at = (end + 1).min(bytes.len());
        bytes.get(end).is_none_or(|byte| self.separator != Some(*byte))
    }

    fn blame(&self, record: &mut Record, from: usize, mark: usize) {
        let before = memchr::memchr_iter(self.line_end, &self.text.as_bytes()[from..mark]).count();
        let line = self.line.saturating_add(u32::try_from(before).unwrap_or(u32::MAX));
        record.broken.get_or_insert(line);
    }

    /// Reads a quoted value whose mark stands at `opens`. An error tells how far it was looked for the
    /// closing mark in vain.
    fn quoted(&self, opens: usize) -> Result<Quoted, usize> {
        let bytes = self.text.as_bytes();
        let mut at = opens + 1;
        let (mut crossed, mut doubled, mut stray) = (false, false, None);
        // A text full of marks without partners is not read again and again.
        let one_line = self.read_twice > bytes.len();
        loop {
            let Some(found) = memchr::memchr(b'"', &bytes[at..]) else {
                return Err(bytes.len());
            };
            let mark = at + found;
            crossed = crossed || memchr::memchr(self.line_end, &bytes[at..mark]).is_some();
            if crossed && one_line {
                return Err(mark);
            }
            if bytes.get(mark + 1) == Some(&b'"') {
                doubled = true;
                at = mark + 2;
                continue;
            }
            if let Some(after) = self.closes(mark) {
                return Ok(Quoted { end: mark, after, doubled, stray });
            }
            if bytes[mark - 1] == b'\\' && mark - 1 > opens {
                doubled = true;
            } else if crossed {
                // Another value opens here: the first mark never had a partner.
                return Err(mark);
            } else {
                stray.get_or_insert(mark);
            }
            at = mark + 1;
        }
    }

    /// Returns where a value ends whose closing mark is at `mark`; `None` where that closes nothing.
    fn closes(&self, mark: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let rest = &bytes[mark + 1..];
        let after = mark + 1 + rest.iter().take_while(|byte| **byte == b' ').count();
        match bytes.get(after) {
            None => Some(after),
            Some(byte) if self.separator == Some(*byte) || *byte == self.line_end => Some(after),
            Some(b'\r') if bytes.get(after + 1).is_none_or(|next| *next == b'\n') => Some(after),
            Some(_) => None,
        }
    }
}

/// Writes a value without the doubling of its quotation marks.
pub(super) fn write(raw: &str, doubled: bool, into: &mut String) {
    if !doubled {
        into.push_str(raw);
        return;
    }
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'"', rest.as_bytes()) {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        if let Some(after) = after.strip_prefix('"') {
            into.push_str(before);
            rest = after;
        } else {
            into.push_str(before.strip_suffix('\\').unwrap_or(before));
            rest = after;
        }
        into.push('"');
    }
    into.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each record as its line, its values, and the line of a broken mark.
    fn records(text: &str) -> Vec<(u32, Vec<String>, Option<u32>)> {
        let mut splitter = Splitter::new(text, 0, 1, Some(b','));
        let mut record = Record::default();
        let mut records = Vec::new();
        while splitter.next(&mut record) {
            let values = record.values.iter().map(|value| {
                let mut text_of = String::new();
                write(&text[value.place.clone()], value.doubled, &mut text_of);
                text_of
            });
            records.push((record.line, values.collect(), record.broken));
        }
        records
    }

    fn sound(line: u32, values: &[&str]) -> (u32, Vec<String>, Option<u32>) {
        (line, values.iter().map(|&value| value.to_owned()).collect(), None)
    }

    #[test]
    fn values_are_cut_at_separators_and_quoted_ones_keep_theirs() {
        let text = "a,b,\r\n\"x, \"\"y\"\"\r\nz\",  \"q\" ,5\" screen\n\nlast,\"\"";
        assert_eq!(
            records(text),
            [
                sound(1, &["a", "b", ""]),
                sound(2, &["x, \"y\"\r\nz", "q", "5\" screen"]),
                sound(4, &[""]),
                sound(5, &["last", ""]),
            ]
        );
        assert_eq!(records("a\rb,c\r"), [sound(1, &["a"]), sound(2, &["b", "c"])]);
        assert_eq!(records("\"say \\\"hi\\\" now\",b"), [sound(1, &["say \"hi\" now", "b"])]);
    }

    #[test]
    fn a_mark_without_a_partner_spoils_its_row_and_swallows_no_other() {
        let text = "1,\"never closed\n2,\"fine\"\n3,\"He said \"hi\" to me\"\n4,fine\n5,\"open at the end\n";
        assert_eq!(
            records(text),
            [
                (1, vec!["1".to_owned(), "\"never closed".to_owned()], Some(1)),
                sound(2, &["2", "fine"]),
                (3, vec!["3".to_owned(), "He said \"hi\" to me".to_owned()], Some(3)),
                sound(4, &["4", "fine"]),
                (5, vec!["5".to_owned(), "\"open at the end".to_owned()], Some(5)),
            ]
        );
    }

    #[test]
    fn a_text_full_of_broken_marks_is_read_in_time() {
        for line in ["\"\"a\n", "\"a\n", "\"a\"\"\n", "a,\"\"\"\"b\n", "\"\" \"\n"] {
            let text = line.repeat(200_000);
            assert!(records(&text).len() <= 200_000);
        }
    }
}
