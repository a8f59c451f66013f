//! What a text holds that X would show as it stands: each check finds places and what is probably meant
//! there. Nothing is changed unasked: the places become findings, and a fix applies them.

mod accidental_link;
mod edit;
mod escapes;
mod garbled;
mod html;
mod html_entities;
mod leftover;
mod markdown;
mod marks;
mod placeholder;

use roost_core::cost::MicroDollars;
use roost_core::failure::{Code, Problem, clip};
use roost_core::text::UrlSpan;

pub use edit::{Edit, apply};

use crate::finding::{Finding, FixId, Sink};
use crate::formula;
use marks::Marks;

/// How much of a place a message repeats, in characters.
const SHOWN_MAX: usize = 40;

/// Checks a text whose addresses are known from weighing it. `link_price` is what a link adds to the
/// price of a post. Few texts hold one of the marks that make a check look closer.
pub fn check(
    text: &str,
    urls: &[UrlSpan],
    link_price: MicroDollars,
    field: &dyn Fn() -> String,
    sink: &mut impl Sink,
) {
    let marks = Marks::of(text);
    for (mark, code, find) in CHECKS {
        if !marks.have(*mark) {
            continue;
        }
        let edits = find(text);
        if !edits.is_empty() {
            sink.find(*code, || finding(*code, text, &edits, field));
        }
    }
    if formula::seems_marked(text) {
        sink.find(Code::FormulaMark, || {
            let message =
                format!("An apostrophe stands before \"{}\".", clip(&text[1..], SHOWN_MAX));
            Finding::new(Problem::new(Code::FormulaMark, message).in_field(field()))
        });
    }
    if (marks.have(marks::PLACEHOLDER) || text.contains("orem ipsum"))
        && let Some(place) = placeholder::find(text)
    {
        sink.find(Code::PlaceholderLeft, || {
            let message = format!("\"{}\" was not filled in.", clip(&text[place], SHOWN_MAX));
            Finding::new(Problem::new(Code::PlaceholderLeft, message).in_field(field()))
        });
    }
    let edits = accidental_link::find(text, urls);
    if !edits.is_empty() {
        sink.find(Code::AccidentalLink, || link(text, urls, &edits, link_price, field));
    }
}

/// Returns the changes that a fix makes to a text; none where it does not apply.
#[must_use]
pub fn edits(fix: FixId, text: &str) -> Vec<Edit> {
    match fix {
        FixId::DecodeEntities => html_entities::find(text),
        FixId::RemoveTags => html::find(text),
        FixId::DecodeEscapes => escapes::find(text),
        FixId::RemoveMarkdown => markdown::find(text),
        FixId::RemoveLeftover => leftover::find(text),
        FixId::RemoveFormulaMark if formula::seems_marked(text) => vec![Edit::remove(0..1)],
        FixId::RepairEncoding => garbled::find(text),
        FixId::BreakLink => accidental_link::find(text, &roost_core::text::weigh(text).urls),
        _ => Vec::new(),
    }
}

type Find = fn(&str) -> Vec<Edit>;

/// The marks without which a check finds nothing, what it finds, and the check.
const CHECKS: &[(Marks, Code, Find)] = &[
    (marks::AMPERSAND, Code::HtmlEntities, html_entities::find),
    (marks::LESS, Code::HtmlTags, html::find),
    (marks::BACKSLASH, Code::LiteralEscapes, escapes::find),
    (marks::MARKDOWN, Code::MarkdownMarks, markdown::find),
    (marks::LEFTOVER, Code::ChatLeftover, leftover::find),
    (marks::LATIN, Code::GarbledText, garbled::find),
];

fn finding(code: Code, text: &str, edits: &[Edit], field: &dyn Fn() -> String) -> Finding {
    let place = clip(text[edits[0].range.clone()].trim(), SHOWN_MAX);
    let more = match edits.len() {
        1 => String::new(),
        count => format!(" ({count} places)"),
    };
    let message = match code {
        Code::LiteralEscapes => {
            format!("The text holds {place} as {} characters{more}.", place.chars().count())
        }
        Code::ChatLeftover => format!("\"{place}\" is about the text, not of it{more}."),
        Code::GarbledText => format!("\"{place}\" stands for \"{}\"{more}.", edits[0].with),
        _ => format!("X shows \"{place}\" as it stands{more}."),
    };
    let found = Finding::new(Problem::new(code, message).in_field(field()));
    let fix = found.fixes.first().map(|fix| fix.id);
    match (code, fix) {
        (Code::HtmlEntities | Code::GarbledText, Some(fix)) => {
            found.with_label(fix, format!("Write \"{}\"", clip(&edits[0].with, SHOWN_MAX)))
        }
        (Code::ChatLeftover, Some(fix)) => found.with_label(fix, format!("Remove \"{place}\"")),
        _ => found,
    }
}

fn link(
    text: &str,
    urls: &[UrlSpan],
    edits: &[Edit],
    link_price: MicroDollars,
    field: &dyn Fn() -> String,
) -> Finding {
    let word = |edit: &Edit| clip(&text[edit.range.clone()], SHOWN_MAX);
    let words: Vec<_> = edits.iter().map(word).collect();
    let becomes = if words.len() == 1 { "becomes a link" } else { "become links" };
    // A link that is meant is paid for anyway.
    let price = if edits.len() == urls.len() { format!(": +{link_price}") } else { String::new() };
    let message = format!("{} {becomes} on X{price}.", words.join(", "));
    Finding::new(Problem::new(Code::AccidentalLink, message).in_field(field()))
        .with_label(FixId::BreakLink, format!("Write \"{}\"", clip(&edits[0].with, SHOWN_MAX)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use roost_core::text::weigh;

    use super::*;

    fn found(text: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let price = MicroDollars(185_000);
        check(text, &weigh(text).urls, price, &|| "content".to_owned(), &mut findings);
        findings
    }

    fn codes(text: &str) -> Vec<Code> {
        found(text).into_iter().map(|finding| finding.problem.code).collect()
    }

    fn fixed(text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..4 {
            let Some(fix) = found(&text).iter().find_map(|it| it.fixes.first().map(|fix| fix.id))
            else {
                break;
            };
            text = apply(&text, &edits(fix, &text));
        }
        text
    }

    #[test]
    fn what_x_shows_as_it_stands_is_found_and_mended() {
        for (text, code, meant) in [
            ("Q&amp;A at noon", Code::HtmlEntities, "Q&A at noon"),
            ("Don&#39;t &mdash; it&rsquo;s free", Code::HtmlEntities, "Don't — it’s free"),
            ("caf&eacute; &#x1F600; &#146;", Code::HtmlEntities, "café 😀 ’"),
            ("<p>Two lines<br>from an editor</p>", Code::HtmlTags, "Two lines\nfrom an editor"),
            ("<p>One</p><p>Two</p>", Code::HtmlTags, "One\n\nTwo"),
            ("<ul><li>a</li><li>b</li></ul>", Code::HtmlTags, "• a\n• b"),
            (
                "See <a href=\"https://e.com/x\">this</a> now",
                Code::HtmlTags,
                "See this https://e.com/x now",
            ),
            ("Tips:\\n\\n1. Sleep\\n2. Eat", Code::LiteralEscapes, "Tips:\n\n1. Sleep\n2. Eat"),
            ("one\\ttwo \\u2014 \\ud83d\\ude00", Code::LiteralEscapes, "one\ttwo — 😀"),
            ("**Big news**: we are _live_!", Code::MarkdownMarks, "Big news: we are live!"),
            (
                "Read [our blog](https://example.com/blog).",
                Code::MarkdownMarks,
                "Read our blog https://example.com/blog .",
            ),
            ("# Launch\nToday", Code::MarkdownMarks, "Launch\nToday"),
            ("Tweet 4/30: Ship. #x (112 characters)", Code::ChatLeftover, "Ship. #x"),
            ("Post 3: Ship.\n\nCharacter count: 12", Code::ChatLeftover, "Ship."),
            ("Here's your tweet:\n\nShip small.", Code::ChatLeftover, "Ship small."),
            ("(112 characters) Ship small.", Code::ChatLeftover, "Ship small."),
            ("[112 chars]:\n\nShip (it) small.", Code::ChatLeftover, "Ship (it) small."),
            ("Character count: 112\n\nShip.", Code::ChatLeftover, "Ship."),
            ("Tweet 4/30: (112/280 characters) Ship.", Code::ChatLeftover, "Ship."),
            ("Post 2 (112 characters): Ship.", Code::ChatLeftover, "Ship."),
            ("Here's your tweet:\n\n(112 characters)\nShip.", Code::ChatLeftover, "Ship."),
            ("Read the README.md first", Code::AccidentalLink, "Read the README .md first"),
            ("What a launch.Now we rest", Code::AccidentalLink, "What a launch. Now we rest"),
            ("'=SUM of all birds", Code::FormulaMark, "=SUM of all birds"),
            ("CafÃ© isnâ€™t ðŸ™‚", Code::GarbledText, "Café isn’t 🙂"),
        ] {
            assert_eq!(codes(text), [code], "{text}");
            assert_eq!(fixed(text), meant, "{text}");
        }
    }

    #[test]
    fn what_may_be_meant_is_left_alone() {
        for text in [
            "R&D; AT&T & friends, a=1&copy=2",
            "I <3 you, 1 < 2 and 3 > 2, <b and c> d",
            "Paths stay: C:\\new\\table and \\\\server\\name",
            "The formula \\nabla x \\neq 0 and the regex \\d+\\n",
            "`\\n` is a line break",
            "#launch #1 * a list item, 2*3*4, snake_case_name, @_name_",
            "__init__ and __main__",
            "a [1] b (see below), {json}, 100% sure, 50%OFF%",
            "Tweets are short: (3 of 4), Day 3: go",
            "(3 characters in search of an author) tonight",
            "280 characters\nare enough",
            "(280 characters)",
            "Visit example.com or https://docs.rs and brew.sh, e.g. this",
            "We moved from Node.js to Vue.js",
            "Write to team@example.com",
            "CAFÉ” and MAÇÔ, café…”, Ãlvaro",
            "'@ada is right', he said",
            "'tis the season",
            "plain",
        ] {
            assert_eq!(codes(text), [], "{text}");
        }
    }

    #[test]
    fn a_placeholder_is_named_and_only_a_person_can_fill_it() {
        for text in [
            "Hi {{first_name}}!",
            "check out [INSERT LINK]",
            "Dear %FIRST_NAME%",
            "by {company_name}",
            "[Your Name] here",
            "*|FNAME|*",
            "Hello ${user.name}",
            "Lorem ipsum dolor sit amet",
        ] {
            let findings = found(text);
            assert_eq!(findings.len(), 1, "{text}: {findings:?}");
            assert_eq!(findings[0].problem.code, Code::PlaceholderLeft, "{text}");
            assert_eq!(fixed(text), text);
        }
    }

    #[test]
    fn a_finding_says_which_word_what_it_costs_and_what_the_fix_writes() {
        let findings = found("Read the README.md and run main.py first");
        let problem = &findings[0].problem;
        assert_eq!(problem.message, "README.md, main.py become links on X: +$0.185.");
        assert_eq!(findings[0].fixes[0].label, "Write \"README .md\"");
        let findings = found("Read the README.md at https://example.com/a");
        assert_eq!(findings[0].problem.message, "README.md becomes a link on X.");
        let findings = found("Q&amp;A");
        assert_eq!(findings[0].problem.message, "X shows \"&amp;\" as it stands.");
        assert_eq!(findings[0].fixes[0].label, "Write \"&\"");
    }

    #[test]
    fn a_text_that_explains_html_loses_one_level_and_no_more() {
        let text = "In HTML, &amp;amp; is how one writes an ampersand";
        let once = apply(text, &edits(FixId::DecodeEntities, text));
        assert_eq!(once, "In HTML, &amp; is how one writes an ampersand");
    }

    proptest! {
        #[test]
        fn no_text_makes_a_check_panic_and_edits_never_overlap(
            text in "([&<>\\\\*_\\[\\](){}#`~%:./ \n]|Ã|â|€|[a-z]{1,3}|amp;|Tweet 1|[0-9]|\\PC){0,60}"
        ) {
            let _ = found(&text);
            for fix in FixId::ALL {
                let edits = edits(*fix, &text);
                let mut end = 0;
                for edit in &edits {
                    prop_assert!(edit.range.start >= end && edit.range.end <= text.len());
                    end = edit.range.end;
                }
                let _ = apply(&text, &edits);
            }
        }

        #[test]
        fn words_of_letters_and_blanks_are_never_a_finding(text in "([a-zA-ZäöüéÃ]{1,9}[ ,!?]){0,20}") {
            prop_assert_eq!(codes(&text), []);
        }
    }
}
