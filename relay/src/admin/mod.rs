//! What is done to a relay's files from the command line, beside the running relay or without it.

mod move_out;

use std::path::{Path, PathBuf};
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_crash_points as crash;
use roost_private_files::of_database;
use roost_relay_api::{Account, AccountHealth, Epoch};
use roost_sqlite::Executor;
use rusqlite::Connection;

use crate::clock_check::is_excessive;
use crate::config::{Config, Secret};
use crate::database::{Database, OpenError, copy, lock};
use crate::ledger_write::LedgerWrite;
use crate::publisher::damaged;
use crate::readiness;
pub use crate::rows::admin_action::AdminAction;
pub use move_out::{Frozen, freeze, move_out, thaw};

use crate::rows::admin_action::{self, COMMAND_LINE, What};
use crate::rows::{account, device, epoch, pairing_code, relay};
use crate::start::{key, new_epoch};
use crate::tokens::{KeyError, SealedGrant, Vault, random, settle_grants};

/// How long a pairing link may be used.
pub const PAIRING_CODE_LIFE: Duration = Duration::from_secs(10 * 60);

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The ledger.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The key file.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// SQLite.
    #[error("{}: {reason}", path.display())]
    Sqlite {
        /// Which file.
        path: PathBuf,
        /// In SQLite's words.
        reason: String,
    },
    /// A file.
    #[error("{} can't be written: {reason}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// In the system's words.
        reason: String,
    },
    /// There is no such file.
    #[error("{} does not exist: run `roost-relay init` first", .0.display())]
    Missing(PathBuf),
    /// A file stands where one is to be written.
    #[error("{} exists already; nothing is overwritten", .0.display())]
    Exists(PathBuf),
    /// There is a key file.
    #[error("{} is there: a new key would sign every account out. Should it be the wrong file, put \
        the right one in its place; to give it up, move it away first", .0.display())]
    HasKey(PathBuf),
    /// No name for a device.
    #[error("{}", device::NAME_RULE)]
    DeviceName,
    /// A device of that name.
    #[error("a device named \"{0}\" exists already: remove it first, or choose another name")]
    DeviceExists(String),
    /// No device of that name.
    #[error("there is no device named \"{0}\"")]
    NoDevice(String),
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The database's mark.
    pub epoch: Epoch,
    /// Posts by state.
    pub posts: Vec<(String, u64)>,
    /// Accounts, and why none of their posts goes out, if so.
    pub accounts: Vec<(Account, Option<String>)>,
    /// How far this clock is from X's in milliseconds, when that was too far when last compared.
    pub clock_ahead_ms: Option<i64>,
    /// Why the database can't be written, if so.
    pub unwritable: Option<String>,
    /// Posts to go out that are not what was staged: the disk changed them.
    pub damaged: Vec<PostId>,
    /// Deliveries that could never parse.
    pub quarantined: u64,
}

/// Makes the ledger and the key file, or takes those that are there. Gives the ledger's mark.
///
/// # Errors
/// When a relay runs on it, or a file can't be used.
pub fn init(config: &Config, now: UnixMillis) -> Result<Epoch, Error> {
    let fresh = new_epoch()?;
    let mut epoch = fresh.clone();
    crate::database::refuse_emptied(&config.database, &config.key_file)?;
    // Held until the key is there: two processes must not make it at once.
    let mut vault = Err(KeyError::Sealed);
    let _database = Database::open(&config.database, &config.executor, |c| {
        match relay::get(c)? {
            Some(row) => epoch = row.epoch,
            None => epoch::renew(c, &fresh, false, now)?,
        }
        vault = key(c, config)?;
        Ok(())
    })?;
    vault?;
    Ok(epoch)
}

/// Makes a new key file in the place of one that is lost, and signs out the accounts whose sign-in
/// only that one opened. Returns their handles.
///
/// # Errors
/// When a relay runs on the ledger, when there is a key file, or when none can be made.
pub fn new_key(config: &Config, now: UnixMillis) -> Result<Vec<String>, Error> {
    if !config.database.exists() {
        return Err(Error::Missing(config.database.clone()));
    }
    if config.key_file.exists() {
        return Err(Error::HasKey(config.key_file.clone()));
    }
    let replacing = Config { replace_lost_key: true, ..config.clone() };
    let mut accounts = Vec::new();
    let mut vault = Err(KeyError::Sealed);
    let _database = Database::open(&config.database, &config.executor, |c| {
        accounts = account::sealed(c)?;
        vault = key(c, &replacing)?;
        match &vault {
            Ok(vault) => {
                admin_action::note(c, COMMAND_LINE, What::KeyReplaced, "", now)?;
                settle_grants(&mut LedgerWrite::new(c), vault, now)
            }
            Err(_) => Ok(()),
        }
    })?;
    vault?;
    Ok(accounts)
}

/// Adds a device and gives its key, which is kept nowhere. Works while the relay runs.
///
/// # Errors
/// When the name is empty or taken, or the ledger can't be written.
pub fn add_device(database: &Path, name: &str, now: UnixMillis) -> Result<Secret, Error> {
    use base64::Engine;
    if !device::is_name(name) {
        return Err(Error::DeviceName);
    }
    let connection = beside(database)?;
    let random = random::<32>()?;
    let key = format!("rk_{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random));
    let add = || -> rusqlite::Result<bool> {
        let added = device::add(&connection, name, &key, now)?;
        if added {
            admin_action::note(&connection, COMMAND_LINE, What::DeviceAdded, name, now)?;
        }
        Ok(added)
    };
    let added = add().map_err(|error| of(database, &error))?;
    if added { Ok(Secret::new(key)) } else { Err(Error::DeviceExists(name.to_owned())) }
}

/// Makes a one-time code with which a computer is let in until [`PAIRING_CODE_LIFE`] is over. It is kept
/// nowhere. Works while the relay runs.
///
/// # Errors
/// When the ledger can't be written.
pub fn make_pairing_code(database: &Path, now: UnixMillis) -> Result<Secret, Error> {
    use base64::Engine;
    let connection = beside(database)?;
    let random = random::<16>()?;
    let code = format!("pc_{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random));
    let expires_at = now.plus(PAIRING_CODE_LIFE);
    let make = || -> rusqlite::Result<()> {
        pairing_code::add(&connection, &device::hash(&code), expires_at, now)?;
        admin_action::note(&connection, COMMAND_LINE, What::PairingLinkMade, "", now)
    };
    make().map_err(|error| of(database, &error))?;
    Ok(Secret::new(code))
}

/// Takes a device's key away. Works while the relay runs.
///
/// # Errors
/// When there is none of the name or the ledger can't be written.
pub fn remove_device(database: &Path, name: &str, now: UnixMillis) -> Result<(), Error> {
    let connection = beside(database)?;
    match device::remove(&connection, name).map_err(|error| of(database, &error))? {
        true => admin_action::note(&connection, COMMAND_LINE, What::DeviceRemoved, name, now)
            .map_err(|error| of(database, &error)),
        false => Err(Error::NoDevice(name.to_owned())),
    }
}

/// Returns what people did to the relay, the newest first: at most `limit`.
///
/// # Errors
/// When the ledger can't be read.
pub fn actions(database: &Path, limit: u32) -> Result<Vec<AdminAction>, Error> {
    admin_action::list(&beside(database)?, limit).map_err(|error| of(database, &error))
}

/// The devices and since when.
///
/// # Errors
/// When the ledger can't be read.
pub fn devices(database: &Path) -> Result<Vec<(String, UnixMillis)>, Error> {
    device::list(&beside(database)?).map_err(|error| of(database, &error))
}

/// The accounts, without anything secret.
///
/// # Errors
/// When the ledger can't be read.
pub fn accounts(database: &Path) -> Result<Vec<Account>, Error> {
    let rows = account::list(&beside(database)?).map_err(|error| of(database, &error))?;
    Ok(rows.into_iter().map(|row| row.account).collect())
}

/// Writes a copy of the ledger, consistent while the relay runs. It is there whole or not at all.
///
/// # Errors
/// When the target exists or can't be written.
pub fn backup(database: &Path, to: &Path) -> Result<(), Error> {
    if to.exists() {
        return Err(Error::Exists(to.to_owned()));
    }
    drop(beside(database)?);
    Ok(copy(database, to)?)
}

/// Puts a backup in the ledger's place, under a new mark: desktops tell it what it forgot before
/// anything goes out. What stood there is kept beside it; its path is given.
///
/// # Errors
/// When a relay runs on the ledger, or the backup is none.
pub fn restore(from: &Path, database: &Path, now: UnixMillis) -> Result<Option<PathBuf>, Error> {
    if !from.exists() {
        return Err(Error::Missing(from.to_owned()));
    }
    // Looks at the backup before anything is moved: damaged or foreign, it is refused here.
    let fresh = database.with_extension("restoring");
    for leftover in of_database(&fresh) {
        let _ = std::fs::remove_file(leftover);
    }
    copy(from, &fresh)?;
    let epoch = new_epoch()?;
    // Closed with the statement, so that the file is whole without its log.
    drop(Database::open(&fresh, &Executor::Threads, |c| match crash::sabotaged("epoch") {
        true => Ok(()),
        false => {
            let from = from.display().to_string();
            admin_action::note(c, COMMAND_LINE, What::Restored, &from, now)?;
            epoch::renew(c, &epoch, false, now)
        }
    })?);
    let lock = lock(database)?;
    let kept = set_aside(database, now)?;
    let lock_of_fresh = roost_sqlite::lock_file(&fresh);
    let moved = roost_sqlite::put_in_place(&fresh, database);
    let _ = std::fs::remove_file(lock_of_fresh);
    drop(lock);
    moved.map_err(|error| OpenError::of(database, error))?;
    Ok(kept)
}

/// Looks the ledger and the key file over.
///
/// # Errors
/// When either can't be used; the error says why.
pub fn check(config: &Config, now: UnixMillis) -> Result<Health, Error> {
    let path = &config.database;
    let connection = beside(path)?;
    roost_sqlite::check_pages(&connection, path).map_err(|error| OpenError::of(path, error))?;
    let Some(vault) = Vault::existing(&config.key_file)? else {
        let accounts = account::sealed(&connection).map_err(|error| of(path, &error))?;
        if accounts.is_empty() {
            return Err(Error::Missing(config.key_file.clone()));
        }
        let accounts = accounts.iter().map(|username| format!("@{username}")).collect();
        return Err(KeyError::Lost { path: config.key_file.clone(), accounts }.into());
    };
    let read = || -> rusqlite::Result<Health> {
        Ok(Health {
            epoch: relay::row(&connection)?.epoch,
            posts: connection
                .prepare("SELECT state, count(*) FROM post GROUP BY state ORDER BY state")?
                .query_map([], |row| Ok((row.get(0)?, row.get::<_, u32>(1)?.into())))?
                .collect::<rusqlite::Result<_>>()?,
            accounts: account::list(&connection)?
                .into_iter()
                .map(|row| Ok((row.account.clone(), trouble(&connection, &vault, row, now)?)))
                .collect::<rusqlite::Result<_>>()?,
            clock_ahead_ms: relay::x_time(&connection)?
                .x_time
                .ahead_ms
                .filter(|ahead_ms| is_excessive(*ahead_ms)),
            unwritable: relay::count_check(&connection).err().map(|error| error.to_string()),
            damaged: damaged(&connection)?,
            quarantined: connection
                .query_row("SELECT count(*) FROM quarantine", [], |row| row.get::<_, u32>(0))?
                .into(),
        })
    };
    read().map_err(|error| of(path, &error))
}

/// Why no post of an account goes out, if so.
fn trouble(
    connection: &Connection,
    vault: &Vault,
    row: account::AccountRow,
    now: UnixMillis,
) -> rusqlite::Result<Option<String>> {
    let id = &row.account.x_user_id;
    let opens = row.grant_sealed.as_ref().map(|grant| SealedGrant::open(grant, vault, id).is_ok());
    match opens {
        None => return Ok(Some("it was disconnected; sign in again".to_owned())),
        Some(false) => {
            let words = "its sign-in does not open with this key file; sign in again, or put the \
                         right key file back";
            return Ok(Some(words.to_owned()));
        }
        Some(true) => {}
    }
    let health = row.account.health;
    let state = readiness::state(connection, row, now)?;
    let words = || match health {
        AccountHealth::Suspended => Code::AccountSuspended.text().to_owned(),
        _ => Code::SignInNeeded.text().to_owned(),
    };
    Ok((!state.can_post).then(|| state.message.unwrap_or_else(words)))
}

fn of(path: &Path, error: &rusqlite::Error) -> Error {
    Error::Sqlite { path: path.to_owned(), reason: error.to_string() }
}

/// A connection beside the relay's own, for short reads and writes.
fn beside(database: &Path) -> Result<Connection, Error> {
    if !database.exists() {
        return Err(Error::Missing(database.to_owned()));
    }
    Ok(crate::database::beside(database)?)
}

/// Moves the ledger and its log out of the way. A restore that was cut off may have left the log alone.
fn set_aside(database: &Path, now: UnixMillis) -> Result<Option<PathBuf>, Error> {
    let kept = roost_private_files::beside(database, &format!(".before-restore-{}", now.0));
    roost_sqlite::set_aside(database, &kept).map_err(|error| OpenError::of(database, error))?;
    Ok(kept.exists().then_some(kept))
}
