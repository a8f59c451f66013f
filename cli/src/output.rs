//! What goes to standard output, and what to standard error.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use roost_core::cost::MicroDollars;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything asked for was done.
    Done,
    /// What was asked was answered, and the answer is bad.
    Failed,
    /// Some of it was.
    Partly,
}

impl Exit {
    /// The process's exit code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Partly => 3,
        }
    }
}

/// Where a command writes. With `--json`, standard output carries one document and nothing else.
///
/// A write that fails ends nothing: the work goes on, and [`Self::close`] says it at the end.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    json: bool,
    /// The first failure to write; nothing is written after it.
    failed: Arc<Mutex<Option<io::Error>>>,
}

/// [`Output::say`] for what is told without an output at hand.
pub(crate) fn say_on_the_way(message: &str) {
    drop(writeln!(io::stderr().lock(), "{message}"));
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, failed: Arc::default() }
    }

    /// Prints the command's result: `document` as JSON, or what `people` says of it.
    pub(crate) fn result(&self, document: &impl Serialize, people: impl FnOnce() -> String) {
        if self.json {
            self.document(document);
        } else {
            self.text(&people());
        }
    }

    /// Prints a JSON document, whatever was asked for.
    pub(crate) fn document(&self, document: &impl Serialize) {
        match serde_json::to_string_pretty(document) {
            Ok(text) => self.text(&text),
            Err(error) => self.fail(error.into()),
        }
    }

    /// Prints a JSON document on one line, where several follow each other.
    pub(crate) fn line(&self, document: &impl Serialize) {
        match serde_json::to_string(document) {
            Ok(text) => self.text(&text),
            Err(error) => self.fail(error.into()),
        }
    }

    /// Prints a text that is a document already.
    pub(crate) fn text(&self, text: &str) {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        self.bytes(&[text, end].concat().into_bytes());
    }

    /// Prints bytes as they are.
    pub(crate) fn bytes(&self, bytes: &[u8]) {
        if self.failure().is_some() {
            return;
        }
        let mut out = io::stdout().lock();
        if let Err(error) = out.write_all(bytes).and_then(|()| out.flush()) {
            self.fail(error);
        }
    }

    /// Says something on the way: progress, hints, warnings. Always on standard error.
    #[expect(clippy::unused_self, reason = "all output goes through here")]
    pub(crate) fn say(&self, message: &str) {
        say_on_the_way(message);
    }

    /// Asks something on standard error; the answer is typed on the same line.
    #[expect(clippy::unused_self, reason = "all output goes through here")]
    pub(crate) fn ask(&self, question: &str) {
        let mut err = io::stderr().lock();
        drop(write!(err, "{question}").and_then(|()| err.flush()));
    }

    /// Whether a JSON document was asked for.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Flushes what was printed, and returns the process's exit code: `code`, or 1 when the output
    /// was asked for and did not arrive. A reader that went away (`| head`) had enough: no failure.
    pub(crate) fn close(&self, code: u8) -> u8 {
        self.bytes(&[]);
        match &*self.failure() {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                self.say(&format!(
                    "roost: standard output can't be written: {error}. What was printed is not \
                     whole; what the command did stays done."
                ));
                if code == Exit::Partly.code() { Exit::Failed.code() } else { code.max(1) }
            }
            _ => code,
        }
    }

    fn fail(&self, error: io::Error) {
        self.failure().get_or_insert(error);
    }

    fn failure(&self) -> MutexGuard<'_, Option<io::Error>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A table whose columns line up, with a heading.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<const N: usize>(heading: [&str; N]) -> Self {
        Self { rows: vec![heading.map(str::to_owned).to_vec()] }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| one_line(&cell)).to_vec());
    }

    /// The table as text; the last column is not padded.
    pub(crate) fn render(&self) -> String {
        let columns = self.rows[0].len();
        let width = |column: usize| {
            self.rows.iter().map(|row| row[column].width()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            for (column, cell) in row.iter().enumerate() {
                text.push_str(cell);
                if column + 1 < columns {
                    text.push_str(&" ".repeat(widths[column] - cell.width() + 2));
                }
            }
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        }
        text
    }
}

/// Text on one line, without anything that could move the cursor or turn the line around.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            _ if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') => ' ',
            _ if is_bidi_control(letter) => char::REPLACEMENT_CHARACTER,
            _ => letter,
        })
        .collect()
}

/// The same for a text on lines of its own.
pub(crate) fn lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(one_line).collect();
    lines.join("\n")
}

/// Characters that make a terminal show what follows in another order than it is.
const fn is_bidi_control(letter: char) -> bool {
    matches!(
        letter,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// The beginning of a text, for a column.
pub(crate) fn shortened(text: &str, columns: usize) -> String {
    let line = one_line(text);
    if line.width() <= columns {
        return line;
    }
    let mut short = String::new();
    for character in line.chars() {
        if short.width() + 2 > columns {
            break;
        }
        short.push(character);
    }
    short.push('…');
    short
}

/// Micro-dollars as people read them: `$0.015`, `$13.03`.
pub(crate) fn money(micro_dollars: i64) -> String {
    MicroDollars(micro_dollars).to_string()
}

/// `1 post`, `2 posts`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_under_wide_characters() {
        let mut table = Table::new(["text", "n"]);
        table.row(["日本".into(), "1".into()]);
        table.row(["abcdef".into(), "2".into()]);
        assert_eq!(table.render(), "text    n\n日本    1\nabcdef  2\n");
    }

    #[test]
    fn a_text_can_not_write_into_the_table() {
        assert_eq!(one_line("a\u{1b}[2Jb\nc"), "a [2Jb c");
        assert_eq!(one_line("a\u{202e}b\u{2066}c"), "a\u{fffd}b\u{fffd}c");
        assert_eq!(lines("a\u{1b}\nb\u{202e}"), "a \nb\u{fffd}");
    }
}
