//! The schema as it is shipped.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use crate::common::*;

const GOLDEN: &str = include_str!("../golden/schema.sql");

/// The sums of the migrations that were shipped: such a file is never edited, the next is added.
const SHIPPED: &str = include_str!("../golden/migrations.txt");

fn golden(name: &str, fresh: &str) -> bool {
    let accept = std::env::var_os("ROOST_ACCEPT_SCHEMA").is_some();
    if accept {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
        std::fs::write(path, fresh).expect("written");
    }
    accept
}

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
    if golden("schema.sql", &fresh) {
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

#[test]
fn a_shipped_migration_is_never_edited() {
    let home = Home::new();
    drop(home.store());
    let raw = rusqlite::Connection::open(home.path()).expect("the file");
    let mut statement = raw
        .prepare("SELECT version, name, checksum FROM refinery_schema_history ORDER BY version")
        .expect("a history");
    let lines = statement
        .query_map([], |row| {
            let (version, name, sum): (i64, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(format!("V{version} {name} {sum}\n"))
        })
        .expect("lines");
    let sums: String = lines.map(|line| line.expect("a line")).collect();
    if golden("migrations.txt", &sums) {
        return;
    }
    assert!(sums.starts_with(SHIPPED), "{sums}");
    assert_eq!(sums, SHIPPED, "run with ROOST_ACCEPT_SCHEMA=1 when a migration was added");
}
