//! A relay with a scheduler inside, as `roost-relay serve --embedded-scheduler` has it, and a second
//! scheduler in QStash's place, in the test's own process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use roost_core::clock::SystemClock;
use roost_relay::{Config, DeviceKey, QstashKeys, Relay, Secret};
use roost_relay_api::{FAILURE_PATH, POST_TWEET_PATH};
use roost_scheduler::{Destinations, Scheduler};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use url::Url;

const PUBLIC_URL: &str = "http://relay.roost.internal";
const DEVICE_KEY: &str = "rk_of_the_tests";
const OWN_TOKEN: &str = "token-of-the-scheduler-inside";
/// What opens the scheduler in QStash's place.
pub(crate) const QSTASH_TOKEN: &str = "token-of-qstash";

/// A relay on a server, and QStash.
pub(crate) struct Server {
    runtime: Runtime,
    relay_url: String,
    /// Where QStash is.
    pub(crate) qstash_url: String,
    has_own: bool,
    stop: CancellationToken,
    /// The way by which QStash's deliveries come in.
    way_in: CancellationToken,
    _folder: tempfile::TempDir,
}

impl Server {
    /// A relay for the X at this address, with or without a scheduler inside.
    pub(crate) fn new(x: &str, has_own: bool) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let runtime = Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        let _inside = runtime.enter();
        let (relay_listener, relay_address) = listen(&runtime);
        let (qstash_listener, qstash_address) = listen(&runtime);
        let (way_in_listener, way_in_address) = listen(&runtime);
        let mut config = Config::new(folder.path().join("relay.db"));
        config.public_urls = vec![Url::parse(PUBLIC_URL).unwrap()];
        config.x_api_base = Url::parse(x).unwrap();
        config.device_keys =
            vec![DeviceKey { name: "desktop".to_owned(), key: Secret::new(DEVICE_KEY) }];
        config.loopback = true;
        config.pace.tick = Duration::from_millis(50);
        let relay = Relay::open(config, Arc::new(SystemClock)).unwrap();
        let own = scheduler(folder.path().join("own.db"), OWN_TOKEN, relay_address);
        let qstash = scheduler(folder.path().join("qstash.db"), QSTASH_TOKEN, way_in_address);
        let mut router = relay.router();
        if has_own {
            let (current, next) = own.signing_keys();
            relay.offer_scheduler(Secret::new(OWN_TOKEN));
            relay.set_qstash_keys(&QstashKeys {
                current: Secret::new(current),
                next: Secret::new(next),
            });
            router = router.fallback_service(own.router());
        }
        serve(&runtime, relay_listener, router, &stop);
        serve(&runtime, qstash_listener, qstash.router(), &stop);
        let way_in = CancellationToken::new();
        serve(&runtime, way_in_listener, relay.webhook_router(), &way_in);
        let halt = stop.clone();
        runtime.spawn(async move { relay.run(halt).await });
        for scheduler in [own, qstash] {
            let halt = stop.clone();
            runtime.spawn(async move { scheduler.run(halt).await });
        }
        Self {
            relay_url: format!("http://{relay_address}"),
            qstash_url: format!("http://{qstash_address}"),
            has_own,
            stop,
            way_in,
            runtime,
            _folder: folder,
        }
    }

    /// A pairing link for the relay, with the token of the scheduler inside where there is one.
    pub(crate) fn link(&self) -> String {
        let mut link =
            vec![("relay", self.relay_url.as_str()), ("key", DEVICE_KEY), ("public", PUBLIC_URL)];
        if self.has_own {
            link.extend([("qstash", self.relay_url.as_str()), ("token", OWN_TOKEN)]);
        }
        Url::parse_with_params("roost://pair", link).unwrap().to_string()
    }

    /// Closes the way by which QStash's deliveries come in, as a firewall does.
    pub(crate) fn shut_the_way_in(&self) {
        self.way_in.cancel();
    }

    /// Rotates QStash's signing keys.
    pub(crate) fn rotate_keys(&self) {
        self.runtime.block_on(self.qstash().rotate_keys()).unwrap();
    }

    /// How many of these messages the scheduler inside has, and how many QStash has.
    pub(crate) fn messages(&self, ids: &[String]) -> (usize, usize) {
        let count = async |client: roost_qstash::Client| {
            let mut found = 0;
            for id in ids {
                found += usize::from(client.message(id).await.unwrap().is_some());
            }
            found
        };
        self.runtime.block_on(async {
            let own = if self.has_own { count(self.own()).await } else { 0 };
            (own, count(self.qstash()).await)
        })
    }

    fn own(&self) -> roost_qstash::Client {
        client(&self.relay_url, OWN_TOKEN)
    }

    fn qstash(&self) -> roost_qstash::Client {
        client(&self.qstash_url, QSTASH_TOKEN)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
        self.way_in.cancel();
    }
}

fn client(url: &str, token: &str) -> roost_qstash::Client {
    roost_qstash::Client::new(Url::parse(url).unwrap(), token.to_owned()).unwrap()
}

fn scheduler(file: std::path::PathBuf, token: &str, relay: SocketAddr) -> Scheduler {
    let mut config = roost_scheduler::Config::new(file, token.to_owned());
    let own = |path: &str| format!("{PUBLIC_URL}{path}");
    config.destinations = Destinations::Only(vec![own(POST_TWEET_PATH), own(FAILURE_PATH)]);
    let live = Url::parse(&format!("http://{relay}")).unwrap();
    config.deliver_via = [(PUBLIC_URL.to_owned(), live)].into();
    Scheduler::open(config).unwrap()
}

fn listen(runtime: &Runtime) -> (TcpListener, SocketAddr) {
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn serve(runtime: &Runtime, listener: TcpListener, router: Router, stop: &CancellationToken) {
    let stop = stop.clone();
    runtime.spawn(async move {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, service)
            .with_graceful_shutdown(stop.cancelled_owned())
            .await
            .unwrap();
    });
}
