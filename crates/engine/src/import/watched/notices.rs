//! What the person is told of the watched folder, each thing once.

use std::path::Path;

use roost_core::id::ImportId;
use roost_core::notice::Headline;
use roost_store::{Error as StoreError, NewNotification, Tx};

use crate::import::source::file_name;
use crate::open_import::Fingerprint;

fn notice(key: String, title: String, body: String) -> NewNotification {
    NewNotification {
        key,
        kind: "import".to_owned(),
        post_id: None,
        account: None,
        cause: None,
        title,
        body,
    }
}

/// Says that a file waits for the person's yes.
pub(super) fn offered(
    store: &mut Tx<'_>,
    name: &str,
    rows: u64,
    id: ImportId,
) -> Result<bool, StoreError> {
    let rows = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
    let title = Headline::ImportWaits(name).to_string();
    let body = format!(
        "It lies in the watched folder, and has {rows}. Nothing of it is imported before you say so."
    );
    store.notify(&notice(format!("watched:offered:{id}"), title, body))
}

/// Says that a file was changed on which the person has worked.
pub(super) fn changed(
    store: &mut Tx<'_>,
    print: &Fingerprint,
    id: ImportId,
) -> Result<bool, StoreError> {
    let key = format!("watched:changed:{id}:{}", print.sha256);
    let title = Headline::ImportChanged(&print.name).to_string();
    let body = "You changed its import, which waits as it was. Read the file anew, and what you \
                changed is given up; or discard the import, and the file is offered as it is now.";
    store.notify(&notice(key, title, body.to_owned()))
}

/// Says that a file can't be imported as it is.
pub(super) fn refused(
    store: &mut Tx<'_>,
    path: &Path,
    version: &str,
    reason: &str,
) -> Result<bool, StoreError> {
    let name = file_name(path);
    let key = format!("watched:refused:{}:{version}", path.display());
    let title = Headline::ImportRefused(&name).to_string();
    let body =
        format!("{reason} It lies in the watched folder, and is read again when it changes.");
    store.notify(&notice(key, title, body))
}

/// Says that the folder itself can't be looked at.
pub(super) fn missing(store: &mut Tx<'_>, folder: &Path, reason: &str) -> Result<bool, StoreError> {
    let key = format!("watched:missing:{}:{}", folder.display(), store.now().0);
    let title = Headline::WatchedFolderMissing.to_string();
    let body = format!(
        "{}: {reason}. Roost goes on looking for it; what waits from it stays. If it was moved, name its \
         new place in the settings.",
        folder.display()
    );
    store.notify(&notice(key, title, body))
}
