//! What separates the values of a text: told by what is common, and where that is not clear by `csv-nose`.

use csv_nose::{SampleSize, Sniffer};

use super::split::{Record, Splitter};
use crate::source::columns::clip_bytes;
use crate::source::header;

/// Bytes of a text that are looked at.
const SAMPLE_BYTES: usize = 256_000;
/// Records that are looked at.
const RECORDS_MAX: usize = 200;
/// What separates values in nearly every file.
const COMMON: &[u8] = b",;\t|";
/// Share of records, in percent, with the same number of values that leaves no doubt.
const CLEAR_PERCENT: usize = 90;

/// What was found out about a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Guess {
    /// What stands between two values; `None` where each record is one.
    pub(super) separator: Option<u8>,
    /// Whether it may be another.
    pub(super) doubtful: bool,
}

/// How well a text is cut by a separator.
#[derive(Debug, Clone, Copy, Default)]
struct Fit {
    /// Records in the sample.
    records: usize,
    /// The number of values that most records have.
    columns: usize,
    /// Records that have as many, in percent.
    percent: usize,
    /// Values of the first record.
    first: usize,
    /// Values of the first record that are known names of columns.
    names: usize,
    /// Values that begin with a blank, as after the commas of a sentence, in percent.
    blanks: usize,
    /// Whether one column holds dates.
    dates: bool,
}

/// Finds the separator of a file whose name or form says that it has one.
pub(super) fn find(text: &str) -> Guess {
    let sample = sample(text);
    let mut fits: Vec<_> = COMMON.iter().map(|byte| (*byte, fit(sample, *byte))).collect();
    // Best by names in the header, then by how many records agree; sentences have commas too.
    let rank = |fit: &Fit| {
        let agrees = fit.columns > 1 && (fit.first == fit.columns || fit.names > 1);
        (agrees, fit.names.min(4), fit.percent * usize::from(fit.columns > 1), fit.columns)
    };
    fits.sort_by_key(|(_, fit)| std::cmp::Reverse(rank(fit)));
    let (separator, best) = fits[0];
    let agrees = best.columns > 1 && best.first == best.columns;
    if agrees && best.percent >= CLEAR_PERCENT {
        return Guess { separator: Some(separator), doubtful: false };
    }
    if best.names > 1 {
        return Guess { separator: Some(separator), doubtful: best.percent < CLEAR_PERCENT };
    }
    if fits.iter().all(|(_, fit)| fit.first <= 1) {
        // The first record is one value whatever cuts it: a column of texts.
        return Guess {
            separator: by_nose(sample).filter(|it| !COMMON.contains(it)),
            doubtful: false,
        };
    }
    let separator = by_nose(sample).unwrap_or(separator);
    Guess { separator: Some(separator), doubtful: true }
}

/// Finds the separator of a text that may as well be prose; `None` where it seems to be.
pub(super) fn find_in_prose(text: &str) -> Option<u8> {
    let sample = sample(text);
    COMMON.iter().copied().find(|byte| {
        let fit = fit(sample, *byte);
        if fit.records < 2
            || fit.columns < 2
            || fit.first != fit.columns
            || fit.percent < CLEAR_PERCENT
        {
            return false;
        }
        match byte {
            b'\t' => fit.names > 0 || fit.dates || fit.records > 2,
            b',' => fit.names > 1 || (fit.dates && fit.blanks < 50),
            _ => fit.names > 0 || fit.dates,
        }
    })
}

fn sample(text: &str) -> &str {
    let sample = clip_bytes(text, SAMPLE_BYTES);
    if sample.len() == text.len() {
        return sample;
    }
    // The last line is cut.
    sample.rfind('\n').map_or(sample, |end| &sample[..=end])
}

fn fit(sample: &str, separator: u8) -> Fit {
    let mut splitter = Splitter::new(sample, 0, 1, Some(separator));
    let mut record = Record::default();
    let mut fit = Fit::default();
    let mut counts: Vec<usize> = Vec::new();
    let (mut values, mut blanks) = (0, 0);
    let mut dated: Vec<usize> = Vec::new();
    while counts.len() < RECORDS_MAX && splitter.next(&mut record) {
        if record.is_empty() {
            continue;
        }
        let cells = || record.values.iter().map(|value| &sample[value.place.clone()]);
        if counts.is_empty() {
            fit.first = record.values.len();
            fit.names = cells().filter(|cell| header::known_names(&[*cell]) > 0).count();
        }
        for (at, cell) in cells().enumerate() {
            values += 1;
            blanks += usize::from(at > 0 && cell.starts_with(' '));
            if dated.len() <= at {
                dated.push(0);
            }
            dated[at] += usize::from(header::is_date(cell));
        }
        counts.push(record.values.len());
    }
    fit.records = counts.len();
    counts.sort_unstable();
    let runs = counts.chunk_by(|one, other| one == other);
    if let Some(most) = runs.max_by_key(|run| run.len()) {
        fit.columns = most[0];
        fit.percent = most.len() * 100 / fit.records;
    }
    fit.blanks = blanks * 100 / values.max(1);
    fit.dates = dated.iter().any(|dates| *dates * 3 >= fit.records * 2 && *dates > 0);
    fit
}

fn by_nose(sample: &str) -> Option<u8> {
    let mut sniffer = Sniffer::new();
    sniffer.sample_size(SampleSize::Records(RECORDS_MAX));
    let found = sniffer.sniff_bytes(sample.as_bytes()).ok()?.dialect.delimiter;
    let separates = found.is_ascii_punctuation() || found == b'\t';
    (separates && found != b'"' && found != b'\'').then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_separators_are_found() {
        for (text, separator) in [
            ("a,b,c\n1,2,3\n", b','),
            ("Datum;Uhrzeit;Text\n01.03.2027;09:00;\"Guten Morgen; heute, ja\"\n", b';'),
            ("Date\tCopy\n2027-03-01\tHello, world, again\n", b'\t'),
            ("date|text\n2027-03-01|Hello, world\n", b'|'),
            ("date,text\n2027-03-01,Hello, world; or not\n2027-03-02,fine\n", b','),
            ("content,scheduledAt\n", b','),
        ] {
            assert_eq!(find(text).separator, Some(separator), "{text}");
        }
        assert!(!find("a,b\n1,2\n3,4\n").doubtful);
    }

    #[test]
    fn a_column_of_texts_is_not_cut_at_its_commas() {
        let guess = find("content\nHello, world\nA, b; and c\nNothing\n");
        assert_eq!(guess, Guess { separator: None, doubtful: false });
    }

    #[test]
    fn prose_is_not_taken_for_a_table() {
        for text in [
            "Hello, world\nGoodbye, world\n",
            "One; two\nThree; four\n",
            "A text.\n\nAnother text, with a comma.\n",
            "First, we open the doors\nThen, we close them\n",
        ] {
            assert_eq!(find_in_prose(text), None, "{text}");
        }
        for text in [
            "content,date\nHello,2027-03-01\n",
            "2027-03-01 09:00\tHello\n2027-03-02 09:00\tBye\n",
            "Hello;2027-03-01 09:00\nBye;2027-03-02 09:00\n",
        ] {
            assert!(find_in_prose(text).is_some(), "{text}");
        }
    }
}
