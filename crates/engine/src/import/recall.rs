//! What is remembered of earlier imports: which column was which, in files of the same shape, and the
//! choices that were made last.

use roost_core::zone::Zone;
use roost_import::choices::Choices;
use roost_import::mapping::{Mapping, RecognisedBy, Remembered};
use roost_import::table::RawTable;
use roost_store::{AccountHealth, Store, Tx};

use crate::Result;
use crate::preferences::collision_minutes;

/// The setting that keeps the choices that were made last.
const CHOICES: &str = "import_choices";

/// Returns which column is which: as a person said of a file of that shape, else as it is recognised.
pub(super) fn mapping(store: &Store, table: &RawTable) -> Result<Mapping> {
    let shape = Mapping::fingerprint(table);
    let known: Option<Remembered> = store.read(|store| store.import_mapping(&shape))?;
    Ok(known.map_or_else(|| Mapping::recognise(table), |known| known.apply(table)))
}

/// Returns the choices that were made last, as far as they fit the next import: an account that is no
/// more connected, and a zone that is none any more, would stand in the way of all its rows.
pub(super) fn choices(store: &Store) -> Result<Choices> {
    let (kept, accounts, collision_minutes) = store.read(|store| {
        let kept: Option<Choices> = store.setting(CHOICES)?;
        Ok((kept.unwrap_or_default(), store.accounts()?, collision_minutes(store)?))
    })?;
    let is_connected = |name: &String| {
        let name = name.trim_start_matches('@');
        accounts.iter().any(|account| {
            account.health == AccountHealth::Connected
                && (account.x_user_id.0 == name || account.username.eq_ignore_ascii_case(name))
        })
    };
    Ok(Choices {
        zone: kept.zone.filter(|zone| Zone::parse(zone).is_ok()),
        account: kept.account.filter(is_connected),
        collision_minutes,
        ..kept
    })
}

/// Keeps the choices of an import that is committed, for the next one. How its times in UTC are read is
/// of that file alone, and whether waiting posts are changed is always asked.
pub(super) fn keep_choices(store: &Store, choices: &Choices) -> Result<()> {
    let usual = Choices::default();
    let kept = Choices {
        utc_times: usual.utc_times,
        update: usual.update,
        // Said for one file that the person trusts.
        media_outside: usual.media_outside,
        ..choices.clone()
    };
    Ok(store.write("import.choices", |store| store.save_setting(CHOICES, &kept))?)
}

/// Keeps what a person decided about an import that is committed.
pub(super) fn keep(store: &mut Tx<'_>, table: &RawTable, mapping: &Mapping) -> Result<()> {
    let said = mapping
        .columns
        .iter()
        .any(|it| matches!(it.recognised_by, RecognisedBy::Person | RecognisedBy::Remembered));
    if !said {
        return Ok(());
    }
    store.remember_import_mapping(&Mapping::fingerprint(table), &mapping.remember(table))?;
    Ok(())
}
