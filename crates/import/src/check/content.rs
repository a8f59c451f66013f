//! What a row says, held against X's rules and against what people leave in texts.

use roost_core::cost::MicroDollars;
use roost_core::failure::{Code, Problem};
use roost_core::limits::{Limits, Subscription};
use roost_core::post::{Content, PARTS_MAX, check_part};

use super::text;
use crate::finding::{Finding, Sink, with_core};
use crate::surroundings::Prices;

/// What weighing the parts of a content told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measured {
    /// The weighted length of the longest part.
    pub weighted_length: u32,
    /// How many parts X bills as posts with a link.
    pub parts_with_link: u32,
    /// What X charges for the texts.
    pub cost: MicroDollars,
}

/// Checks what a row says, and returns its measures. Each part is weighed once.
pub fn check(
    content: &Content,
    limits: &Limits,
    subscription: Subscription,
    prices: &Prices,
    sink: &mut impl Sink,
) -> Measured {
    let parts = content.parts.as_slice();
    let mut measured = Measured::default();
    if parts.len() > PARTS_MAX {
        sink.find(Code::ThreadTooLong, || {
            let message = format!("The thread has {} parts; {PARTS_MAX} are allowed.", parts.len());
            Finding::new(Problem::new(Code::ThreadTooLong, message).in_field("thread"))
        });
        return measured;
    }
    let link_price = MicroDollars(prices.with_link.0.saturating_sub(prices.plain.0));
    for (index, part) in parts.iter().enumerate() {
        let field = || field_of(index, parts.len());
        let weighed =
            with_core(sink, |findings| check_part(part, limits, subscription, &field, findings));
        measured.cost += prices.plain;
        let Some(weighed) = weighed else { continue };
        measured.weighted_length = measured.weighted_length.max(weighed.weighted_length);
        if !weighed.urls.is_empty() {
            measured.parts_with_link += 1;
            measured.cost += link_price;
        }
        text::check(&part.text, &weighed.urls, link_price, &field, sink);
        if parts[..index].contains(part) {
            sink.find(Code::DuplicateContent, || {
                let problem =
                    Problem::new(Code::DuplicateContent, "The thread says the same twice.");
                Finding::new(
                    problem.with_remedy("X may refuse the second; change it.").in_field(field()),
                )
            });
        }
    }
    measured
}

/// Returns how a part of a content is called: `content`, or `thread[2]`.
#[must_use]
pub fn field_of(index: usize, parts: usize) -> String {
    if parts == 1 { "content".to_owned() } else { format!("thread[{}]", index + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(texts: &[&str]) -> (Measured, Vec<Code>) {
        let mut findings: Vec<Finding> = Vec::new();
        let content = Content::of_texts(texts.iter().copied());
        let measured = check(
            &content,
            &Limits::default(),
            Subscription::None,
            &Prices::default(),
            &mut findings,
        );
        (measured, findings.into_iter().map(|it| it.problem.code).collect())
    }

    #[test]
    fn measures_are_those_of_core() {
        for texts in [&["Hello"][..], &["one", "see example.com", "three"], &["日本語", "🙂"]]
        {
            let content = Content::of_texts(texts.iter().copied());
            let (measured, codes) = checked(texts);
            assert_eq!(measured.weighted_length, content.weighted_length());
            assert_eq!(measured.parts_with_link > 0, content.has_link());
            assert_eq!(measured.cost, content.cost());
            assert_eq!(codes, []);
        }
    }

    #[test]
    fn everything_in_a_text_is_found_at_once() {
        let (_, codes) = checked(&["Q&amp;A $AAPL $MSFT \u{feff} \\n README.md"]);
        let expected = [
            Code::InvalidCharacter,
            Code::TooManyCashtags,
            Code::HtmlEntities,
            Code::LiteralEscapes,
            Code::AccidentalLink,
        ];
        assert_eq!(codes, expected);
        assert_eq!(checked(&["a".repeat(281).as_str()]).1, [Code::TextTooLong]);
        assert_eq!(checked(&["same", "same"]).1, [Code::DuplicateContent]);
        assert_eq!(checked(&[""]).1, [Code::TextMissing]);
    }

    #[test]
    fn a_sink_that_keeps_codes_finds_what_one_with_words_finds() {
        let content = Content::of_texts(["**Q&amp;A** {{name}}", "Tweet 2: \\n"]);
        let (limits, prices) = (Limits::default(), Prices::default());
        let mut words: Vec<Finding> = Vec::new();
        let mut codes: Vec<(Code, crate::finding::Severity)> = Vec::new();
        check(&content, &limits, Subscription::None, &prices, &mut words);
        check(&content, &limits, Subscription::None, &prices, &mut codes);
        let short: Vec<_> = words.iter().map(|it| (it.problem.code, it.severity)).collect();
        assert_eq!(codes, short);
        assert_eq!(codes.len(), 5, "{codes:?}");
    }
}
