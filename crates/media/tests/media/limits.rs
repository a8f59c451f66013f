//! Each limit of X, just under it and just over it.

use roost_media::{Facts, Kind, Unfit, VideoFacts, unfit_for_x};

fn image(bytes: u64) -> Facts {
    Facts { kind: Kind::Jpeg, bytes, width: 4_000, height: 3_000, frames: 1, video: None }
}

fn gif(bytes: u64, width: u32, height: u32, frames: u32) -> Facts {
    Facts { kind: Kind::Gif, bytes, width, height, frames, video: None }
}

fn video(width: u32, height: u32, duration_ms: u64, frames_per_second: f64) -> Facts {
    let video =
        VideoFacts { duration_ms, frames_per_second, is_h264: true, sound_is_aac: Some(true) };
    let kind = Kind::Mp4;
    Facts { kind, bytes: 512_000_000, width, height, frames: 1, video: Some(video) }
}

fn fits(facts: &Facts) -> bool {
    unfit_for_x(facts, false).is_empty()
}

#[test]
fn an_image_has_5_mb_and_a_gif_15_and_a_video_512() {
    assert!(fits(&image(5_000_000)));
    assert_eq!(
        unfit_for_x(&image(5_000_001), false)[0].to_string(),
        "It has 5.1 MB; X takes 5 MB of an image."
    );
    assert!(fits(&gif(15_000_000, 100, 100, 2)));
    assert!(!fits(&gif(15_000_001, 100, 100, 2)));
    // One frame is an image, with an image's limit.
    assert!(!fits(&gif(15_000_000, 100, 100, 1)));
    let mut large = video(640, 480, 10_000, 30.0);
    assert!(fits(&large));
    large.bytes += 1;
    assert!(!fits(&large));
}

#[test]
fn a_gif_has_1280_by_1080_pixels_350_frames_and_300_million_pixels_in_all() {
    assert!(fits(&gif(1, 1_280, 1_080, 200)));
    assert!(!fits(&gif(1, 1_281, 100, 2)));
    assert!(!fits(&gif(1, 100, 1_081, 2)));
    assert!(fits(&gif(1, 100, 100, 350)));
    assert_eq!(unfit_for_x(&gif(1, 100, 100, 351), false), [Unfit::Frames]);
    // 1,000 x 1,000 x 300 is the most.
    assert!(fits(&gif(1, 1_000, 1_000, 300)));
    assert!(!fits(&gif(1, 1_000, 1_000, 301)));
}

#[test]
fn a_video_has_32_to_1280_by_1024_pixels_lying_or_upright_and_a_shape_of_three_to_one() {
    for (width, height) in [(32, 32), (1_280, 1_024), (1_024, 1_280), (960, 320), (320, 960)] {
        assert!(fits(&video(width, height, 1_000, 30.0)), "{width} x {height}");
    }
    for (width, height) in [(31, 32), (1_281, 1_024), (1_280, 1_025), (961, 320), (320, 961)] {
        let found = unfit_for_x(&video(width, height, 1_000, 30.0), false);
        assert_eq!(found, [Unfit::VideoSize { width, height }]);
    }
}

#[test]
fn a_video_lasts_half_a_second_to_140_and_longer_where_the_account_may() {
    assert!(fits(&video(640, 480, 500, 30.0)));
    assert!(!fits(&video(640, 480, 499, 30.0)));
    assert!(fits(&video(640, 480, 140_000, 30.0)));
    let long = video(640, 480, 140_001, 30.0);
    assert_eq!(unfit_for_x(&long, false), [Unfit::Duration { ms: 140_001 }]);
    assert_eq!(unfit_for_x(&long, true), []);
}

#[test]
fn a_video_has_60_frames_a_second_and_a_camera_s_inexact_60_is_60() {
    assert!(fits(&video(640, 480, 1_000, 60.0)));
    assert!(fits(&video(640, 480, 1_000, 60.02)));
    assert!(!fits(&video(640, 480, 1_000, 61.0)));
}
