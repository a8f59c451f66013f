//! Forgeries by changing the letters of a captured token.

use super::attempt::{Attempt, Forger, decoded, encoded, parts};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(super) fn a_bit_flipped(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let mut token = attempt.signatures[0].clone();
    let at = forger.random.below(token.len());
    token[at] ^= 1 << forger.random.below(8);
    Some(attempt.with_token(token))
}

pub(super) fn a_letter_replaced(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let mut token = attempt.signatures[0].clone();
    let at = forger.random.below(token.len());
    token[at] = *forger.random.one_of(ALPHABET);
    Some(attempt.with_token(token))
}

pub(super) fn letters_edited(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let mut token = attempt.signatures[0].clone();
    for _ in 0..=forger.random.below(3) {
        let at = forger.random.below(token.len());
        match forger.random.below(5) {
            0 => drop(token.remove(at)),
            1 => token.insert(at, *forger.random.one_of(ALPHABET)),
            2 => token.insert(at, *forger.random.one_of(b"=. \t,;\"'+/%~\x80\xff")),
            3 => token[at..].rotate_left(1),
            _ => token.truncate(at.max(4)),
        }
    }
    Some(attempt.with_token(token))
}

/// The spare bits at a part's end: another text that a careless decoder reads as the same bytes.
pub(super) fn spare_bits_set(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let token = attempt.token();
    let mut parts = parts(&token).map(str::to_owned);
    let at = forger.random.below(3);
    let spare = match parts[at].len() % 4 {
        2 => 4,
        3 => 2,
        _ => return None,
    };
    let last = parts[at].pop().expect("a part has letters");
    let value = ALPHABET.iter().position(|letter| char::from(*letter) == last)?;
    let bits = 1 + forger.random.below((1 << spare) - 1);
    parts[at].push(char::from(ALPHABET[value | bits]));
    Some(attempt.with_token(parts.join(".")))
}

/// The same bytes in another alphabet, with padding, or as hexadecimal.
pub(super) fn encoded_otherwise(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let token = attempt.token();
    let mut parts = parts(&token).map(str::to_owned);
    let at = forger.random.below(3);
    parts[at] = match forger.random.below(6) {
        0 => parts[at].replace('-', "+").replace('_', "/"),
        1 => format!("{}{}", parts[at], "=".repeat(1 + forger.random.below(3))),
        2 => decoded(&parts[at]).iter().map(|byte| format!("{byte:02x}")).collect(),
        3 => encoded(&parts[at]),
        4 => parts[at].bytes().map(|byte| format!("%{byte:02X}")).collect(),
        _ => String::from_utf8_lossy(&decoded(&parts[at])).into_owned(),
    };
    Some(attempt.with_token(parts.join(".")))
}

pub(super) fn in_another_case(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let token = attempt.token();
    let mut parts = parts(&token).map(str::to_owned);
    let at = forger.random.below(3);
    parts[at] = match forger.random.below(3) {
        0 => parts[at].to_ascii_lowercase(),
        1 => parts[at].to_ascii_uppercase(),
        _ => {
            let swapped = |letter: char| match letter.is_ascii_lowercase() {
                true => letter.to_ascii_uppercase(),
                false => letter.to_ascii_lowercase(),
            };
            parts[at].chars().map(swapped).collect()
        }
    };
    Some(attempt.with_token(parts.join(".")))
}

pub(super) fn parts_rearranged(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let token = attempt.token();
    let [header, claims, mac] = parts(&token);
    let forged = match forger.random.below(12) {
        0 => format!("{header}.{claims}"),
        1 => format!("{header}.{claims}."),
        2 => format!("{claims}.{mac}"),
        3 => format!("{claims}.{header}.{mac}"),
        4 => format!("{header}.{mac}.{claims}"),
        5 => format!("{header}.{claims}.{mac}.{mac}"),
        6 => format!("{header}.{claims}.{claims}.{mac}"),
        7 => format!("{header}.{header}.{claims}.{mac}"),
        8 => format!("{header}..{claims}.{mac}"),
        9 => format!("{header}.{claims}.{mac}."),
        10 => format!(".{header}.{claims}.{mac}"),
        _ => format!("{header}.{claims}.{}.{mac}.{mac}", encoded("")),
    };
    Some(attempt.with_token(forged))
}

/// Header, claims and HMAC of several captured tokens.
pub(super) fn spliced(forger: &mut Forger) -> Option<Attempt> {
    let (attempt, second, third) = (forger.any(), forger.any(), forger.any());
    let (first, second, third) = (attempt.token(), second.token(), third.token());
    let [header, ..] = parts(&first);
    let forged = format!("{header}.{}.{}", parts(&second)[1], parts(&third)[2]);
    Some(attempt.with_token(forged))
}

/// A good token with something around it.
pub(super) fn dressed_up(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let token = attempt.token();
    let other = forger.any().token();
    let forged = match forger.random.below(12) {
        0 => format!("Bearer {token}"),
        1 => format!("\"{token}\""),
        2 => format!("{token},{token}"),
        3 => format!("{token}, {other}"),
        4 => format!("{other};{token}"),
        5 => format!("v1={token}"),
        6 => format!("{token} {token}"),
        7 => format!("{token}{}", "=".repeat(1 + forger.random.below(4))),
        8 => format!("\u{feff}{token}"),
        9 => format!("{token}\u{200b}"),
        10 => encoded(&token),
        _ => token.replace('.', "%2E"),
    };
    Some(attempt.with_token(forged))
}
