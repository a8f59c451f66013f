//! Where a text may be cut.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::text::{entities, weigh};

/// What a text is cut behind, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// Nothing: it is the beginning of the text.
    Start,
    /// A line or a paragraph.
    Line,
    /// A sentence.
    Sentence,
    /// A clause: what ends with a comma, a colon, a dash.
    Clause,
    /// A word.
    Word,
    /// A character within a word.
    Letter,
}

/// A piece of a text that is not cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    /// Its first byte.
    pub(super) start: usize,
    /// What stands before it.
    pub(super) rank: Rank,
    /// What it weighs, without the white space behind it.
    pub(super) weight: u32,
    /// What the white space behind it weighs.
    pub(super) gap: u32,
}

/// Abbreviations, in small letters and without their last full stop, behind which a sentence goes on.
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "mx", "dr", "prof", "st", "sr", "jr", "mt", "vs", "e.g", "i.e", "cf", "fig",
    "vol", "approx", "ca", "gen", "sen", "rep", "gov", "rev", "hon", "bzw", "z.b", "d.h", "u.a",
    "nr", "evtl", "mme", "mlle", "sra", "ud", "uds", "p.ej",
];

/// Characters of Japanese before which no line begins.
const NEVER_FIRST: &str = "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶー々〻ゝゞヽヾ";

/// A text and where it may be cut at all.
pub(super) struct Breaks<'t> {
    text: &'t str,
    /// For each byte whether a part may begin there: between two characters as a reader sees them, and not
    /// within what X makes a link of.
    is_free: Vec<bool>,
}

/// Returns where a piece of a text, from its first byte to behind its last, may be cut on one level.
type Level<'t> = fn(&Breaks<'t>, usize, usize) -> Vec<usize>;

impl<'t> Breaks<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mut is_free = vec![false; text.len()];
        for (start, _) in text.grapheme_indices(true) {
            is_free[start] = true;
        }
        let typed = entities(text).into_iter().map(|entity| entity.start..entity.end);
        let composed = weigh(text).urls.into_iter().map(|url| url.start..url.end);
        for linked in typed.chain(composed) {
            is_free[linked].iter_mut().skip(1).for_each(|free| *free = false);
        }
        Self { text, is_free }
    }

    /// Returns the pieces of the text, in order: its sentences, of one that weighs more than `limit` its
    /// clauses, of such a clause its words, and of such a word its characters.
    pub(super) fn units(&self, limit: u32) -> Vec<Unit> {
        let mut pieces = vec![(0, self.text.len(), Rank::Start)];
        let levels: [(Level<'t>, Rank); 4] = [
            (Self::sentences, Rank::Sentence),
            (Self::clauses, Rank::Clause),
            (Self::words, Rank::Word),
            (Self::letters, Rank::Letter),
        ];
        for (level, rank) in levels {
            let refined =
                pieces.into_iter().flat_map(|piece| self.refine(piece, limit, level, rank));
            pieces = refined.collect();
        }
        pieces.into_iter().map(|piece| self.unit(piece)).collect()
    }

    fn unit(&self, (start, end, rank): (usize, usize, Rank)) -> Unit {
        let piece = &self.text[start..end];
        let shown = piece.trim_end();
        let weight = |text: &str| weigh(text).weighted_length;
        Unit { start, rank, weight: weight(shown), gap: weight(&piece[shown.len()..]) }
    }

    /// Cuts a piece that weighs too much into smaller ones.
    fn refine(
        &self,
        piece: (usize, usize, Rank),
        limit: u32,
        level: Level<'t>,
        rank: Rank,
    ) -> Vec<(usize, usize, Rank)> {
        let (start, end, before) = piece;
        if weigh(self.text[start..end].trim_end()).weighted_length <= limit {
            return vec![piece];
        }
        let mut cuts: Vec<usize> = level(self, start, end)
            .into_iter()
            .map(|at| self.behind_space(at))
            .filter(|at| (start + 1..end).contains(at) && self.is_free[*at])
            .collect();
        cuts.dedup();
        let starts = std::iter::once((start, before))
            .chain(cuts.iter().map(|cut| (*cut, self.rank_at(*cut, rank))));
        let ends = cuts.iter().copied().chain([end]);
        starts.zip(ends).map(|((start, rank), end)| (start, end, rank)).collect()
    }

    fn behind_space(&self, at: usize) -> usize {
        self.text.len() - self.text[at..].trim_start().len()
    }

    /// A cut between sentences that stands between two lines is better than others.
    fn rank_at(&self, cut: usize, rank: Rank) -> Rank {
        let before = &self.text[..cut];
        let space = &before[before.trim_end().len()..];
        if rank == Rank::Sentence && space.contains(['\n', '\r', '\u{2028}', '\u{2029}']) {
            return Rank::Line;
        }
        rank
    }

    fn sentences(&self, start: usize, end: usize) -> Vec<usize> {
        let piece = &self.text[start..end];
        // Unicode counts what opens directly behind a full stop to the sentence before it.
        let starts = piece
            .split_sentence_bound_indices()
            .map(|(at, _)| piece[..at].trim_end_matches(is_opening).len());
        let is_end = |at: &usize| {
            let (before, after) = piece.split_at(*at);
            !ends_with_abbreviation(before) && !goes_on(before, after)
        };
        starts.filter(is_end).map(|at| start + at).collect()
    }

    fn clauses(&self, start: usize, end: usize) -> Vec<usize> {
        let piece = &self.text[start..end];
        let marks = piece.char_indices().filter(|(_, letter)| ends_clause(*letter));
        let ends = marks.filter_map(|(at, mark)| {
            let behind = at + mark.len_utf8();
            if ends_with_abbreviation(&piece[..behind]) {
                return None;
            }
            let rest = piece[behind..].trim_start_matches(is_closing);
            let is_end = rest.starts_with(char::is_whitespace)
                || (stands_close(mark) && self.may_part(start + piece.len() - rest.len()));
            is_end.then_some(start + piece.len() - rest.len())
        });
        ends.collect()
    }

    fn words(&self, start: usize, end: usize) -> Vec<usize> {
        let piece = &self.text[start..end];
        let bounds = piece.split_word_bound_indices().map(|(at, _)| start + at);
        let is_end = |at: &usize| {
            let (before, after) = self.around(*at);
            let is_unspaced = before.is_some_and(is_unspaced) || after.is_some_and(is_unspaced);
            before.is_some_and(char::is_whitespace) || (is_unspaced && self.may_part(*at))
        };
        bounds.filter(is_end).collect()
    }

    fn letters(&self, start: usize, end: usize) -> Vec<usize> {
        (start..end).filter(|at| self.is_free[*at]).collect()
    }

    fn around(&self, at: usize) -> (Option<char>, Option<char>) {
        (self.text[..at].chars().next_back(), self.text[at..].chars().next())
    }

    /// Whether two characters without white space between them may stand in different parts: no part begins
    /// with what closes, and none ends with what opens.
    fn may_part(&self, at: usize) -> bool {
        let (before, after) = self.around(at);
        let opens = before.is_some_and(is_opening);
        let closes = after.is_none_or(|it| {
            is_closing(it)
                || it.general_category() == GeneralCategory::OtherPunctuation
                || NEVER_FIRST.contains(it)
        });
        !opens && !closes
    }
}

fn is_opening(letter: char) -> bool {
    use GeneralCategory::{InitialPunctuation, OpenPunctuation};
    matches!(letter.general_category(), OpenPunctuation | InitialPunctuation)
}

fn is_closing(letter: char) -> bool {
    use GeneralCategory::{ClosePunctuation, FinalPunctuation};
    matches!(letter, '"' | '\'')
        || matches!(letter.general_category(), ClosePunctuation | FinalPunctuation)
}

/// Whether a clause ends behind the letter; so does a sentence that is not known as one, because a small
/// letter follows.
fn ends_clause(letter: char) -> bool {
    matches!(letter, ',' | ';' | ':' | '–' | '-' | '.' | '!' | '?' | '؛' | '،' | '՝' | '၊')
        || stands_close(letter)
}

/// Whether a clause ends behind the mark even where no white space follows.
const fn stands_close(mark: char) -> bool {
    matches!(mark, '—' | '…' | '、' | '，' | '；' | '：' | '､' | '。' | '！' | '？')
}

/// Whether a sentence goes on behind a quotation that ends as a sentence does: `"Is it?" she said`, 「はい。」と.
fn goes_on(before: &str, after: &str) -> bool {
    let Some(next) = after.chars().next() else { return false };
    let stands_close = !before.ends_with(char::is_whitespace) && !is_opening(next);
    before.trim_end_matches(' ').ends_with(is_closing) && (next.is_lowercase() || stands_close)
}

/// Whether the script of a letter is written without white space between words.
const fn is_unspaced(letter: char) -> bool {
    matches!(letter,
        '\u{0E00}'..='\u{0FFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
            | '\u{1950}'..='\u{19DF}' | '\u{2E80}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}'
            | '\u{F900}'..='\u{FAFF}' | '\u{FF01}'..='\u{FF9F}' | '\u{20000}'..='\u{3FFFF}')
}

/// Whether the full stop at a text's end is that of an abbreviation, an initial or the number of a list.
fn ends_with_abbreviation(text: &str) -> bool {
    let Some(before) = text.trim_end_matches(' ').strip_suffix('.') else { return false };
    let from = before.rfind(|it: char| it.is_whitespace() || "([\"'“‘«".contains(it));
    let from = from.map_or(0, |at| at + before[at..].chars().next().map_or(0, char::len_utf8));
    let word = &before[from..];
    let is_initial =
        word != "I" && word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    let is_number = (1..=2).contains(&word.len()) && word.bytes().all(|it| it.is_ascii_digit());
    let begins_line = before[..from].trim_end_matches(' ').ends_with('\n') || from == 0;
    is_initial
        || (is_number && begins_line)
        || ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}
