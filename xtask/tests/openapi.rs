//! The relay's OpenAPI document is written by hand: here it is held against the sources, route by route and
//! field by field. That the relay's own answers are what it says is proven in `relay/tests/laws/openapi.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Schemas whose fields stand in a type of another name.
const OTHER_NAMES: &[(&str, &str)] = &[("Pause", "OrderedPause")];
/// Schemas that are not one struct: the laws of the relay hold its answers to them.
const NO_STRUCT: &[&str] = &[
    "Health",
    "MediaRef",
    "MediaSource",
    "Part",
    "Poll",
    "Readiness",
    "Taken",
    "Trigger",
    "Turned",
];
/// Files with routes of the relay, under `relay/src`.
const ROUTERS: &[&str] = &["desktop_api/mod.rs", "health.rs", "openapi.rs"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a folder above")
}

fn read(path: &str) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn document() -> Value {
    serde_json::from_str(&read("relay/openapi.json")).expect("JSON")
}

/// One route of the sources: method, path, and the handler as the router names it.
fn routes() -> Vec<(String, String, String)> {
    let mut routes = Vec::new();
    for file in ROUTERS {
        let source = read(&format!("relay/src/{file}"));
        for rest in source.split(".route(\"").skip(1) {
            let (path, rest) = rest.split_once("\",").expect("a path");
            let end = rest.find("\n        .").or_else(|| rest.find('\n')).unwrap_or(rest.len());
            for method in ["get", "post", "put", "delete", "patch"] {
                let call = format!("{method}(");
                for (at, found) in rest[..end].match_indices(&call) {
                    // `post(` is no part of another word.
                    let before = rest[..at].chars().next_back();
                    if before.is_some_and(|it| it.is_alphanumeric() || it == '_' || it == ':') {
                        continue;
                    }
                    let handler = rest[at + found.len()..].split(')').next().unwrap_or_default();
                    routes.push((method.to_owned(), path.to_owned(), handler.to_owned()));
                }
            }
        }
    }
    routes
}

/// The operations of the document, without those of the webhook, which has a router of its own.
fn operations(document: &Value) -> BTreeMap<(String, String), Value> {
    let mut all = BTreeMap::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        if path.starts_with("/api/qstash/") {
            continue;
        }
        for (method, operation) in item.as_object().expect("an item") {
            all.insert((method.clone(), path.clone()), operation.clone());
        }
    }
    all
}

#[test]
fn the_document_names_every_method_of_every_route_and_no_other() {
    let of_code: BTreeSet<_> =
        routes().into_iter().map(|(method, path, _)| (method, path)).collect();
    let of_document: BTreeSet<_> = operations(&document()).into_keys().collect();
    assert_eq!(of_document, of_code);
    assert!(of_code.len() > 25, "the routes are found");
}

/// The signature of a handler of `relay/src/desktop_api`, and the source that it stands in.
fn signature(handler: &str) -> Option<(String, String)> {
    let (module, name) = handler.split_once("::")?;
    let source = read(&format!("relay/src/desktop_api/{module}.rs"));
    let (_, rest) = source.split_once(&format!("async fn {name}("))?;
    let (signature, _) = rest.split_once("{\n")?;
    Some((signature.to_owned(), source))
}

/// What stands in the angle brackets behind a word.
fn within<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.split_once(&format!("{word}<"))?.1.split(['>', ',', '<']).next()
}

#[test]
fn the_document_names_every_parameter_and_the_body_of_every_route() {
    let document = document();
    let operations = operations(&document);
    let mut checked = 0;
    for (method, path, handler) in routes() {
        let Some((signature, source)) = signature(&handler) else { continue };
        let operation = &operations[&(method.clone(), path.clone())];
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let named = |place: &str| -> BTreeMap<String, bool> {
            let here = parameters.iter().filter(|it| it["in"] == place);
            let text = |it: &Value| it["name"].as_str().expect("a name").to_owned();
            here.map(|it| (text(it), it["required"].as_bool().unwrap_or(false))).collect()
        };
        let in_path: BTreeMap<String, bool> = path
            .split('{')
            .skip(1)
            .filter_map(|rest| Some((rest.split_once('}')?.0.to_owned(), true)))
            .collect();
        assert_eq!(named("path"), in_path, "{method} {path}");
        let structs = structs_of(&source);
        let query = within(&signature, "Query").map_or_else(BTreeMap::new, |name| {
            let fields = structs.get(name).cloned().expect("the query is in the same file");
            fields.into_iter().map(|(field, it)| (field, it.is_required)).collect()
        });
        assert_eq!(named("query"), query, "{method} {path}: what stands behind the ?");
        let body = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        let of_document = body.as_str().and_then(|it| it.rsplit('/').next());
        let of_code = within(&signature, "JsonBody");
        let of_code = of_code.map(|name| {
            let other = OTHER_NAMES.iter().find(|(_, code)| *code == name);
            other.map_or(name, |(schema, _)| schema)
        });
        // One that reads its body by itself tells no type.
        if of_code.is_some() || !signature.contains("Request") {
            assert!(of_document == of_code, "{method} {path}: {of_document:?} is {of_code:?}");
        }
        checked += 1;
    }
    assert!(checked > 25, "{checked} handlers were found");
}

/// A field as serde reads and writes it.
#[derive(Debug, Clone, Copy)]
struct Field {
    /// Has to be there when it is read.
    is_required: bool,
    /// Is always there when it is written.
    is_written: bool,
}

type Fields = BTreeMap<String, Field>;

/// What an attribute says to serde.
fn serde_words(attributes: &[syn::Attribute]) -> String {
    let ours = attributes.iter().filter(|it| it.path().is_ident("serde"));
    let tokens = ours.filter_map(|it| it.meta.require_list().ok()).map(|it| it.tokens.to_string());
    tokens.collect::<Vec<_>>().join(", ")
}

/// The structs of a source, each with its fields; a flattened field stands as the name of its type in front of a
/// `*`.
fn structs_of(source: &str) -> BTreeMap<String, Fields> {
    let file = syn::parse_file(source).expect("Rust");
    let structs = file.items.into_iter().filter_map(|item| match item {
        syn::Item::Struct(it) => Some(it),
        _ => None,
    });
    structs.map(|it| (it.ident.to_string(), fields_of(&it.fields))).collect()
}

fn fields_of(fields: &syn::Fields) -> Fields {
    let mut found = Fields::new();
    for field in fields {
        let Some(name) = &field.ident else { continue };
        let words = serde_words(&field.attrs);
        let is_skipped = words.contains("skip_serializing_if");
        let syn::Type::Path(kind) = &field.ty else { continue };
        let kind = &kind.path.segments.last().expect("a type").ident;
        let name = if words.contains("flatten") { format!("*{kind}") } else { name.to_string() };
        let name = words
            .split_once("rename = \"")
            .and_then(|(_, rest)| rest.split('"').next())
            .map_or(name, str::to_owned);
        let is_required = !words.contains("default") && kind != "Option";
        found.insert(name, Field { is_required, is_written: !is_skipped });
    }
    found
}

/// The structs of `crates/relay-api` and those of core that it sends, with what is flattened in its place.
fn wire_structs() -> BTreeMap<String, Fields> {
    let mut sources: Vec<PathBuf> = vec![root().join("crates/core/src/post/follow_up.rs")];
    for entry in std::fs::read_dir(root().join("crates/relay-api/src")).expect("a folder") {
        sources.push(entry.expect("a file").path());
    }
    sources.retain(|path| path.extension().is_some_and(|it| it == "rs"));
    let mut structs = BTreeMap::new();
    for source in sources {
        structs.extend(structs_of(&std::fs::read_to_string(source).expect("a source")));
    }
    // What a post says is a type of core, and on the wire its parts.
    let parts = Field { is_required: true, is_written: true };
    structs.insert("Content".to_owned(), [("parts".to_owned(), parts)].into());
    let flat = structs.clone();
    for fields in structs.values_mut() {
        let inner: Vec<String> = fields.keys().filter(|it| it.starts_with('*')).cloned().collect();
        for name in inner {
            fields.remove(&name);
            fields.extend(flat.get(&name[1..]).cloned().unwrap_or_default());
        }
    }
    structs
}

#[test]
fn every_body_of_the_document_has_the_fields_of_its_type() {
    let document = document();
    let structs = wire_structs();
    let mut compared = 0;
    for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
        let Some(properties) = schema["properties"].as_object() else { continue };
        if NO_STRUCT.contains(&name.as_str()) {
            continue;
        }
        let other = OTHER_NAMES.iter().find(|(schema, _)| schema == name);
        let of_code = other.map_or(name.as_str(), |(_, code)| *code);
        let fields = structs.get(of_code).unwrap_or_else(|| panic!("no type is called {of_code}"));
        let of_document: BTreeSet<&String> = properties.keys().collect();
        assert_eq!(of_document, fields.keys().collect(), "the fields of {name}");
        let list = schema["required"].as_array().cloned().unwrap_or_default();
        let required: BTreeSet<&str> = list.iter().filter_map(Value::as_str).collect();
        for (field, kind) in fields {
            let is_required = required.contains(field.as_str());
            assert!(!is_required || kind.is_written, "{name}.{field} is not always there");
            assert!(is_required || !kind.is_required, "{name}.{field} has to be there");
        }
        compared += 1;
    }
    assert!(compared > 40, "{compared} types were compared");
}
