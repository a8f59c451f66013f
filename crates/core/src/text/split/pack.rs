//! Which pieces of a text share a part.

use super::breaks::{Rank, Unit};

/// What a way to put pieces into parts costs; the first number counts before all others: cuts within a word,
/// between words, between clauses, parts, cuts between sentences of one paragraph, and how unevenly the parts
/// are filled.
type Cost = [u64; 6];

/// Returns at which units the parts begin, so that none weighs more than `limit` unless it is one unit, and
/// no other way to do so costs less.
pub(super) fn pack(units: &[Unit], limit: u32) -> Vec<usize> {
    // For each number of units the cheapest way to put as many into parts, and where its last part begins.
    let mut cheapest: Vec<(Cost, usize)> = vec![([0; 6], 0)];
    for end in 1..=units.len() {
        let mut best: Option<(Cost, usize)> = None;
        let mut weight = 0;
        for start in (0..end).rev() {
            let gap = if start + 1 == end { 0 } else { units[start].gap };
            weight += units[start].weight + gap;
            if weight > limit && start + 1 != end {
                break;
            }
            let cost = with_part(cheapest[start].0, units[start].rank, limit.abs_diff(weight));
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, start));
            }
        }
        cheapest.extend(best);
    }
    let mut starts = Vec::new();
    let mut end = units.len();
    while end > 0 {
        end = cheapest[end].1;
        starts.push(end);
    }
    starts.reverse();
    starts
}

/// The cost with one part more, which begins behind a break and leaves so much room.
fn with_part(mut cost: Cost, rank: Rank, room: u32) -> Cost {
    let place = match rank {
        Rank::Letter => Some(0),
        Rank::Word => Some(1),
        Rank::Clause => Some(2),
        Rank::Sentence => Some(4),
        Rank::Line | Rank::Start => None,
    };
    if let Some(place) = place {
        cost[place] += 1;
    }
    cost[3] += 1;
    cost[5] += u64::from(room) * u64::from(room);
    cost
}
