//! Pictures and videos are told by their bytes, and nothing of a store is made for it.

use std::path::Path;

use serde_json::json;

use crate::roost::Roost;

fn file(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/media/tests/files");
    folder.join(name).to_str().expect("a path").to_owned()
}

#[test]
fn a_file_is_told_with_its_size_and_with_what_x_would_refuse() {
    let roost = Roost::new();
    let (video, hevc) = (file("short.mp4"), file("hevc.mp4"));
    let fine = roost.run(&["check-media", &video]);
    assert_eq!(fine.code, 0, "{fine:?}");
    let words = "an MP4 video of 64 x 48 pixels, 0.1 MB, 1.0 s. X takes it.";
    assert!(fine.stdout.trim_end().ends_with(words), "{fine:?}");

    let both = roost.run(&["check-media", "--json", &video, &hevc]);
    assert_eq!(both.code, 3, "{both:?}");
    let files = both.document()["files"].clone();
    assert_eq!(files[0]["problems"], json!([]));
    assert_eq!((&files[0]["mime"], &files[0]["width"]), (&json!("video/mp4"), &json!(64)));
    assert!(files[1]["problems"][0].as_str().expect("words").contains("H.264"), "{files}");

    let none = roost.run(&["check-media", &file("no such file")]);
    assert_eq!(none.code, 1, "{none:?}");
    assert!(none.stdout.contains("can't be read"), "{none:?}");
}
