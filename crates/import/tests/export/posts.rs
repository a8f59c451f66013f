//! Posts to write.

use roost_core::clock::UnixMillis;
use roost_core::id::TweetId;
use roost_core::post::Content;
use roost_core::status::Status;
use roost_core::zone::{WallTime, Zone, resolve};
use roost_import::export::{ExportRow, ExportTime};

/// Returns a draft that says `texts` and has nothing else; its id ends in `number`.
pub(crate) fn draft<T: Into<String>>(number: u32, texts: impl IntoIterator<Item = T>) -> ExportRow {
    ExportRow {
        post_id: format!("01890a5d-ac96-774b-bcce-b302{number:08x}").parse().expect("an id"),
        own_id: None,
        content: Content::of_texts(texts),
        schedule: None,
        account: None,
        tags: Vec::new(),
        note: None,
        status: Status::Draft,
        tweet_ids: Vec::new(),
        posted_at: None,
        follow_up: None,
        is_loose: false,
    }
}

/// Returns when `zone`'s clocks show `wall`.
pub(crate) fn time(wall: &str, zone: &str) -> ExportTime {
    let at = resolve(&WallTime::parse(wall).expect("a time"), &Zone::parse(zone).expect("a zone"));
    ExportTime { at: at.instant, wall_time: wall.to_owned(), zone: zone.to_owned() }
}

/// Returns a post that waits for its time.
pub(crate) fn waiting(number: u32, text: &str) -> ExportRow {
    ExportRow {
        schedule: Some(time("2027-03-01 09:00", "Asia/Kolkata")),
        status: Status::Pending,
        account: Some("ada".to_owned()),
        ..draft(number, [text])
    }
}

/// Returns a thread that went out.
pub(crate) fn posted(number: u32, texts: &[&str]) -> ExportRow {
    let schedule = time("2026-10-01 09:00", "Europe/Berlin");
    ExportRow {
        status: Status::Posted,
        account: Some("ada".to_owned()),
        tweet_ids: (0..texts.len()).map(|part| TweetId(format!("18{part}7"))).collect(),
        posted_at: Some(UnixMillis(schedule.at.0 + 1_000)),
        schedule: Some(schedule),
        ..draft(number, texts.iter().copied())
    }
}
