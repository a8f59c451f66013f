//! Reading the file, whole, into a folder beside its place. Only a file that was read to its end and whose
//! store is sound is taken; [`crate::put_in_use`] does the rest, which a crash does not undo.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::SystemClock;
use roost_engine::Secret;
use roost_pairing::KeptIn;
use roost_private_files::{make_folder, options};
use roost_store::Store;

use crate::archive::{self, About, Entry, LAYOUT};
use crate::arrival_lock::ArrivalLock;
use crate::export::sync_folder_of;
use crate::{Error, MEDIA, Passphrase, STORE, sealed};

/// Where a file is unpacked, and where it lies once all of it was read.
pub(crate) const UNPACKING: &str = "moving-in.part";
pub(crate) const UNPACKED: &str = "moving-in";

/// What came with the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The version of Roost that wrote it.
    pub from_version: String,
    /// How many images and videos came.
    pub media: u64,
    /// Where the keys of the pairing are kept; none where nothing was paired.
    pub keys: Option<KeptIn>,
}

/// Reads the sealed file `from` for the data folder `data`, which was never in use. The keys of a pairing
/// go into the keyring, which is waited for as long as `patience`, or into a file where `key_in_file` says
/// so. What came is in use after [`crate::put_in_use`]. Blocking.
///
/// # Errors
/// When the data folder is in use, the file can't be read, is no such file or cut off, the passphrase is
/// another one, or something can't be written; nothing stays of it then.
pub fn import(
    data: &Path,
    from: &Path,
    passphrase: &Passphrase,
    key_in_file: bool,
    patience: Duration,
) -> Result<Imported, Error> {
    let _lock = ArrivalLock::acquire(data)?;
    // Its keys are in their place already, and would be those of the second file.
    if data.join(UNPACKED).exists() {
        return Err(Error::NotEmpty(
            "posts that were moved into it are put in use at the next start",
        ));
    }
    check_unused(data)?;
    let file = File::open(from).map_err(Error::Unreadable)?;
    let folder = data.join(UNPACKING);
    remove(&folder)?;
    let unpacked = unpack(file, passphrase, &folder)
        .and_then(|unpacked| settle(data, &folder, unpacked, key_in_file, patience));
    if unpacked.is_err() {
        // Why it failed matters more than a leftover, which the next import removes.
        drop(fs::remove_dir_all(&folder));
    }
    unpacked
}

/// Refuses a data folder in which there is something.
pub(crate) fn check_unused(data: &Path) -> Result<(), Error> {
    if roost_pairing::paired(data).map_or(true, |paired| paired.is_some()) {
        return Err(Error::NotEmpty("it is paired with a relay"));
    }
    let store = data.join(STORE);
    if !store.exists() {
        return Ok(());
    }
    let store = Store::open(store, Arc::new(SystemClock))?;
    match store.read(|store| Ok(store.is_unused()? && store.moved_away()?.is_none()))? {
        true => Ok(()),
        false => Err(Error::NotEmpty("it has posts, imports or accounts")),
    }
}

/// What was in the file.
struct Unpacked {
    about: About,
    pairing: Option<Secret>,
    media: u64,
}

fn unpack(file: File, passphrase: &Passphrase, folder: &Path) -> Result<Unpacked, Error> {
    let mut opened = sealed::open(file, passphrase)?;
    make_folder(folder).map_err(Error::of_writing(folder))?;
    let mut archive = tar::Archive::new(&mut opened);
    let mut entries = archive.entries().map_err(Error::of_reading)?;
    let first = entries.next().ok_or(Error::NoMoveFile)?;
    let about = about(first.map_err(Error::of_reading)?)?;
    let (mut pairing, mut media) = (None, 0);
    for entry in entries {
        let mut entry = entry.map_err(Error::of_reading)?;
        let name = entry.path().map_err(Error::of_reading)?.into_owned();
        match (archive::entry_of(&name)?, entry.header().entry_type().is_file()) {
            (Entry::Pairing, true) => pairing = Some(Secret::new(archive::read_text(&mut entry)?)),
            (Entry::File, true) => {
                write(&mut entry, &folder.join(&name))?;
                media += u64::from(name.starts_with(MEDIA));
            }
            _ => return Err(Error::Damaged),
        }
    }
    sealed::read_to_end(&mut opened).map_err(Error::of_reading)?;
    Ok(Unpacked { about, pairing, media })
}

/// Reads what the rest is.
fn about<R: Read>(mut entry: tar::Entry<'_, R>) -> Result<About, Error> {
    let name = entry.path().map_err(Error::of_reading)?.into_owned();
    if archive::entry_of(&name).ok() != Some(Entry::About) {
        return Err(Error::NoMoveFile);
    }
    let text = archive::read_text(&mut entry)?;
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|_| Error::Damaged)?;
    // A newer layout may say more, or other things, beside its number.
    if value["layout"].as_u64().is_none_or(|layout| layout > u64::from(LAYOUT)) {
        return Err(Error::Newer);
    }
    serde_json::from_value(value).map_err(|_| Error::Damaged)
}

/// Writes an entry, as a stream, and returns when it is on the disk.
fn write(entry: &mut impl Read, to: &Path) -> Result<(), Error> {
    if let Some(folder) = to.parent() {
        make_folder(folder).map_err(Error::of_writing(folder))?;
    }
    let mut file =
        options().write(true).create_new(true).open(to).map_err(Error::of_writing(to))?;
    let mut piece = vec![0; 64 * 1024];
    loop {
        // Told apart: what can't be read is the sealed file's fault, what can't be written the disk's.
        let read = match entry.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::of_reading(error)),
        };
        io::Write::write_all(&mut file, &piece[..read]).map_err(Error::of_writing(to))?;
    }
    file.sync_all().map_err(Error::of_writing(to))
}

/// Holds what was read against what it should be, keeps the keys, and gives the folder its name.
fn settle(
    data: &Path,
    folder: &Path,
    unpacked: Unpacked,
    key_in_file: bool,
    patience: Duration,
) -> Result<Imported, Error> {
    let store = folder.join(STORE);
    if !store.exists() {
        return Err(Error::Damaged);
    }
    roost_store::check_backup(&store).map_err(|error| match error {
        roost_store::Error::Newer { .. } => Error::Newer,
        roost_store::Error::DiskFull => Error::DiskFull,
        _ => Error::Damaged,
    })?;
    let keep =
        |pairing| roost_pairing::keep_portable(data, folder, &pairing, key_in_file, patience);
    let keys = unpacked.pairing.map(keep).transpose()?;
    let settled: PathBuf = data.join(UNPACKED);
    sync_folder_of(&store)?;
    fs::rename(folder, &settled).map_err(Error::of_writing(&settled))?;
    sync_folder_of(&settled)?;
    Ok(Imported { from_version: unpacked.about.roost, media: unpacked.media, keys })
}

/// Removes a folder; that it is not there is no failure.
pub(crate) fn remove(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::of_writing(folder)(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use roost_core::clock::Clock as _;
    use roost_core::id::PostId;
    use roost_core::post::Content;
    use roost_core::status::Actor;
    use roost_store::NewPost;

    use super::*;
    use crate::archive::Writer;
    use crate::arrival_lock::LOCK;
    use crate::put_in_use;

    /// A sealed file in a folder of its own, and a data folder beside it.
    struct Case {
        folder: tempfile::TempDir,
        passphrase: Passphrase,
    }

    impl Case {
        fn new() -> Self {
            let passphrase = Passphrase::new("four words in a row".to_owned());
            let case = Self { folder: tempfile::tempdir().unwrap(), passphrase };
            make_folder(&case.data()).unwrap();
            case
        }

        fn data(&self) -> PathBuf {
            self.folder.path().join("data")
        }

        /// Seals an archive of these entries, which says that it has this layout.
        fn seal(&self, layout: u32, entries: &[(&str, &Path)]) -> PathBuf {
            let path = self.folder.path().join("sealed.move");
            let file = File::create(&path).unwrap();
            let about = About { layout, ..About::now(SystemClock.now()) };
            let sealing = sealed::seal(file, &self.passphrase).unwrap();
            let mut archive = Writer::begin(sealing, &about).unwrap();
            for (name, file) in entries {
                archive.add_file(Path::new(name), file).unwrap();
            }
            sealed::finish(archive.finish().unwrap()).unwrap();
            path
        }

        /// A store with one draft, as it comes out of a file.
        fn store(&self) -> PathBuf {
            let path = self.folder.path().join("of-the-old-computer.db");
            let store = Store::open(&path, Arc::new(SystemClock)).unwrap();
            let id = PostId::new(SystemClock.now());
            let post = NewPost::draft(id, Content::of_texts(["moved"]));
            store.write("test", |store| store.create_post(&post, Actor::Person)).unwrap();
            let copy = self.folder.path().join("copy.db");
            store.backup_to(&copy).unwrap();
            copy
        }

        fn import(&self, file: &Path) -> Result<Imported, Error> {
            import(&self.data(), file, &self.passphrase, true, Duration::ZERO)
        }

        fn posts(&self) -> u64 {
            let store = Store::open(self.data().join(STORE), Arc::new(SystemClock)).unwrap();
            store.read(|store| Ok(store.status_counts(None)?.total())).unwrap()
        }
    }

    #[test]
    fn a_file_of_a_newer_layout_or_with_something_else_in_it_is_refused_whole() {
        let case = Case::new();
        let store = case.store();
        let newer = case.seal(LAYOUT + 1, &[(STORE, &store)]);
        assert!(matches!(case.import(&newer), Err(Error::Newer)));
        for entries in [
            &[(STORE, store.as_path()), ("logs/window.log", &store)][..],
            &[(STORE, &store), ("about.json", &store)],
            &[("media/ab/cdef", &store)],
            &[],
        ] {
            let other = case.seal(LAYOUT, entries);
            let refused = case.import(&other).unwrap_err();
            assert!(matches!(refused, Error::Damaged), "{entries:?}: {refused}");
        }
        let left = fs::read_dir(case.data()).unwrap().map(|entry| entry.unwrap().file_name());
        assert_eq!(left.collect::<Vec<_>>(), [LOCK], "nothing is left but the lock");
    }

    #[test]
    fn what_was_read_is_put_in_use_however_often_that_is_cut_off() {
        let case = Case::new();
        let store = case.store();
        let file = case.seal(LAYOUT, &[(STORE, &store), ("media/ab/cdef", &store)]);
        case.import(&file).unwrap();
        let moved = case.data().join(UNPACKED);
        // A store that is open elsewhere keeps it waiting, with nothing lost.
        let begun = Store::open(case.data().join(STORE), Arc::new(SystemClock)).unwrap();
        assert!(put_in_use(&case.data(), &SystemClock).is_err());
        drop(begun);
        assert!(moved.exists());
        assert!(put_in_use(&case.data(), &SystemClock).unwrap());
        assert_eq!(case.posts(), 1);
        assert!(case.data().join("media/ab/cdef").exists() && !moved.exists());
        assert!(!put_in_use(&case.data(), &SystemClock).unwrap(), "there is nothing left to do");
    }

    #[test]
    fn what_was_put_in_its_place_before_a_cut_stays_there_and_what_was_begun_is_kept() {
        for begun in [false, true] {
            let case = Case::new();
            let store = case.store();
            let file = case.seal(LAYOUT, &[(STORE, &store), ("media/ab/cdef", &store)]);
            case.import(&file).unwrap();
            // As it is after a cut between the check and the end of putting the store in its place.
            let moved = case.data().join(UNPACKED);
            fs::rename(moved.join(STORE), moved.join("checked.db")).unwrap();
            if begun {
                fs::copy(case.store(), case.data().join(STORE)).unwrap();
                let refused = put_in_use(&case.data(), &SystemClock).unwrap_err();
                assert!(matches!(refused, Error::NotEmpty(_)), "{refused}");
                assert_eq!(case.posts(), 2);
            } else {
                let (place, checked) = (case.data().join(STORE), moved.join("checked.db"));
                roost_store::put_moved_store(&place, &checked, &SystemClock).unwrap();
                assert!(put_in_use(&case.data(), &SystemClock).unwrap());
                assert_eq!(case.posts(), 1);
                assert!(case.data().join("media/ab/cdef").exists());
            }
            let names = fs::read_dir(case.data()).unwrap();
            let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            let aside: Vec<String> = names.filter(|name| name.contains("aside-")).collect();
            assert!(aside.is_empty(), "nothing was set aside: {aside:?}");
            assert!(!moved.exists());
        }
    }

    #[test]
    fn a_second_file_waits_until_the_first_one_is_in_use() {
        let case = Case::new();
        let file = case.seal(LAYOUT, &[(STORE, &case.store())]);
        let held = ArrivalLock::acquire(&case.data()).unwrap();
        assert!(matches!(case.import(&file), Err(Error::NotEmpty(_))), "another process moves");
        drop(held);
        case.import(&file).unwrap();
        assert!(matches!(case.import(&file), Err(Error::NotEmpty(_))), "keys would be mixed");
        assert!(put_in_use(&case.data(), &SystemClock).unwrap());
        assert_eq!(case.posts(), 1);
    }

    #[test]
    fn of_two_starts_after_a_move_one_puts_it_in_use_and_the_other_waits_for_it() {
        let case = Case::new();
        let file = case.seal(LAYOUT, &[(STORE, &case.store())]);
        case.import(&file).unwrap();
        let start = || put_in_use(&case.data(), &SystemClock).unwrap();
        let did = std::thread::scope(|scope| {
            let starts = [scope.spawn(start), scope.spawn(start), scope.spawn(start)];
            starts.map(|start| start.join().unwrap())
        });
        assert_eq!(did.iter().filter(|did| **did).count(), 1, "{did:?}");
        assert_eq!(case.posts(), 1);
    }

    #[test]
    fn what_was_begun_meanwhile_is_kept_and_what_was_read_is_dropped() {
        let case = Case::new();
        let file = case.seal(LAYOUT, &[(STORE, &case.store())]);
        case.import(&file).unwrap();
        fs::copy(case.store(), case.data().join(STORE)).unwrap();
        let refused = put_in_use(&case.data(), &SystemClock).unwrap_err();
        assert!(matches!(refused, Error::NotEmpty(_)), "{refused}");
        assert_eq!(case.posts(), 2);
        assert!(!case.data().join(UNPACKED).exists());
    }
}
