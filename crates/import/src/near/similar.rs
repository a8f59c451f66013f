//! Whether two texts are nearly the same, letter by letter.

use rapidfuzz::fuzz;

/// From this likeness on (0 to 1) two texts are nearly the same.
const RATIO_MIN: f64 = 0.90;
/// Letters that are compared; longer texts are compared by their beginnings.
const LETTERS_MAX: usize = 4_000;

/// A text that is compared with others.
pub struct Comparison {
    words: String,
    bytes: Option<fuzz::RatioBatchComparator<u8>>,
}

impl std::fmt::Debug for Comparison {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Comparison").field("words", &self.words).finish_non_exhaustive()
    }
}

impl Comparison {
    /// Prepares a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let words = words(text);
        let bytes = words.is_ascii().then(|| fuzz::RatioBatchComparator::new(words.bytes()));
        Self { words, bytes }
    }

    /// Returns whether another text is nearly the same: case, punctuation and blanks do not count.
    /// Texts that differ in digits alone are a series, such as "3 days left" and "2 days left", and not
    /// nearly the same.
    #[must_use]
    pub fn is_near(&self, other: &str) -> bool {
        let (one, other) = (&self.words, words(other));
        let (short, long) = (one.len().min(other.len()), one.len().max(other.len()));
        // The likeness of lengths bounds that of letters.
        if (2 * short) as f64 / ((short + long) as f64) < RATIO_MIN {
            return false;
        }
        if *one == other {
            return true;
        }
        let args = fuzz::Args::default().score_cutoff(RATIO_MIN);
        let ratio = match &self.bytes {
            Some(bytes) if other.is_ascii() => bytes.similarity_with_args(other.bytes(), &args),
            _ => fuzz::ratio_with_args(one.chars(), other.chars(), &args),
        };
        ratio.is_some() && !without_digits(one).eq(without_digits(&other))
    }
}

/// Returns whether two texts are nearly the same; see [`Comparison::is_near`].
#[must_use]
pub fn is_near(one: &str, other: &str) -> bool {
    Comparison::of(one).is_near(other)
}

/// Returns the letters that are compared: small, with one blank between words and no punctuation.
pub(super) fn letters(text: &str) -> impl Iterator<Item = char> {
    let mut blank_before = true;
    text.chars().filter_map(move |letter| {
        let letter = if letter.is_ascii() {
            letter.to_ascii_lowercase()
        } else {
            letter.to_lowercase().next().unwrap_or(letter)
        };
        let is_blank = letter.is_whitespace() || letter.is_ascii_punctuation();
        let kept = !(is_blank && blank_before);
        blank_before = is_blank;
        kept.then_some(if is_blank { ' ' } else { letter })
    })
}

fn words(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    words.extend(letters(text).take(LETTERS_MAX));
    words.truncate(words.trim_end().len());
    words
}

fn without_digits(words: &str) -> impl Iterator<Item = char> {
    words.chars().filter(|letter| !letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_letters_are_near_and_a_series_is_not() {
        let text = "Doors open on Monday at nine, and the first hundred guests get a coffee.";
        assert!(is_near(text, &text.replace("nine", "ten")));
        assert!(is_near(text, &text.to_uppercase()));
        assert!(is_near(
            "Größe zählt: heute ist der große Tag im Café",
            "Größe zählt: heute ist der grosse Tag im Café"
        ));
        assert!(!is_near(
            text,
            "Our quarterly report is out: revenue is up, churn is down, thank you!"
        ));
        assert!(!is_near(
            "Only 3 days left to sign up for the summer course",
            "Only 12 days left to sign up for the summer course"
        ));
    }
}
