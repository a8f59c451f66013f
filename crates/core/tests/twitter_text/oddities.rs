//! Texts that someone thought of.

/// Each of them once went wrong somewhere, or would in a simpler reading of the rules.
pub(crate) fn all() -> Vec<String> {
    let mut texts: Vec<String> = ODD.iter().map(|text| (*text).to_owned()).collect();
    texts.extend(sizes());
    texts.extend(labels());
    texts.push(flags());
    texts
}

const ODD: &[&str] = &[
    "",
    " ",
    "\u{feff}",
    "a\u{fffe}b",
    "example.com",
    "EXAMPLE.COM/Path?Query=1#x",
    "foo!bar.com",
    "www.-foo.com",
    "http://user:pass@example.com/",
    "http://user@example.com",
    "http://100%.com http://a%20b.com",
    "trailing+ example.com+ example.com/+ a.com+b",
    "xn--fiqs8s.xn--fiqs8s http://xn--fiqs8s.cn XN--fiqs8s.cn xn--あ.com xn--a日.com",
    "foo.com日本bar.com/path foo.com日本bar.com",
    "example.com日本.みんな/path and more",
    "a.comb日a.com a.comb日a.com/x",
    "日本example.com/path 例え.テスト 例え.みんな http://例え.みんな/ あ。com あ．com",
    "http://t.co/abcdefghijabcdefghijabcdefghijabcdefghij/x t.co/abc",
    "http://t.co/abcdefghijabcdefghijabcdefghijabcdefghijk http://t.co/é HTTPS://T.CO/a?b=c!d.",
    "http://a.com/(b)(c)(d(e)f)((g)) http://a.com/x.(y).(z) http://a.com/()",
    "http://a.com/(a()b) http://a.com/(()) http://a.com/((a)) http://a.com/(a(b)) http://a.com/(a(b",
    "http://a.com/@user/ http://a.com/@ http://a.com/@@/x.",
    "http://a.com:80/x a.com:80 a.com:/ http://a.com: http://a.com:99999999",
    "http://a.com?x a.com?x a.com/?x? http://a.com/?!",
    "http://a_b.com http://a.b_c.com http://a_b.c.com a_b.com _a.com a_.com",
    "-a.com a-.com /a.com ..a.com .a.com _.com a..com",
    "http://http://a.com http://a.com/http://b.com http:///a.com https//a.com",
    "a.com@b.com @a.com #a.com $a.com ＠a.com ＃a.com a@b.com",
    "vermögensberater VERMÖGENSBERATUNG a.vermögensberater a.VERMÖGENSBERATUNG",
    "http://a.рф http://a.РФ http://a.გე http://a.ᲒᲔ http://a.ελ http://a.ΕΛ",
    "http://a.ıo a.ıo a.ſe http://a.ſe a.ıt",
    "http://ſ.com ſ.com K.com K.com http://K.com",
    "😀example.com 😀.com http://😀.com/😀 a😀.com http://😀😀.みんな",
    "1️⃣.com a.com/1️⃣ #️⃣ *️⃣ 0⃣ 12⃣ #⃣a",
    "👨‍👩‍👧‍👦 👨‍👨‍👧‍👦 👩‍👨‍👦 👨‍👦‍👧 👩‍❤️‍💋‍👩 👨‍❤️‍👩 👨‍❤️‍💋‍👩",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏴󠁧󠁢󠁷󠁬󠁳󠁿 🏴󠁧󠁢󠁷󠁬󠁳 🏴‍☠️ 🏳️‍🌈 🏳‍🌈 👁‍🗨 👁️‍🗨️",
    "🇩🇪🇪🇺🇺 🇽🇽 🇦🇧🇨🇩 🇦",
    "🐦‍🔥 🧑🏽‍🤝‍🧑🏻 🫠 🥷 ⚕️ ☎︎ ☎️ ☎ ☎︎️ ©️ © ♟ ♟️",
    "\u{fe0f}\u{fe0f} a\u{fe0f} \u{20e3} \u{200d}",
    "e\u{301}.com caf\u{65}\u{301}.com/e\u{301} \u{1100}\u{1161}\u{11a8} \u{212b} \u{2126}",
    "\u{202a}twitter.com\u{202c} \u{2066}\u{202a}http://foobar.پاکستان/\u{202c}\u{2069} \u{61c}a.com",
    "قطر فلسطين عمان http://قطر.فلسطين example.com،",
    "RT@a rt:@b xrt@c .rt@d -RT@e RT@@f @g@h @i/j @k/1 @l/abcdefghijklmnopqrstuvwxyz @m:// @né",
    "@abcdefghijklmnopqrstuvwxyz ＠o a@p !@q (@r) #@s @t_",
    "#a#b #1 #1a #a:// &#c #d\u{fe0f} #\u{fe0f}e ＃f x#g あ#h #é #日本 #_ #_i #j・k #l-m \u{fe0f}#n",
    "$A $ABCDEFG $A.B $A.BC $A.BCD $a_b $A1 x$A $A,$B $A $B\u{3000}$C $$D",
    "http://a.com/#b a.com#c a.com/@d $a.com",
];

/// Texts around the limits of length.
fn sizes() -> Vec<String> {
    let mut texts = Vec::new();
    for length in [62, 63, 64] {
        texts.push(format!("{}.com http://{}.com", "a".repeat(length), "b".repeat(length)));
        texts.push(format!("http://{}.com", "é".repeat(length - 10)));
    }
    for length in 50..64 {
        let mixed: String = "aéあ".chars().cycle().take(length / 2).collect();
        texts.push(format!("http://{mixed}.com http://{}.com", "あ".repeat(length)));
    }
    for length in 4040..4100 {
        texts.push(format!("http://example.com/{}", "a".repeat(length)));
        texts.push(format!("example.com/{}", "a".repeat(length)));
    }
    for length in 278..283 {
        texts.push("a".repeat(length));
        texts.push(format!("{} example.com/x", "a".repeat(length - 24)));
        texts.push(format!("{}日x", "a".repeat(length - 2)));
        texts.push(format!("{}😀\u{feff}", "a".repeat(length - 2)));
    }
    texts
}

/// Domains in other scripts, around the length at which their ASCII form is too long.
fn labels() -> impl Iterator<Item = String> {
    let scripts = [
        "é",
        "aé",
        "日本語",
        "привет",
        "ｘ𝒳",
        "a😀",
        "ไทย",
        "z\u{1}",
        "z\u{7f}é",
        "z\u{7f}",
        "ünïcödé-",
        "あ。い",
        "한국어",
    ];
    let long = |script: &str, length| -> String { script.chars().cycle().take(length).collect() };
    let lengths = move |script| (8..64).map(move |length| long(script, length));
    scripts
        .into_iter()
        .flat_map(lengths)
        .map(|label| format!("http://{label}x.com http://{label}.de"))
}

/// Every pair of regional letters, flag or not.
fn flags() -> String {
    let letters = '\u{1f1e6}'..='\u{1f1ff}';
    letters.clone().flat_map(|a| letters.clone().map(move |b| format!("{a}{b} "))).collect()
}
