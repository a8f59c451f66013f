//! By a request to an address. The one place of the relay that asks strangers other than X.
#![expect(
    clippy::disallowed_methods,
    reason = "alarms leave through webhooks here and nowhere else"
)]

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, RequestBuilder};
use serde_json::json;
use sha2::Sha256;

use super::Letter;
use crate::alarm_settings::{Webhook, WebhookShape};

/// How long the whole of it may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// What Discord and Slack take of a text.
const CHAT_MAX_CHARS: usize = 1900;
/// The prefix of a secret of Standard Webhooks.
const SECRET_PREFIX: &str = "whsec_";

pub(super) async fn send(to: &Webhook, letter: &Letter) -> Result<(), String> {
    let client = Client::builder()
        .timeout(TIMEOUT)
        // What is said to one address is not for another.
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("roost-relay/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| format!("No request can be made: {}.", error.without_url()))?;
    let request = request(&client, to, letter)?;
    let host = to.url.host_str().unwrap_or_default();
    let answer = request.send().await.map_err(|error| {
        let why =
            if error.is_timeout() { "no answer in time".to_owned() } else { innermost(&error) };
        format!("{host} was not reached: {why}.")
    })?;
    if answer.status().is_success() {
        return Ok(());
    }
    Err(format!("{host} answered {}.", answer.status().as_u16()))
}

fn request(client: &Client, to: &Webhook, letter: &Letter) -> Result<RequestBuilder, String> {
    let post = client.post(to.url.clone());
    let message = &letter.message;
    Ok(match to.shape {
        WebhookShape::Json => {
            let body = letter.data.to_string();
            let at_s = letter.at.0 / 1000;
            let mut post = post
                .header("content-type", "application/json")
                .header("webhook-id", &letter.id)
                .header("webhook-timestamp", at_s);
            if let Some(secret) = &to.secret {
                let signature = sign(secret.expose(), &letter.id, at_s, &body)?;
                post = post.header("webhook-signature", signature);
            }
            post.body(body)
        }
        WebhookShape::Ntfy => {
            let post = match &to.secret {
                Some(token) => post.bearer_auth(token.expose()),
                None => post,
            };
            // A header carries ASCII; what else there is in a title stands in the text as well.
            post.header("title", ascii(&message.subject)).body(message.text.clone())
        }
        WebhookShape::Slack => post.json(&json!({ "text": chat(letter, "*") })),
        WebhookShape::Discord => post.json(&json!({
            "content": chat(letter, "**"),
            // Nobody is called by what a text happens to say.
            "allowed_mentions": { "parse": [] },
        })),
    })
}

/// Returns the signature of Standard Webhooks: HMAC-SHA256 over id, time and body.
fn sign(secret: &str, id: &str, at_s: i64, body: &str) -> Result<String, String> {
    let coded = secret.strip_prefix(SECRET_PREFIX).unwrap_or(secret);
    let key = STANDARD.decode(coded).map_err(|_| {
        "The webhook's secret is none: it is whsec_ and then base64, of 24 bytes or more."
            .to_owned()
    })?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|error| format!("{error}."))?;
    mac.update(format!("{id}.{at_s}.{body}").as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

fn chat(letter: &Letter, bold: &str) -> String {
    let message = &letter.message;
    let text = format!("{bold}{}{bold}\n{}", message.subject, message.text);
    text.chars().take(CHAT_MAX_CHARS).collect()
}

fn ascii(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_ascii_graphic() || letter == ' ' { letter } else { '?' })
        .collect()
}

/// The last cause of an error. Its address is left out: it may carry a secret.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    let mut words = "the request failed".to_owned();
    while let Some(next) = cause {
        words = next.to_string();
        cause = next.source();
    }
    words.trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_of_standard_webhooks() {
        // The example of the specification's reference implementations.
        let signed = sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            "{\"test\": 2432232314}",
        );
        assert_eq!(signed.as_deref(), Ok("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert!(sign("sesame!", "id", 0, "").is_err_and(|why| !why.contains("sesame")));
    }
}
