//! Files that rows name: those that are there, and those that can't be had.

use std::sync::Arc;

use roost_core::failure::Code;
use roost_core::post::{MediaCategory, MediaDigest, MediaFile, MediaKind, MediaRef};
use roost_import::surroundings::{FindMedia, NamedMedia, Surroundings};

use crate::common::*;

/// A library that has one file and was refused another.
struct Files;

impl FindMedia for Files {
    fn find(&self, source: &str) -> Option<NamedMedia> {
        match source {
            "cat.png" => Some(NamedMedia::Here(MediaRef {
                media_id: "0192f3a4-5c00-7e75-825a-e3240fb297fa".parse().unwrap(),
                alt_text: None,
                file: Some(MediaFile {
                    sha256: MediaDigest([1; 32]),
                    kind: MediaKind::Png,
                    category: MediaCategory::Image,
                    bytes: 7,
                }),
            })),
            "gone.png" => Some(NamedMedia::Refused("there is no such file".to_owned())),
            _ => None,
        }
    }
}

#[test]
fn a_row_has_the_files_that_are_there_and_becomes_a_draft_for_one_that_can_not_be_had() {
    let rows = [
        r#"{"content": "a", "scheduledAt": "2027-03-01 09:00", "media": "cat.png", "altText": "A cat"}"#,
        r#"{"content": "b", "scheduledAt": "2027-03-01 10:00", "media": ["cat.png", "gone.png"]}"#,
        r#"{"content": "c", "scheduledAt": "2027-03-01 11:00", "media": ["cat.png", "later.png"]}"#,
    ];
    let around = Surroundings { media: Arc::new(Files), ..connected() };
    let session = open(&file(&rows), mine(), around);
    let summary = session.summary();
    assert_eq!((summary.ready, summary.drafts, summary.refused), (2, 1, 0));
    assert_eq!(places(&warnings(&session)), [(Code::MediaNotFetched, Some(2), "media")]);
    let stored = ready(&session);
    let part = |at: usize| &stored[at].content.parts[0];
    assert_eq!(part(0).media[0].alt_text.as_deref(), Some("A cat"));
    assert_eq!(stored[0].cost.0, 15_000 + 5_000);
    assert_eq!((part(1).media.len(), part(1).media_sources.len()), (0, 2));
    assert_eq!((part(2).media.len(), part(2).media_sources.len()), (0, 2));
}
