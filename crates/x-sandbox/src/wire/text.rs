//! A text as X returns it: links shortened, HTML escaped, the rest of a long one left to the note.

use roost_core::text;
use sha2::{Digest, Sha256};

use crate::tweet::Tweet;

/// How much of a long post X shows before "…", in weighted length.
const BEGINNING: u32 = 276;

/// A shortened link, with its place in the text, in Unicode characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) url: String,
    pub(crate) expanded_url: String,
    pub(crate) media_key: Option<String>,
}

/// A text with its links.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Shown {
    pub(crate) text: String,
    pub(crate) links: Vec<Link>,
}

impl Shown {
    fn push(&mut self, plain: &str) {
        for c in plain.chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                c => self.text.push(c),
            }
        }
    }

    fn link(&mut self, tweet: i64, expanded_url: String, media_key: Option<String>) {
        let start = self.text.chars().count();
        // The same address gets the same short link within a post.
        let known = self.links.iter().find(|link| link.expanded_url == expanded_url);
        let url = known.map_or_else(
            || format!("https://t.co/{}", slug(tweet, &expanded_url)),
            |link| link.url.clone(),
        );
        self.text.push_str(&url);
        let end = self.text.chars().count();
        self.links.push(Link { start, end, url, expanded_url, media_key });
    }
}

/// What X shows as the text, and the note when that is only the beginning.
pub(crate) fn shown(tweet: &Tweet) -> (Shown, Option<Shown>) {
    let whole = with_links(tweet.id, &[tweet.lead.as_str(), &tweet.text].concat());
    let weight = text::weigh(&tweet.text).weighted_length;
    let (mut shown, note) = if weight > text::MAX_WEIGHTED_LENGTH {
        let mut beginning = with_links(tweet.id, &beginning(&tweet.text));
        beginning.push("… ");
        beginning.link(tweet.id, format!("https://x.com/i/web/status/{}", tweet.id), None);
        (beginning, Some(whole))
    } else {
        (whole, None)
    };
    if let Some((kind, key)) = tweet.media.first().map(|media| (media.kind(), media.key())) {
        if !shown.text.is_empty() {
            shown.push(" ");
        }
        let address = format!("https://x.com/{}/status/{}/{kind}/1", tweet.username, tweet.id);
        shown.link(tweet.id, address, Some(key));
    }
    (shown, note)
}

fn with_links(tweet: i64, plain: &str) -> Shown {
    let mut shown = Shown::default();
    let mut at = 0;
    for span in text::urls(plain) {
        shown.push(&plain[at..span.start]);
        let written = &plain[span.start..span.end];
        let expanded =
            if written.contains("://") { written.to_owned() } else { format!("http://{written}") };
        shown.link(tweet, expanded, None);
        at = span.end;
    }
    shown.push(&plain[at..]);
    shown
}

/// The longest beginning that fits and cuts through no link.
fn beginning(plain: &str) -> String {
    let links = text::urls(plain);
    let fits = |end: &usize| {
        let inside = links.iter().any(|link| link.start < *end && *end < link.end);
        !inside && text::weigh(&plain[..*end]).weighted_length <= BEGINNING
    };
    // A character weighs at least one: more than this many cannot fit, but a link may be long.
    let ends: Vec<usize> = plain.char_indices().map(|(at, _)| at).take(5000).collect();
    let end = ends.into_iter().rev().find(fits).unwrap_or(0);
    plain[..end].trim_end().to_owned()
}

/// Ten letters and digits, the same for the same link of the same post.
fn slug(tweet: i64, address: &str) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let hash = Sha256::digest(format!("{tweet} {address}").as_bytes());
    hash.iter().take(10).map(|byte| char::from(DIGITS[usize::from(*byte) % 62])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tweet(text: &str) -> Tweet {
        Tweet { id: 9, username: "ada".into(), text: text.into(), ..Tweet::default() }
    }

    #[test]
    fn links_are_shortened_and_html_is_escaped() {
        let (shown, note) = shown(&tweet("a < b & see example.com."));
        assert!(shown.text.starts_with("a &lt; b &amp; see https://t.co/"), "{}", shown.text);
        assert!(shown.text.ends_with('.'));
        assert_eq!(shown.links[0].expanded_url, "http://example.com");
        let chars: Vec<char> = shown.text.chars().collect();
        let link = &shown.links[0];
        assert_eq!(chars[link.start..link.end].iter().collect::<String>(), link.url);
        assert_eq!(note, None);
    }

    #[test]
    fn a_long_post_shows_its_beginning_and_keeps_the_rest_in_a_note() {
        let text = "word ".repeat(100);
        let (shown, note) = shown(&tweet(text.trim_end()));
        let (beginning, link) = shown.text.rsplit_once("… ").unwrap();
        assert!(text.starts_with(beginning));
        assert_eq!(shown.links[0].url, link);
        assert_eq!(shown.links[0].expanded_url, "https://x.com/i/web/status/9");
        assert_eq!(note.unwrap().text, text.trim_end());
    }
}
