//! What the published schema allows is imported as it stands.

mod ajv;
mod published;

use std::cell::Cell;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use roost_core::post::DuplicatePolicy;
use roost_import::choices::Choices;
use roost_import::field::Field;
use roost_import::finding::Severity;
use roost_import::mapping::Mapping;
use roost_import::session::Session;
use roost_import::source::{self, ReadOptions};
use roost_import::surroundings::Surroundings;
use serde_json::{Map, Value, json};

use crate::published::{NOW, Schema, document};

/// Returns why a file is not imported as it stands: the error that refuses it, or a row.
fn refusal(text: &str) -> Option<String> {
    let table = match source::read(text.as_bytes(), None, &ReadOptions::default()) {
        Ok(table) => table,
        Err(error) => return Some(error.to_string()),
    };
    let mapping = Mapping::recognise(&table);
    let choices = Choices { duplicates: DuplicatePolicy::Keep, ..Choices::default() };
    let surroundings = Surroundings::empty(NOW);
    let session = Session::open(table, mapping, choices, surroundings).expect("no store, no error");
    let mut findings = session.findings(1).into_iter();
    findings.find(|it| it.severity == Severity::Error).map(|it| it.problem.to_string())
}

fn is_accepted(text: &str) -> bool {
    refusal(text).is_none()
}

/// Values that a field may be given, right and wrong. What is right in shape is right in sense
/// too, as a schema judges shapes alone.
fn values() -> impl Strategy<Value = Value> {
    select(vec![
        Value::Null,
        json!(true),
        json!(17),
        json!({}),
        json!([]),
        json!(""),
        json!("  "),
        json!("Hello"),
        json!(["Hello"]),
        json!(["Hello", "world"]),
        json!(["Hello", 2]),
        json!(["Hello", null]),
        json!(["a", " "]),
        json!("UTC"),
        json!("2027-03-01 09:00"),
    ])
}

fn times() -> impl Strategy<Value = Value> {
    select(vec![
        "2027-03-01 09:00",
        "2027-03-01T09:00",
        "2027-03-01t09:00:59",
        " 2027-03-01 09:00 ",
        "2027-03-01T09:00Z",
        "2027-03-01 09:00:00.25+05:30",
        "2027-03-01T09:00:00-18:00",
        "2027-03-01T09:00:00-18:01",
        "2027-03-01T09:00:00+19:00",
        "2027-03-01T09:00.5Z",
        "2027-03-01T09:00:00.5",
        "2027-03-01",
        "2027-13-01 09:00",
        "2027-03-32 09:00",
        "2027-03-01 24:00",
        "2027-03-01 09:60",
        "2027-03-01 09:00:60",
        "2027-3-1 9:00",
        "tomorrow",
        "",
    ])
    .prop_map(Value::from)
}

/// Fields with any values; times are mostly times, so that enough files are right.
fn posts() -> impl Strategy<Value = Value> {
    let good = select(vec![json!("2027-03-01 09:00"), json!("2027-03-02T10:30:00Z")]);
    let any_time = prop_oneof![8 => good, 3 => times(), 1 => values()];
    let field = |name: &'static str| values().prop_map(move |value| (name.to_owned(), value));
    let others = prop_oneof![
        6 => field("content"),
        4 => field("thread"),
        2 => field("tags"),
        1 => select(vec![json!("UTC"), Value::Null, json!(3)])
            .prop_map(|value| ("timezone".to_owned(), value)),
        1 => select(vec![Value::Null, json!(false)])
            .prop_map(|value| ("account".to_owned(), value)),
        2 => field("draft"),
        1 => field("media"),
    ];
    let right = prop_oneof![
        Just(("content".to_owned(), json!("Hello"))),
        Just(("thread".to_owned(), json!(["Hello", "world"]))),
    ];
    let text = prop::option::weighted(0.8, right);
    let others = prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(others, 1..3)];
    let fields = (prop::option::weighted(0.95, any_time), text, others);
    let object = fields.prop_map(|(time, text, others)| {
        let mut fields: Map<String, Value> = text.into_iter().chain(others).collect();
        fields.extend(time.map(|time| ("scheduledAt".to_owned(), time)));
        Value::Object(fields)
    });
    prop_oneof![12 => object, 1 => values()]
}

/// Runs many files past the schema, and imports those that it allows. Both verdicts must come up often,
/// or nothing was shown.
fn import_what_is_allowed(cases: u32, files: impl Strategy<Value = Value>) {
    let schema = Schema::published();
    let (allowed, refused) = (Cell::new(0), Cell::new(0));
    let mut runner =
        TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..<_>::default() });
    let outcome = runner.run(&files, |file| {
        if !schema.allows(&file) {
            refused.set(refused.get() + 1);
            return Ok(());
        }
        allowed.set(allowed.get() + 1);
        prop_assert_eq!(refusal(&file.to_string()), None, "{}", file);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    let fewest = cases / 10;
    assert!(allowed.get() > fewest && refused.get() > fewest, "{allowed:?} to {refused:?}");
}

#[test]
fn a_post_that_the_schema_allows_is_imported() {
    import_what_is_allowed(5_000, posts().prop_map(|post| json!([post])));
}

#[test]
fn a_file_that_the_schema_allows_is_imported() {
    let posts = prop_oneof![
        4 => prop::collection::vec(posts(), 0..3).prop_map(Value::from),
        1 => values(),
    ];
    let others = (
        prop::option::of(select(vec![json!("UTC"), Value::Null, json!(1)])),
        prop::option::weighted(0.2, select(vec![Value::Null, json!([])])),
        prop::option::weighted(0.1, select(vec!["$schema", "version", "Posts"])),
    );
    let files = (posts, others, any::<bool>()).prop_map(|(posts, others, bare)| {
        let (timezone, account, other) = others;
        let mut file = Map::new();
        file.insert("posts".to_owned(), posts.clone());
        file.extend(timezone.map(|value| ("timezone".to_owned(), value)));
        file.extend(account.map(|value| ("account".to_owned(), value)));
        file.extend(other.map(|name| (name.to_owned(), json!("x"))));
        if bare { posts } else { Value::Object(file) }
    });
    import_what_is_allowed(2_000, files);
}

/// What a post may have beside its text, right and wrong.
fn beside() -> impl Strategy<Value = (String, Value)> {
    let field = |name: &str, values: Vec<Value>| {
        let name = name.to_owned();
        select(values).prop_map(move |value| (name.clone(), value)).boxed()
    };
    prop_oneof![
        field(
            "media",
            vec![
                json!(["a.png"]),
                json!(["https://example.com/a", "b/c.MP4"]),
                json!(["a b.png"]),
                json!(["ftp://a/b.png"]),
                json!(["a.txt"]),
                json!([]),
                json!("a.png"),
                Value::Null,
            ]
        ),
        field("altText", vec![json!(["A bird"]), json!([""]), json!("A bird"), json!([1])]),
        field(
            "pollOptions",
            vec![
                json!(["Yes", "No"]),
                json!(["Yes"]),
                json!(["Yes", " "]),
                json!("Yes, no"),
                json!(["a", "b", "c", "d", "e"]),
                json!(["Yes", "x".repeat(26)]),
            ]
        ),
        field(
            "pollDuration",
            vec![json!(1440), json!(1440.0), json!(4), json!(10_081), json!("1 day"), json!(60.5),]
        ),
        field(
            "replySettings",
            vec![
                json!("everyone"),
                json!("mentioned_users"),
                json!("friends"),
                json!(1),
                Value::Null,
            ]
        ),
        field("madeWithAi", vec![json!(true), json!(false), json!("yes"), json!(1), Value::Null]),
        field("paidPartnership", vec![json!(true), json!("yes"), Value::Null]),
        field(
            "communityId",
            vec![json!("1493446837214187523"), json!("birds"), json!(12), json!("1".repeat(20))]
        ),
        field(
            "status",
            vec![
                json!("pending"),
                json!("posted"),
                json!("cancelled"),
                json!("draft"),
                json!("soon"),
            ]
        ),
        field("tweetId", vec![json!(["17"]), json!([]), json!("17"), json!(["x"])]),
        field("id", vec![json!("7"), json!(7), Value::Null]),
        field("plan", vec![json!("spring"), json!(7), Value::Null]),
        field("note", vec![json!("to myself"), json!(["a"]), json!("")]),
    ]
}

#[test]
fn a_post_with_what_the_schema_allows_beside_its_text_is_imported() {
    let fields = prop::collection::vec(beside(), 0..3);
    let right = select(vec![
        json!({ "content": "Hello", "scheduledAt": "2027-03-01 09:00" }),
        json!({ "thread": ["Hello", "world"], "scheduledAt": "2027-03-01 09:00" }),
        json!({ "content": "Hello" }),
        json!({ "scheduledAt": "2027-03-01 09:00" }),
    ]);
    let files = (right, fields).prop_map(|(mut post, fields)| {
        fields.into_iter().for_each(|(name, value)| post[name] = value);
        json!([post])
    });
    import_what_is_allowed(2_000, files);
}

#[test]
fn the_schema_is_the_one_that_stands_here() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema/published.json");
    let made = document();
    if std::env::var_os("ROOST_WRITE_SNAPSHOTS").is_some() {
        std::fs::write(&path, format!("{made:#}\n")).expect("a file");
    }
    let kept: Value = serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON");
    assert_eq!(made, kept, "ROOST_WRITE_SNAPSHOTS=1 writes it anew");
}

#[test]
fn each_property_of_the_schema_is_a_field_that_an_import_knows_or_an_export_tells() {
    let schema = document();
    let properties = schema["$defs"]["post"]["properties"].as_object().expect("properties");
    // What an export tells people, and an import does not read.
    let told = ["postedAt", "postId"];
    for name in properties.keys().filter(|name| !told.contains(&name.as_str())) {
        assert!(Field::from_word(name).is_some(), "{name}");
    }
}

#[test]
fn the_schema_s_own_example_and_the_shipped_one_are_allowed() {
    let schema = Schema::published();
    let published = document();
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/launch-week.json");
    let shipped: Value = serde_json::from_slice(&std::fs::read(shipped).unwrap()).unwrap();
    for example in [&published["examples"][0], &shipped] {
        assert!(schema.allows(example));
        assert!(is_accepted(&example.to_string()));
    }
}
