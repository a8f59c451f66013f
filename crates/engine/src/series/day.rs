//! Which of a day's new times stand for its old ones, when a series gets other times.

use std::collections::BTreeMap;

use roost_core::zone::WallTime;

/// What an old time has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Old {
    /// A post that follows the series: its place among those.
    Follows(usize),
    /// Nothing that may be made again: its post went out, was changed, cancelled or deleted, or it passed.
    Settled,
}

/// A new time, and whether a post may have it: it is still to come, and is not left out.
pub(super) type New = (WallTime, bool);

/// Returns which old time each new time of one day stands for; what is not named is new indeed. A time
/// that stays is itself. The others follow each other in their order, where there are as many as before;
/// where there are not, posts come before what is settled.
pub(super) fn pair(old: &BTreeMap<WallTime, Old>, new: &[New]) -> BTreeMap<WallTime, Old> {
    let mut stands: BTreeMap<WallTime, Old> =
        new.iter().filter_map(|(wall, _)| Some((*wall, *old.get(wall)?))).collect();
    let others: Vec<(WallTime, Old)> = old
        .iter()
        .map(|(wall, is)| (*wall, *is))
        .filter(|(it, _)| !stands.contains_key(it))
        .collect();
    let free: Vec<New> =
        new.iter().copied().filter(|(wall, _)| !stands.contains_key(wall)).collect();
    let walls = |free: &[New]| free.iter().map(|(wall, _)| *wall).collect::<Vec<_>>();
    if others.len() == free.len() {
        stands.extend(walls(&free).into_iter().zip(others.into_iter().map(|(_, is)| is)));
        return stands;
    }
    let (settled, follow): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|(_, is)| *is == Old::Settled);
    // A day whose only time is settled is settled as a whole.
    if old.len() == 1 && !settled.is_empty() {
        stands.extend(walls(&free).into_iter().map(|wall| (wall, Old::Settled)));
        return stands;
    }
    let (ahead, _): (Vec<New>, Vec<New>) = free.iter().copied().partition(|(_, is_open)| *is_open);
    stands.extend(walls(&ahead).into_iter().zip(follow.into_iter().map(|(_, is)| is)));
    let last_settled = settled.last().map(|(wall, _)| *wall);
    let left: Vec<WallTime> =
        walls(&free).into_iter().filter(|wall| !stands.contains_key(wall)).collect();
    for (number, wall) in left.into_iter().enumerate() {
        if number < settled.len() || last_settled.is_some_and(|last| wall < last) {
            stands.insert(wall, Old::Settled);
        }
    }
    stands
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i8) -> WallTime {
        WallTime::new(2027, 3, 1, hour, 0, 0).unwrap()
    }

    fn paired(old: &[(i8, Old)], new: &[i8]) -> Vec<(i8, Old)> {
        let old = old.iter().map(|(hour, is)| (at(*hour), *is)).collect();
        let new: Vec<New> = new.iter().map(|hour| (at(*hour), true)).collect();
        pair(&old, &new).into_iter().map(|(wall, is)| (wall.hour(), is)).collect()
    }

    #[test]
    fn a_time_that_stays_is_itself_and_others_follow_in_their_order() {
        use Old::{Follows, Settled};
        assert_eq!(paired(&[(9, Follows(0))], &[9, 17]), [(9, Follows(0))]);
        assert_eq!(paired(&[(9, Follows(0)), (17, Follows(1))], &[17]), [(17, Follows(1))]);
        assert_eq!(
            paired(&[(9, Follows(0)), (17, Settled)], &[10, 18]),
            [(10, Follows(0)), (18, Settled)]
        );
        assert_eq!(
            paired(&[(9, Follows(0)), (17, Follows(1))], &[17, 20]),
            [(17, Follows(1)), (20, Follows(0))]
        );
    }

    #[test]
    fn where_there_are_fewer_or_more_times_posts_come_before_what_is_settled() {
        use Old::{Follows, Settled};
        assert_eq!(paired(&[(9, Settled), (17, Follows(0))], &[18]), [(18, Follows(0))]);
        assert_eq!(paired(&[(9, Settled)], &[10, 18]), [(10, Settled), (18, Settled)]);
        assert_eq!(paired(&[(9, Settled)], &[9, 17]), [(9, Settled)]);
        assert_eq!(
            paired(&[(9, Settled), (17, Settled)], &[10, 12, 14, 18]),
            [(10, Settled), (12, Settled), (14, Settled)]
        );
    }
}
