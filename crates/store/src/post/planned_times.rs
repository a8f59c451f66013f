//! The times of all that is still to come, without the rest of the posts.

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;

use crate::error::Error;
use crate::post::Schedule;
use crate::sql::{instant, parsed};
use crate::store::Read;

impl Read<'_> {
    /// Returns the times of posts and drafts that are planned for later than `after`, the soonest first;
    /// those of follow-ups, which go by their parents', are left out.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn planned_times(&self, after: UnixMillis) -> Result<Vec<(PostId, Schedule)>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, scheduled_at, wall_time, zone FROM scheduled_post
             WHERE status IN ('draft', 'pending', 'queued', 'held') AND scheduled_at > ?1
                 AND deleted_at IS NULL AND withdraw_to IS NULL AND follow_up_of IS NULL
             ORDER BY scheduled_at, seq",
        )?;
        let rows = statement.query_map([after.0], |row| {
            let schedule = Schedule {
                at: instant(row, "scheduled_at")?,
                wall_time: row.get("wall_time")?,
                zone: row.get("zone")?,
            };
            Ok((parsed(row, "id")?, schedule))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
