//! What is kept is kept once, whole, and as it was.

use std::fs;
use std::io::{self, Cursor, Read};

use roost_media::{Digest, Library, NotKept, thumbnail};

use crate::made;

fn library() -> (tempfile::TempDir, Library) {
    let folder = tempfile::tempdir().expect("a folder");
    let library = Library::open(folder.path().join("media")).expect("a library");
    (folder, library)
}

#[test]
fn the_same_bytes_are_one_file_and_come_back_as_they_were() {
    let (_folder, library) = library();
    let bytes = made::file("short.mp4");
    let first = library.keep(&mut Cursor::new(&bytes)).expect("kept");
    let second = library.keep(&mut Cursor::new(&bytes)).expect("kept");
    assert!(first.is_new && !second.is_new);
    assert_eq!(first.digest, second.digest);
    assert_eq!(library.files().expect("listed"), [(first.digest, bytes.len() as u64)]);
    let mut back = Vec::new();
    let mut file = library.file(first.digest).expect("opened").expect("there");
    file.read_to_end(&mut back).expect("read");
    assert_eq!(back, bytes);
    library.remove(first.digest).expect("removed");
    library.remove(first.digest).expect("removed already");
    assert!(library.file(first.digest).expect("asked").is_none());
}

/// Yields some bytes, then an error.
struct Breaking(usize);

impl Read for Breaking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::other("the disk was pulled out"));
        }
        let count = buffer.len().min(self.0);
        self.0 -= count;
        Ok(count)
    }
}

#[test]
fn what_can_not_be_read_to_its_end_leaves_nothing() {
    let (folder, library) = library();
    let failed = library.keep(&mut Breaking(200_000));
    assert!(matches!(failed, Err(NotKept::Io(_))), "{failed:?}");
    assert_eq!(library.files().expect("listed"), []);
    let incoming = fs::read_dir(folder.path().join("media/incoming")).expect("listed");
    assert_eq!(incoming.count(), 0);
}

#[test]
fn more_than_the_limit_is_not_copied_to_its_end() {
    let (_folder, library) = library();
    let library = library.with_limit(1_000_000);
    let failed = library.keep(&mut io::repeat(0));
    assert!(matches!(failed, Err(NotKept::TooLarge { bytes_max: 1_000_000 })), "{failed:?}");
    assert!(library.keep(&mut io::repeat(0).take(1_000_000)).is_ok());
}

#[test]
fn what_a_program_left_half_written_yesterday_goes_at_the_next_start() {
    let (folder, library) = library();
    drop(library);
    let incoming = folder.path().join("media/incoming");
    fs::write(incoming.join("1-0"), "half").expect("written");
    fs::write(incoming.join("2-0"), "of a program that runs").expect("written");
    let old = fs::File::options().write(true).open(incoming.join("1-0")).expect("opened");
    let written = old.metadata().and_then(|of| of.modified()).expect("told");
    let yesterday = written - std::time::Duration::from_secs(25 * 3_600);
    old.set_modified(yesterday).expect("made old");
    let _library = Library::open(folder.path().join("media")).expect("a library");
    let left: Vec<_> = fs::read_dir(incoming)
        .expect("listed")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(left, ["2-0"]);
}

#[test]
fn a_file_that_the_disk_changed_is_noticed_and_kept_anew_when_it_is_short() {
    let (_folder, library) = library();
    let bytes = made::file("first.mov");
    let kept = library.keep(&mut Cursor::new(&bytes)).expect("kept");
    assert!(library.is_whole(kept.digest).expect("read"));
    fs::write(library.path(kept.digest), &bytes[1..]).expect("damaged");
    assert!(!library.is_whole(kept.digest).expect("read"));
    let again = library.keep(&mut Cursor::new(&bytes)).expect("kept");
    assert!(again.is_new && library.is_whole(kept.digest).expect("read"));
}

#[cfg(unix)]
#[test]
fn folders_and_files_are_their_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, library) = library();
    let kept = library.keep(&mut Cursor::new(b"bytes")).expect("kept");
    let mode =
        |path: &std::path::Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let file = library.path(kept.digest);
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(file.parent().expect("a shelf")), 0o700);
    assert_eq!(mode(&folder.path().join("media")), 0o700);
}

#[test]
fn a_digest_reads_as_it_is_written() {
    let digest = Digest([0xAB; 32]);
    assert_eq!(digest.to_string(), "ab".repeat(32));
    assert_eq!(digest.to_string().parse(), Ok(digest));
    for wrong in ["", "ab", &"zz".repeat(32), &"é".repeat(32)] {
        assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
    }
}

#[test]
fn a_thumbnail_keeps_the_shape_and_is_turned_as_it_is_shown() {
    let kind = roost_media::Kind::Jpeg;
    let bytes = made::lying_jpeg(400, 100);
    let small = thumbnail(Cursor::new(&bytes), kind, 160).expect("a thumbnail");
    assert_eq!((small.width, small.height), (40, 160));
    assert!(small.png.starts_with(b"\x89PNG") && (5..40).contains(&small.placeholder.len()));
    let facts = made::seen(&small.png).expect("a picture");
    assert_eq!((facts.width, facts.height), (40, 160));
    // One that is small already is not blown up.
    let tiny = made::picture(3, 2, image::ImageFormat::Png);
    let small = thumbnail(Cursor::new(&tiny), roost_media::Kind::Png, 160).expect("a thumbnail");
    assert_eq!((small.width, small.height), (3, 2));
    assert!(thumbnail(Cursor::new(&made::file("short.mp4")), roost_media::Kind::Mp4, 160).is_err());
}
