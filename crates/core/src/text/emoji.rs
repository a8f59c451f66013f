//! Emoji, joined sequences included, as `twemoji-parser` 11 finds them.

use std::ops::Range;

use super::emoji_sets::{EMOJI, GENDERED, SKINNED, TEXT_BY_CHOICE};
use super::units::code_point_at;

const JOINER: u32 = 0x200D;
const AS_TEXT: u32 = 0xFE0E;
const AS_EMOJI: u32 = 0xFE0F;
const KEYCAP: u32 = 0x20E3;
const MAN: u32 = 0x1F468;
const WOMAN: u32 = 0x1F469;
const BOY: u32 = 0x1F466;
const GIRL: u32 = 0x1F467;
const HEART: u32 = 0x2764;
const KISS: u32 = 0x1F48B;
const BLACK_FLAG: u32 = 0x1F3F4;
const TAG_END: u32 = 0xE007F;

/// The emoji in a text, in its order, as ranges of code units.
pub(super) fn find(units: &[u16]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < units.len() {
        // No emoji begins below U+00A9, but keycaps do.
        let begins = units[index] >= 0xA9 || is_keycap_base(u32::from(units[index]));
        match if begins { Sequence::at(units, index).read() } else { None } {
            Some(end) => {
                found.push(index..end);
                index = end;
            }
            None => index += 1,
        }
    }
    found
}

fn is_keycap_base(point: u32) -> bool {
    matches!(point, 0x23 | 0x2A | 0x30..=0x39)
}

fn is_skin_tone(point: u32) -> bool {
    matches!(point, 0x1F3FB..=0x1F3FF)
}

fn contains(set: &[(u32, u32)], point: u32) -> bool {
    let after = set.partition_point(|range| range.0 <= point);
    after > 0 && point <= set[after - 1].1
}

/// Reads code points one by one.
#[derive(Clone, Copy)]
struct Sequence<'t> {
    units: &'t [u16],
    index: usize,
}

impl<'t> Sequence<'t> {
    fn at(units: &'t [u16], index: usize) -> Self {
        Self { units, index }
    }

    /// Where the emoji that begins here ends. The order of attempts is the reference's: the
    /// first that succeeds counts, not the longest.
    fn read(self) -> Option<usize> {
        let (first, after) = self.next()?;
        if is_keycap_base(first) {
            return after.optional(AS_EMOJI).literal(&[KEYCAP]);
        }
        if matches!(first, 0xA9 | 0xAE | 0x2122 | 0x265F) {
            return after.literal(&[AS_EMOJI]);
        }
        if !contains(EMOJI, first) {
            return None;
        }
        after.joined(first).or_else(|| after.flag(first)).or_else(|| after.alone(first))
    }

    fn next(self) -> Option<(u32, Self)> {
        let (point, taken) = code_point_at(self.units, self.index)?;
        Some((point, Self { index: self.index + taken, ..self }))
    }

    /// The sequence after one point that satisfies `condition`.
    fn one(self, condition: impl Fn(u32) -> bool) -> Option<Self> {
        self.next().filter(|(point, _)| condition(*point)).map(|(_, rest)| rest)
    }

    fn optional(self, point: u32) -> Self {
        self.one(|next| next == point).unwrap_or(self)
    }

    fn points(self, points: &[u32]) -> Option<Self> {
        points.iter().try_fold(self, |rest, expected| rest.one(|point| point == *expected))
    }

    /// Where these points end.
    fn literal(self, points: &[u32]) -> Option<usize> {
        self.points(points).map(|rest| rest.index)
    }

    fn optional_skin(self) -> Self {
        self.one(is_skin_tone).unwrap_or(self)
    }

    /// Something joined to `first` by U+200D.
    fn joined(self, first: u32) -> Option<usize> {
        match first {
            MAN | WOMAN => self.profession().or_else(|| self.family(first)),
            0x26F9 | 0x1F3CB | 0x1F3CC | 0x1F574 | 0x1F575 => {
                self.one(|point| is_skin_tone(point) || point == AS_EMOJI)?.gender()
            }
            0x1F3F3 => self.literal(&[AS_EMOJI, JOINER, 0x1F308]),
            BLACK_FLAG => self.literal(&[JOINER, 0x2620, AS_EMOJI]),
            0x1F441 => self.literal(&[JOINER, 0x1F5E8]),
            _ if !contains(GENDERED, first) => None,
            _ if contains(SKINNED, first) => self.optional_skin().gender(),
            _ => self.gender(),
        }
    }

    fn gender(self) -> Option<usize> {
        let sign = self.points(&[JOINER])?.one(|point| matches!(point, 0x2640 | 0x2642))?;
        sign.literal(&[AS_EMOJI])
    }

    fn profession(self) -> Option<usize> {
        let (tool, rest) = self.optional_skin().points(&[JOINER])?.next()?;
        match tool {
            0x2695 | 0x2696 | 0x2708 => rest.literal(&[AS_EMOJI]),
            0x1F33E
            | 0x1F373
            | 0x1F393
            | 0x1F3A4
            | 0x1F3A8
            | 0x1F3EB
            | 0x1F3ED
            | 0x1F4BB
            | 0x1F4BC
            | 0x1F527
            | 0x1F52C
            | 0x1F680
            | 0x1F692
            | 0x1F9B0..=0x1F9B3 => Some(rest.index),
            _ => None,
        }
    }

    /// Couples and families, as far as Unicode 11 had them: a woman is never joined with a man
    /// behind her but in a couple, nor a man with a woman in one.
    fn family(self, first: u32) -> Option<usize> {
        let couple = |point| point == MAN || (point == WOMAN && first == WOMAN);
        let parents = |point| point == WOMAN || (point == MAN && first == MAN);
        let joined = self.points(&[JOINER])?;
        if let Some(heart) = joined.points(&[HEART, AS_EMOJI, JOINER]) {
            let kissing = heart.points(&[KISS, JOINER]).and_then(|rest| rest.one(couple));
            return kissing.or_else(|| heart.one(couple)).map(|rest| rest.index);
        }
        let two = joined.one(parents).and_then(|rest| rest.points(&[JOINER])).map(Self::children);
        two.unwrap_or_else(|| joined.children())
    }

    /// A boy, a girl, two boys, two girls, or a girl and a boy in this order.
    fn children(self) -> Option<usize> {
        let (child, rest) = self.next()?;
        let second = rest.points(&[JOINER]);
        let with_second = match child {
            BOY => second.and_then(|rest| rest.one(|point| point == BOY)),
            GIRL => second.and_then(|rest| rest.one(|point| matches!(point, BOY | GIRL))),
            _ => return None,
        };
        Some(with_second.unwrap_or(rest).index)
    }

    /// Flags of regions: England, Scotland, Wales by tags, all others by two letters.
    fn flag(self, first: u32) -> Option<usize> {
        if first == BLACK_FLAG {
            return [b"gbeng", b"gbsct", b"gbwls"].into_iter().find_map(|region| {
                let tags = region.map(|letter| 0xE0000 + u32::from(letter));
                self.points(&tags).and_then(|rest| rest.literal(&[TAG_END]))
            });
        }
        let first = regional_letter(first)?;
        let (second, rest) = self.next()?;
        is_region(first, regional_letter(second)?).then_some(rest.index)
    }

    /// An emoji with the sign that makes it one, and a skin tone.
    fn alone(self, first: u32) -> Option<usize> {
        let mut rest = self;
        if contains(TEXT_BY_CHOICE, first) {
            rest = rest.optional(AS_EMOJI);
            if rest.index == self.index && rest.one(|point| point == AS_TEXT).is_some() {
                return None;
            }
        }
        Some(if contains(SKINNED, first) { rest.optional_skin().index } else { rest.index })
    }
}

fn regional_letter(point: u32) -> Option<u8> {
    let offset = u8::try_from(point.checked_sub(0x1F1E6)?).ok()?;
    (offset < 26).then_some(b'A' + offset)
}

/// Whether two letters are a region with a flag.
fn is_region(first: u8, second: u8) -> bool {
    REGIONS[usize::from(first - b'A')].as_bytes().contains(&second)
}

/// By first letter, the second letters of the regions that have a flag.
static REGIONS: [&str; 26] = [
    "CDEFGILMOQRSTUWXZ",
    "ABDEFGHIJLMNOQRSTVWYZ",
    "ACDFGHIKLMNOPRUVWXYZ",
    "EGJKMOZ",
    "ACEGHRSTU",
    "IJKMOR",
    "ABDEFGHILMNPQRSTUWY",
    "KMNRTU",
    "CDELMNOQRST",
    "EMOP",
    "EGHIMNPRWYZ",
    "ABCIKRSTUVY",
    "ACDEFGHKLMNOPQRSTUVWXYZ",
    "ACEFGILOPRUZ",
    "M",
    "AEFGHKLMNRSTWY",
    "A",
    "EOSUW",
    "ABCDEGHIJKLMNORSTVXYZ",
    "ACDFGHJKLMNORTVWZ",
    "AGMNSYZ",
    "ACEGINU",
    "FS",
    "K",
    "ET",
    "AMW",
];
