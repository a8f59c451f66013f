use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation as _;

use super::super::{MAX_WEIGHTED_LENGTH, entities};
use super::*;

fn parts(text: &str, limit: u32) -> Vec<String> {
    split(&[text], limit, false).concat()
}

fn numbered(text: &str, limit: u32) -> Vec<String> {
    split(&[text], limit, true).concat()
}

#[test]
fn a_text_that_fits_stays_as_it_is_and_gets_no_number() {
    for text in ["", "fits", "  as typed \n", "今日は晴れです。明日も。"] {
        assert_eq!(parts(text, 280), [text]);
        assert_eq!(numbered(text, 280), [text]);
    }
}

#[test]
fn a_part_ends_with_a_paragraph_before_a_sentence_and_with_a_sentence_before_a_clause() {
    assert_eq!(
        parts("First paragraph here.\n\nSecond one. It has two sentences.", 40),
        ["First paragraph here.", "Second one. It has two sentences."]
    );
    assert_eq!(
        parts("One short. Two short. Three short.\nFour short. Five short.", 48),
        ["One short. Two short. Three short.", "Four short. Five short."]
    );
    assert_eq!(
        parts("OK. This sentence is longer, by far, than what one part may hold.", 40),
        ["OK. This sentence is longer, by far,", "than what one part may hold."]
    );
    assert_eq!(
        parts(
            "Yes. No sentence is cut that fits into a part, even if more parts come of it. So.",
            75
        ),
        ["Yes.", "No sentence is cut that fits into a part, even if more parts come of it.", "So."]
    );
}

#[test]
fn words_without_an_end_are_spread_evenly_and_a_long_word_is_cut_between_characters() {
    assert_eq!(parts("only words without an end", 12), ["only words", "without", "an end"]);
    assert_eq!(parts("👩‍👩‍👧e\u{301}👩‍👩‍👧e\u{301}", 3), ["👩‍👩‍👧e\u{301}", "👩‍👩‍👧e\u{301}"]);
}

#[test]
fn a_full_stop_that_ends_no_sentence_ends_no_part_where_one_can_be_chosen() {
    for (text, meant) in [
        ("It was Dr. Who. It was J. Doe who came.", ["It was Dr. Who.", "It was J. Doe who came."]),
        ("It costs 3.50 now. It cost 2.80 before.", ["It costs 3.50 now.", "It cost 2.80 before."]),
        ("1. Buy some milk\n2. Sell the old cow", ["1. Buy some milk", "2. Sell the old cow"]),
        (
            "\"Is it so?\" she said. \"Yes!\" he said.",
            ["\"Is it so?\" she said.", "\"Yes!\" he said."],
        ),
    ] {
        assert_eq!(parts(text, 26), meant);
    }
}

#[test]
fn sentences_and_clauses_of_every_script_are_known() {
    for (text, limit, meant) in [
        ("今日は晴れです。明日は雨でしょう！", 20, vec!["今日は晴れです。", "明日は雨でしょう！"]),
        ("「本当？」と彼は言った。「はい」", 26, vec!["「本当？」と彼は言った。", "「はい」"]),
        ("我们去公园，然后回家吃饭", 14, vec!["我们去公园，", "然后回家吃饭"]),
        ("यह पहला है। यह दूसरा है।", 14, vec!["यह पहला है।", "यह दूसरा है।"]),
        ("هل هذا صحيح؟ نعم هو كذلك.", 14, vec!["هل هذا صحيح؟", "نعم هو كذلك."]),
        ("이것은 첫째다. 이것은 둘째다.", 16, vec!["이것은 첫째다.", "이것은 둘째다."]),
    ] {
        assert_eq!(parts(text, limit), meant);
    }
    assert_eq!(
        parts("all small. it goes on here. and here it ends.", 30),
        ["all small. it goes on here.", "and here it ends."]
    );
    // No part begins with what closes, nor ends with what opens.
    for part in parts(&"彼は（とても）速く「走った」".repeat(5), 17) {
        assert!(!part.starts_with(['）', '」', 'っ']) && !part.ends_with(['（', '「']), "{part}");
    }
}

#[test]
fn an_address_a_mention_and_a_tag_stay_whole_whatever_they_weigh() {
    let tag = format!("#{}", "long".repeat(20));
    let text = format!("See https://example.com/{} or {tag} by @somebody", "a".repeat(400));
    let split = parts(&text, 30);
    assert!(split.contains(&tag), "{split:?}");
    assert!(split.iter().any(|part| part.contains(&"a".repeat(400))), "{split:?}");
    let too_long = split.iter().filter(|part| weigh(part).weighted_length > 30);
    assert_eq!(too_long.collect::<Vec<_>>(), [&tag]);
}

#[test]
fn numbers_count_and_there_are_as_many_as_they_say() {
    let text = "A sentence of some words. ".repeat(100);
    for limit in [30, 40, 60, 280] {
        let parts = numbered(&text, limit);
        for (part, number) in parts.iter().zip(1..) {
            assert!(part.ends_with(&format!(" {number}/{}", parts.len())), "{part}");
            assert!(weigh(part).weighted_length <= limit, "{part}");
        }
    }
    // Where nine numbers fit and ten do not, more room is made for all.
    let counts: Vec<usize> =
        (9..=12).map(|words| numbered(&"abcde ".repeat(words), 9).len()).collect();
    assert_eq!(counts, [9, 10 * 2, 11 * 2, 12 * 2]);
}

#[test]
fn a_part_of_a_thread_is_split_in_its_place_and_all_parts_are_numbered() {
    let texts = ["short", "One sentence here. Another one here.", ""];
    let both = ["One sentence here.", "Another one here."].map(str::to_owned);
    let [short, blank] = [vec!["short".to_owned()], vec![String::new()]];
    assert_eq!(split(&texts, 24, false), [short, both.to_vec(), blank]);
    assert_eq!(
        split(&texts, 24, true).concat(),
        ["short 1/4", "One sentence here. 2/4", "Another one here. 3/4", "4/4"]
    );
}

/// Texts in which there is something to cut at, and something not to cut.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zäß]{1,12}[.,!?:]? ",
        "[A-Z][a-z]{1,8}[.!?…] ",
        "[日本語今天か゚なカ]{1,9}[。！？、]?",
        "[กขคงเแ่]{1,9}",
        "[@#$][a-z日é_]{1,12} ",
        "(https://)?[a-z]{1,9}\\.(com|org)(/[a-z.?=,!]{0,30})?",
        prop::sample::select(vec![
            "👩‍👩‍👧",
            "🇮🇳",
            "1️⃣",
            "👍🏽",
            "e\u{301}",
            "\n",
            "\n\n",
            " ",
            "\u{200d}",
            "(",
            ") ",
            "「",
            "」",
            "—",
            "各",
            "각",
            "ᄀ",
            "ᅡ",
            "क्",
            "्",
            "\u{feff}",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn without_space(text: &str) -> String {
    text.split_whitespace().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_word_is_kept_and_every_part_fits(text in any_text(), limit in 30_u32..120) {
        let parts = parts(&text, limit);
        let blank = |it: &char| is_blank(&it.to_string());
        let shown = |text: &str| text.chars().filter(|it| !blank(it)).collect::<String>();
        prop_assert_eq!(shown(&parts.concat()), shown(&text));
        for part in &parts {
            // What can't be cut may be too long by itself.
            let is_whole = entities(part).iter().any(|it| it.end - it.start >= 20)
                || part.graphemes(true).count() == 1;
            prop_assert!(weigh(part).weighted_length <= limit || is_whole, "{:?}", part);
        }
    }

    #[test]
    fn numbers_take_away_nothing_and_never_make_a_part_too_long(
        text in any_text().prop_map(|text| text.repeat(4)),
    ) {
        let numbered = numbered(&text, MAX_WEIGHTED_LENGTH);
        let count = numbered.len();
        let mut plain = String::new();
        for (part, number) in numbered.iter().zip(1..) {
            prop_assert!(weigh(part).weighted_length <= MAX_WEIGHTED_LENGTH, "{:?}", part);
            let end = format!("{number}/{count}");
            plain += if count == 1 { part } else { part.strip_suffix(&end).unwrap() };
        }
        let blank = |it: &char| is_blank(&it.to_string());
        let shown = |text: &str| text.chars().filter(|it| !blank(it)).collect::<String>();
        prop_assert_eq!(shown(&plain), shown(&text));
    }

    #[test]
    fn no_character_and_no_link_is_cut(text in any_text(), limit in 30_u32..120) {
        let parts = parts(&text, limit);
        let characters = |text: &str| -> Vec<String> {
            text.graphemes(true).map(without_space).filter(|it| !is_blank(it)).collect()
        };
        let kept: Vec<String> = parts.iter().flat_map(|part| characters(part)).collect();
        prop_assert_eq!(kept, characters(text.trim()));
        for linked in entities(&text) {
            let linked = &text[linked.start..linked.end];
            prop_assert!(parts.iter().any(|part| part.contains(linked)), "{} in {:?}", linked, parts);
        }
    }
}
