//! Posts onto posting times.

use super::{PlannedTime, RescheduleError, by_instant};

/// Returns the times of the selection on posting times: the earliest post gets the first of
/// `free`, and so on. `free` comes in the order of time and holds only what no other post has.
///
/// # Errors
/// [`RescheduleError::TooFewSlots`] where there are more posts than posting times.
pub fn to_slots(
    times: &[PlannedTime],
    free: impl IntoIterator<Item = PlannedTime>,
) -> Result<Vec<PlannedTime>, RescheduleError> {
    let slots: Vec<PlannedTime> = free.into_iter().take(times.len()).collect();
    if slots.len() < times.len() {
        return Err(RescheduleError::TooFewSlots { free: slots.len(), needed: times.len() });
    }
    let mut placed = times.to_vec();
    for (place, slot) in by_instant(times).into_iter().zip(slots) {
        placed[place] = slot;
    }
    Ok(placed)
}
