//! What the system knows this program by. A build for development has names of its own, so that it runs
//! beside a Roost that is installed and touches nothing of it.

use roost_local::IS_DEVELOPMENT;
use serde_json::json;
use tauri::Context;

/// What a development build adds to the identifier.
const DEVELOPMENT_SUFFIX: &str = ".dev";
/// The scheme of links that a development build is opened with; given one explicitly, it reads an
/// installed Roost's as well.
const DEVELOPMENT_SCHEME: &str = "roost-dev";
/// The scheme of links.
const SCHEME: &str = "roost";

/// Gives a development build its own identifier, name and scheme of links; everything that is kept under
/// the identifier (the single instance's name on the bus, the window's place, the web engine's files) follows.
pub(crate) fn apply(context: &mut Context) {
    if !IS_DEVELOPMENT {
        return;
    }
    // The entry for a start at login has this name.
    context.package_info_mut().name.push_str(" Dev");
    let config = context.config_mut();
    config.identifier.push_str(DEVELOPMENT_SUFFIX);
    config.product_name = config.product_name.take().map(|name| format!("{name} Dev"));
    let schemes = json!({ "desktop": { "schemes": [DEVELOPMENT_SCHEME, SCHEME] } });
    config.plugins.0.insert("deep-link".to_owned(), schemes);
}

/// Returns a link as every build understands it.
pub(crate) fn plain_link(link: &str) -> String {
    match link.strip_prefix(DEVELOPMENT_SCHEME) {
        Some(rest) if IS_DEVELOPMENT => format!("{SCHEME}{rest}"),
        _ => link.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_development_build_has_identifier_data_folder_and_links_of_its_own() {
        let context = crate::context();
        let config = context.config();
        let links = config.plugins.0["deep-link"]["desktop"]["schemes"].clone();
        let folder = roost_local::data_dir().unwrap();
        // Tests are built for development, or for what is shipped.
        if IS_DEVELOPMENT {
            assert_eq!(config.identifier, "app.roost.desktop.dev");
            assert_eq!(config.product_name.as_deref(), Some("Roost Dev"));
            assert_eq!(links[0], "roost-dev");
            assert!(folder.ends_with("roost-dev"));
            assert_eq!(plain_link("roost-dev://pair?relay=x"), "roost://pair?relay=x");
        } else {
            assert_eq!(config.identifier, "app.roost.desktop");
            assert_eq!(links, json!(["roost"]));
            assert!(folder.ends_with("roost"));
        }
        assert_eq!(plain_link("roost://pair?relay=x"), "roost://pair?relay=x");
    }
}
