//! Deliveries as QStash makes them: a trigger, signed for the relay's public address.

use roost_core::clock::{Clock as _, SystemClock};
use roost_core::id::{PostId, Revision};
use roost_qstash::signature::{Signer, fresh_key};
use roost_relay_api::{POST_TWEET_PATH, Trigger};

use crate::bench::load;

/// What both relays believe deliveries to be published to.
pub(super) const PUBLIC_URL: &str = "http://relay.roost.internal";

/// The keys of one run, known to both relays and to nobody else.
#[derive(Clone)]
pub(super) struct Keys {
    pub(super) current: String,
    pub(super) next: String,
}

impl Keys {
    pub(super) fn fresh() -> Self {
        Self { current: fresh_key(), next: fresh_key() }
    }
}

/// One request for each post, signed now: a signature is good for a minute.
pub(super) fn requests(keys: &Keys, posts: &[PostId]) -> Vec<Vec<u8>> {
    let signer = Signer::new(keys.current.as_str());
    let url = format!("{PUBLIC_URL}{POST_TWEET_PATH}");
    let now = SystemClock.now().0.div_euclid(1000);
    let request = |post: &PostId| {
        let trigger = Trigger { post_id: *post, revision: Revision(1) };
        let body = serde_json::to_vec(&trigger).expect("ids and numbers always serialize");
        let signature = format!("Upstash-Signature: {}", signer.sign(&url, &body, now));
        load::post(POST_TWEET_PATH, "localhost", &[signature], &body)
    };
    posts.iter().map(request).collect()
}

/// What every post says: as long as most are.
pub(super) fn text(number: usize) -> String {
    format!(
        "Post number {number}, of the length that most posts have: about two hundred letters, \
             so that rows, hashes and pages are what they are in use, neither empty nor longer \
             than anything that a person would write."
    )
}
