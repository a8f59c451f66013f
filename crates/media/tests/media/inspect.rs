//! What files turn out to be, and which are refused with which words.

use std::io::Cursor;

use image::ImageFormat;
use proptest::prelude::*;
use roost_media::{Category, Kind, Unfit, Unreadable, inspect, unfit_for_x};

use crate::made::{file, gif, lying_jpeg, picture, seen};

#[test]
fn a_picture_is_known_by_its_bytes_with_its_size() {
    for (format, kind) in [
        (ImageFormat::Jpeg, Kind::Jpeg),
        (ImageFormat::Png, Kind::Png),
        (ImageFormat::WebP, Kind::WebP),
    ] {
        let bytes = picture(40, 30, format);
        let facts = seen(&bytes).expect("a picture");
        assert_eq!((facts.kind, facts.width, facts.height, facts.frames), (kind, 40, 30, 1));
        assert_eq!(facts.bytes, bytes.len() as u64);
        assert_eq!(facts.category(), Category::Image);
        assert_eq!(unfit_for_x(&facts, false), [], "{kind:?}");
    }
}

#[test]
fn a_picture_that_lies_on_its_side_has_the_size_in_which_it_is_shown() {
    let facts = seen(&lying_jpeg(40, 30)).expect("a picture");
    assert_eq!((facts.width, facts.height), (30, 40));
}

#[test]
fn a_gif_of_one_frame_is_an_image_and_one_of_more_is_a_gif() {
    let still = seen(&gif(8, 8, 1)).expect("a GIF");
    assert_eq!((still.category(), still.frames), (Category::Image, 1));
    let moving = seen(&gif(8, 8, 3)).expect("a GIF");
    assert_eq!((moving.category(), moving.frames), (Category::Gif, 3));
}

#[test]
fn a_video_tells_how_long_and_how_large_it_is() {
    for (name, kind, sound) in
        [("short.mp4", Kind::Mp4, Some(true)), ("first.mov", Kind::QuickTime, None)]
    {
        let facts = seen(&file(name)).expect(name);
        let video = facts.video.expect("a video");
        assert_eq!((facts.kind, facts.width, facts.height), (kind, 64, 48), "{name}");
        assert_eq!(facts.duration_ms(), Some(1_000), "{name}");
        assert!((video.frames_per_second - 10.0).abs() < 0.01, "{name}: {video:?}");
        assert_eq!((video.is_h264, video.sound_is_aac), (true, sound), "{name}");
        assert_eq!(unfit_for_x(&facts, false), [], "{name}");
    }
}

#[test]
fn an_upright_video_that_is_stored_lying_down_is_upright() {
    let facts = seen(&file("upright.mp4")).expect("a video");
    assert_eq!((facts.width, facts.height), (48, 64));
}

#[test]
fn codecs_that_x_does_not_take_are_named() {
    for name in ["hevc.mp4", "mpeg4.mp4"] {
        let facts = seen(&file(name)).expect(name);
        assert_eq!(unfit_for_x(&facts, false), [Unfit::VideoCodec], "{name}");
    }
    let facts = seen(&file("mp3_sound.mp4")).expect("a video");
    assert_eq!(unfit_for_x(&facts, false), [Unfit::SoundCodec]);
}

#[test]
fn a_png_or_a_webp_that_moves_is_told_that_x_shows_one_picture_of_it() {
    for (name, kind) in [("animated.png", "a PNG"), ("animated.webp", "a WebP")] {
        let facts = seen(&file(name)).expect(name);
        assert_eq!(unfit_for_x(&facts, false), [Unfit::Moves { kind }], "{name}");
    }
    let still = seen(&file("still.webp")).expect("a picture");
    assert_eq!(unfit_for_x(&still, false), []);
}

#[test]
fn what_is_no_picture_and_no_video_says_what_it_is() {
    let page = b"<!DOCTYPE html><title>404 Not Found</title>".as_slice();
    let words = seen(page).expect_err("a page").to_string();
    assert!(words.starts_with("The file is a web page, which X does not take."), "{words}");
    assert!(matches!(seen(b""), Err(Unreadable::Empty)));
    assert!(matches!(seen(b"hello"), Err(Unreadable::Unknown)));
    assert!(matches!(seen(&file("sound_only.mp4")), Err(Unreadable::NoVideoTrack)));
    assert!(matches!(seen(&file("fragmented.mp4")), Err(Unreadable::Fragmented)));
}

#[test]
fn a_file_that_ends_too_early_is_damaged_wherever_it_ends() {
    let gif_bytes = gif(8, 8, 3);
    let files = [
        picture(40, 30, ImageFormat::Jpeg),
        picture(40, 30, ImageFormat::Png),
        picture(40, 30, ImageFormat::WebP),
        gif_bytes,
    ];
    for bytes in files {
        for part in [40, 60, 80] {
            let cut = &bytes[..bytes.len() * part / 100];
            let found = seen(cut);
            assert!(matches!(found, Err(Unreadable::Damaged { .. })), "{part} %: {found:?}");
        }
    }
    let bytes = file("first.mov");
    assert!(matches!(seen(&bytes[..300]), Err(Unreadable::Damaged { .. })));
}

#[test]
fn a_header_that_claims_a_huge_picture_opens_nothing() {
    let mut bytes = picture(4, 4, ImageFormat::Png);
    bytes[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    let found = seen(&bytes);
    assert!(
        matches!(found, Err(Unreadable::TooManyPixels { width: 60_000, height: 60_000 })),
        "{found:?}"
    );
}

/// A file of so many bytes that begins as a video; nothing of it is in memory.
struct Huge(u64, u64);

impl std::io::Read for Huge {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let first = b"\0\0\0\x18ftypisom";
        let left = usize::try_from(self.0 - self.1).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        for (number, byte) in buffer[..count].iter_mut().enumerate() {
            let at = usize::try_from(self.1).unwrap_or(usize::MAX).saturating_add(number);
            *byte = first.get(at).copied().unwrap_or(0);
        }
        self.1 += count as u64;
        Ok(count)
    }
}

impl std::io::Seek for Huge {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.1 = match to {
            std::io::SeekFrom::Start(at) => at,
            std::io::SeekFrom::End(by) => self.0.saturating_add_signed(by),
            std::io::SeekFrom::Current(by) => self.1.saturating_add_signed(by),
        };
        Ok(self.1)
    }
}

#[test]
fn a_file_of_600_mb_is_refused_by_its_size_alone() {
    let found = inspect(Huge(600_000_000, 0));
    assert!(matches!(found, Err(Unreadable::TooLarge { bytes: 600_000_000 })), "{found:?}");
    let words = found.expect_err("refused").to_string();
    assert_eq!(words, "The file has 600 MB; X takes at most 512 MB of a video.");
}

#[test]
fn one_byte_of_a_video_s_table_may_claim_billions_of_frames() {
    let mut bytes = file("first.mov");
    let at = bytes.windows(4).position(|four| four == b"stts").expect("a table") + 12;
    bytes[at..at + 4].copy_from_slice(&u32::MAX.to_be_bytes());
    let facts = seen(&bytes).expect("its claim is only counted");
    assert!(unfit_for_x(&facts, false).iter().any(|one| matches!(one, Unfit::Duration { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_the_bytes_are_the_answer_is_facts_or_an_error(
        start in prop::sample::select(vec![0_usize, 1, 2, 3, 4, 5, 6]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = match start {
            0 => picture(9, 7, ImageFormat::Jpeg),
            1 => picture(9, 7, ImageFormat::Png),
            2 => picture(9, 7, ImageFormat::WebP),
            3 => gif(5, 5, 2),
            4 => file("short.mp4"),
            5 => file("first.mov"),
            _ => file("animated.webp"),
        };
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        if let Ok(facts) = inspect(Cursor::new(&bytes)) {
            let _words: Vec<String> =
                unfit_for_x(&facts, false).iter().map(ToString::to_string).collect();
        }
    }
}
