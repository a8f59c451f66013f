//! What is remembered of earlier imports: which column was which, in files of the same shape, and the
//! choices that were made last.

use roost_import::choices::Choices;
use roost_import::mapping::{Mapping, RecognisedBy, Remembered};
use roost_import::table::RawTable;
use roost_store::{Store, Tx};

use crate::Result;

/// The setting that keeps the choices that were made last.
const CHOICES: &str = "import_choices";

/// Returns which column is which: as a person said of a file of that shape, else as it is recognised.
pub(super) fn mapping(store: &Store, table: &RawTable) -> Result<Mapping> {
    let shape = Mapping::fingerprint(table);
    let known: Option<Remembered> = store.read(|store| store.import_mapping(&shape))?;
    Ok(known.map_or_else(|| Mapping::recognise(table), |known| known.apply(table)))
}

/// Returns the choices that were made last.
pub(super) fn choices(store: &Store) -> Result<Choices> {
    Ok(store.read(|store| store.setting(CHOICES))?.unwrap_or_default())
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
