//! Texts that are too long for one post, split into the parts of a thread.
//!
//! A part ends at the end of a sentence; within a sentence that is too long by itself behind a clause,
//! then behind a word, and within such a word between two characters as a reader sees them. No address,
//! mention, hashtag, cashtag or emoji is ever cut: one that is too long by itself stays so, for the rules
//! of posts to tell. Every word is kept, in its order; white space where a part ends goes.

mod breaks;
mod pack;

use breaks::{Breaks, Unit};

use super::{is_blank, weigh};

/// A longer text stays as it is, and is not weighed: X takes none of nearly that size, split or not.
const BYTES_MAX: usize = 500_000;

/// Returns the texts of a thread whose parts weigh at most `limit`: for each of `texts` those that take its
/// place. With `numbered`, each part ends with its number and how many there are, as in ` 2/5`, which counts.
///
/// Where nothing is too long, or nothing of it can be cut, the texts are returned without numbers.
#[must_use]
pub fn split(texts: &[&str], limit: u32, numbered: bool) -> Vec<Vec<String>> {
    if texts.iter().all(|text| fits(text, limit)) {
        return texts.iter().map(|text| vec![(*text).to_owned()]).collect();
    }
    if !numbered {
        return split_all(texts, limit);
    }
    // Numbers take room, and more digits make more parts: the room is that of the longest number.
    let mut digits = 1;
    loop {
        let widest = " /".len() + 2 * digits;
        let room = u32::try_from(widest).map_or(0, |widest| limit.saturating_sub(widest));
        let parts = split_all(texts, room);
        let count = parts.iter().map(Vec::len).sum::<usize>();
        if count == texts.len() {
            // Nothing of it can be cut.
            return parts;
        }
        if count.to_string().len() <= digits {
            return number(parts, count);
        }
        digits += 1;
    }
}

fn split_all(texts: &[&str], limit: u32) -> Vec<Vec<String>> {
    let split = |text: &&str| {
        if fits(text, limit) { vec![(*text).to_owned()] } else { split_one(text, limit) }
    };
    texts.iter().map(split).collect()
}

fn number(mut parts: Vec<Vec<String>>, count: usize) -> Vec<Vec<String>> {
    for (part, number) in parts.iter_mut().flatten().zip(1..) {
        let text = part.trim_end();
        let between = if text.is_empty() { "" } else { " " };
        *part = format!("{text}{between}{number}/{count}");
    }
    parts
}

fn fits(text: &str, limit: u32) -> bool {
    text.len() > BYTES_MAX || weigh(text).weighted_length <= limit
}

fn split_one(text: &str, limit: u32) -> Vec<String> {
    let text = text.trim();
    let breaks = Breaks::of(text);
    // The weights of pieces add up where white space is between them. Elsewhere two pieces may make an
    // address, or a letter with its accent, that neither is alone: then less is put into a part.
    let margins = std::iter::once(0).chain((0..u32::BITS).map(|power| 1 << power));
    let mut parts = Vec::new();
    for margin in margins.take_while(|margin| *margin < limit.max(1)) {
        let units = breaks.units(limit.saturating_sub(margin));
        let starts = pack::pack(&units, limit.saturating_sub(margin));
        parts = in_parts(text, &units, &starts);
        if parts.iter().all(|(part, is_one_unit)| *is_one_unit || fits(part, limit)) {
            break;
        }
    }
    let texts = parts.into_iter().map(|(part, _)| part.to_owned());
    let texts: Vec<String> = texts.filter(|part| !is_blank(part)).collect();
    if texts.is_empty() { vec![text.to_owned()] } else { texts }
}

/// The texts between the starts, and whether each is one unit, which can't be made shorter.
fn in_parts<'t>(text: &'t str, units: &[Unit], starts: &[usize]) -> Vec<(&'t str, bool)> {
    let byte_at = |unit: usize| units.get(unit).map_or(text.len(), |unit| unit.start);
    let ends = starts.iter().copied().skip(1).chain([units.len()]);
    let part = |(start, end): (&usize, usize)| {
        (text[byte_at(*start)..byte_at(end)].trim_end(), end - start <= 1)
    };
    starts.iter().zip(ends).map(part).collect()
}

#[cfg(test)]
mod tests;
