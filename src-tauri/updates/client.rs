//! How servers of updates are asked.

use std::time::Duration;

use reqwest::ClientBuilder;
use reqwest::redirect::Policy;

use super::source::is_safe;

/// How long a server may be silent.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// How often a server may send to another address.
const REDIRECTS_MAX: usize = 5;

/// Returns a client that waits for a silent server only so long, and follows it to safe addresses alone.
pub(super) fn configured(client: ClientBuilder) -> ClientBuilder {
    client.connect_timeout(SILENCE_MAX).read_timeout(SILENCE_MAX).redirect(safe_redirects())
}

/// A server may send elsewhere, and never to where somebody on the way could change the answer.
fn safe_redirects() -> Policy {
    Policy::custom(|attempt| {
        if attempt.previous().len() > REDIRECTS_MAX {
            return attempt.error("it sends from one address to the next without an end");
        }
        if is_safe(attempt.url()) {
            attempt.follow()
        } else {
            attempt.error("it sends to an address that is not safe")
        }
    })
}
