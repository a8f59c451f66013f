//! JSON.

use super::*;

#[test]
fn an_object_with_posts_gives_its_rows_with_their_lines_and_its_defaults() {
    let table = table(
        r#"{
  "$schema": "urn:roost:import",
  "timezone": "Asia/Kolkata", "account": "@roost", "plan": "spring",
  "posts": [
    { "content": "One é 🐦", "scheduledAt": "2027-03-01 09:00" },
    { "scheduled_at": 46447.375, "content": "Two\n\u00e9 \ud83d\udc26",

      "draft": true, "tags": ["a", "b"], "poll": {"options": []}, "note": null, "link": "" }, {}
  ]
}"#,
    );
    assert_eq!(table.format, Format::Json);
    assert_eq!(
        rows(&table),
        [
            "5: content=One é 🐦 | scheduledAt=2027-03-01 09:00",
            "6: scheduled_at=46447.375 (Number) | content=Two\né 🐦 | draft=true (Bool) | \
             tags=[\"a\", \"b\"] (List) | poll={\"options\": []} (Object)",
            "8: ",
        ]
    );
    let defaults = &table.defaults;
    let defaults = (&defaults.timezone, &defaults.account, &defaults.plan);
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(defaults, (&text("Asia/Kolkata"), &text("@roost"), &text("spring")));
    assert_eq!(table.reading.encoding, Some("UTF-8"));
    assert!(notes(&table).is_empty() && faults(&table).is_empty());
}

#[test]
fn a_bare_list_is_read_and_texts_in_it_are_posts() {
    let table = table("\n[{\"text\": \"a\"},\n\"b\\n\", \n{\"text\": \"c\"}]");
    assert_eq!(rows(&table), ["2: text=a", "3: content=b\n", "4: text=c"]);
}

#[test]
fn a_list_under_another_name_is_found_one_level_down_too_and_named() {
    for (text, path) in [
        (r#"{"tweets": [{"text": "a"}]}"#, "tweets"),
        (r#"{"data": {"tweets": [{"text": "a"}]}}"#, "data.tweets"),
        (r#"{"meta": {"tags": ["x"]}, "Posts": [{"text": "a"}]}"#, "Posts"),
        (r#"{"version": 3, "campaign": [{"text": "a"}]}"#, "campaign"),
        (r#"{"result": {"count": 1, "anything": [{"text": "a"}]}}"#, "result.anything"),
    ] {
        let table = table(text);
        assert_eq!(rows(&table), ["1: text=a"], "{text}");
        let expected = format!("file_list_found: The posts were taken from \"{path}\".");
        assert!(notes(&table).contains(&expected), "{text}: {:?}", notes(&table));
    }
    let table =
        table(r#"{"data": {"timezone": "UTC", "tweets": [{"text": "a"}]}, "account": "@a"}"#);
    assert_eq!(table.defaults.timezone.as_deref(), Some("UTC"));
    assert_eq!(table.defaults.account.as_deref(), Some("@a"));
}

#[test]
fn several_lists_that_may_be_meant_are_named() {
    let error = refused(r#"{"march": [{"text": "a"}], "april": [{"text": "b"}]}"#);
    assert_eq!(error.to_string(), "The file holds 2 lists: \"march\", \"april\".");
    assert_eq!(error.options(), ["march", "april"]);
}

#[test]
fn of_several_lists_the_one_that_was_chosen_is_read() {
    let file = r#"{"drafts": [{"text": "a"}], "data": {"march": [{"text": "b"}], "posts": 1},
        "timezone": "UTC"}"#;
    let read_list = |list: &str| {
        let options = ReadOptions { list: Some(list.to_owned()), ..ReadOptions::default() };
        read(file.as_bytes(), None, &options)
    };
    let table = read_list("data.march").expect("a readable file");
    assert_eq!(rows(&table), ["1: text=b"]);
    assert_eq!(table.reading.list.as_deref(), Some("data.march"));
    assert_eq!(table.reading.lists, ["drafts", "data.march"]);
    assert_eq!(table.defaults.timezone.as_deref(), Some("UTC"));
    let error = read_list("april").expect_err("there is no such list");
    assert_eq!(error.options(), ["drafts", "data.march"]);
    assert_eq!(error.to_string(), "The file has no list \"april\".");
}

#[test]
fn an_object_that_is_a_post_is_a_list_of_one() {
    let table = table("{\"content\": \"a\", \"tags\": [\"b\"]}");
    assert_eq!(rows(&table), ["1: content=a | tags=[\"b\"] (List)"]);
    assert_eq!(notes(&table), ["file_list_found: The file is a single post, not a list."]);
}

#[test]
fn fields_that_an_export_wraps_are_the_row_s_own() {
    let text = r#"{"records": [{"id": "rec1", "fields": {"Copy": "a", "Date": "2027-03-01"}}]}"#;
    assert_eq!(rows(&table(text)), ["1: id=rec1 | Copy=a | Date=2027-03-01"]);
}

#[test]
fn a_field_of_the_file_that_is_not_known_is_left_out_and_told() {
    let table = table(r#"{"version": 2, "timezone": 7, "posts": []}"#);
    assert_eq!(
        notes(&table),
        [
            "unknown_field: The file's field \"version\" is left out.",
            "wrong_type: The file's field \"timezone\" holds a number; a text is expected.",
        ]
    );
}

#[test]
fn half_an_emoji_spoils_its_cell_or_the_element_of_a_list_and_nothing_else() {
    let table = table(
        r#"[{"content": "one"},
{"content": "two \ud83d", "note": "x"},
{"thread": ["a", "\ude00"], "tags": ["\u00e9"]}]"#,
    );
    let broken = "Half a character stands in it, such as a part of an emoji: the text was cut.";
    assert_eq!(
        rows(&table),
        [
            "1: content=one".to_owned(),
            format!("2: content={broken} (Broken) | note=x"),
            "3: thread=[\"a\", \"\\ude00\"] (List) | tags=[\"\\u00e9\"] (List)".to_owned(),
        ]
    );
}

#[test]
fn a_field_that_is_there_twice_is_named_on_its_row() {
    let table =
        table(r#"[{"a": 1, "b": 2}, {"b": 3, "a": 4, "b": 5, "\u0061": 6}, {"a": null, "a": 7}]"#);
    assert_eq!(
        faults(&table),
        ["2: The field \"b\" is there twice.", "2: The field \"a\" is there twice."]
    );
    assert_eq!(table.row(1).unwrap().cell(1).unwrap().text, "3");
    assert_eq!(table.row(1).unwrap().faults().count(), 2);
    assert_eq!(table.row(2).unwrap().faults().count(), 0);
}

#[test]
fn a_row_that_is_no_object_is_named_and_its_neighbours_are_read() {
    let table = table("[{\"a\": \"x\"},\n42, null, [1, {}], {\"a\": \"y\"}]");
    assert_eq!(rows(&table), ["1: a=x", "2: ", "2: ", "2: ", "2: a=y"]);
    assert_eq!(
        faults(&table),
        [
            "2: The row is a number; a post is an object.",
            "3: The row is null; a post is an object.",
            "4: The row is a list; a post is an object.",
        ]
    );
}

#[test]
fn a_file_that_cannot_be_read_is_refused_with_where_why_and_what_to_do() {
    for (text, line, words) in [
        ("", None, "is empty"),
        ("[\0]", Some(1), "zero byte"),
        ("[1,\n2", Some(2), "ends too early"),
        ("[\n{\"a\": 1 \"b\": 2}]", Some(2), "line 2, column 9: expected `,` or `}`, found \"\"\""),
        ("{\"posts\": 7}", None, "holds a number; a list is expected"),
        ("{\"posts\": [], \"posts\": []}", None, "there twice"),
        ("{\"tweets\": 7}", None, "an object without a list"),
    ] {
        let problem = refused(text).problem();
        assert_eq!(problem.line, line, "{problem}");
        assert!(problem.message.contains(words), "{problem}");
        assert!(!problem.remedy.is_empty());
    }
}

#[test]
fn limits_are_named_with_their_figures() {
    let read_with = |text: &str, limits: Limits| {
        let options = ReadOptions { limits, ..ReadOptions::default() };
        read(text.as_bytes(), None, &options).map(|table| table.len())
    };
    let rows = Limits { rows: 3, ..Limits::default() };
    assert_eq!(read_with("[{},{},{}]", rows), Ok(3));
    let error = ImportError::TooManyRows { rows: 5, limit: 3 };
    assert_eq!(read_with("[{},{},{},{},{}]", rows), Err(error));

    let columns = Limits { columns: 2, ..Limits::default() };
    assert_eq!(read_with("[{\"a\":1,\"b\":2},{\"b\":1}]", columns), Ok(2));
    let error = ImportError::TooManyColumns { line: 2, limit: 2 };
    assert_eq!(read_with("[{\"a\":1},{\"b\":1,\n\"c\":1}]", columns), Err(error));

    let bytes = Limits { bytes: 10, ..Limits::default() };
    let error = read_with("[{},{},{},{},{}]", bytes).unwrap_err();
    assert_eq!(error.to_string(), "The file has 16 bytes; at most 10 bytes are read.");

    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("[{{\"a\": 1}},\n{}1{}]", open.repeat(1_000), close.repeat(1_000));
        assert_eq!(refused(deep), ImportError::TooDeep { line: 2, limit: 64 });
    }
}

#[test]
fn a_text_of_ten_megabytes_is_an_error_of_its_row() {
    let long = "a".repeat(10_000_000);
    let table = table(format!("[{{\"content\": \"{long}\", \"x\": 1}}, {{\"content\": \"b\"}}]"));
    assert_eq!(
        rows(&table),
        [
            "1: content=The cell has 10000002 bytes; at most 1000000 are read. (Broken) | x=1 (Number)",
            "1: content=b",
        ]
    );
}

#[test]
fn comments_and_trailing_commas_are_left_out_and_told() {
    let table = table(
        "{\n  // spring\n  \"timezone\": \"UTC\",\n  \"posts\": [\n    {\"content\": \"a // b\",}, // monday\n    \
         {\"content\": \"b\"},\n  ],\n}\n",
    );
    assert_eq!(rows(&table), ["5: content=a // b", "6: content=b"]);
    assert_eq!(notes(&table).len(), 1);
    assert!(notes(&table)[0].starts_with("source_repaired: JSON has no comments"));
    let error = refused("[\n// a comment\n{\"a\": 1 \"b\": 2}]");
    assert!(error.to_string().contains("line 3, column 9"), "{error}");
}

#[test]
fn json_lines_are_rows_and_a_bad_line_is_a_bad_row() {
    let text =
        "{\"content\": \"a\"}\r\n\n{\"content\": \"b\", \"x\": }\n  {\"content\": \"c\"}\n7\n";
    for table in [table(text), named("plan.jsonl", text)] {
        assert_eq!(table.format, Format::JsonLines);
        assert_eq!(rows(&table), ["1: content=a", "3: ", "4: content=c", "5: "]);
        assert_eq!(
            faults(&table),
            [
                "2: The line is no JSON from column 23.",
                "4: The row is a number; a post is an object.",
            ]
        );
    }
    let commas = table("{\"content\": \"a\"},\n{\"content\": \"b\"}\n");
    assert_eq!(rows(&commas), ["1: content=a", "2: content=b"]);
    let one = named("one.jsonl", "{\"content\": \"a\"}");
    assert_eq!((one.format, rows(&one)), (Format::JsonLines, vec!["1: content=a".to_owned()]));
    assert!(one.notes.is_empty());
    assert_eq!(named("list.jsonl", "[{\"content\": \"a\"}]").format, Format::Json);
}

#[test]
fn a_chat_s_answer_gives_its_fenced_blocks_and_says_so() {
    let table = table(
        "Sure! Here is week 1:\n\n```json\n{\"timezone\": \"UTC\", \"posts\": [\n{\"content\": \"a\"}]}\n```\n\nAnd \
         week 2:\n```\n[{\"content\": \"b\"}, // tuesday\n{\"content\": \"c\"}]\n```\nMore hashtags?\n",
    );
    assert_eq!(table.format, Format::Json);
    assert_eq!(rows(&table), ["5: content=a", "10: content=b", "11: content=c"]);
    assert_eq!(table.defaults.timezone.as_deref(), Some("UTC"));
    let around = "the text around is left out.";
    assert_eq!(
        notes(&table)[0],
        format!("source_repaired: The posts were taken from lines 4 to 5; {around}")
    );
    let error = refused("Sure!\n```json\n[{\"a\": 1}\n{}]\n```\n");
    assert!(error.to_string().contains("line 4, column 1"), "{error}");
}

#[test]
fn json_between_words_is_taken_too() {
    let table = table("Here you are:\n[\n{\"content\": \"a\"},\n]\nEnjoy!\n");
    assert_eq!(rows(&table), ["3: content=a"]);
    assert!(notes(&table)[0].contains("lines 2 to 4"), "{:?}", notes(&table));
}

#[test]
fn a_zone_that_the_file_names_twice_is_told_and_the_first_holds() {
    let table = table(
        "```\n{\"timezone\": \"UTC\", \"posts\": [{\"a\": 1}]}\n```\n```\n{\"timezone\": \"Asia/Tokyo\", \"posts\": \
         [{\"a\": 2}]}\n```\n",
    );
    assert_eq!(table.defaults.timezone.as_deref(), Some("UTC"));
    let told = "repeated_field: \"timezone\" is named twice; \"UTC\" holds for all rows.";
    assert!(notes(&table).iter().any(|note| note == told), "{:?}", notes(&table));
}
