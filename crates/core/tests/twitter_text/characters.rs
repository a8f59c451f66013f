//! Every kind of character, in the places where classes of characters matter.

/// One text for each character: in the parts of an address, at its edges, and among the signs
/// that make emoji.
pub(crate) fn texts() -> Vec<String> {
    let plain = (0..0x1_0000).filter(|point| !has_many_alike(*point)).filter_map(char::from_u32);
    let emoji = (0x1_F000..0x1_FC00).filter_map(char::from_u32);
    let others = (0x1_0000..0x11_0000).step_by(0x1FD).filter_map(char::from_u32);
    let all = plain.chain(emoji).chain(others).filter(|c| !depends_on_node(*c));
    all.map(around).collect()
}

/// Ideographs, Hangul syllables and private characters: one in sixteen stands for all. (The one
/// private character that is an emoji, U+E50A, is among the fragments.)
fn has_many_alike(point: u32) -> bool {
    let is_of_a_crowd = matches!(point, 0x3400..0xA000 | 0xAC00..0xD7A4 | 0xE000..0xF900);
    is_of_a_crowd && !point.is_multiple_of(16)
}

/// A capital since Unicode 16 only: whether it is one is up to the engine's age.
fn depends_on_node(c: char) -> bool {
    c == '\u{a7dc}'
}

fn around(c: char) -> String {
    [
        format!("{c}example.com {c}http://example.com example.com{c} example.com{c}x"),
        format!("a{c}b.com http://a{c}b.com http://{c}a.com http://a{c}.com http://a.{c}.com x"),
        format!("a.com/x{c}x a.com/{c} a.com/({c}) http://a.com?{c}x http://a.com?x{c} a.com:{c}"),
        format!("a.xn--{c}a http://t.co/a{c}b http://a.c{c}m a.de{c}a.de"),
        format!("x{c} {c}\u{fe0f} {c}\u{fe0e} {c}\u{1f3fb} {c}\u{fe0f}\u{1f3fb} {c}\u{20e3}"),
        format!("{c}\u{200d}\u{2640}\u{fe0f} {c}\u{1f3ff}\u{200d}\u{2642}\u{fe0f} {c}\u{200d}♀"),
        format!("👨\u{200d}{c} 👩🏽\u{200d}{c}\u{fe0f} 👩\u{200d}❤\u{fe0f}\u{200d}{c}"),
    ]
    .join(" ")
}
