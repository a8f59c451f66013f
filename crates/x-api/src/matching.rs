//! Is what X returns the text that was sent? X shortens links, escapes HTML, normalises, and adds
//! links of its own for media and quotes, and handles before replies.

use unicode_normalization::UnicodeNormalization;

use crate::read::{Entity, Post};

/// Returns whether `post` carries the text `sent`. A post of which only the beginning is known
/// never does: two long posts may begin alike.
#[must_use]
pub fn same_text(sent: &str, post: &Post) -> bool {
    if post.truncated {
        return false;
    }
    let sent = fold(sent);
    let pieces = pieces(post);
    let mut candidates = vec![pieces.as_slice()];
    // Links that X adds for media and quotes come last; without them it may be ours too.
    while let Some([rest @ .., last]) = candidates.last().copied() {
        match last {
            Piece::Link(link) if link.is_added => candidates.push(rest),
            Piece::Text(text) if text.trim().is_empty() && !rest.is_empty() => {
                candidates.push(rest);
            }
            _ => break,
        }
    }
    candidates.into_iter().any(|pieces| {
        matches(&sent, pieces) || post.reply_to.is_some() && matches_after_handles(&sent, pieces)
    })
}

/// A piece of the text as it was meant.
#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Link(Link),
}

#[derive(Debug, Clone)]
struct Link {
    /// How the sender may have written it.
    spellings: Vec<String>,
    /// X may have added it by itself.
    is_added: bool,
}

fn pieces(post: &Post) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = post.text.as_str();
    while let Some((at, entity)) = next_link(rest, &post.urls) {
        pieces.push(Piece::Text(unescape(&rest[..at])));
        pieces.push(Piece::Link(Link::new(entity)));
        rest = &rest[at + entity.url.len()..];
    }
    pieces.push(Piece::Text(unescape(rest)));
    pieces
}

fn next_link<'a>(text: &str, urls: &'a [Entity]) -> Option<(usize, &'a Entity)> {
    urls.iter()
        .filter(|entity| !entity.url.is_empty())
        .filter_map(|entity| text.find(&entity.url).map(|at| (at, entity)))
        // At one place the longer wins: one short link may begin another.
        .min_by_key(|(at, entity)| (*at, std::cmp::Reverse(entity.url.len())))
}

impl Link {
    fn new(entity: &Entity) -> Self {
        let meant = entity.expanded_url.as_deref().unwrap_or(&entity.url);
        let bare = strip_scheme(meant);
        let mut spellings = vec![meant.to_owned(), entity.url.clone(), bare.to_owned()];
        for spelling in spellings.clone() {
            match spelling.strip_suffix('/') {
                Some(shorter) => spellings.push(shorter.to_owned()),
                None => spellings.push(format!("{spelling}/")),
            }
        }
        spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
        spellings.dedup();
        let folded = spellings.iter().map(|spelling| fold(spelling)).collect();
        Self { spellings: folded, is_added: is_status(bare) }
    }
}

fn strip_scheme(url: &str) -> &str {
    url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or(url)
}

/// `x.com/someone/status/1`, with or without `/photo/1` behind it.
fn is_status(bare: &str) -> bool {
    let mut path = bare.split('/');
    matches!(path.next(), Some("x.com" | "twitter.com" | "www.x.com" | "www.twitter.com"))
        && bare.contains("/status/")
}

/// X escapes three characters; the others are read too, in one pass, so that what a person wrote
/// as `&amp;` stays it.
fn unescape(text: &str) -> String {
    const ESCAPES: [(&str, &str); 5] =
        [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'")];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match ESCAPES.iter().find(|(escape, _)| rest.starts_with(escape)) {
            Some((escape, plain)) => {
                out.push_str(plain);
                rest = &rest[escape.len()..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// NFC, runs of white space as one space, none at the ends.
fn fold(text: &str) -> String {
    let normal: String = text.nfc().collect();
    normal.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the pieces spell `sent`, some spelling for each link.
fn matches(sent: &str, pieces: &[Piece]) -> bool {
    // White space between a text and a link is folded only where both are seen together: the
    // remaining text is compared without regard to the space at a piece's edge.
    let Some((first, rest)) = pieces.split_first() else { return sent.trim().is_empty() };
    match first {
        Piece::Text(text) => {
            let text = fold(text);
            sent.trim_start().strip_prefix(text.as_str()).is_some_and(|sent| matches(sent, rest))
        }
        Piece::Link(link) => link.spellings.iter().any(|spelling| {
            let sent = sent.trim_start();
            starts_with_url(sent, spelling).is_some_and(|sent| matches(sent, rest))
        }),
    }
}

/// Host names know no case, and X returns them as it likes; the rest of an address does.
fn starts_with_url<'a>(sent: &'a str, spelling: &str) -> Option<&'a str> {
    let beginning = sent.get(..spelling.len())?;
    let host_end = host_end(spelling);
    let (host, path) = beginning.split_at_checked(host_end)?;
    let same = host.eq_ignore_ascii_case(&spelling[..host_end]) && path == &spelling[host_end..];
    same.then(|| &sent[spelling.len()..])
}

fn host_end(url: &str) -> usize {
    let host_start = url.len() - strip_scheme(url).len();
    url[host_start..].find(['/', '?', '#']).map_or(url.len(), |at| host_start + at)
}

/// X puts the handles of those replied to before the text.
fn matches_after_handles(sent: &str, pieces: &[Piece]) -> bool {
    let Some((Piece::Text(text), rest)) = pieces.split_first() else { return false };
    let mut text = text.trim_start();
    while let Some(handle) = text.strip_prefix('@') {
        let end =
            handle.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(handle.len());
        if end == 0 {
            return false;
        }
        text = handle[end..].trim_start();
        let mut shorter = vec![Piece::Text(text.to_owned())];
        shorter.extend_from_slice(rest);
        if matches(sent, &shorter) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(text: &str, urls: &[(&str, &str)]) -> Post {
        Post {
            id: "9".into(),
            text: text.into(),
            urls: urls
                .iter()
                .map(|(url, expanded)| Entity {
                    url: (*url).into(),
                    expanded_url: Some((*expanded).into()),
                })
                .collect(),
            ..Post::default()
        }
    }

    #[test]
    fn the_same_words_are_the_same_text() {
        assert!(same_text("Hello, world", &post("Hello, world", &[])));
        assert!(!same_text("Hello, world", &post("Hello, World", &[])));
        assert!(!same_text("Hello", &post("Hello, world", &[])));
        assert!(!same_text("Hello, world", &post("Hello", &[])));
        assert!(!same_text("Hello", &post("", &[])));
    }

    #[test]
    fn x_escapes_html_and_normalises() {
        assert!(same_text("a < b && c > d", &post("a &lt; b &amp;&amp; c &gt; d", &[])));
        assert!(same_text("as &amp; written", &post("as &amp;amp; written", &[])));
        assert!(!same_text("as &amp; written", &post("as &amp; written", &[])));
        assert!(same_text("Cafe\u{301}", &post("Caf\u{e9}", &[])));
        assert!(same_text("  two\r\nlines ", &post("two\nlines", &[])));
    }

    #[test]
    fn links_are_compared_by_what_they_mean() {
        let short = [("https://t.co/abc", "http://example.com")];
        assert!(same_text("See example.com now", &post("See https://t.co/abc now", &short)));
        assert!(same_text("See Example.com now", &post("See https://t.co/abc now", &short)));
        assert!(same_text("(http://example.com/)", &post("(https://t.co/abc)", &short)));
        assert!(!same_text("See example.org now", &post("See https://t.co/abc now", &short)));
        let path = [("https://t.co/abc", "https://example.com/A")];
        assert!(same_text("https://Example.com/A", &post("https://t.co/abc", &path)));
        assert!(!same_text("https://example.com/a", &post("https://t.co/abc", &path)));
    }

    #[test]
    fn one_link_twice_and_two_links_are_told_apart() {
        let urls = [("https://t.co/a", "https://a.example/"), ("https://t.co/ab", "https://b.com")];
        let read = post("https://t.co/a https://t.co/ab https://t.co/a", &urls);
        assert!(same_text("https://a.example b.com https://a.example/", &read));
        assert!(!same_text("https://a.example https://a.example b.com", &read));
    }

    #[test]
    fn links_that_x_adds_for_media_do_not_count() {
        let urls = [("https://t.co/pic", "https://x.com/me/status/9/photo/1")];
        assert!(same_text("A picture", &post("A picture https://t.co/pic", &urls)));
        assert!(same_text("", &post("https://t.co/pic", &urls)));
        assert!(!same_text("A picture", &post("Another https://t.co/pic", &urls)));
        let own = [("https://t.co/own", "https://example.com")];
        assert!(!same_text("A picture", &post("A picture https://t.co/own", &own)));
    }

    #[test]
    fn handles_before_a_reply_do_not_count() {
        let reply = Post { reply_to: Some("8".into()), ..post("@ada @bob Thanks!", &[]) };
        assert!(same_text("Thanks!", &reply));
        assert!(same_text("@bob Thanks!", &reply));
        assert!(same_text("@ada @bob Thanks!", &reply));
        assert!(!same_text("Thanks!", &post("@ada @bob Thanks!", &[])));
    }

    #[test]
    fn a_beginning_is_no_match() {
        let beginning = Post { truncated: true, ..post("The beginning…", &[]) };
        assert!(!same_text("The beginning…", &beginning));
    }
}
