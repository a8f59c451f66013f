//! npm `ajv`, which knows nothing of Roost, says of files what the published schema says of them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use roost_core::zone::Zone;
use roost_import::choices::Choices;
use roost_import::export::{ExportFormat, ExportRow, ExportTime, write};
use roost_import::format::Format;
use roost_import::mapping::Mapping;
use roost_import::session::{ReadyRow, Session};
use roost_import::source::{ReadOptions, read};
use roost_import::surroundings::Surroundings;
use roost_import::template::template;
use serde_json::{Value, json};

use crate::published::{NOW, Schema, document};

/// Files of the bad corpus whose fault is one of form, which a schema refuses.
const OF_BAD_FORM: [&str; 10] = [
    "both.json",
    "dates-left-empty.json",
    "no-list.json",
    "no-text.json",
    "number-as-text.json",
    "number.json",
    "poll.json",
    "rows-of-other-kinds.json",
    "time-alone.json",
    "two-lists.json",
];

/// Returns what ajv finds wrong with each document; nothing where it is not installed and need not be.
fn ask(documents: &[Value]) -> Option<Vec<Option<String>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema");
    if !folder.join("node_modules/ajv").is_dir() {
        let required = std::env::var("ROOST_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
        assert!(!required, "run `npm ci` in crates/import/tests/schema");
        eprintln!("skipped: run `npm ci` in crates/import/tests/schema to compare");
        return None;
    }
    let mut node = Command::new("node")
        .arg("validate.cjs")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node starts");
    let question = json!({ "schema": document(), "documents": documents }).to_string();
    // Dropping the pipe ends the question; the script reads all of it before it answers.
    node.stdin.take().expect("a pipe").write_all(question.as_bytes()).expect("node reads");
    let output = node.wait_with_output().expect("node ends");
    assert!(output.status.success(), "ajv failed: {}", output.status);
    let verdicts: Vec<Option<String>> = serde_json::from_slice(&output.stdout).expect("verdicts");
    assert_eq!(verdicts.len(), documents.len());
    Some(verdicts)
}

fn corpus(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import").join(kind);
    let files = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file"));
    let mut files: Vec<_> = files.map(|file| file.path()).collect();
    files.retain(|path| !path.to_string_lossy().ends_with(".report.json"));
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

/// Returns the posts that an import makes of a file, in JSON as Roost writes it.
fn as_json(path: &Path) -> Value {
    let bytes = std::fs::read(path).expect("a file");
    let table = read(&bytes, Some(&name(path)), &ReadOptions::default()).expect("a table");
    let mapping = Mapping::recognise(&table);
    let session = Session::open(table, mapping, Choices::default(), Surroundings::empty(NOW));
    let session = session.expect("no store, no error");
    let rows: Vec<ExportRow> = session.ready().map(exported).collect();
    let written = write(&rows, ExportFormat::Json, NOW).expect("a file");
    serde_json::from_slice(&written.bytes).expect("JSON")
}

fn exported(row: ReadyRow) -> ExportRow {
    let zone = row.zone.name().to_owned();
    let schedule = row.scheduled_at.zip(row.wall_time);
    ExportRow {
        post_id: roost_core::id::PostId::new(NOW),
        own_id: row.own_id.map(|id| (String::new(), id)),
        content: row.content,
        schedule: schedule.map(|(at, wall)| ExportTime { at, wall_time: wall.to_string(), zone }),
        account: None,
        tags: row.tags,
        note: row.note,
        status: row.status,
        tweet_ids: Vec::new(),
        posted_at: None,
        follow_up: None,
        is_loose: false,
    }
}

#[test]
fn ajv_allows_the_good_corpus_the_examples_and_the_templates() {
    let mut documents = Vec::new();
    for path in corpus("good") {
        documents.push((name(&path), as_json(&path)));
    }
    assert!(documents.len() >= 40, "{}", documents.len());
    documents.push(("the schema's example".to_owned(), document()["examples"][0].clone()));
    let zone = Zone::parse("Europe/Berlin").expect("a zone");
    let made = template(Format::Json, NOW, &zone, Some("ada")).expect("a template").expect("one");
    documents.push(("a template".to_owned(), serde_json::from_slice(&made.bytes).expect("JSON")));
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/launch-week.json");
    let shipped = std::fs::read(shipped).expect("an example");
    documents
        .push(("launch-week.json".to_owned(), serde_json::from_slice(&shipped).expect("JSON")));
    let (names, documents): (Vec<String>, Vec<Value>) = documents.into_iter().unzip();
    let Some(verdicts) = ask(&documents) else { return };
    for ((name, document), verdict) in names.iter().zip(&documents).zip(verdicts) {
        assert_eq!(verdict, None, "{name}: {document:#}");
    }
}

#[test]
fn ajv_refuses_files_of_bad_form_and_always_says_what_the_schema_says() {
    let schema = Schema::published();
    let parsed = |path: &PathBuf| serde_json::from_slice(&std::fs::read(path).ok()?).ok();
    let all = corpus("bad").into_iter().chain(corpus("good"));
    let files: Vec<(String, Value)> =
        all.filter_map(|path| Some((name(&path), parsed(&path)?))).collect();
    let mut documents: Vec<Value> = files.iter().map(|(_, file)| file.clone()).collect();
    let mut runner = TestRunner::deterministic();
    let made = crate::posts().prop_map(|post| json!([post]));
    for _ in 0..2_000 {
        documents.push(made.new_tree(&mut runner).expect("a file").current());
    }
    let Some(verdicts) = ask(&documents) else { return };
    let is_allowed = |name: &str| {
        let at = files.iter().position(|(file, _)| file == name).expect("a file of the corpus");
        verdicts[at].is_none()
    };
    let wrong: Vec<&str> = OF_BAD_FORM.into_iter().filter(|name| is_allowed(name)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    for (document, verdict) in documents.iter().zip(verdicts) {
        assert_eq!(verdict.is_none(), schema.allows(document), "{verdict:?}: {document}");
    }
}
