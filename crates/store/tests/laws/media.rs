//! The files of the library, and which posts have them.

use std::time::Duration;

use crate::common::*;
use roost_core::id::MediaId;
use roost_core::post::{Content, MediaCategory, MediaDigest, MediaFile, MediaKind, MediaRef};
use roost_core::status::Actor;
use roost_store::{Edit, Error, MediaUse, NewMedia};

fn picture(byte: u8) -> NewMedia {
    NewMedia {
        file: MediaFile {
            sha256: MediaDigest([byte; 32]),
            kind: MediaKind::Png,
            category: MediaCategory::Image,
            bytes: 12_345,
        },
        file_name: "cat.png".into(),
        width: Some(640),
        height: Some(480),
        duration_ms: None,
        placeholder: Some(vec![1, 2, 3]),
    }
}

#[test]
fn a_file_that_a_change_took_off_is_named_by_its_event() {
    let store = memory();
    let media = write(&store, |tx| tx.save_media(&picture(7)));
    let mut new = draft("with a picture");
    new.content.parts[0].media =
        vec![MediaRef { media_id: media.id, alt_text: None, file: media.file() }];
    let post = create(&store, &new);
    let content = Content::of_texts(["without one"]);
    let edit = Edit { content: Some(content), ..Edit::default() };
    write(&store, |tx| tx.edit_post(post.id, &edit, Actor::Person));
    let later = NOW.plus(Duration::from_secs(1));
    assert_eq!(read(&store, |read| read.unused_media(later)).len(), 1);
    let named = read(&store, |read| read.files_in_events(NOW));
    assert_eq!(named.into_iter().collect::<Vec<_>>(), [MediaDigest([7; 32])]);
    assert!(read(&store, |read| read.files_in_events(later)).is_empty());
}

#[test]
fn the_same_file_is_kept_once_and_stays_while_it_is_used() {
    let store = memory();
    let new = picture(3);
    let media = write(&store, |tx| tx.save_media(&new));
    assert_eq!(media.file(), Some(new.file));
    assert_eq!(write(&store, |tx| tx.save_media(&new)), media);
    let later = NOW.plus(Duration::from_secs(1));
    let unused = |before| read(&store, |read| read.unused_media(before));
    assert_eq!(unused(later), std::slice::from_ref(&media));
    assert_eq!(unused(NOW), [], "it was taken in just now");
    let mut new = draft("with a picture");
    new.content.parts[0].media =
        vec![MediaRef { media_id: media.id, alt_text: Some("a cat".into()), file: media.file() }];
    let post = create(&store, &new);
    assert_eq!(content(&store, &post), new.content);
    assert_eq!(unused(later), []);
    let listed = read(&store, |read| read.list_media(10, 0));
    assert_eq!(listed, [MediaUse { media: media.clone(), posts: 1, undescribed: 0 }]);
    assert_eq!(read(&store, |read| read.media_total()).bytes, 12_345);
    let files = read(&store, |read| read.files_of_posts(&[post.id]));
    assert_eq!(
        files.iter().map(|file| (file.post, file.file)).collect::<Vec<_>>(),
        [(post.id, media.file())]
    );
    assert_eq!(read(&store, |read| read.files_of_waiting("media_missing")), []);
    assert_eq!(read(&store, |read| read.expect_row(post.id)).1.media, 1);
    let error = store.write("test", |tx| tx.delete_media(media.id));
    assert!(matches!(error, Err(Error::Constraint { .. })), "{error:?}");
    assert_eq!(read(&store, |read| read.media(MediaId::new(NOW))), None);
}
