//! What must never be seen, and where it is looked for.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Secrets by name, each in every form in which one of them travels.
#[derive(Default)]
pub(super) struct Canaries(Vec<(String, Vec<String>)>);

impl Canaries {
    pub(super) fn add(&mut self, name: &str, secret: &str) {
        assert!(secret.len() >= 8, "{name} is too short to be recognised");
        let hexadecimal = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        let percent = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        // As text inside of JSON or of a log.
        let escaped = secret.escape_default().to_string();
        let mut forms = vec![
            secret.to_owned(),
            STANDARD_NO_PAD.encode(secret),
            URL_SAFE_NO_PAD.encode(secret),
            hexadecimal,
            percent,
            escaped,
        ];
        forms.sort();
        forms.dedup();
        self.0.push((name.to_owned(), forms));
    }

    /// Every secret that is in `bytes`, with what stands around it.
    pub(super) fn in_bytes(&self, place: &str, bytes: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        for (name, forms) in &self.0 {
            for form in forms {
                let at = bytes.windows(form.len()).position(|window| window == form.as_bytes());
                if let Some(at) = at {
                    let around = &bytes[at.saturating_sub(80)..(at + 20).min(bytes.len())];
                    found.push(format!("{name} in {place}: …{}…", around.escape_ascii()));
                }
            }
        }
        found
    }

    /// Every secret that is in a file under `folder`, but for files that are there to keep one.
    pub(super) fn in_files(&self, folder: &Path, keeps: &dyn Fn(&str) -> bool) -> Vec<String> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_dir() {
                found.extend(self.in_files(&path, keeps));
            } else if !keeps(&name) {
                found.extend(self.in_bytes(&name, &std::fs::read(&path).expect("a file")));
            }
        }
        found
    }
}
