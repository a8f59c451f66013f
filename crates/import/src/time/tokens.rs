//! A text cut into numbers, words and marks.

/// A text has no more of them; a date needs about twenty.
pub(super) const TOKENS_MAX: usize = 40;

/// What a piece of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// Digits.
    Number,
    /// Letters.
    Word,
    /// Anything else but a blank.
    Mark(char),
}

/// A piece of a text, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) piece: Piece,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether a blank stands in front of it.
    pub(super) is_spaced: bool,
}

impl Token {
    pub(super) fn text<'t>(&self, text: &'t str) -> &'t str {
        &text[self.start..self.end]
    }

    /// Returns how many digits a number has.
    pub(super) const fn digits(&self) -> usize {
        self.end - self.start
    }

    /// Returns the value of a number of up to nine digits.
    pub(super) fn value(&self, text: &str) -> u32 {
        self.text(text).bytes().take(9).fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
    }
}

/// Returns the pieces of a text; `None` when there are more than a date could have.
pub(super) fn cut(text: &str) -> Option<Vec<Token>> {
    let mut tokens: Vec<Token> = Vec::with_capacity(16);
    let mut is_spaced = false;
    for (start, letter) in text.char_indices() {
        let end = start + letter.len_utf8();
        let piece = match letter {
            _ if letter.is_whitespace() => {
                is_spaced = true;
                continue;
            }
            '0'..='9' => Piece::Number,
            // The mark over a letter that is written as two.
            '\u{300}'..='\u{36f}' => Piece::Word,
            _ if letter.is_alphabetic() => Piece::Word,
            mark => Piece::Mark(mark),
        };
        let is_full = tokens.len() == TOKENS_MAX;
        match tokens.last_mut() {
            Some(last) if !is_spaced && last.piece == piece && !matches!(piece, Piece::Mark(_)) => {
                last.end = end;
            }
            _ if is_full => return None,
            _ => tokens.push(Token { piece, start, end, is_spaced }),
        }
        is_spaced = false;
    }
    Some(tokens)
}
