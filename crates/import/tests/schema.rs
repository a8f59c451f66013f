//! What the published schema allows is imported as it stands.

use std::cell::Cell;

use boon::{Compiler, SchemaIndex, Schemas};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use roost_core::clock::UnixMillis;
use roost_core::post::{DuplicatePolicy, PARTS_MAX, TAG_LENGTH_MAX, TAGS_MAX};
use roost_import::choices::Choices;
use roost_import::finding::Severity;
use roost_import::mapping::Mapping;
use roost_import::schema::json_schema;
use roost_import::session::Session;
use roost_import::source::{self, ReadOptions};
use roost_import::surroundings::Surroundings;
use serde_json::{Map, Value, json};

struct Schema(Schemas, SchemaIndex);

impl Schema {
    fn published() -> Self {
        let schema: Value = serde_json::from_str(json_schema()).expect("the schema is JSON");
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("import.json", schema).expect("the schema is a schema");
        let index = compiler.compile("import.json", &mut schemas).expect("the schema compiles");
        Self(schemas, index)
    }

    fn allows(&self, file: &Value) -> bool {
        self.0.validate(file, self.1).is_ok()
    }
}

/// Returns why a file is not imported as it stands: the error that refuses it, or a row.
fn refusal(text: &str) -> Option<String> {
    let table = match source::read(text.as_bytes(), None, &ReadOptions::default()) {
        Ok(table) => table,
        Err(error) => return Some(error.to_string()),
    };
    let mapping = Mapping::recognise(&table);
    let choices = Choices { duplicates: DuplicatePolicy::Keep, ..Choices::default() };
    let surroundings = Surroundings::empty(UnixMillis(1_798_761_600_000));
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

#[test]
fn the_schema_s_numbers_are_the_parser_s() {
    let schema: Value = serde_json::from_str(json_schema()).unwrap();
    let post = &schema["$defs"]["post"]["properties"];
    for (number, pointer) in [
        (PARTS_MAX, &post["thread"]["maxItems"]),
        (TAGS_MAX, &post["tags"]["maxItems"]),
        (TAG_LENGTH_MAX, &post["tags"]["items"]["maxLength"]),
    ] {
        assert_eq!(pointer, &json!(number));
    }
}

#[test]
fn the_schema_s_own_example_and_the_shipped_one_are_allowed() {
    let schema = Schema::published();
    let published: Value = serde_json::from_str(json_schema()).unwrap();
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/launch-week.json");
    let shipped: Value = serde_json::from_slice(&std::fs::read(shipped).unwrap()).unwrap();
    for example in [&published["examples"][0], &shipped] {
        assert!(schema.allows(example));
        assert!(is_accepted(&example.to_string()));
    }
}
