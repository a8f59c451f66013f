//! Pictures and videos: told by their bytes, kept, given to posts, and let go.

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

#[test]
fn a_post_is_given_a_video_with_its_description_and_loses_it_again() {
    let roost = Roost::new();
    let args = ["posts", "create", "--media", &file("short.mp4"), "--alt", "A bell rings."];
    let made = roost.json(&[&args[..], &["--at", "2099-03-01 00:20"]].concat());
    assert_eq!(made["row"]["status"], "pending", "{made}");
    let media = &made["content"]["parts"][0]["media"][0];
    assert_eq!(media["alt_text"], "A bell rings.");
    assert_eq!(media["file"]["kind"], "video/mp4");
    let id = made["row"]["id"].as_str().expect("an id").to_owned();

    let shown = roost.run(&["posts", "show", &id]);
    assert!(shown.stdout.contains("A bell rings."), "{shown:?}");
    let listed = roost.json(&["media", "list"]);
    assert_eq!((&listed["files"], &listed["items"][0]["posts"]), (&json!(1), &json!(1)));
    let table = roost.run(&["media", "list"]);
    assert!(table.stdout.contains("short.mp4"), "{table:?}");

    let both = roost.run(&["media", "add", "--json", &file("still.webp"), &file("hevc.mp4")]);
    assert_eq!(both.code, 3, "{both:?}");
    let document = both.document();
    assert_eq!(document["added"][0]["is_new"], true);
    let words = document["refused"][0]["message"].as_str().expect("words");
    assert!(words.contains("H.264"), "{words}");

    let edited = roost.json(&["posts", "edit", &id, "--no-media", "--text", "No bell."]);
    assert_eq!(edited["content"], json!({ "parts": [{ "text": "No bell." }] }));
    let edited = roost.json(&["posts", "edit", &id, "--media", &file("still.webp")]);
    assert_eq!(edited["content"]["parts"][0]["media"][0]["file"]["kind"], "image/webp");
    assert_eq!(edited["content"]["parts"][0]["text"], "No bell.");
    assert_eq!(roost.json(&["media", "prune"]), json!({ "files": 0, "bytes": 0 }));

    let usage = roost.run(&["posts", "create", "x", "--alt", "no file"]);
    assert_eq!(usage.code, 2, "{usage:?}");
    let refused = roost.run(&["posts", "create", "x", "--media", &file("mpeg4.mp4")]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert_eq!(roost.json(&["posts", "list"])["total"], 1);
}

#[test]
fn what_a_post_discloses_is_said_at_its_making_and_taken_back_by_an_edit_and_by_undo() {
    let roost = Roost::new();
    let community = "1493446837214187523";
    let args = ["posts", "create", "The kettle sings.", "--thread", "And sings on."];
    let disclosing = ["--made-with-ai", "--community", community, "--at", "2099-03-01 00:20"];
    let made = roost.json(&[&args[..], &disclosing].concat());
    let id = made["row"]["id"].as_str().expect("an id").to_owned();
    let parts = json!([
        { "text": "The kettle sings.", "made_with_ai": true, "community_id": community },
        { "text": "And sings on.", "made_with_ai": true },
    ]);
    assert_eq!(made["content"]["parts"], parts);
    let shown = roost.run(&["posts", "show", &id]);
    assert!(shown.stdout.contains("made with AI, disclosed"), "{shown:?}");

    // What is added to the thread discloses what the post does.
    let longer = roost.json(&["posts", "edit", &id, "--thread", "On.", "--thread", "And on."]);
    assert_eq!(longer["content"]["parts"][2], json!({ "text": "And on.", "made_with_ai": true }));

    let options = ["--made-with-ai", "no", "--paid-partnership", "yes", "--community", ""];
    let edited = roost.json(&[&["posts", "edit", &id][..], &options].concat());
    let first = json!({ "text": "The kettle sings.", "paid_partnership": true });
    assert_eq!(edited["content"]["parts"][0], first);
    roost.json(&["undo"]);
    let back = roost.json(&["posts", "show", &id]);
    assert_eq!(back["content"], longer["content"]);

    let refused =
        roost.run(&["posts", "create", "x", "--community", "birds", "--at", "2099-03-01 00:20"]);
    assert_ne!(refused.code, 0, "{refused:?}");
    assert!(refused.stderr.contains("\"birds\" is no id of a community on X"), "{refused:?}");

    let csv = roost.run(&["export", "--format", "csv"]);
    assert!(csv.stdout.contains("madeWithAi,paidPartnership,communityId"), "{csv:?}");
    assert!(csv.stdout.contains(&format!("true,,{community}")), "{csv:?}");
}
