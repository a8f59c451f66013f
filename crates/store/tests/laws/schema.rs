//! The schema as it is shipped.

use crate::common::*;

const GOLDEN: &str = include_str!("../golden/schema.sql");

fn dump(path: &std::path::Path) -> String {
    let raw = rusqlite::Connection::open(path).expect("the file");
    let mut statement = raw
        .prepare(
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
             ORDER BY type, name",
        )
        .expect("a schema");
    let entries = statement.query_map([], |row| row.get::<_, String>(0)).expect("entries");
    entries.map(|entry| entry.expect("an entry") + ";\n").collect::<Vec<_>>().join("\n")
}

#[test]
fn a_fresh_store_has_the_schema_that_was_shipped() {
    let home = Home::new();
    drop(home.store());
    let fresh = dump(&home.path());
    if std::env::var_os("ROOST_ACCEPT_SCHEMA").is_some() {
        let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/schema.sql");
        std::fs::write(golden, &fresh).expect("written");
        return;
    }
    assert_eq!(fresh, GOLDEN, "run with ROOST_ACCEPT_SCHEMA=1 when a migration was added");
}

#[test]
fn opening_again_changes_nothing() {
    let home = Home::new();
    let id = home.store().id();
    let before = dump(&home.path());
    let store = home.store();
    assert_eq!(store.id(), id, "the store keeps its mark");
    drop(store);
    assert_eq!(dump(&home.path()), before);
}
