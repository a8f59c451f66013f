//! How long a label of a domain becomes when it is written in ASCII (RFC 3492).

use crate::text::units::code_point_at;

/// The longest label of the domain name system.
const MAX_LABEL: usize = 63;

const BASE: u64 = 36;
const SKEW: u64 = 38;
const DAMP: u64 = 700;

/// Whether a label has between 1 and 63 characters once it is ASCII.
///
/// The ideographic full stops separate labels for the encoder, but the limit of the reference is
/// on the whole.
pub(super) fn fits(label: &[u16]) -> bool {
    if label.is_empty() || label.len() > 2 * MAX_LABEL {
        // Each character of a label takes at least one in ASCII.
        return false;
    }
    let mut length = 0;
    for (index, piece) in label.split(|unit| matches!(unit, 0x3002 | 0xFF0E | 0xFF61)).enumerate() {
        length += usize::from(index > 0) + ascii_length(piece);
        if length > MAX_LABEL {
            return false;
        }
    }
    true
}

fn ascii_length(piece: &[u16]) -> usize {
    if piece.iter().all(|unit| *unit < 0x80) {
        return piece.len();
    }
    let mut points = Vec::with_capacity(piece.len());
    let mut index = 0;
    while let Some((point, taken)) = code_point_at(piece, index) {
        points.push(u64::from(point));
        index += taken;
    }
    "xn--".len() + encoded_length(&points)
}

/// The encoder, counting its output instead of writing it.
fn encoded_length(points: &[u64]) -> usize {
    let basic = points.iter().filter(|point| **point < 0x80).count();
    let mut length = basic + usize::from(basic > 0);
    let (mut least, mut delta, mut bias) = (0x80, 0, 72);
    let mut handled = basic as u64;
    let total = points.len() as u64;
    while handled < total {
        let Some(next) = points.iter().copied().filter(|point| *point >= least).min() else {
            break;
        };
        delta += (next - least) * (handled + 1);
        least = next;
        for point in points {
            if *point < least {
                delta += 1;
            } else if *point == least {
                length += digits(delta, bias);
                bias = adapted(delta, handled + 1, handled == basic as u64);
                delta = 0;
                handled += 1;
            }
        }
        delta += 1;
        least += 1;
    }
    length
}

fn digits(delta: u64, bias: u64) -> usize {
    let (mut rest, mut k, mut count) = (delta, BASE, 1);
    loop {
        let threshold = if k <= bias { 1 } else { (k - bias).min(26) };
        if rest < threshold {
            return count;
        }
        rest = (rest - threshold) / (BASE - threshold);
        k += BASE;
        count += 1;
    }
}

fn adapted(delta: u64, handled: u64, first: bool) -> u64 {
    let mut delta = if first { delta / DAMP } else { delta / 2 };
    delta += delta / handled;
    let mut k = 0;
    while delta > (BASE - 1) * 26 / 2 {
        delta /= BASE - 1;
        k += BASE;
    }
    k + BASE * delta / (delta + SKEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(label: &str) -> usize {
        ascii_length(&label.encode_utf16().collect::<Vec<_>>())
    }

    #[test]
    fn a_label_is_as_long_as_its_punycode() {
        assert_eq!(length("example"), "example".len());
        assert_eq!(length("bücher"), "xn--bcher-kva".len());
        assert_eq!(length("例え"), "xn--r8jz45g".len());
        assert_eq!(length("президент"), "xn--d1abbgf6aiiy".len());
        assert_eq!(length("ليهمابتكلموشعربي؟"), "xn--egbpdaj6bu4bxfgehfvwxn".len());
    }

    #[test]
    fn a_label_longer_than_dns_allows_does_not_fit() {
        let fits = |label: &str| fits(&label.encode_utf16().collect::<Vec<_>>());
        assert!(fits(&"a".repeat(63)) && !fits(&"a".repeat(64)) && !fits(""));
        assert!(!fits(&"あ".repeat(64)));
    }
}
