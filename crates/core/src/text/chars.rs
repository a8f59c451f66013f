//! Classes of characters the reference's expressions speak of, by UTF-16 code unit.

/// What nobody sees: white space, joiners, directional marks, the byte order mark.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}' | '\u{fe0e}' | '\u{fe0f}' | '\u{feff}'
        )
}

/// The white space of the reference. Not Unicode's: U+180E was white space once.
pub(super) fn is_space(unit: u16) -> bool {
    matches!(
        unit,
        0x09..=0x0D | 0x20 | 0x85 | 0xA0 | 0x1680 | 0x180E | 0x2000..=0x200A | 0x2028 | 0x2029
            | 0x202F | 0x205F | 0x3000
    )
}

/// ASCII punctuation of the reference; the double quote and the back tick are none.
pub(super) fn is_punctuation(unit: u16) -> bool {
    matches!(unit, 0x21 | 0x23..=0x2F | 0x3A..=0x40 | 0x5B..=0x5F | 0x7B..=0x7E)
}

fn is_directional_mark(unit: u16) -> bool {
    matches!(unit, 0x061C | 0x200E | 0x200F | 0x202A..=0x202E | 0x2066..=0x2069)
}

/// Characters whose presence makes a whole text invalid.
pub(super) fn is_forbidden(unit: u16) -> bool {
    matches!(unit, 0xFEFF | 0xFFFE | 0xFFFF)
}

/// Letters with accents, and what JavaScript takes for them when it ignores case: that is where
/// the iotas come from (U+0345 shares their capital).
pub(super) fn is_latin_accent_any_case(unit: u16) -> bool {
    is_latin_accent(unit)
        || matches!(
            unit,
            0x025B
                | 0x0260
                | 0x0269
                | 0x0275
                | 0x0280
                | 0x0283
                | 0x0288
                | 0x028A
                | 0x028C
                | 0x0292
                | 0x0399
                | 0x03B9
                | 0x1FBE
                | 0x2C65
                | 0x2C66
                | 0x2C7E
                | 0x2C7F
                | 0xA7DC
        )
}

/// Letters with accents, and combining accents.
pub(super) fn is_latin_accent(unit: u16) -> bool {
    matches!(
        unit,
        0xC0..=0xD6 | 0xD8..=0xF6 | 0xF8..=0x024F | 0x0253 | 0x0254 | 0x0256 | 0x0257 | 0x0259
            | 0x025B | 0x0263 | 0x0268 | 0x026F | 0x0272 | 0x0289 | 0x028B | 0x02BB
            | 0x0300..=0x036F | 0x1E00..=0x1EFF
    )
}

fn is_cyrillic_any_case(unit: u16) -> bool {
    matches!(unit, 0x0400..=0x04FF | 0x1C80..=0x1C87)
}

/// `0-9A-Za-z`.
pub(super) fn is_ascii_alphanumeric(unit: u16) -> bool {
    matches!(unit, 0x30..=0x39 | 0x41..=0x5A | 0x61..=0x7A)
}

/// May stand at either end of a label of a domain, and inside.
pub(super) fn is_domain(unit: u16) -> bool {
    match unit {
        // Nearly every character of nearly every text, answered at once.
        0x30..=0x39 | 0x41..=0x5A | 0x61..=0x7A | 0x3001..=0xFEFE => true,
        _ => {
            !(is_punctuation(unit)
                || is_space(unit)
                || is_forbidden(unit)
                || is_directional_mark(unit))
        }
    }
}

/// May stand in a label of a domain without protocol. Such a domain is called ASCII; it is not.
pub(super) fn is_bare_domain(unit: u16) -> bool {
    is_ascii_alphanumeric(unit) || unit == u16::from(b'-') || is_latin_accent_any_case(unit)
}

/// May stand directly before an address.
pub(super) fn may_precede_url(unit: u16) -> bool {
    !(is_ascii_alphanumeric(unit)
        || matches!(unit, 0x23 | 0x24 | 0x40 | 0xFF03 | 0xFF20)
        || is_forbidden(unit))
}

/// May stand in the path of an address, outside of parentheses.
pub(super) fn is_path(unit: u16) -> bool {
    is_path_end(unit)
        || matches!(
            unit,
            0x21 | 0x24
                ..=0x27
                    | 0x2A
                    | 0x2C
                    | 0x2E
                    | 0x3A
                    | 0x3B
                    | 0x40
                    | 0x5B
                    | 0x5D
                    | 0x7C
                    | 0x7E
                    | 0x2013
        )
}

/// May end the path of an address: a full stop, for example, belongs to the sentence.
pub(super) fn is_path_end(unit: u16) -> bool {
    is_ascii_alphanumeric(unit)
        || matches!(unit, 0x23 | 0x2B | 0x2D | 0x2F | 0x3D | 0x5F)
        || is_latin_accent_any_case(unit)
        || is_cyrillic_any_case(unit)
}

/// May stand in the query of an address.
pub(super) fn is_query(unit: u16) -> bool {
    is_query_end(unit)
        || matches!(
            unit,
            0x21 | 0x24 | 0x25 | 0x27
                ..=0x2C | 0x2E | 0x3A | 0x3B | 0x3F | 0x40 | 0x5B | 0x5D | 0x7C | 0x7E
        )
}

/// May end the query of an address.
pub(super) fn is_query_end(unit: u16) -> bool {
    is_ascii_alphanumeric(unit) || matches!(unit, 0x23 | 0x26 | 0x2D | 0x2F | 0x3D | 0x5F)
}
