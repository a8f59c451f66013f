//! What a person did to the relay, from a computer or on its own command line. No secret is in it.

use roost_core::clock::UnixMillis;
use rusqlite::{Connection, params};

/// Who it was, where no computer asked.
pub(crate) const COMMAND_LINE: &str = "command line";
/// Rows kept; the oldest go first.
const ROWS_MAX: i64 = 10_000;

/// Something that a person did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    AccountConnected,
    AccountDisconnected,
    DeviceAdded,
    DeviceRemoved,
    KeyReplaced,
    Moved,
    PairingLinkMade,
    Paired,
    Paused,
    Restored,
    Resumed,
    SchedulerKeysSent,
    TakenOver,
}

impl What {
    const fn as_str(self) -> &'static str {
        match self {
            Self::AccountConnected => "account connected",
            Self::AccountDisconnected => "account disconnected",
            Self::DeviceAdded => "device added",
            Self::DeviceRemoved => "device removed",
            Self::KeyReplaced => "key file replaced",
            Self::Moved => "moved",
            Self::PairingLinkMade => "pairing link made",
            Self::Paired => "paired",
            Self::Paused => "paused",
            Self::Restored => "restored from a backup",
            Self::Resumed => "resumed",
            Self::SchedulerKeysSent => "scheduler keys sent",
            Self::TakenOver => "store taken over",
        }
    }
}

/// Notes what `who` did, and to what.
pub(crate) fn note(
    connection: &Connection,
    who: &str,
    what: What,
    about: &str,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO admin_action (at, who, what, about) VALUES (?1, ?2, ?3, ?4)",
        params![now.0, who, what.as_str(), about],
    )?;
    connection.execute(
        "DELETE FROM admin_action WHERE id <= (SELECT max(id) FROM admin_action) - ?1",
        [ROWS_MAX],
    )?;
    Ok(())
}

/// Takes away the note `id` of something that came to nothing.
pub(crate) fn take_back(connection: &Connection, id: i64) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM admin_action WHERE id = ?1", [id]).map(drop)
}

/// Something that was done, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminAction {
    /// When.
    pub at: UnixMillis,
    /// The computer, or the command line.
    pub who: String,
    /// What it was.
    pub what: String,
    /// To which computer, account or file; empty where it is the relay as a whole.
    pub about: String,
}

/// Returns what was done, the newest first.
pub(crate) fn list(connection: &Connection, limit: u32) -> rusqlite::Result<Vec<AdminAction>> {
    connection
        .prepare("SELECT at, who, what, about FROM admin_action ORDER BY id DESC LIMIT ?1")?
        .query_map([limit], |row| {
            Ok(AdminAction {
                at: UnixMillis(row.get(0)?),
                who: row.get(1)?,
                what: row.get(2)?,
                about: row.get(3)?,
            })
        })?
        .collect()
}
