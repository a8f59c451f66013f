//! Addresses in a text, bare domains included.

mod domain;
mod path;
mod punycode;
mod tld;

use std::ops::Range;

use serde::Serialize;

use super::chars::{is_ascii_alphanumeric, is_bare_domain, is_domain, may_precede_url};
use super::units::Units;
use domain::{Alphabet, Labels};

/// Longer is no address. The protocol counts twice; that is how the reference does it.
const MAX_URL: usize = 4096;
/// A longer slug is none of X's own short addresses, and then no address at all.
const MAX_SHORT_SLUG: usize = 40;
/// What counts as the protocol where there is none.
const DEFAULT_PROTOCOL: usize = "https://".len();

/// An address in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UrlSpan {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The address as the reference reports it. It is the text of the span but for one oddity:
    /// with a path after a domain that goes on in another script, what lies between is left out.
    pub url: String,
}

/// Returns the addresses in a text, as npm `twitter-text` 3.1.0's `extractUrlsWithIndices` finds
/// them: with protocol, or as domains of ASCII and accented Latin letters under a known top level
/// domain. The text is taken as it is, not composed first.
#[must_use]
pub fn urls(text: &str) -> Vec<UrlSpan> {
    if !may_hold_address(text) {
        return Vec::new();
    }
    let units = Units::of(text);
    find(&units.units).into_iter().map(|found| found.into_span(&units)).collect()
}

/// Returns whether an address may be in a text: behind a full stop stands what a top level domain may begin
/// with. Those are letters.
pub(super) fn may_hold_address(text: &str) -> bool {
    let bytes = text.as_bytes();
    let begins = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
    text.match_indices('.').any(|(dot, _)| bytes.get(dot + 1).is_some_and(begins))
}

/// Domains in any script.
struct Any;

impl Alphabet for Any {
    fn is_inner(unit: u16) -> bool {
        is_domain(unit) || unit == u16::from(b'-') || unit == u16::from(b'_')
    }

    fn is_edge(unit: u16) -> bool {
        is_domain(unit)
    }
}

/// Domains that need no protocol.
struct Latin;

impl Alphabet for Latin {
    fn is_inner(unit: u16) -> bool {
        is_bare_domain(unit)
    }

    fn is_edge(unit: u16) -> bool {
        is_bare_domain(unit)
    }
}

/// An address by code units.
pub(super) struct Found {
    pub(super) range: Range<usize>,
    pub(super) url: Vec<u16>,
}

impl Found {
    pub(super) fn into_span(self, units: &Units) -> UrlSpan {
        UrlSpan {
            start: units.byte_at(self.range.start),
            end: units.byte_at(self.range.end),
            url: String::from_utf16_lossy(&self.url),
        }
    }
}

/// What looks like an address, before it is judged.
struct Candidate {
    before: Option<u16>,
    start: usize,
    protocol: usize,
    domain: Range<usize>,
    has_path: bool,
    end: usize,
}

/// The addresses in a text, in its order.
pub(super) fn find(units: &[u16]) -> Vec<Found> {
    let mut found = Vec::new();
    if !units.contains(&u16::from(b'.')) {
        return found;
    }
    let labels = Labels::<Any>::of(units);
    if labels.is_empty() {
        return found;
    }
    let mut index = 0;
    while index < units.len() {
        match candidate_at(units, &labels, index) {
            Some(candidate) => {
                index = candidate.end;
                judge(units, &candidate, &mut found);
            }
            None => index += 1,
        }
    }
    found
}

/// The candidate whose preceding character stands at `index`, or that begins the text.
fn candidate_at(units: &[u16], labels: &Labels<'_, Any>, index: usize) -> Option<Candidate> {
    let before = units[index];
    let preceded = if may_precede_url(before) {
        candidate(units, labels, index + 1, Some(before))
    } else {
        None
    };
    preceded.or_else(|| if index == 0 { candidate(units, labels, 0, None) } else { None })
}

fn candidate(
    units: &[u16],
    labels: &Labels<'_, Any>,
    start: usize,
    before: Option<u16>,
) -> Option<Candidate> {
    let protocol = protocol_length(&units[start..]);
    let domain_start = start + protocol;
    let domain_end = labels.domain_end(domain_start)?;
    let tail = path::tail(units, domain_end);
    Some(Candidate {
        before,
        start,
        protocol,
        domain: domain_start..domain_end,
        has_path: tail.has_path,
        end: tail.end,
    })
}

/// The length of `http://` or `https://` at the beginning, 0 without.
fn protocol_length(units: &[u16]) -> usize {
    let begins = |protocol: &str| {
        units.len() >= protocol.len()
            && protocol.bytes().zip(units).all(|(expected, unit)| {
                u8::try_from(*unit).is_ok_and(|unit| unit.eq_ignore_ascii_case(&expected))
            })
    };
    ["https://", "http://"].into_iter().find(|protocol| begins(protocol)).map_or(0, str::len)
}

fn judge(units: &[u16], candidate: &Candidate, found: &mut Vec<Found>) {
    if !has_valid_size(units, candidate) {
        return;
    }
    if candidate.protocol == 0 {
        judge_bare(units, candidate, found);
        return;
    }
    let mut range = candidate.start..candidate.end;
    if let Some(short) = short_address(&units[range.clone()], candidate.protocol) {
        if short.slug > MAX_SHORT_SLUG {
            return;
        }
        range.end = range.start + short.length;
    }
    found.push(Found { url: units[range.clone()].to_vec(), range });
}

fn has_valid_size(units: &[u16], candidate: &Candidate) -> bool {
    let protocol = if candidate.protocol == 0 { DEFAULT_PROTOCOL } else { candidate.protocol };
    if protocol + (candidate.end - candidate.start) > MAX_URL {
        return false;
    }
    let domain = &units[candidate.domain.clone()];
    let claims_punycode = domain.starts_with(&[b'x', b'n', b'-', b'-'].map(u16::from));
    if claims_punycode && bare_domains(domain).is_empty() {
        return false;
    }
    domain.split(|unit| *unit == u16::from(b'.')).all(punycode::fits)
}

fn bare_domains(domain: &[u16]) -> Vec<Range<usize>> {
    Labels::<Latin>::of(domain).domains()
}

/// Without protocol only the Latin parts of the domain are addresses; the last one takes the path.
fn judge_bare(units: &[u16], candidate: &Candidate, found: &mut Vec<Found>) {
    let joins_a_word = [b'-', b'_', b'.', b'/'].map(u16::from);
    if candidate.before.is_some_and(|before| joins_a_word.contains(&before)) {
        return;
    }
    let domain = &units[candidate.domain.clone()];
    let known = found.len();
    let mut searched = 0;
    for bare in bare_domains(domain) {
        let url = &domain[bare];
        // The reference looks the address up by its text, so an earlier piece of the domain
        // that reads the same is taken for it.
        let Some(position) = domain[searched..].windows(url.len()).position(|piece| piece == url)
        else {
            continue;
        };
        let start = searched + position;
        searched = start + url.len();
        let range = candidate.start + start..candidate.start + searched;
        found.push(Found { range, url: url.to_vec() });
    }
    if candidate.has_path
        && let Some(last) = found[known..].last_mut()
    {
        last.url.extend_from_slice(&units[candidate.domain.end..candidate.end]);
        last.range.end = candidate.end;
    }
}

/// An address of `t.co`: a slug and perhaps a query, nothing else.
struct ShortAddress {
    slug: usize,
    length: usize,
}

fn short_address(url: &[u16], protocol: usize) -> Option<ShortAddress> {
    let host = b"t.co/";
    let rest = url.get(protocol..)?;
    let is_host = rest.len() >= host.len()
        && host.iter().zip(rest).all(|(expected, unit)| {
            u8::try_from(*unit).is_ok_and(|unit| unit.eq_ignore_ascii_case(expected))
        });
    if !is_host {
        return None;
    }
    let slug = rest[host.len()..].iter().take_while(|unit| is_ascii_alphanumeric(**unit)).count();
    let slug_end = protocol + host.len() + slug;
    (slug > 0).then(|| ShortAddress { slug, length: path::query_end(url, slug_end) })
}
