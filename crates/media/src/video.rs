//! MP4 and QuickTime: the tables that say how long, how large, and in which codecs. The pictures
//! themselves are X's to read.

use std::io::BufRead;

use mp4parse::{
    AudioSampleEntry, CodecType, SampleEntry, Track, TrackType, VideoSampleEntry, read_mp4,
};

use crate::facts::{Facts, VideoFacts};
use crate::kind::Kind;
use crate::unreadable::Unreadable;

pub(crate) fn read<R: BufRead>(mut file: R, kind: Kind, bytes: u64) -> Result<Facts, Unreadable> {
    let damaged = || Unreadable::Damaged { kind: kind.name() };
    let container = read_mp4(&mut file).map_err(|_| damaged())?;
    let of = |wanted| move |track: &&Track| track.track_type == wanted;
    let pictures = container.tracks.iter().find(of(TrackType::Video));
    let pictures = pictures.ok_or(Unreadable::NoVideoTrack)?;
    let sound = container.tracks.iter().find(of(TrackType::Audio));
    let entry = video_entry(pictures);
    let (samples, ticks) = samples_and_ticks(pictures);
    let per_second = pictures.timescale.map_or(0, |scale| scale.0);
    let ticks = ticks.max(pictures.duration.map_or(0, |duration| duration.0));
    if samples == 0 && container.mvex.is_some() {
        return Err(Unreadable::Fragmented);
    }
    if per_second == 0 || ticks == 0 || samples == 0 {
        return Err(damaged());
    }
    let duration_ms = u64::try_from(u128::from(ticks) * 1_000 / u128::from(per_second));
    let duration_ms = duration_ms.map_err(|_| damaged())?;
    let (width, height) = shown_size(pictures, entry).ok_or_else(damaged)?;
    let video = VideoFacts {
        duration_ms,
        #[expect(clippy::cast_precision_loss, reason = "a rate, compared with 60")]
        frames_per_second: samples as f64 * per_second as f64 / ticks as f64,
        is_h264: entry.is_some_and(|entry| entry.codec_type == CodecType::H264),
        sound_is_aac: sound.map(|track| sound_codec(track) == Some(CodecType::AAC)),
    };
    Ok(Facts { kind, bytes, width, height, frames: 1, video: Some(video) })
}

/// Returns the description of a track whose codec is known.
fn video_entry(track: &Track) -> Option<&VideoSampleEntry> {
    let descriptions = &track.stsd.as_ref()?.descriptions;
    descriptions.iter().find_map(|entry| match entry {
        SampleEntry::Video(video) => Some(video),
        _ => None,
    })
}

/// Returns how many frames a track has and how long they last together, by its run lengths: a file
/// of few bytes may claim billions, and none of them is unrolled.
fn samples_and_ticks(track: &Track) -> (u64, u64) {
    let runs = track.stts.iter().flat_map(|table| table.samples.iter());
    runs.fold((0, 0), |(samples, ticks): (u64, u64), run| {
        let (count, delta) = (u64::from(run.sample_count), u64::from(run.sample_delta));
        (samples.saturating_add(count), ticks.saturating_add(count.saturating_mul(delta)))
    })
}

fn sound_codec(track: &Track) -> Option<CodecType> {
    let descriptions = &track.stsd.as_ref()?.descriptions;
    descriptions.iter().find_map(|entry| match entry {
        SampleEntry::Audio(AudioSampleEntry { codec_type, .. }) => Some(*codec_type),
        _ => None,
    })
}

/// Returns width and height in pixels as they are shown: phones store upright videos lying down, and
/// the track's matrix turns them. Of a codec that is not known only the track's header tells them.
fn shown_size(track: &Track, entry: Option<&VideoSampleEntry>) -> Option<(u32, u32)> {
    let header = track.tkhd.as_ref();
    let (width, height) = match entry {
        Some(entry) => (u32::from(entry.width), u32::from(entry.height)),
        // 16.16 fixed point.
        None => header.map(|header| (header.width >> 16, header.height >> 16))?,
    };
    let lies = header.is_some_and(|header| header.matrix.a == 0);
    Some(if lies { (height, width) } else { (width, height) })
}
