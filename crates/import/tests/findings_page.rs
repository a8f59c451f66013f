//! The table of findings in `docs/import.md` is the code's own. `ROOST_WRITE_DOCS=1` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use roost_import::finding::{Severity, TABLE};

const BEGIN: &str = "<!-- The table of findings begins here. -->\n";
const END: &str = "<!-- The table of findings ends here. -->\n";

fn table() -> String {
    let mut table = "| code | finding | in the way | what it means | fixes |\n\
                     | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for entry in TABLE {
        let severity = match entry.severity {
            Severity::Error => "yes",
            Severity::Warning => "no",
        };
        let fixes: Vec<_> = entry.fixes.iter().map(|fix| fix.label()).collect();
        let fixes = if fixes.is_empty() { "–".to_owned() } else { fixes.join("; ") };
        let (title, meaning) = (written(entry.title), written(entry.meaning));
        writeln!(table, "| `{}` | {title} | {severity} | {meaning} | {fixes} |", entry.code)
            .expect("a string takes everything");
    }
    table
}

/// Markdown reads a backslash as a mark.
fn written(words: &str) -> String {
    words.replace('\\', "\\\\")
}

#[test]
fn the_page_of_imports_lists_every_finding_with_its_fixes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/import.md");
    let page = std::fs::read_to_string(&path).expect("docs/import.md");
    let (head, rest) = page.split_once(BEGIN).expect("the mark before the table");
    let (found, tail) = rest.split_once(END).expect("the mark behind the table");
    if std::env::var_os("ROOST_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{head}{BEGIN}{}{END}{tail}", table())).expect("is written");
        return;
    }
    assert_eq!(found, table(), "write it anew as the page says");
}
