//! Lines of the log without what is a person's own. Our lines are sentences with fields: the sentences
//! stay, of the fields only those that can hold nothing of the person's, and what an error brought along
//! loses its quotations, addresses, names, paths and whatever looks like a key.

/// Fields that stay: states, counts, times and ids that mean nothing elsewhere.
const KEPT: &[&str] = &[
    "post.id",
    "post.revision",
    "post.part",
    "from",
    "to",
    "reason",
    "attempt",
    "until",
    "bytes",
    "posts",
    "published",
    "staged",
    "lost_lines",
    "seq",
    "status",
    "code",
    "activity",
    "since",
    "epoch",
    "kind",
    "count",
    "revision",
    "latency_ms",
    "error",
    "failure",
    "due",
    "late_ms",
    "batch",
];
/// A word this long, without the form of an id of ours, may be a key, in characters.
const KEY_LEN: usize = 24;
/// So much of a line is kept, in characters.
const LINE_MAX: usize = 400;
/// What stands in the place of what was taken out.
const GONE: &str = "…";

/// Returns a line for others to read; none for one that does not begin with a time: it belongs to
/// something longer that another part of the system wrote.
pub(super) fn redacted(line: &str, private: &[String]) -> Option<String> {
    if !line.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let line: String = line.chars().take(LINE_MAX).collect();
    let mut words = Vec::new();
    // Whether a field's value, which may be several words, is being left out.
    let mut leaves_out = false;
    for word in without_quotations(&line).split_whitespace() {
        match field(word) {
            Some((before, key, value)) => {
                leaves_out = !KEPT.contains(&key);
                let value = if leaves_out { GONE.to_owned() } else { clean(value, private) };
                let end = if word.ends_with("}:") && !value.ends_with("}:") { "}:" } else { "" };
                words.push(format!("{before}{key}={value}{end}"));
            }
            None if !leaves_out => words.push(clean(word, private)),
            None => {}
        }
        // The fields of a span end here, and what the line says begins.
        leaves_out &= !word.ends_with("}:");
    }
    Some(words.join(" "))
}

/// Leaves out what stands between quotation marks: the words of a post, of X, of a file.
fn without_quotations(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let (mut quoted, mut escaped) = (false, false);
    for character in line.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' | '“' | '”' => {
                quoted = !quoted;
                if quoted {
                    kept.push_str(GONE);
                }
            }
            _ if quoted => {}
            _ => kept.push(character),
        }
    }
    kept
}

/// Splits `attempt{post.id=1` into what stands before the key, the key and the value.
fn field(word: &str) -> Option<(&str, &str, &str)> {
    let (name, value) = word.split_once('=')?;
    let begin = name.rfind('{').map_or(0, |at| at + 1);
    let (before, key) = name.split_at(begin);
    let is_key = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || "._".contains(character)
    };
    (!key.is_empty() && key.chars().all(is_key)).then_some((before, key, value))
}

fn clean(word: &str, private: &[String]) -> String {
    let is_edge = |character: char| "()[]{},;:!?'`<>".contains(character);
    let core = word.trim_matches(is_edge);
    let lower = core.to_lowercase();
    let is_private = private.iter().any(|name| !name.is_empty() && lower.contains(name.as_str()));
    if core.is_empty() || !(is_private || is_address(core) || is_path(core) || is_key(core)) {
        return word.to_owned();
    }
    word.replacen(core, GONE, 1)
}

/// Addresses of services and people, and names of machines.
fn is_address(word: &str) -> bool {
    if word.contains("://") || word.contains('@') {
        return true;
    }
    let host = word.split([':', '/']).next().unwrap_or_default();
    let mut labels = host.rsplit('.');
    let last = labels.next().unwrap_or_default();
    let has_more = labels.clone().next().is_some() && labels.all(|label| !label.is_empty());
    let is_label = |text: &str| text.chars().all(|it| it.is_ascii_alphanumeric() || it == '-');
    // A name with a dot is a machine's, or a file's; a number with dots is a machine's or a version.
    let is_name = last.len() > 1 && last.chars().all(|it| it.is_ascii_alphabetic());
    has_more && is_label(last) && (is_name || host.split('.').count() == 4)
}

fn is_path(word: &str) -> bool {
    word.starts_with(['/', '~']) || word.contains('\\') || word.matches('/').count() > 1
}

/// What may be a key, a token or an id of X.
fn is_key(word: &str) -> bool {
    let is_number = word.len() > 14 && word.chars().all(|it| it.is_ascii_digit());
    let may_be_key = word.len() >= KEY_LEN
        && word.chars().all(|it| it.is_ascii_alphanumeric() || "-_+/=.~%".contains(it));
    is_number || (may_be_key && !is_ours(word))
}

/// A time, an id of a post, or a module's name.
fn is_ours(word: &str) -> bool {
    let is_id = word.len() == 36
        && word.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && word.chars().all(|it| it.is_ascii_hexdigit() || it == '-');
    let is_time = word.len() <= 30 && word.ends_with('Z') && word.as_bytes().get(10) == Some(&b'T');
    is_id || is_time
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> String {
        redacted(line, &["kestrel_ltd".to_owned(), "relay.kestrel.example".to_owned()]).unwrap()
    }

    #[test]
    fn a_line_keeps_its_sentence_and_its_states() {
        let line = "2026-05-04T10:00:00.123456Z  INFO attempt{post.id=0197b4a0-6f5d-7c3e-8a51-0123456789ab \
                    attempt=1}: roost_relay::publisher::send: the post is on X from=sending to=posted \
                    account.name=kestrel_ltd tweet.id=1803840600000123456";
        assert_eq!(
            shown(line),
            "2026-05-04T10:00:00.123456Z INFO attempt{post.id=0197b4a0-6f5d-7c3e-8a51-0123456789ab \
             attempt=1}: roost_relay::publisher::send: the post is on X from=sending to=posted \
             account.name=… tweet.id=…"
        );
    }

    #[test]
    fn what_an_error_brings_along_is_taken_out() {
        let at = "2026-05-04T10:00:00Z  WARN roost_engine: a tick failed error=";
        for (said, left) in [
            (
                "error sending request for url (https://relay.kestrel.example/v1/status)",
                "error sending request for url (…)",
            ),
            ("X said: \"Buy our kestrel feed\"", "X said: …"),
            ("\"Buy our\\\" feed\" is too long", "… is too long"),
            (
                "dns error: failed to look up relay.kestrel.example:443",
                "dns error: failed to look up …",
            ),
            ("connect to 203.0.113.9:443 refused", "connect to … refused"),
            ("@Kestrel_Ltd can't post", "… can't post"),
            ("Kestrel_Ltd's sign-in", "… sign-in"),
            ("/home/ada/.local/share/roost/roost.db is locked", "… is locked"),
            ("bearer rk_5f3c9a01d2e84b7796aa0c11 refused", "bearer … refused"),
            ("user 1803840600000123456 is unknown", "user … is unknown"),
        ] {
            assert_eq!(
                shown(&format!("{at}{said}")),
                format!("2026-05-04T10:00:00Z WARN roost_engine: a tick failed error={left}")
            );
        }
    }

    #[test]
    fn a_field_that_may_be_the_person_s_is_left_out_with_all_its_words() {
        let line =
            "2026-05-04T10:00:00Z  INFO roost: opened file=My secret launch plan.csv posts=3";
        assert_eq!(shown(line), "2026-05-04T10:00:00Z INFO roost: opened file=… posts=3");
        assert_eq!(redacted("   at My secret launch plan", &[]), None);
    }
}
