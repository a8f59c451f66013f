//! Writing the file. The store is marked as gone before it is copied, and the mark is taken away again when
//! the file does not come to be.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use roost_core::clock::{Clock as _, SystemClock, UnixMillis};
use roost_engine::{Engine, Leaving, Secret};
use roost_local::ServiceFiles;
use roost_private_files::{beside, options};

use crate::archive::{About, PAIRING, Writer};
use crate::sealed::Sealing;
use crate::{Error, MEDIA, Passphrase, STORE, sealed};

/// Where the library writes what it does not have yet.
const INCOMING: &str = "incoming";
/// The store's copy on its way into the file.
const COPY: &str = "moving-out.db";

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The sealed file.
    pub file: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// How many images and videos are in it.
    pub media: u64,
    /// Whether the pairing with a relay is in it.
    pub has_pairing: bool,
}

/// Puts everything of the data folder `data`, whose engine this is, into the sealed file `to`, and leaves
/// the store read-only. No relay and no loop may run for it. The keyring is waited for as long as
/// `patience`. What is at `to` is replaced only when `replace` says so.
///
/// # Errors
/// When the file can't be written, or something runs; the store is in use as before then.
pub async fn export(
    engine: &Engine,
    data: &Path,
    to: &Path,
    passphrase: Passphrase,
    replace: bool,
    patience: Duration,
) -> Result<Exported, Error> {
    passphrase.check()?;
    let to = std::path::absolute(to).map_err(Error::of_writing(to))?;
    if to.exists() && !replace {
        return Err(Error::Exists(to));
    }
    let pairing = {
        let data = data.to_owned();
        blocking(move || Ok(roost_pairing::portable(&data, patience)?)).await?
    };
    // Where it can't be written, nothing else happens.
    let part = beside(&to, ".part");
    let file = options().write(true).create(true).truncate(true).open(&part);
    let file = file.map_err(Error::of_writing(&part))?;
    let leaving = match engine.leave_computer(to.clone()).await {
        Ok(leaving) => leaving,
        Err(error) => {
            drop(fs::remove_file(&part));
            return Err(error.into());
        }
    };
    let contents = Contents { data: data.to_owned(), pairing, now: SystemClock.now() };
    let (target, unfinished) = (to.clone(), part.clone());
    let (leaving, written) = blocking(move || {
        let written = contents.write(&leaving, file, &passphrase, &unfinished, &target);
        Ok((leaving, written))
    })
    .await?;
    if written.is_err() {
        drop(fs::remove_file(&part));
        leaving.stay().await?;
    }
    written
}

/// What goes into the file.
struct Contents {
    data: PathBuf,
    pairing: Option<Secret>,
    now: UnixMillis,
}

impl Contents {
    fn write(
        &self,
        leaving: &Leaving,
        file: File,
        passphrase: &Passphrase,
        part: &Path,
        to: &Path,
    ) -> Result<Exported, Error> {
        let copy = self.data.join(COPY);
        let copied = leaving.copy_store(&copy).map_err(Error::from);
        let filled = copied.and_then(|()| self.fill(file, passphrase, &copy, part, to));
        drop(fs::remove_file(&copy));
        let (media, services) = filled?;
        let bytes = fs::metadata(part).map_err(Error::of_writing(part))?.len();
        fs::rename(part, to).map_err(Error::of_writing(to))?;
        // From here on the file can be put in use: whatever fails, this computer must not go on.
        if let Some(services) = services {
            services.gone();
        }
        if let Err(error) = sync_folder_of(to) {
            tracing::warn!(%error, "a power loss now could take the file's name away again");
        }
        Ok(Exported { file: to.to_owned(), bytes, media, has_pairing: self.pairing.is_some() })
    }

    /// Writes all entries. Returns how many images and videos there are, and the services' files, which are
    /// kept until the file has its name.
    fn fill(
        &self,
        file: File,
        passphrase: &Passphrase,
        copy: &Path,
        part: &Path,
        to: &Path,
    ) -> Result<(u64, Option<ServiceFiles>), Error> {
        let sealing = sealed::seal(file, passphrase).map_err(Error::of_writing(part))?;
        let about = About::now(self.now);
        let mut archive = Writer::begin(sealing, &about).map_err(Error::of_writing(part))?;
        if let Some(pairing) = &self.pairing {
            archive.add_text(PAIRING, pairing.reveal()).map_err(Error::of_writing(part))?;
        }
        add(&mut archive, Path::new(STORE), copy)?;
        let place = to.display().to_string();
        let services = roost_local::move_out(&self.data, &place, self.now)?;
        for name in services.iter().flat_map(|services| &services.files) {
            add(&mut archive, name, &self.data.join(name))?;
        }
        let mut media = Vec::new();
        let folder = self.data.join(MEDIA);
        list(&folder, Path::new(MEDIA), &mut media).map_err(Error::of_writing(&folder))?;
        for name in &media {
            add(&mut archive, name, &self.data.join(name))?;
        }
        archive.finish().and_then(sealed::finish).map_err(Error::of_writing(part))?;
        Ok((media.len() as u64, services))
    }
}

fn add(archive: &mut Writer<Sealing>, name: &Path, file: &Path) -> Result<(), Error> {
    archive.add_file(name, file).map(drop).map_err(Error::of_writing(file))
}

/// Lists the files of the library in `folder`, which is `name` in the data folder.
fn list(folder: &Path, name: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, name.join(entry.file_name()));
        if kind.is_dir() && entry.file_name() != INCOMING {
            list(&entry.path(), &name, files)?;
        } else if kind.is_file() {
            files.push(name);
        }
    }
    Ok(())
}

/// Makes a rename survive a power loss, where the system can.
pub(crate) fn sync_folder_of(path: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(Error::of_writing(folder))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Ended(error.to_string()))?
}
