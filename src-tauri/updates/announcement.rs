//! What an address tells of the newest version: a small document, and nothing larger is read.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the one function that asks an address of updates"
)]

use std::time::Duration;

use reqwest::header::ACCEPT;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use url::Url;

use super::client::configured;
use super::source::safe_address;
use super::{Error, UpdateSource};

/// How long asking may take in all.
const CHECK_TIMEOUT: Duration = Duration::from_secs(20);
/// The largest document that is taken: notes of a release, and a file for each system.
const DOCUMENT_KB_MAX: usize = 256;

/// Returns what the address tells, to a program of this version; none where it says that nothing is new.
pub(super) async fn fetch(source: &UpdateSource, version: &str) -> Result<Option<Value>, Error> {
    let url = filled_in(source.url()?, version)?;
    let client =
        configured(Client::builder().user_agent(concat!("roost/", env!("CARGO_PKG_VERSION"))))
            .timeout(CHECK_TIMEOUT)
            .build()
            .map_err(Error::of_question)?;
    let answer = client.get(url).header(ACCEPT, "application/json").send().await;
    let answer = answer.map_err(Error::of_question)?;
    if answer.status() == StatusCode::NO_CONTENT {
        return Ok(None);
    }
    if !answer.status().is_success() {
        return Err(Error::NoUpdatesThere("it answers with an error".to_owned()));
    }
    let document = bounded(answer).await?;
    serde_json::from_slice(&document)
        .map(Some)
        .map_err(|_| Error::NoUpdatesThere("no JSON".to_owned()))
}

/// Returns the body, and gives up at the first byte too many.
async fn bounded(mut answer: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(Error::of_question)? {
        if body.len() + piece.len() > DOCUMENT_KB_MAX * 1024 {
            let more = format!("it sends more than {DOCUMENT_KB_MAX} kB");
            return Err(Error::NoUpdatesThere(more));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// Returns the address with what stands in braces filled in, as Tauri's updater does it.
fn filled_in(url: Url, version: &str) -> Result<Url, Error> {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86" => "i686",
        "arm" => "armv7",
        other => other,
    };
    let mut text = String::from(url);
    // A `+` of a version would be read as a space.
    let version = version.replace('+', "%2B");
    for (name, value) in [("target", system), ("arch", arch), ("current_version", version.as_str())]
    {
        // The path has its braces encoded, a query does not.
        text = text.replace(&format!("%7B%7B{name}%7D%7D"), value);
        text = text.replace(&format!("{{{{{name}}}}}"), value);
    }
    safe_address(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_and_version_are_filled_in_wherever_an_address_names_them() {
        let filled = |text: &str| {
            let url = Url::parse(text).expect("an address");
            filled_in(url, "0.1.0+7").expect("an address").to_string()
        };
        let (system, arch) =
            (std::env::consts::OS.replace("macos", "darwin"), std::env::consts::ARCH);
        assert_eq!(
            filled("https://updates.example/{{target}}/{{arch}}?of={{current_version}}"),
            format!("https://updates.example/{system}/{arch}?of=0.1.0%2B7")
        );
        assert_eq!(
            filled("https://updates.example/{{current_version}}.json"),
            "https://updates.example/0.1.0%2B7.json"
        );
    }
}
