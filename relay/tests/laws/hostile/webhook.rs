//! What no signed body may do to the relay. Also the fuzz target's body, so it stands alone.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use roost_core::clock::{Clock, ManualClock, UnixMillis};
use roost_qstash::signature::Signer;
use roost_relay::{Config, QstashKeys, Relay, Secret};
use roost_relay_api::{FAILURE_PATH, POST_TWEET_PATH};
use tower::ServiceExt;

const KEY: &str = "sig_of_the_hostile_bodies";
const ADDRESS: &str = "http://relay.roost.internal";
const NOW: i64 = 1_800_000_000;

/// A relay that lives as long as the process, and what drives it.
struct Door {
    router: Router,
    runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
    _relay: Relay,
}

fn door() -> &'static Door {
    static DOOR: OnceLock<Door> = OnceLock::new();
    DOOR.get_or_init(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Config::new(folder.path().join("relay.sqlite"));
        config.public_urls = vec![ADDRESS.parse().expect("a URL")];
        config.qstash_keys =
            Some(QstashKeys { current: Secret::new(KEY), next: Secret::new("sig_next") });
        let clock = Arc::new(ManualClock::at(UnixMillis::from_seconds(NOW))) as Arc<dyn Clock>;
        let relay = Relay::open(config, clock).expect("a relay");
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Door { router: relay.router(), runtime, _folder: folder, _relay: relay }
    })
}

/// `data` as a signed body at both webhooks: the answer is one of those that a scheduler knows.
pub(crate) fn answered(data: &[u8]) {
    for (path, good) in [(POST_TWEET_PATH, &[489, 503][..]), (FAILURE_PATH, &[200, 489])] {
        let signature = Signer::new(KEY).sign(&format!("{ADDRESS}{path}"), data, NOW);
        let request = Request::post(path)
            .header("Host", "127.0.0.1")
            .header("Upstash-Signature", signature)
            .body(Body::from(data.to_vec()))
            .expect("a request");
        let door = door();
        let answer = door.runtime.block_on(door.router.clone().oneshot(request)).expect("one");
        let status = answer.status();
        let too_long = status == StatusCode::PAYLOAD_TOO_LARGE && data.len() > 64 * 1024;
        assert!(too_long || good.contains(&status.as_u16()), "{path}: {status}");
    }
}
