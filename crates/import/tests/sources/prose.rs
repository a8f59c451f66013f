//! Plain text, Markdown, and X's archive.

use super::*;

#[test]
fn a_paragraph_is_a_post_and_numbered_ones_are_a_thread() {
    let table = named(
        "posts.txt",
        "Good morning,\neverybody.\n\n1/ First things first.\n\n2/ Then the rest. \"Quoted\"\n\n\nOpen 24/7, \
         and #always\n\n(1/2) Again\n\n(2/2) and done\n\n(1/3) alone\n",
    );
    assert_eq!(table.format, Format::Text);
    assert_eq!(
        rows(&table),
        [
            "1: content=Good morning,\neverybody.",
            "4: thread=[\"1/ First things first.\",\"2/ Then the rest. \\\"Quoted\\\"\"] (List)",
            "9: content=Open 24/7, and #always",
            "11: thread=[\"(1/2) Again\",\"(2/2) and done\"] (List)",
            "15: content=(1/3) alone",
        ]
    );
}

#[test]
fn rules_part_posts_where_there_are_some_and_headings_are_no_posts() {
    let text = "# March\n\nOne,\n\nstill one.\n\n---\n\n## Tuesday\nTwo #tag\n***\n#three begins\n";
    for table in [table(text), named("plan.md", text)] {
        assert_eq!(table.format, Format::Markdown);
        assert_eq!(
            rows(&table),
            ["3: content=One,\n\nstill one.", "10: content=Two #tag", "12: content=#three begins"]
        );
    }
}

#[test]
fn a_table_in_a_chat_s_answer_is_taken_and_told() {
    let table = table("Here you go:\n\n```csv\ncontent,date\n\"a, b\",2027-03-01\n```\nBye!\n");
    assert_eq!(
        (table.format, rows(&table)),
        (Format::Csv, vec!["5: content=a, b | date=2027-03-01".to_owned()])
    );
    assert!(notes(&table)[0].contains("lines 4 to 5"), "{:?}", notes(&table));
}

#[test]
fn x_s_archive_gives_texts_with_their_ids_and_no_time_to_go_out() {
    let text = r#"window.YTD.tweets.part0 = [
  { "tweet" : { "id_str" : "17", "full_text" : "R&amp;D: https://t.co/a https://t.co/m",
    "created_at" : "Wed Oct 10 20:19:24 +0000 2018", "entities" : {
      "urls" : [ { "url" : "https://t.co/a", "expanded_url" : "https://example.com/a", "indices" : ["0"] } ],
      "media" : [ { "url" : "https://t.co/m", "expanded_url" : "https://x.com/p" } ] } } },
  { "id_str" : "18", "text" : "An older archive" },
  { "tweet" : { "id_str" : "19", "full_text" : "half \ud83d" } }
];
"#;
    let table = table(text);
    assert_eq!(table.format, Format::XArchive);
    let found = rows(&table);
    assert_eq!(
        found[..2],
        [
            "2: content=R&D: https://example.com/a | tweetId=17 | createdAt=Wed Oct 10 20:19:24 +0000 2018",
            "6: content=An older archive | tweetId=18",
        ]
    );
    assert!(found[2].starts_with("7: content=") && found[2].ends_with("(Broken)"), "{found:?}");
    let error = refused("window.YTD.like.part0 = [ {\"like\": {}} ]");
    assert!(error.to_string().contains("\"like\""), "{error}");
    let error = refused("window.YTD.tweets.part0 = [\n{\"tweet\": ]");
    assert!(error.to_string().contains("line 2"), "{error}");
}

#[test]
fn a_table_of_markdown_gives_its_rows() {
    let table = table(
        "Here is your plan:\n\n| Date | Post |\n|------|:----:|\n| 2027-03-01 | Hello, \\| world |\n| 2027-03-02 |  |\n\
         \nWeek 2:\n| Date | Post |\n|---|---|\n| 2027-03-08 | Again | and more |\n",
    );
    assert_eq!(table.format, Format::Markdown);
    assert_eq!(
        rows(&table),
        [
            "5: Date=2027-03-01 | Post=Hello, | world",
            "6: Date=2027-03-02",
            "11: Date=2027-03-08 | Post=Again | =and more"
        ]
    );
    assert_eq!(faults(&table), ["3: The row has 3 cells; the header has 2."]);
    assert_eq!(notes(&table).len(), 1);
}
