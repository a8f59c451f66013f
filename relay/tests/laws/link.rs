//! What the laws of the network share: the way to X through a proxy, a real scheduler with a way
//! of its own, and what became of many posts at once.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use roost_chaos_proxy::Proxy;
use roost_core::clock::Clock;
use roost_core::id::PostId;
use roost_qstash::{FlowControl, Publish};
use roost_relay_api::{
    Delivery, DeliveryState, EventKind, FAILURE_PATH, Lookup, POST_TWEET_PATH, Stage,
};
use roost_scheduler::{Destinations, Scheduler};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use crate::world::{CURRENT, NEXT, PUBLIC_URL, World};

/// How long many posts may take together, in real time.
const PATIENCE: Duration = Duration::from_secs(90);
const TOKEN: &str = "token_of_the_tests";

/// Where an address of ours answers.
pub(crate) fn socket_of(url: &str) -> SocketAddr {
    let url = Url::parse(url).expect("a URL");
    let addresses = url.socket_addrs(|| None).expect("an address");
    addresses[0]
}

/// A proxy between the relay and X; the relay is started anew behind it.
pub(crate) async fn way_to_x(world: &mut World) -> Proxy {
    let proxy = Proxy::start(socket_of(&world.x.base_url())).await.expect("a proxy");
    world.stop_relay().await;
    world.config.x_api_base = proxy.url().parse().expect("a URL");
    world.start_relay().await;
    proxy
}

/// A scheduler in front of a relay, and the way between them.
pub(crate) struct Office {
    pub(crate) client: roost_qstash::Client,
    pub(crate) way: Proxy,
    scheduler: Scheduler,
    stop: CancellationToken,
    _tasks: [AbortOnDropHandle<()>; 2],
}

impl Drop for Office {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Office {
    /// Starts it on the world's clock; the relay is the one that runs now.
    pub(crate) async fn open(world: &World) -> Self {
        let way = Proxy::start(socket_of(&world.url("/"))).await.expect("a proxy");
        let mut config =
            roost_scheduler::Config::new(world.file("scheduler.sqlite"), TOKEN.to_owned());
        let own = |path: &str| format!("{PUBLIC_URL}{path}");
        config.destinations = Destinations::Only(vec![own(POST_TWEET_PATH), own(FAILURE_PATH)]);
        let live = way.url().parse().expect("a URL");
        config.deliver_via = [(PUBLIC_URL.to_owned(), live)].into();
        config.keys = Some((CURRENT.to_owned(), NEXT.to_owned()));
        config.stop_grace = Duration::ZERO;
        let clock = Arc::clone(&world.clock) as Arc<dyn Clock>;
        config.clock = Arc::new(move || clock.now().0);
        let scheduler = Scheduler::open(config).expect("a scheduler");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = scheduler.router();
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("served");
        });
        let (running, stop) = (scheduler.clone(), CancellationToken::new());
        let token = stop.clone();
        let working = tokio::spawn(async move { running.run(token).await });
        let base = format!("http://{address}").parse().expect("a URL");
        let client = roost_qstash::Client::new(base, TOKEN.to_owned()).expect("a client");
        let tasks = [AbortOnDropHandle::new(serving), AbortOnDropHandle::new(working)];
        Self { client, way, scheduler, stop, _tasks: tasks }
    }

    /// The scheduler looks at the clock at once.
    pub(crate) fn nudge(&self) {
        self.scheduler.wake();
    }

    /// Publishes the posts' messages as a desktop does.
    pub(crate) async fn publish(&self, items: &[Stage]) {
        let messages: Vec<Publish> = items.iter().map(message).collect();
        for batch in messages.chunks(roost_qstash::BATCH_LIMIT) {
            for published in self.client.batch(batch).await.expect("published") {
                published.expect("accepted");
            }
        }
    }
}

/// A post's message.
pub(crate) fn message(item: &Stage) -> Publish {
    Publish {
        destination: format!("{PUBLIC_URL}{POST_TWEET_PATH}"),
        body: World::trigger(item),
        content_type: Some("application/json".to_owned()),
        not_before_seconds: Some(item.due_at.seconds_rounded_up()),
        deduplication_id: Some(format!("{}-r{}", item.post_id, item.revision)),
        retries: Some(5),
        retry_delay: Some("300".to_owned()),
        timeout_seconds: Some(2),
        failure_callback: Some(format!("{PUBLIC_URL}{FAILURE_PATH}")),
        flow_control: Some(FlowControl {
            key: item.account.0.clone(),
            parallelism: Some(10),
            ..FlowControl::default()
        }),
        ..Publish::default()
    }
}

/// Stages as many posts as there are.
pub(crate) async fn stage_all(world: &World, items: &[Stage]) {
    for batch in items.chunks(roost_relay_api::BATCH_MAX) {
        for result in world.stage(batch).await {
            assert_eq!(result.outcome, roost_relay_api::StageOutcome::Staged, "{result:?}");
        }
    }
}

/// Where all the posts stand, in the order given.
pub(crate) async fn standings(world: &World, items: &[Stage]) -> Vec<Delivery> {
    let mut all = Vec::with_capacity(items.len());
    for batch in items.chunks(roost_relay_api::BATCH_MAX) {
        let lookup = Lookup { post_ids: batch.iter().map(|item| item.post_id).collect() };
        let found = world.client().lookup(&lookup).await.expect("an answer").deliveries;
        let mut found: HashMap<PostId, Delivery> =
            found.into_iter().map(|delivery| (delivery.post_id, delivery)).collect();
        all.extend(batch.iter().map(|item| found.remove(&item.post_id).expect("no post is lost")));
    }
    all
}

/// Waits until all posts are in one of the states; `meanwhile` is done between two looks.
pub(crate) async fn come_to(
    world: &World,
    items: &[Stage],
    states: &[DeliveryState],
    mut meanwhile: impl FnMut(),
) -> Vec<Delivery> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let standings = standings(world, items).await;
        let open = standings.iter().find(|delivery| !states.contains(&delivery.state));
        let Some(open) = open else { return standings };
        assert!(tokio::time::Instant::now() < deadline, "not {states:?}: {open:?}");
        meanwhile();
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// The states that the feed told of each post, in order.
pub(crate) async fn told(world: &World) -> HashMap<PostId, Vec<Delivery>> {
    let mut told: HashMap<PostId, Vec<Delivery>> = HashMap::new();
    let mut cursor = 0;
    loop {
        let page = world.client().events(cursor, 1000, Duration::ZERO).await.expect("a page");
        if page.events.is_empty() {
            return told;
        }
        cursor = page.cursor;
        for event in page.events {
            if let EventKind::Delivery { delivery } = event.kind {
                told.entry(delivery.post_id).or_default().push(delivery);
            }
        }
    }
}

/// How many requests to create a post X saw of each text, and how many of them it took.
pub(crate) async fn requests(world: &World) -> HashMap<String, (usize, usize)> {
    let mut requests: HashMap<String, (usize, usize)> = HashMap::new();
    for entry in world.creates().await {
        let (seen, taken) = requests.entry(entry.text.unwrap_or_default()).or_default();
        *seen += 1;
        *taken += usize::from(entry.accepted);
    }
    requests
}
