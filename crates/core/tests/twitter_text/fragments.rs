//! Texts put together from pieces that mean something to the counting, in orders nobody would
//! choose.

use super::seed::Seed;

/// `count` texts, the same for the same seed.
pub(crate) fn texts(seed: u64, count: usize) -> Vec<String> {
    let mut seed = Seed(seed);
    (0..count).map(|_| text(&mut seed)).collect()
}

fn text(seed: &mut Seed) -> String {
    let mut text = String::new();
    let most = if seed.one_in(8) { 40 } else { 10 };
    for _ in 0..=seed.below(most) {
        let piece = piece(seed);
        text.push_str(&piece);
        text.push_str(seed.pick(SEPARATORS));
    }
    if seed.one_in(3) { mutated(seed, &text) } else { text }
}

fn piece(seed: &mut Seed) -> String {
    match seed.below(12) {
        0 | 1 => seed.pick(WORDS).to_owned(),
        2 | 3 => bare_domain(seed),
        4 | 5 => url(seed),
        6 => seed.pick(EMOJI).to_owned(),
        7 => joined_emoji(seed),
        8 => seed.pick(SCRIPTS).to_owned(),
        9 => format!("{}{}{}", seed.pick(SIGNS), seed.pick(WORDS), seed.pick(TAG_ENDS)),
        10 => seed.pick(MARKS).to_owned(),
        _ => random_character(seed).to_string(),
    }
}

fn label(seed: &mut Seed) -> String {
    match seed.below(6) {
        0 => format!("{}{}{}", seed.pick(WORDS), seed.pick(JOINTS), seed.pick(WORDS)),
        1 => format!("{}{}", seed.pick(SCRIPTS), seed.pick(WORDS)),
        2 => seed.pick(ODD_LABELS).to_owned(),
        _ => seed.pick(WORDS).to_owned(),
    }
}

fn bare_domain(seed: &mut Seed) -> String {
    let mut domain = String::new();
    for _ in 0..=seed.below(3) {
        domain.push_str(&label(seed));
        domain.push('.');
    }
    domain.push_str(seed.pick(TLDS));
    if seed.one_in(3) {
        domain.push_str(&tail(seed));
    }
    domain
}

fn url(seed: &mut Seed) -> String {
    let protocol = seed.pick(PROTOCOLS);
    let user = if seed.one_in(12) { "user:pass@" } else { "" };
    let domain = if seed.one_in(6) { "t.co".to_owned() } else { bare_domain(seed) };
    format!("{protocol}{user}{domain}{}", tail(seed))
}

fn tail(seed: &mut Seed) -> String {
    let mut tail = String::new();
    if seed.one_in(5) {
        tail.push_str(seed.pick(&[":80", ":", ":8080x", ":99999"]));
    }
    if !seed.one_in(4) {
        tail.push('/');
        for _ in 0..seed.below(7) {
            tail.push_str(seed.pick(PATH));
        }
    }
    if seed.one_in(3) {
        tail.push('?');
        for _ in 0..seed.below(5) {
            tail.push_str(seed.pick(QUERY));
        }
    }
    tail
}

/// Emoji, signs and joiners in any order: most are no sequence, some are.
fn joined_emoji(seed: &mut Seed) -> String {
    (0..=seed.below(7)).map(|_| seed.pick(EMOJI_PARTS)).collect()
}

fn random_character(seed: &mut Seed) -> char {
    let bound = seed.pick(&[0x80, 0x250, 0x600, 0x3100, 0xD800, 0x1_FFFF]);
    char::from_u32(u32::try_from(seed.below(bound)).unwrap())
        .filter(|c| !is_still_growing(*c))
        .unwrap_or('\u{2028}')
}

/// Scripts of which the reference may know fewer letters than Unicode has by now: its hashtags
/// end where ours go on. What the reference does know stands below, and each character is tried
/// in addresses elsewhere.
fn is_still_growing(c: char) -> bool {
    c > '\u{52f}' && !('\u{2000}'..'\u{2c00}').contains(&c) && !('\u{1f000}'..).contains(&c)
}

/// One character less, one more, or two exchanged.
fn mutated(seed: &mut Seed, text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..=seed.below(3) {
        let place = seed.below(characters.len());
        match seed.below(3) {
            0 if characters.len() > 1 => drop(characters.remove(place)),
            1 => characters.insert(place, random_character(seed)),
            _ => {
                let other = seed.below(characters.len());
                characters.swap(place, other);
            }
        }
    }
    characters.into_iter().collect()
}

const SEPARATORS: &[&str] = &[
    " ", " ", " ", " ", "", "", "", "\n", ". ", ", ", ".", "/", ":", "-", "_", "(", ")", "\"", "'",
    "\t", "\u{a0}", "\u{3000}", "、", "。", "@", "#", "$", "\u{200b}", "…", "\u{2013}",
];

const WORDS: &[&str] = &[
    "a",
    "hello",
    "World",
    "roost",
    "the",
    "X",
    "rt",
    "RT",
    "http",
    "https",
    "www",
    "com",
    "co",
    "news2027",
    "1",
    "42",
    "e.g",
    "Node.js",
    "café",
    "naïve",
    "Straße",
    "ÅNGSTRÖM",
    "xn--",
    "t",
];

const JOINTS: &[&str] = &["-", "_", "--", "·", "!", "&", "'", "+", "\u{301}", "\u{200d}", "%"];

const ODD_LABELS: &[&str] = &[
    "-",
    "_",
    "a_b",
    "_a",
    "a_",
    "-a",
    "a-",
    "xn--bcher-kva",
    "XN--bcher-kva",
    "bücher",
    "日本",
    "😀",
    "a😀b",
    "\"",
    "`",
    "x`y",
    "",
    "\u{feff}",
    "例え",
    "twitter",
    "ＷＷＷ",
    "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij",
    "日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本",
];

const TLDS: &[&str] = &[
    "com",
    "com",
    "org",
    "io",
    "dev",
    "co.uk",
    "COM",
    "Com",
    "рф",
    "РФ",
    "みんな",
    "公司",
    "한국",
    "பாரதம்",
    "پاکستان",
    "vermögensberater",
    "VERMÖGENSBERATUNG",
    "xn--fiqs8s",
    "xn--p1ai",
    "xn--",
    "xn--a-b-",
    "comx",
    "com2",
    "com-",
    "com_x",
    "comé",
    "con",
    "museum",
    "onion",
    "c",
    "嘉里大酒店",
    "嘉里",
    "الجزائر",
    "भारतम्",
    "भारत",
    "zw",
    "example",
    "",
];

const PROTOCOLS: &[&str] =
    &["http://", "https://", "HTTP://", "hTTps://", "http:/", "ftp://", "http:// ", "://", "https"];

const PATH: &[&str] = &[
    "a",
    "path",
    "Über",
    "кириллица",
    "日本",
    "/",
    "//",
    ".",
    ",",
    "!",
    "-",
    "_",
    "~",
    "+",
    "=",
    "(x)",
    "(",
    ")",
    "()",
    "((x))",
    "(a(b)c)",
    "(a(b(c)))",
    "(a.)",
    "@",
    "@user",
    "@user/",
    "#",
    "#frag",
    "%20",
    "&amp;",
    ";",
    "'",
    "*",
    "|",
    "[1]",
    "$",
    ":",
    "\u{2013}",
    "\u{301}",
    "ι",
    "😀",
];

const QUERY: &[&str] = &[
    "a=b", "&", "=", "?", "!", ".", "(", ")", "#", "/", "é", "%", "~", "|", "x", "1", ",", "@", "-",
];

const EMOJI: &[&str] = &[
    "😀",
    "👍🏽",
    "👨‍👩‍👧‍👦",
    "👩‍❤️‍💋‍👩",
    "👨🏿‍🚀",
    "🏳️‍🌈",
    "🏴‍☠️",
    "🇩🇪",
    "🇪🇺🇺🇸",
    "🇦",
    "1️⃣",
    "#️⃣",
    "*⃣",
    "☎️",
    "☎︎",
    "☎",
    "⛹🏽‍♀️",
    "🕵️‍♂️",
    "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "🧝🏻‍♂️",
    "🧞‍♀️",
    "🤼‍♂️",
    "🥰",
    "🦰",
    "👩‍🦰",
    "♟️",
    "♟",
    "©",
    "™️",
    "🐦‍🔥",
    "🫠",
    "🧑‍🚀",
    "🧑🏽‍🤝‍🧑🏻",
    "🥷",
    "🪄",
    "👁‍🗨",
    "👯‍♀️",
    "☝🏾",
    "☝️🏾",
    "\u{e50a}",
    "🟢",
    "⚕️",
];

const EMOJI_PARTS: &[&str] = &[
    "\u{200d}", "\u{200d}", "\u{200d}", "\u{fe0f}", "\u{fe0f}", "\u{fe0e}", "\u{20e3}", "👨", "👩",
    "👦", "👧", "❤", "💋", "🏻", "🏿", "♀", "♂", "⚕", "🚀", "🏳", "🏴", "🌈", "☠", "🇩", "🇪", "🇽",
    "1", "#", "🕵", "⛹", "🏃", "🧙", "👁", "🗨", "☝", "🤼",
];

const SCRIPTS: &[&str] = &[
    "日本語",
    "テスト",
    "中文",
    "한국어",
    "\u{1112}\u{1161}\u{11ab}",
    "مرحبا",
    "שלום",
    "привет",
    "γειά",
    "हिन्दी",
    "ไทย",
    "ქართული",
    "e\u{301}",
    "o\u{308}\u{323}",
    "\u{212b}",
    "ﬁ",
    "Ω",
    "𝒳",
    "𠮷野家",
    "ｶﾀｶﾅ",
    "ａｂｃ",
    "\u{340}",
    "\u{f43}",
    "\u{fb1d}",
    "\u{2f800}",
    "\u{1d15e}",
];

const SIGNS: &[&str] =
    &["@", "#", "$", "＠", "＃", ".@", "RT @", "rt:@", "@@", "##", "$$", "&#", "x@"];

const TAG_ENDS: &[&str] =
    &["", "", "/list", "/list-1", "_x", "é", "@", "#", "://", ".B", "_BC", "・"];

const MARKS: &[&str] = &[
    "\u{200e}", "\u{200f}", "\u{202a}", "\u{202c}", "\u{2066}", "\u{2069}", "\u{61c}", "\u{feff}",
    "\u{fffe}", "\u{ffff}", "\0", "\u{1}", "\u{7f}", "\u{85}", "\u{2028}", "\r\n", "\u{ad}",
    "\u{200b}", "\u{200c}", "\u{10ff}", "\u{1100}", "\u{2010}", "\u{200f}", "\u{2032}", "\u{2038}",
];
