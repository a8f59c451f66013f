//! What holds for every text.

use proptest::prelude::*;
use roost_core::duplicate::duplicate_key;
use roost_core::text::{MAX_WEIGHTED_LENGTH, entities, has_url, is_blank, urls, weigh};
use unicode_normalization::UnicodeNormalization;

/// Texts in which the rules have something to find.
fn any_text() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        any::<String>(),
        "[a-zé日_-]{1,9}\\.(com|org|みんな|рф|xx)(:[0-9]{0,3})?(/[a-z(.)?=é]{0,9})?",
        "https?://[a-z日😀.]{1,12}\\.(com|de)/?[ -~]{0,12}",
        "[😀👨👩❤🏽🇩🇪1#\u{200d}\u{fe0f}\u{fe0e}\u{20e3}♀]{1,8}",
        "[@#$＠＃][a-z日é_/.]{1,12}",
        "[a-zA-Z\u{300}-\u{320}\u{1100}\u{1161}\u{feff}\u{202a} \n]{0,40}",
    ];
    prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spans_lie_in_the_text_in_order_and_on_characters(text in any_text()) {
        let weighed = weigh(&text);
        prop_assert!(text.is_char_boundary(weighed.valid_range.end));
        let mut end = 0;
        for span in &weighed.urls {
            prop_assert!(span.start >= end && span.start <= span.end);
            prop_assert!(text.get(span.start..span.end).is_some());
            end = span.end;
        }
        end = 0;
        for entity in entities(&text) {
            prop_assert!(entity.start >= end && entity.start < entity.end);
            prop_assert!(text.get(entity.start..entity.end).is_some());
            end = entity.end;
        }
    }

    #[test]
    fn a_text_weighs_the_same_however_it_is_composed(text in any_text()) {
        let composed: String = text.nfc().collect();
        let decomposed: String = text.nfd().collect();
        let (ours, theirs) = (weigh(&text), weigh(&composed));
        prop_assert_eq!(ours.weighted_length, theirs.weighted_length);
        prop_assert_eq!(ours.valid, theirs.valid);
        prop_assert_eq!(weigh(&decomposed).weighted_length, theirs.weighted_length);
        prop_assert_eq!(duplicate_key(&text), duplicate_key(&decomposed));
        prop_assert_eq!(has_url(&text), !urls(&composed).is_empty());
    }

    #[test]
    fn the_part_that_fits_fits(text in any_text().prop_map(|text| text.repeat(9))) {
        let weighed = weigh(&text);
        let fits = weighed.weighted_length <= MAX_WEIGHTED_LENGTH;
        let clean = !text.contains(['\u{feff}', '\u{fffe}', '\u{ffff}']);
        prop_assert_eq!(weighed.valid, fits && clean && !text.is_empty());
        // What is cut may have been part of an address or an emoji, so only whole texts are sure.
        prop_assert_eq!(weighed.valid_range.end == text.len(), fits && clean);
    }

    #[test]
    fn texts_with_a_gap_between_them_weigh_what_they_weigh_alone(
        first in any_text(),
        second in any_text(),
    ) {
        let gap = "\n\u{2003}\n";
        let together = weigh(&format!("{first}{gap}{second}"));
        // Nothing composes over the gap, but an address may only begin a text or follow a space.
        let alone = weigh(&format!("{first}{gap}")).weighted_length
            + weigh(&format!("\n{second}")).weighted_length - 1;
        prop_assert_eq!(together.weighted_length, alone);
    }

    #[test]
    fn the_weight_of_plain_letters_is_their_number(text in "[a-z ]{0,400}") {
        let weighed = weigh(&text);
        prop_assert_eq!(weighed.weighted_length as usize, text.len());
        prop_assert_eq!(weighed.valid, (1..=280).contains(&text.len()));
        prop_assert_eq!(weighed.valid_range.end, text.len().min(280));
    }
}

#[test]
fn a_text_that_shows_nothing_is_blank() {
    for blank in ["", " ", "\r\n\t", "\u{3000}\u{a0}", "\u{200b}\u{200e}\u{feff}\u{fe0f}"] {
        assert!(is_blank(blank), "{blank:?}");
    }
    for shown in ["a", " . ", "\u{301}", "😀"] {
        assert!(!is_blank(shown), "{shown:?}");
    }
}

#[test]
fn an_address_is_marked_in_the_text_as_typed() {
    let text = "cafe\u{301} e\u{301}.com/e\u{301}, bye";
    let weighed = weigh(text);
    let span = &weighed.urls[0];
    assert_eq!(&text[span.start..span.end], "e\u{301}.com/e\u{301}");
    assert_eq!(span.url, "é.com/é");
    assert_eq!(weighed.weighted_length, 5 + 23 + 5);
}

/// Not a measurement: a scanner that reads back would not come to an end here.
#[test]
fn a_text_made_to_be_slow_is_read_once() {
    let size = 200_000;
    let pieces = [
        "a.",
        "日.",
        "日",
        ".",
        "a_",
        "-",
        "(",
        "a.co/(",
        "a.co/.(b.co/x)",
        "(a)",
        "a.co/(a)",
        "http://",
        "http://a.com/?!",
        "a.com?",
        "xn--",
        "xn--a.",
        "a.xn--",
        "é.",
        "e\u{301}",
        "\u{301}",
        "#",
        "#1",
        "@",
        "@a",
        "rt@",
        "$A ",
        "👨\u{200d}",
        "👨\u{200d}👩\u{200d}",
        "🇩",
        "1\u{fe0f}",
        "a.co:1",
        "a日.co",
        "日a.co",
        "t.co/",
        "嘉里大酒店.",
        "com.",
        "_.",
        "a.com日",
    ];
    for piece in pieces {
        for start in ["", "a.com/"] {
            let text = format!("{start}{}", piece.repeat(size / piece.len()));
            assert!(!weigh(&text).valid);
            let found = entities(&text);
            assert!(found.iter().all(|entity| entity.end <= text.len()));
            assert_eq!(duplicate_key(&text), duplicate_key(&format!("{text}\n")));
        }
    }
}
