//! Our counting against npm `twitter-text` 3.1.0, on texts nobody wrote and on every kind of
//! character there is. `npm ci` in this folder brings the reference; without it the tests say that they
//! skip, or fail when `ROOST_REQUIRE_TOOLS=1`.

mod characters;
mod fragments;
mod oddities;
mod reference;
mod seed;

use reference::{Answer, ask};
use roost_core::text::{Entity, EntityKind, UrlSpan, entities, urls, weigh};

const TEXTS: usize = 12_000;

#[test]
fn we_count_what_twitter_text_counts() {
    let mut texts = oddities::all();
    texts.extend(fragments::texts(0x5EED, TEXTS));
    let Some(answers) = ask(&texts) else { return };
    let mut differences = Vec::new();
    for (text, theirs) in texts.iter().zip(&answers) {
        differences.extend(differences_in_weight(text, theirs));
        differences.extend(difference("urls", text, &our_urls(text), &theirs.urls));
        differences.extend(difference("entities", text, &our_entities(text), &theirs.entities));
    }
    report(texts.len(), &differences);
}

#[test]
fn every_kind_of_character_weighs_what_twitter_text_says_wherever_it_stands() {
    let texts = characters::texts();
    let Some(answers) = ask(&texts) else { return };
    let mut differences = Vec::new();
    for (text, theirs) in texts.iter().zip(&answers) {
        differences.extend(differences_in_weight(text, theirs));
        differences.extend(difference("urls", text, &our_urls(text), &theirs.urls));
    }
    report(texts.len(), &differences);
}

fn report(texts: usize, differences: &[String]) {
    println!("{texts} texts compared, {} differences", differences.len());
    let shown: Vec<&str> = differences.iter().take(20).map(String::as_str).collect();
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), shown.join("\n"));
}

fn differences_in_weight(text: &str, theirs: &Answer) -> Vec<String> {
    let ours = weigh(text);
    let weight = (ours.weighted_length, ours.permillage, ours.valid);
    let their_weight = (theirs.weighted_length, theirs.permillage, theirs.valid);
    let mut found = Vec::from_iter(difference("weight", text, &weight, &their_weight));
    // The reference moves its range by the difference in length when the text is not composed,
    // which is a guess; ours is exact, so only composed texts can be compared.
    if theirs.composed {
        let last = utf16_length(&text[ours.valid_range]).saturating_sub(1);
        let last = i64::try_from(last).unwrap();
        found.extend(difference("valid range", text, &last, &theirs.valid_range_end));
    }
    found
}

fn difference<T: PartialEq + std::fmt::Debug>(
    what: &str,
    text: &str,
    ours: &T,
    theirs: &T,
) -> Option<String> {
    (ours != theirs).then(|| format!("{what} of {text:?}:\n  ours   {ours:?}\n  theirs {theirs:?}"))
}

fn our_urls(text: &str) -> Vec<reference::Entity> {
    let url = |span: UrlSpan| in_utf16(text, "url", span.url, span.start, span.end);
    urls(text).into_iter().map(url).collect()
}

fn our_entities(text: &str) -> Vec<reference::Entity> {
    let entity = |found: Entity| {
        let kind = match found.kind {
            EntityKind::Url => "url",
            EntityKind::Mention => "mention",
            EntityKind::Hashtag => "hashtag",
            EntityKind::Cashtag => "cashtag",
        };
        in_utf16(text, kind, found.value, found.start, found.end)
    };
    entities(text).into_iter().map(entity).collect()
}

fn in_utf16(text: &str, kind: &str, value: String, start: usize, end: usize) -> reference::Entity {
    let (start, end) = (utf16_length(&text[..start]), utf16_length(&text[..end]));
    reference::Entity { kind: kind.to_owned(), value, start, end }
}

fn utf16_length(text: &str) -> usize {
    text.encode_utf16().count()
}
