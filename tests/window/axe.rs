//! Accessibility as axe-core finds it in the real window, where colours are painted and things have a place.

use std::path::Path;
use std::{env, fs};

use crate::driver::Driver;

/// Fails with what axe-core finds wrong in any theme.
pub(crate) fn check(driver: &Driver, state: &str) {
    assert_eq!(found(driver), Vec::<String>::new(), "{state}");
}

/// Returns what axe-core finds wrong in any theme. Without axe-core nothing is looked at, unless
/// `ROOST_REQUIRE_TOOLS` says that nothing may be missing.
pub(crate) fn found(driver: &Driver) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/node_modules/axe-core/axe.min.js");
    let Ok(axe) = fs::read_to_string(&path) else {
        let words = format!("not here: {}", path.display());
        assert!(env::var_os("ROOST_REQUIRE_TOOLS").is_none(), "{words}");
        eprintln!("skipped: {words}");
        return Vec::new();
    };
    let mut found = Vec::new();
    driver.run(&axe, &[]);
    for theme in ["light", "contrast", "dark"] {
        driver.run("document.documentElement.dataset.theme = arguments[0]", &[theme.into()]);
        driver.painted();
        let violations = driver.run_async(
            "const done = arguments[0];
            axe.run(document).then(({ violations }) => done(violations.map(({ id, nodes }) =>
                id + ': ' + nodes.map(({ html, failureSummary }) =>
                    html.slice(0, 160) + ' ' + failureSummary).join(' | '))))",
        );
        let violations = violations.as_array().expect("what axe-core found").iter();
        found.extend(violations.map(|it| format!("{theme}: {}", it.as_str().unwrap_or_default())));
    }
    found
}
