//! X's own conformance suite for `twitter-text` (Apache-2.0), read from beside the workspace and
//! never copied into it. Without the files the tests say that they skip.

use std::path::Path;

use roost_core::text::{Entity, EntityKind, UrlSpan, entities, urls, weigh};
use serde_yaml_ng::Value;

/// The cases of a section; nothing when the suite is not here.
fn cases(file: &str, section: &str) -> Option<Vec<Value>> {
    let folder = "../../../shared/data/twitter-text-conformance";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(file);
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: the conformance suite of twitter-text is not here");
        return None;
    };
    let suite: Value = serde_yaml_ng::from_str(&text).unwrap();
    let cases = suite["tests"][section].as_sequence().unwrap().clone();
    assert!(!cases.is_empty());
    Some(cases)
}

/// Checks `ours` of each case's text against what the case expects.
fn check(file: &str, section: &str, ours: impl Fn(&str) -> Value) {
    let Some(cases) = cases(file, section) else { return };
    for case in &cases {
        let text = case["text"].as_str().unwrap();
        let description = case["description"].as_str().unwrap_or_default();
        assert_eq!(ours(text), case["expected"], "{section}: {description}: {text:?}");
    }
    println!("{file} {section}: {} cases", cases.len());
}

fn list<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Value {
    Value::Sequence(values.into_iter().map(Into::into).collect())
}

fn map<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Mapping(pairs.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

/// The suite counts characters, whole ones.
fn indices(text: &str, start: usize, end: usize) -> Value {
    list([text[..start].chars().count(), text[..end].chars().count()].map(|index| index as u64))
}

fn url_values(text: &str) -> Value {
    list(urls(text).into_iter().map(|span| span.url))
}

fn url_with_indices(text: &str, span: &UrlSpan) -> Value {
    let place = indices(text, span.start, span.end);
    map([("url", span.url.clone().into()), ("indices", place)])
}

fn of_kind(text: &str, kind: EntityKind) -> Vec<Entity> {
    entities(text).into_iter().filter(|entity| entity.kind == kind).collect()
}

fn values(text: &str, kind: EntityKind) -> Value {
    list(of_kind(text, kind).into_iter().map(|entity| entity.value))
}

fn with_indices(text: &str, kind: EntityKind, name: &str) -> Value {
    list(of_kind(text, kind).into_iter().map(|entity| {
        let place = indices(text, entity.start, entity.end);
        map([(name, entity.value.into()), ("indices", place)])
    }))
}

#[test]
fn a_text_weighs_what_x_says() {
    let sections = [
        "WeightedTweetsCounterTest",
        "WeightedTweetsWithDiscountedEmojiCounterTest",
        "UnicodeDirectionalMarkerCounterTest",
    ];
    for section in sections {
        let Some(cases) = cases("validate.yml", section) else { return };
        let mut checked = 0;
        for case in &cases {
            let text = case["text"].as_str().unwrap();
            // This section is older than the discount on emoji; the next one is about it.
            if section == "WeightedTweetsCounterTest" && has_composed_emoji(text) {
                continue;
            }
            let weighed = weigh(text);
            let expected = &case["expected"];
            let length = u64::from(weighed.weighted_length);
            assert_eq!(Some(length), expected["weightedLength"].as_u64(), "{text:?}");
            let permillage = u64::from(weighed.permillage);
            assert_eq!(Some(permillage), expected["permillage"].as_u64(), "{text:?}");
            assert_eq!(Some(weighed.valid), expected["valid"].as_bool(), "{text:?}");
            let fitting = text[weighed.valid_range].encode_utf16().count() as u64;
            let last = expected["validRangeEnd"].as_u64();
            assert_eq!(Some(fitting.saturating_sub(1)), last, "{text:?}");
            checked += 1;
        }
        println!("{section}: {checked} of {} cases", cases.len());
    }
}

fn has_composed_emoji(text: &str) -> bool {
    text.contains(['\u{200d}', '\u{fe0f}']) || text.contains(|c| ('🏻'..='🏿').contains(&c))
}

#[test]
fn addresses_are_found_where_x_finds_them() {
    for section in ["urls", "tco_urls_with_params"] {
        check("extract.yml", section, url_values);
    }
    for section in ["urls_with_indices", "urls_with_directional_markers"] {
        check("extract.yml", section, |text| {
            list(urls(text).iter().map(|span| url_with_indices(text, span)))
        });
    }
}

#[test]
fn every_top_level_domain_of_x_makes_an_address() {
    for section in ["country", "generic"] {
        check("tlds.yml", section, url_values);
    }
}

#[test]
fn hashtags_are_found_where_x_finds_them() {
    for section in ["hashtags", "hashtags_from_astral"] {
        check("extract.yml", section, |text| values(text, EntityKind::Hashtag));
    }
    check("extract.yml", "hashtags_with_indices", |text| {
        with_indices(text, EntityKind::Hashtag, "hashtag")
    });
}

#[test]
fn mentions_are_found_where_x_finds_them() {
    check("extract.yml", "mentions", |text| values(text, EntityKind::Mention));
    check("extract.yml", "mentions_with_indices", |text| {
        with_indices(text, EntityKind::Mention, "screen_name")
    });
    check("extract.yml", "mentions_or_lists_with_indices", |text| {
        list(of_kind(text, EntityKind::Mention).into_iter().map(|entity| {
            let place = indices(text, entity.start, entity.end);
            let (name, slug) = match entity.value.find('/') {
                Some(slash) => entity.value.split_at(slash),
                None => (entity.value.as_str(), ""),
            };
            map([("screen_name", name.into()), ("list_slug", slug.into()), ("indices", place)])
        }))
    });
}

#[test]
fn cashtags_are_found_where_x_finds_them() {
    check("extract.yml", "cashtags", |text| values(text, EntityKind::Cashtag));
    check("extract.yml", "cashtags_with_indices", |text| {
        with_indices(text, EntityKind::Cashtag, "cashtag")
    });
}
