//! `docs/failures.md` is the closed list of codes, in words. `ROOST_WRITE_DOCS=1` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use roost_core::failure::Code;

const HEAD: &str = "\
# Failures, and what each means

Every failure, and every reason for which a post waits, has one code. It is the same in the window,
in `roost --json`, in the relay's log and in its feed. What X itself said stands beside it. What the
relay does when X says no: [x-failures.md](x-failures.md).

This page is written by `ROOST_WRITE_DOCS=1 cargo test -p roost-core --test failures_page`.

| code | what happened | what to do |
| --- | --- | --- |
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for code in Code::ALL {
        writeln!(page, "| `{}` | {} | {} |", code.as_str(), code.text(), code.remedy())
            .expect("a string takes everything");
    }
    page
}

#[test]
fn the_page_of_failures_lists_every_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/failures.md");
    if std::env::var_os("ROOST_WRITE_DOCS").is_some() {
        std::fs::write(&path, page()).expect("the page is written");
    }
    let written = std::fs::read_to_string(&path).expect("docs/failures.md");
    assert_eq!(written, page(), "write it anew as its head says");
}
