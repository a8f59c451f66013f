//! JSON inside a larger text: a chat's answer with fenced blocks, or with words before and after.

use std::ops::Range;

/// A block between two fences of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::source) struct Block<'t> {
    /// What stands behind the opening fence, in small letters, such as `json`.
    pub(in crate::source) info: String,
    /// Where its contents stand, in bytes.
    pub(in crate::source) place: Range<usize>,
    /// Its contents.
    pub(in crate::source) body: &'t str,
}

/// Returns the fenced blocks of a text. One that never ends ends with the text.
pub(in crate::source) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, &str, usize)> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        if let Some((fence, info)) = fence_of(line) {
            match open.take() {
                None => open = Some((info.to_ascii_lowercase(), fence, end)),
                Some((opened, with, from)) if info.is_empty() && fence.starts_with(with) => {
                    blocks.push(Block {
                        info: opened,
                        place: from..start,
                        body: &text[from..start],
                    });
                }
                still => open = still,
            }
        }
        start = end;
    }
    if let Some((info, _, from)) = open {
        blocks.push(Block { info, place: from..text.len(), body: &text[from..] });
    }
    blocks
}

/// Returns the marks of a fence and what stands behind them.
fn fence_of(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let info = line.trim_start_matches(mark);
    let marks = &line[..line.len() - info.len()];
    (marks.len() >= 3 && !info.contains('`')).then_some((marks, info.trim()))
}

/// Returns where in a text without fences the JSON seems to stand: from the first line that begins with a
/// bracket to the last that ends with one.
pub(super) fn between_words(text: &str) -> Option<Range<usize>> {
    let mut start = 0;
    let mut first = None;
    let mut last = None;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        if first.is_none() && line.trim_start().starts_with(['[', '{']) {
            first = Some(start);
        }
        if line.trim_end().trim_end_matches(';').ends_with([']', '}']) {
            last = Some(start + line.trim_end().trim_end_matches(';').len());
        }
        start = end;
    }
    let place = first?..last?;
    (place.start < place.end && place != (0..text.len())).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_with_what_they_say_they_are() {
        let text = "Sure!\n```JSON\n[1]\n```\nand\n~~~~\n```\na\n~~~~\n   ```js\n[2]";
        let blocks = blocks(text);
        let found: Vec<_> = blocks.iter().map(|block| (block.info.as_str(), block.body)).collect();
        assert_eq!(found, [("json", "[1]\n"), ("", "```\na\n"), ("js", "[2]")]);
        assert!(blocks.iter().all(|block| &text[block.place.clone()] == block.body));
    }

    #[test]
    fn the_json_between_words_goes_from_the_first_bracket_to_the_last() {
        for (text, found) in [
            ("Here it is:\n{\"a\": [1]}\nEnjoy [it]!\n", Some("{\"a\": [1]}")),
            ("posts = \n[1,\n2];\n", Some("[1,\n2]")),
            ("no brackets", None),
            ("]\n[", None),
        ] {
            assert_eq!(between_words(text).map(|place| &text[place]), found, "{text}");
        }
    }
}
