//! A file that arrives in pieces goes on where it stopped, and is kept only as what it was announced.

use std::io::Read as _;

use roost_media::{Arrival, Digest, Library, NotAppended};
use sha2::{Digest as _, Sha256};

const PIECE_BYTES: usize = 1000;

fn library() -> (tempfile::TempDir, Library) {
    let folder = tempfile::tempdir().expect("a folder");
    let library = Library::open(folder.path().join("media")).expect("a library");
    (folder, library)
}

fn file() -> (Vec<u8>, Digest) {
    let bytes: Vec<u8> = (0..2500_u32).flat_map(u32::to_le_bytes).take(2_500).collect();
    let digest = Digest(Sha256::digest(&bytes).into());
    (bytes, digest)
}

/// Sends the piece at `offset`.
fn send(library: &Library, offset: usize) -> Result<Arrival, NotAppended> {
    let (bytes, digest) = file();
    let piece = &bytes[offset..(offset + PIECE_BYTES).min(bytes.len())];
    library.append(digest, offset as u64, piece, bytes.len() as u64)
}

fn received(bytes: u64) -> Arrival {
    Arrival::Partial { received_bytes: bytes }
}

#[test]
fn a_file_goes_on_after_a_restart_and_comes_back_as_it_was() {
    let (folder, library) = library();
    let (bytes, digest) = file();
    assert_eq!(send(&library, 0).expect("added"), received(1000));
    assert_eq!(library.files().expect("listed"), []);
    assert_eq!(library.partials().expect("listed").len(), 1);
    let library = Library::open(folder.path().join("media")).expect("opened again");
    assert_eq!(library.received_bytes(digest).expect("asked"), 1000);
    send(&library, 1000).expect("added");
    let Arrival::Whole(kept) = send(&library, 2000).expect("added") else { panic!("not whole") };
    assert!(kept.is_new && kept.digest == digest && kept.bytes == 2500);
    assert_eq!(library.partials().expect("listed"), []);
    let mut back = Vec::new();
    let mut kept = library.file(digest).expect("opened").expect("there");
    kept.read_to_end(&mut back).expect("read");
    assert_eq!(back, bytes);
}

#[test]
fn a_piece_again_changes_nothing_and_one_that_does_not_follow_is_refused_with_what_is_there() {
    let (_folder, library) = library();
    send(&library, 0).expect("added");
    send(&library, 1000).expect("added");
    for offset in [0, 1000, 500] {
        assert_eq!(send(&library, offset).expect("there already"), received(2000));
    }
    let (bytes, digest) = file();
    let overlapping = library.append(digest, 1500, &bytes[1500..], 2500);
    let gap = library.append(digest, 2400, &bytes[2400..], 2500);
    for refused in [overlapping, gap] {
        assert!(matches!(refused, Err(NotAppended::WrongOffset { received_bytes: 2000 })));
    }
    send(&library, 2000).expect("added");
    assert!(matches!(send(&library, 0), Ok(Arrival::Whole(kept)) if !kept.is_new));
}

#[test]
fn a_file_with_another_digest_is_thrown_away_and_can_come_again() {
    let (_folder, library) = library();
    let (mut bytes, digest) = file();
    bytes[7] ^= 1;
    let refused = library.append(digest, 0, &bytes, 2500);
    assert!(matches!(refused, Err(NotAppended::WrongDigest)), "{refused:?}");
    assert_eq!(library.received_bytes(digest).expect("asked"), 0);
    for offset in [0, 1000, 2000] {
        send(&library, offset).expect("added");
    }
    assert!(library.is_whole(digest).expect("read"));
}

#[test]
fn a_file_that_was_announced_with_another_size_is_decided_by_its_digest() {
    let (_folder, library) = library();
    let (bytes, digest) = file();
    send(&library, 0).expect("added");
    let short = library.append(digest, 1000, &[], 1000);
    assert!(matches!(short, Err(NotAppended::WrongDigest)), "{short:?}");
    library.append(digest, 0, &bytes[..2000], 9000).expect("added");
    let shorter = library.append(digest, 1000, &bytes[1000..1500], 1500);
    assert!(matches!(shorter, Err(NotAppended::WrongOffset { received_bytes: 0 })), "{shorter:?}");
    library.append(digest, 0, &bytes, 2500).expect("added");
    assert!(library.is_whole(digest).expect("read"));
}

#[test]
fn what_lies_outside_of_the_file_or_beyond_the_limit_is_refused() {
    let (_folder, library) = library();
    let (bytes, digest) = file();
    for (offset, total) in [(0, 0), (0, 2499), (1, 2500), (u64::MAX, 2500)] {
        let refused = library.append(digest, offset, &bytes, total);
        assert!(matches!(refused, Err(NotAppended::BeyondEnd)), "{offset} {total} {refused:?}");
    }
    let library = library.with_limit(2499);
    let refused = library.append(digest, 0, &bytes, 2500);
    assert!(matches!(refused, Err(NotAppended::TooLarge { bytes_max: 2499 })), "{refused:?}");
    assert_eq!(library.received_bytes(digest).expect("asked"), 0);
}
