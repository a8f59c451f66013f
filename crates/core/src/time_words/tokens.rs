//! The words of a time, one after the other.

/// Words that say nothing of their own.
const FILLERS: [&str; 6] = ["at", "on", "the", "of", "o'clock", "um"];

/// The words that are left to read.
#[derive(Debug, Clone)]
pub(super) struct Tokens {
    words: Vec<String>,
    next: usize,
}

impl Tokens {
    /// Returns the words of a text, in lower case and without those that say nothing.
    pub(super) fn of(text: &str) -> Self {
        let text = text.to_lowercase().replace([',', ';'], " ");
        let words = text.split_whitespace().filter(|word| !FILLERS.contains(word));
        Self { words: words.map(str::to_owned).collect(), next: 0 }
    }

    /// Returns the next word without taking it.
    pub(super) fn peek(&self) -> Option<&str> {
        self.words.get(self.next).map(String::as_str)
    }

    /// Returns the word after the next one.
    pub(super) fn second(&self) -> Option<&str> {
        self.words.get(self.next + 1).map(String::as_str)
    }

    /// Takes so many words.
    pub(super) fn take(&mut self, count: usize) {
        self.next = (self.next + count).min(self.words.len());
    }

    /// Takes the next word when it is this one and the only one.
    pub(super) fn take_only(&mut self, word: &str) -> bool {
        let is_it = self.rest() == [word];
        if is_it {
            self.take(1);
        }
        is_it
    }

    /// Returns all words that are left.
    pub(super) fn rest(&self) -> &[String] {
        &self.words[self.next..]
    }
}
