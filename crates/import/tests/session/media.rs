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

#[test]
fn each_part_of_a_thread_has_the_files_that_the_row_names_for_it() {
    let listed = r#"{"thread": ["one", "two", "three"], "scheduledAt": "2027-03-01 09:00",
        "media": [["cat.png", "later.png"], [], ["cat.png"]],
        "altText": [["A cat", "Later"], [], ["A cat\n---\nagain"]]}"#;
    let row = listed.replace('\n', " ");
    let json = open(
        &file(&[row.as_str()]),
        mine(),
        Surroundings { media: Arc::new(Files), ..connected() },
    );
    let cells = "thread,scheduledAt,media,altText\r\n\
        \"one\n---\ntwo\n---\nthree\",2027-03-01 09:00,\
        \"cat.png\nlater.png\n---\n\n---\ncat.png\",\
        \"A cat\nLater\n---\n---\nA third\"\r\n";
    let csv = open(cells, mine(), Surroundings { media: Arc::new(Files), ..connected() });
    for (session, third) in [(json, "A cat\n---\nagain"), (csv, "A third")] {
        assert_eq!(errors(&session), []);
        let stored = ready(&session);
        let parts = &stored[0].content.parts;
        let named: Vec<_> =
            parts[0].media_sources.iter().map(|it| it.alt_text.as_deref()).collect();
        assert_eq!(named, [Some("A cat"), Some("Later")]);
        assert!(parts[1].media.is_empty() && parts[1].media_sources.is_empty());
        assert_eq!(parts[2].media[0].alt_text.as_deref(), Some(third));
    }
}

#[test]
fn files_for_more_parts_than_there_are_are_told() {
    let rows = [
        r#"{"thread": ["one", "two"], "scheduledAt": "2027-03-01 09:00", "media": [[], [], ["cat.png"]]}"#,
        r#"{"content": "one", "scheduledAt": "2027-03-01 10:00", "media": [["cat.png"], []]}"#,
    ];
    let session = open(&file(&rows), mine(), connected());
    assert_eq!(places(&errors(&session)), [(Code::MediaReference, Some(1), "media")]);
}

#[test]
fn a_line_of_dashes_in_the_description_of_the_only_files_is_a_part_of_it() {
    let row = r#"{"content": "one", "scheduledAt": "2027-03-01 09:00", "media": "cat.png", "altText": "A cat\n---\nasleep"}"#;
    let session = open(&file(&[row]), mine(), connected());
    let stored = ready(&session);
    let named = &stored[0].content.parts[0].media_sources[0];
    assert_eq!(named.alt_text.as_deref(), Some("A cat\n---\nasleep"));
}
