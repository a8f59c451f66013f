//! Cuts a text that is known to be JSON into its values, in one pass and without building anything.

use crate::error::ImportError;
use crate::fault::Shape;
use crate::source::limits::DEPTH_MAX;
use crate::source::lines::line_at;

/// A place in a text that [`syntax::check`](super::syntax::check) found sound.
#[derive(Debug, Clone)]
pub(super) struct Walk<'t> {
    text: &'t str,
    at: usize,
    /// Lists and objects that were entered and not left.
    depth: usize,
}

/// A value as it stands in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'t> {
    /// What it is.
    pub(super) shape: Shape,
    /// Its text, with the quotation marks of a text.
    pub(super) raw: &'t str,
    /// Where it begins, in bytes.
    pub(super) start: usize,
}

impl<'t> Value<'t> {
    /// Returns what stands between the quotation marks of a text, with its escapes.
    pub(super) fn inner(&self) -> &'t str {
        self.raw.get(1..self.raw.len() - 1).unwrap_or_default()
    }
}

impl<'t> Walk<'t> {
    /// Begins at the byte `at` of `text`, inside of `depth` lists and objects.
    pub(super) const fn new(text: &'t str, at: usize, depth: usize) -> Self {
        Self { text, at, depth }
    }

    /// Returns where the next value or key begins, in bytes.
    pub(super) fn place(&mut self) -> usize {
        self.skip_blanks();
        self.at
    }

    /// Returns what the next value is.
    pub(super) fn shape(&mut self) -> Shape {
        match self.peek() {
            b'"' => Shape::Text,
            b'{' => Shape::Object,
            b'[' => Shape::List,
            b't' | b'f' => Shape::Bool,
            b'n' => Shape::Null,
            _ => Shape::Number,
        }
    }

    /// Enters the list or object that begins here.
    pub(super) fn enter(&mut self) {
        self.skip_blanks();
        self.at += 1;
        self.depth += 1;
    }

    /// Goes to the next element or member; `false` leaves the list or object.
    pub(super) fn next(&mut self) -> bool {
        loop {
            match self.peek() {
                b',' => self.at += 1,
                b']' | b'}' => {
                    self.at += 1;
                    self.depth = self.depth.saturating_sub(1);
                    return false;
                }
                _ => return self.at < self.text.len(),
            }
        }
    }

    /// Takes the key of a member as it stands between its quotation marks, and its colon.
    pub(super) fn key(&mut self) -> &'t str {
        self.skip_blanks();
        let start = self.at + 1;
        self.skip_text();
        let key = self.text.get(start..self.at - 1).unwrap_or_default();
        if self.peek() == b':' {
            self.at += 1;
        }
        key
    }

    /// Takes the value that begins here.
    pub(super) fn value(&mut self) -> Result<Value<'t>, ImportError> {
        let shape = self.shape();
        let start = self.at;
        match shape {
            Shape::Text => self.skip_text(),
            Shape::Object | Shape::List => self.skip_nested()?,
            Shape::Bool | Shape::Null | Shape::Number => self.skip_word(),
        }
        Ok(Value { shape, raw: &self.text[start..self.at], start })
    }

    fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    fn peek(&mut self) -> u8 {
        self.skip_blanks();
        self.bytes().get(self.at).copied().unwrap_or(b']')
    }

    fn skip_blanks(&mut self) {
        let rest = &self.bytes()[self.at..];
        let blank = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        self.at += rest.iter().take_while(|byte| blank(byte)).count();
    }

    fn skip_text(&mut self) {
        let bytes = self.bytes();
        self.at += 1;
        while let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[self.at..]) {
            self.at += found + 1;
            if bytes[self.at - 1] == b'"' {
                return;
            }
            self.at = (self.at + 1).min(bytes.len());
        }
        self.at = bytes.len();
    }

    fn skip_word(&mut self) {
        let rest = &self.bytes()[self.at..];
        let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t');
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
    }

    fn skip_nested(&mut self) -> Result<(), ImportError> {
        let bytes = self.bytes();
        let outside = self.depth;
        while self.at < bytes.len() {
            match bytes[self.at] {
                b'"' => {
                    self.skip_text();
                    continue;
                }
                b'[' | b'{' => {
                    self.depth += 1;
                    if self.depth > DEPTH_MAX {
                        let line = line_at(bytes, self.at);
                        return Err(ImportError::TooDeep { line, limit: DEPTH_MAX });
                    }
                }
                b']' | b'}' => self.depth -= 1,
                _ => {}
            }
            self.at += 1;
            if self.depth == outside {
                break;
            }
        }
        Ok(())
    }
}
