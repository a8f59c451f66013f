//! What is in the way of posts is said wherever somebody asks, with a remedy that exists; and
//! nothing is called safe that is not.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use roost_core::clock::{Clock, ManualClock, SystemClock};
use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_engine::view::{Blocker, BlockerKind, CheckHealth, SafeToClose};
use roost_engine::{Endpoint, Engine, EngineConfig, LatePolicy, Mode, NextStep, Secret};
use roost_relay_api::{AccountHealth, DeliveryState, Lookup};
use roost_x_sandbox::{Fault, NewAccount, On, Standing};

use crate::world::{World, new_post};

/// How the scheduler in front of the real one answers what is published to it.
#[derive(Debug, Clone, Copy)]
enum Answers {
    /// As the real one does.
    Really,
    /// The day's messages are used up, and the day ends in so many seconds.
    UsedUp(u64),
    /// Every element is refused.
    EachRefused,
    /// Every element is taken, and none has an id.
    WithoutIds,
    /// A batch with the message of this post is refused as a whole, as QStash was seen to do.
    SunkBy(PostId),
    /// Too many requests at once.
    TooFast(u64),
    /// The token is of another region, or revoked.
    TokenRefused,
}

#[derive(Clone)]
struct Front {
    behind: String,
    answers: Arc<Mutex<Answers>>,
    batches: Arc<AtomicU32>,
}

impl Front {
    /// A scheduler in front of the world's own.
    async fn of(world: &World, answers: Answers) -> (Self, Endpoint) {
        let real = world.endpoints().qstash.unwrap();
        let front = Self {
            behind: real.url.clone(),
            answers: Arc::new(Mutex::new(answers)),
            batches: Arc::default(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(front.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (front, Endpoint { url, bearer: real.bearer })
    }

    fn now_answers(&self, answers: Answers) {
        *self.answers.lock().unwrap() = answers;
    }

    fn batches(&self) -> u32 {
        self.batches.load(Ordering::SeqCst)
    }
}

async fn answer(State(front): State<Front>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    if parts.uri.path() == "/v2/batch" {
        front.batches.fetch_add(1, Ordering::SeqCst);
        let answers = *front.answers.lock().unwrap();
        let count = serde_json::from_slice::<Vec<serde_json::Value>>(&body).unwrap().len();
        let each = |element: &str| format!("[{}]", vec![element; count].join(","));
        let own = match answers {
            Answers::Really => None,
            Answers::UsedUp(seconds) => Some(
                Response::builder()
                    .status(429)
                    .header("ratelimit-limit", "1000")
                    .header("retry-after", seconds.to_string())
                    .body(Body::from(r#"{"error":"Exceeded daily rate limit"}"#)),
            ),
            Answers::EachRefused => {
                let body = each(r#"{"error":"invalid destination url","status":400}"#);
                Some(Response::builder().status(200).body(Body::from(body)))
            }
            Answers::SunkBy(post) => {
                let sinks = String::from_utf8_lossy(&body).contains(&post.to_string());
                let refusal = r#"{"error":"quota maxDelay exceeded, current limit: 604800"}"#;
                sinks.then(|| Response::builder().status(412).body(Body::from(refusal)))
            }
            Answers::TooFast(seconds) => Some(
                Response::builder()
                    .status(429)
                    .header("burst-ratelimit-limit", "100")
                    .header("retry-after", seconds.to_string())
                    .body(Body::from(r#"{"error":"Exceeded burst rate limit"}"#)),
            ),
            Answers::TokenRefused => Some(
                Response::builder().status(401).body(Body::from(r#"{"error":"invalid token"}"#)),
            ),
            Answers::WithoutIds => {
                Some(Response::builder().status(200).body(Body::from(each("{}"))))
            }
        };
        if let Some(own) = own {
            return own.unwrap();
        }
    }
    let mut headers = parts.headers;
    headers.remove("host");
    let answer = reqwest::Client::new()
        .request(parts.method, format!("{}{}", front.behind, parts.uri))
        .headers(headers)
        .body(body)
        .send()
        .await
        .unwrap();
    let status = answer.status();
    Response::builder().status(status).body(Body::from(answer.bytes().await.unwrap())).unwrap()
}

async fn blockers(engine: &Engine) -> Vec<Blocker> {
    engine.sync_state().await.unwrap().blockers
}

async fn blocker(engine: &Engine, kind: BlockerKind) -> Option<Blocker> {
    blockers(engine).await.into_iter().find(|blocker| blocker.kind == kind)
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let end = tokio::time::Instant::now() + Duration::from_secs(60);
    while !holds().await {
        assert!(tokio::time::Instant::now() < end, "not {what} in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Another engine over the world's store, as with a relay on a server.
fn elsewhere(world: &World, key: Option<&str>) -> Engine {
    let mut config = EngineConfig::new(world.path("roost.db"));
    config.mode = Mode::Server;
    let mut endpoints = world.endpoints();
    if let Some(key) = key {
        endpoints.relay.bearer = Secret::new(key);
    }
    config.endpoints = Some(endpoints);
    Engine::open(config, Arc::new(SystemClock)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_refuses_the_key_is_said_and_nothing_is_called_safe() {
    let world = World::new().await;
    let id = world.post_in("who has it", 3600).await;
    world.engine.sync().await.unwrap();
    let engine = elsewhere(&world, None);
    engine.refresh_status().await.unwrap();
    let state = engine.sync_state().await.unwrap();
    assert_eq!((state.blockers, state.safe_to_close), (vec![], SafeToClose::Everything));

    let engine = elsewhere(&world, Some("rk_of_a_database_that_was_lost"));
    engine.refresh_status().await.unwrap();
    let state = engine.sync_state().await.unwrap();
    assert_eq!(state.safe_to_close, SafeToClose::Blocked { until: None });
    let kinds: Vec<BlockerKind> = state.blockers.iter().map(|blocker| blocker.kind).collect();
    assert_eq!(kinds, [BlockerKind::RelayRefuses], "{:?}", state.blockers);
    assert_eq!(state.blockers[0].next_steps, [NextStep::Pair], "{:?}", state.blockers);
    let reason = engine.post(id).await.unwrap().row.reason.unwrap();
    assert_eq!(reason.code, Code::RelayUnauthorized);
    let checks = engine.doctor().await;
    let relay = checks.iter().find(|check| check.name == "relay").unwrap();
    assert_eq!(relay.health, CheckHealth::Bad);
    let said: Vec<&str> = checks.iter().map(|check| check.finding.as_str()).collect();
    let twice = said.iter().filter(|finding| finding.contains("does not accept")).count();
    assert_eq!(twice, 1, "said once: {checks:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watching_engine_says_that_the_relay_refuses_it_and_goes_on_with_the_right_key() {
    let mut world = World::new().await;
    world.run();
    let id = world.post_in("before", 3600).await;
    world.wait_for(id, Status::Queued).await;
    let good = world.endpoints();
    let mut bad = good.clone();
    bad.relay.bearer = Secret::new("rk_old");
    world.engine.use_endpoints(Some(bad)).unwrap();
    until("said", async || blocker(&world.engine, BlockerKind::RelayRefuses).await.is_some()).await;
    let after = world.post_in("after", 3600).await;
    world.engine.use_endpoints(Some(good)).unwrap();
    world.wait_for(after, Status::Queued).await;
    until("over", async || blocker(&world.engine, BlockerKind::RelayRefuses).await.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduler_that_refuses_everything_is_said_everywhere_and_asked_again_when_it_said() {
    let mut world = World::new().await;
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    world.engine = world.beside_at(Some(LatePolicy::POST), clock.clone());
    let (front, qstash) = Front::of(&world, Answers::UsedUp(3600)).await;
    let mut endpoints = world.endpoints();
    endpoints.qstash = Some(qstash);
    world.engine.use_endpoints(Some(endpoints)).unwrap();
    world.run();
    let first = world.engine.create(new_post("first", 4 * 3600)).await.unwrap().post.id;
    until("said", async || blocker(&world.engine, BlockerKind::SchedulerRefuses).await.is_some())
        .await;
    let said = blocker(&world.engine, BlockerKind::SchedulerRefuses).await.unwrap();
    assert_eq!(said.code, Code::SchedulerQuota);
    let next = said.next_try.unwrap();
    assert!(next.since(clock.now()) > Duration::from_secs(3500), "{said:?}");
    assert!(said.needs_person && said.posts == 1, "{said:?}");

    // Another process, and whoever looks at the post or runs the doctor, hear it too.
    assert!(blocker(&world.beside(), BlockerKind::SchedulerRefuses).await.is_some());
    let reason = world.show(first).await.row.reason.unwrap();
    assert_eq!(reason.code, Code::SchedulerQuota);
    assert!(reason.message.contains("by its own clock"), "{reason:?}");
    let checks = world.engine.doctor().await;
    let scheduler = checks.iter().find(|check| check.name == "scheduler").unwrap();
    assert_eq!(scheduler.health, CheckHealth::Bad, "{scheduler:?}");

    // What is written meanwhile comes to the relay, and the scheduler is left alone.
    let asked = front.batches();
    clock.advance(Duration::from_secs(1800));
    let second = world.engine.create(new_post("second", 4 * 3600)).await.unwrap().post.id;
    let relay = world.relay();
    until("staged", async || {
        let found = relay.lookup(&Lookup { post_ids: vec![second] }).await.unwrap();
        found.deliveries.iter().any(|delivery| delivery.state == DeliveryState::Staged)
    })
    .await;
    assert_eq!(front.batches(), asked, "it asked to be left alone for an hour");
    assert_eq!(world.status(second).await, Status::Pending);

    front.now_answers(Answers::Really);
    clock.advance(Duration::from_secs(1801));
    for id in [first, second] {
        world.wait_for(id, Status::Queued).await;
    }
    until("over", async || blocker(&world.engine, BlockerKind::SchedulerRefuses).await.is_none())
        .await;
    world.stop_engine().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_a_sync_asks_the_scheduler_whatever_it_said_before() {
    let world = World::new().await;
    let (front, qstash) = Front::of(&world, Answers::UsedUp(3600)).await;
    let mut endpoints = world.endpoints();
    endpoints.qstash = Some(qstash);
    world.engine.use_endpoints(Some(endpoints)).unwrap();
    let id = world.post_in("at once", 3600).await;
    assert!(world.engine.sync().await.is_err());
    front.now_answers(Answers::Really);
    assert_eq!(world.engine.try_now().await.unwrap().published, 1);
    assert_eq!(world.status(id).await, Status::Queued);
    assert_eq!(blockers(&world.engine).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_scheduler_or_another_token_is_asked_whatever_the_old_one_said() {
    let mut world = World::new().await;
    let (_front, refuses) = Front::of(&world, Answers::UsedUp(3600)).await;
    let real = world.endpoints();
    let mut endpoints = world.endpoints();
    endpoints.qstash = Some(refuses);
    world.engine.use_endpoints(Some(endpoints.clone())).unwrap();
    let id = world.post_in("waits", 3600).await;
    assert!(world.engine.sync().await.is_err());
    assert!(blocker(&world.engine, BlockerKind::SchedulerRefuses).await.is_some());

    // A process that knows only the other scheduler says nothing of it, and asks that one at once.
    let other = world.beside();
    other.use_endpoints(Some(real.clone())).unwrap();
    assert_eq!(blocker(&other, BlockerKind::SchedulerRefuses).await, None);
    drop(other);

    // Pairing anew, or telling a token, ends what was said to the old one.
    let (now_takes, same) = Front::of(&world, Answers::UsedUp(3600)).await;
    endpoints.qstash = Some(same);
    world.engine.use_endpoints(Some(endpoints.clone())).unwrap();
    assert!(world.engine.sync().await.is_err());
    now_takes.now_answers(Answers::Really);
    let same = world.beside();
    same.use_endpoints(Some(endpoints.clone())).unwrap();
    assert!(blocker(&same, BlockerKind::SchedulerRefuses).await.is_some(), "still the same");
    same.clear_scheduler_refusal().await.unwrap();
    assert_eq!(blocker(&same, BlockerKind::SchedulerRefuses).await, None);

    // So does another token under the eyes of a running engine.
    now_takes.now_answers(Answers::UsedUp(3600));
    assert!(world.engine.sync().await.is_err());
    world.run();
    now_takes.now_answers(Answers::Really);
    world.engine.use_endpoints(Some(endpoints)).unwrap();
    world.wait_for(id, Status::Queued).await;
    world.stop_engine().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rest_noted_under_a_clock_that_was_ahead_ends_when_the_clock_is_right() {
    let mut world = World::new().await;
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    world.engine = world.beside_at(Some(LatePolicy::POST), clock.clone());
    let (front, qstash) = Front::of(&world, Answers::UsedUp(3600)).await;
    let mut endpoints = world.endpoints();
    endpoints.qstash = Some(qstash);
    world.engine.use_endpoints(Some(endpoints.clone())).unwrap();
    let right = clock.now();
    let id = world.engine.create(new_post("waits", 3600)).await.unwrap().post.id;
    clock.advance(Duration::from_hours(24 * 400));
    let ahead = world.beside_at(Some(LatePolicy::POST), clock.clone());
    ahead.use_endpoints(Some(endpoints.clone())).unwrap();
    let write = |store: &mut roost_store::Tx<'_>| {
        let trouble = serde_json::json!({
            "scheduler": endpoints.qstash.as_ref().unwrap().url,
            "code": "scheduler_quota", "message": "used up", "since": clock.now(),
            "next_try": clock.now().plus(Duration::from_hours(1)), "posts": 1, "passes": false,
        });
        store.save_setting("scheduler_trouble", &trouble)
    };
    world.store().write("test", write).unwrap();
    drop(ahead);
    clock.set(right);
    let said = blocker(&world.engine, BlockerKind::SchedulerRefuses).await.unwrap();
    assert!(said.next_try.unwrap() <= right, "{said:?}");
    front.now_answers(Answers::Really);
    world.run();
    world.wait_for(id, Status::Queued).await;
    world.stop_engine().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn elements_of_a_batch_that_are_refused_or_have_no_id_are_counted_and_said() {
    for answers in [Answers::EachRefused, Answers::WithoutIds] {
        let world = World::new().await;
        let (front, qstash) = Front::of(&world, answers).await;
        let mut endpoints = world.endpoints();
        endpoints.qstash = Some(qstash);
        world.engine.use_endpoints(Some(endpoints)).unwrap();
        for number in 0..3 {
            world.post_in(&format!("post {number}"), 3600).await;
        }
        let done = world.engine.sync().await.unwrap();
        assert_eq!((done.published, done.refused, done.failed), (0, 3, 0), "{answers:?}");
        assert!(done.message.is_some(), "{answers:?}");
        let said = blocker(&world.engine, BlockerKind::SchedulerRefuses).await.unwrap();
        assert_eq!(said.posts, 3, "{answers:?}");
        front.now_answers(Answers::Really);
        let done = world.engine.sync().await.unwrap();
        assert_eq!((done.published, done.refused), (3, 0), "{answers:?}");
        assert_eq!(blockers(&world.engine).await, [], "{answers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_account_that_can_not_post_is_named_with_its_posts_and_none_of_them_is_here() {
    let mut world = World::new().await;
    world.connect("ada").await;
    world.run();
    let account = |name: &'static str| {
        let engine = world.engine.clone();
        async move { engine.account_named(name).await.unwrap().0 }
    };
    let (demo, ada) = (account("demo").await, account("ada").await);
    for (name, id) in [("demo", &demo), ("ada", &ada)] {
        let post = roost_engine::NewPost { account: Some(id.clone()), ..new_post(name, 2) };
        world.engine.create(post).await.unwrap();
    }
    let mut suspended = NewAccount::named("ada");
    suspended.standing = Some(Standing::Suspended);
    world.sandbox.sandbox.put_account(suspended).await.unwrap();
    world.sandbox.sandbox.disconnect("demo").await.unwrap();
    until("both told", async || {
        let accounts = world.engine.accounts().await.unwrap();
        accounts.iter().all(|account| account.health != AccountHealth::Connected)
    })
    .await;
    let engine = elsewhere(&world, None);
    engine.refresh_status().await.unwrap();
    let state = engine.sync_state().await.unwrap();
    assert_eq!(state.safe_to_close, SafeToClose::Blocked { until: None }, "{:?}", state.blockers);
    assert!(state.blockers.iter().all(|blocker| !blocker.needs_this_computer));
    let sign_in = NextStep::SignIn { username: Some("demo".to_owned()) };
    for (kind, name, step) in [
        (BlockerKind::AccountSuspended, "ada", NextStep::TryNow),
        (BlockerKind::AccountSignedOut, "demo", sign_in),
    ] {
        let found = state.blockers.iter().find(|blocker| blocker.kind == kind).unwrap();
        assert_eq!((found.account.as_deref(), found.posts), (Some(name), 1), "{found:?}");
        assert_eq!(found.next_steps, [step], "{found:?}");
    }
    let checks = engine.doctor().await;
    let accounts = checks.iter().find(|check| check.name == "accounts").unwrap();
    for name in ["@ada", "@demo"] {
        assert!(accounts.finding.contains(name), "{accounts:?}");
    }
    // The remedy that is named is one: the account is settled, and tried.
    let mut good = NewAccount::named("ada");
    good.standing = Some(Standing::Good);
    world.sandbox.sandbox.put_account(good).await.unwrap();
    engine.try_now().await.unwrap();
    until("posted", async || world.texts().await.iter().any(|text| text == "ada")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_whose_clock_is_wrong_is_said_with_how_wrong_it_is() {
    let mut world = World::new().await;
    world.stop_local().await;
    let behind = ManualClock::at(SystemClock.now().minus(Duration::from_mins(10)));
    world.start_local_at(Arc::new(behind)).await;
    // Proving an account's grant compares the relay's clock with X's.
    world.connect("demo").await;
    let engine = elsewhere(&world, None);
    world.post_in("late by ten minutes", 3600).await;
    engine.sync().await.unwrap();
    let state = engine.sync_state().await.unwrap();
    assert_eq!(state.safe_to_close, SafeToClose::Blocked { until: None });
    let said = state.blockers.iter().find(|it| it.kind == BlockerKind::RelayClock).unwrap();
    assert!(said.message.contains("10 minutes behind X's"), "{said:?}");
    assert!(said.remedy.contains("NTP"), "{said:?}");
    let checks = engine.doctor().await;
    let clock = checks.iter().find(|check| check.name == "clock").unwrap();
    assert_eq!(clock.health, CheckHealth::Bad, "{clock:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_without_credits_is_one_state_of_the_whole_told_once_and_tried_when_asked() {
    let mut world = World::new().await;
    world.run();
    let mut fault = Fault::named(On::Create, "credits_depleted");
    fault.count = Some(0);
    world.sandbox.sandbox.arm(fault).unwrap();
    let (first, second) = (world.post_in("first", 2).await, world.post_in("second", 3).await);
    for id in [first, second] {
        world.wait_for(id, Status::Held).await;
    }
    let state = world.engine.sync_state().await.unwrap();
    let counts: Vec<(Code, u64)> =
        state.waiting.iter().map(|waiting| (waiting.code, waiting.posts)).collect();
    assert_eq!(counts, [(Code::CreditsDepleted, 2)], "{:?}", state.waiting);
    let whole: Vec<&Blocker> =
        state.blockers.iter().filter(|it| it.kind == BlockerKind::AppHeld).collect();
    assert_eq!(whole.len(), 1, "{:?}", state.blockers);
    assert!(whole[0].posts == 2 && whole[0].next_try.is_some(), "{whole:?}");
    let told = world.engine.take_notices().await.unwrap();
    let whole: Vec<_> = told.iter().filter(|notice| notice.title.contains("credits")).collect();
    assert_eq!(whole.len(), 1, "once, not post by post: {told:?}");
    assert!(whole[0].body.contains("next try"), "{whole:?}");

    world.sandbox.sandbox.disarm(None);
    world.engine.try_now().await.unwrap();
    for id in [first, second] {
        world.wait_for(id, Status::Posted).await;
    }
    let over = world.engine.sync_state().await.unwrap();
    assert_eq!((over.waiting, over.blockers), (vec![], vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_calls_no_relay_sound_that_can_not_write_its_ledger() {
    let world = World::new().await;
    let relay_check = async || {
        let checks = world.engine.doctor().await;
        checks.into_iter().find(|check| check.name == "relay").unwrap()
    };
    let sound = relay_check().await;
    assert_eq!(sound.health, CheckHealth::Good, "{sound:?}");
    let other = world.relay_ledger();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // What the relay found a moment ago is kept for a second.
    until("the doctor says it", async || relay_check().await.health == CheckHealth::Bad).await;
    let ill = relay_check().await;
    assert!(ill.finding.contains("can't be written"), "{ill:?}");
    assert!(ill.remedy.is_some_and(|remedy| remedy.contains("roost-relay check")));
    other.execute_batch("COMMIT").unwrap();
    until("the relay is well", async || relay_check().await.health == CheckHealth::Good).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_whose_events_go_on_is_the_same_relay() {
    let mut world = World::new().await;
    world.connect("demo").await;
    world.run();
    let later = world.engine.create(new_post("later", 4 * 3600)).await.unwrap().post.id;
    world.wait_for(later, Status::Queued).await;
    let now = world.engine.create(new_post("now", 2)).await.unwrap().post.id;
    world.wait_for(now, Status::Posted).await;
    // The feed is read far beyond what the relay's status said a while ago.
    assert_eq!(world.engine.sync_state().await.unwrap().blockers, []);
}

/// Points a world's engine at a scheduler that answers so.
async fn behind(world: &World, answers: Answers) -> Front {
    let (front, qstash) = Front::of(world, answers).await;
    let mut endpoints = world.endpoints();
    endpoints.qstash = Some(qstash);
    world.engine.use_endpoints(Some(endpoints)).unwrap();
    front
}

#[tokio::test(flavor = "multi_thread")]
async fn one_message_that_sinks_its_batch_is_found_and_keeps_no_other_from_the_scheduler() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for number in 0..9 {
        ids.push(world.post_in(&format!("post {number}"), 3600 + number).await);
    }
    let bad = ids.remove(4);
    let front = behind(&world, Answers::SunkBy(bad)).await;
    let done = world.engine.sync().await.unwrap();
    assert_eq!((done.published, done.refused), (8, 1), "{done:?}");
    assert!(done.message.is_some_and(|message| message.contains("604800")));
    for id in ids {
        assert_eq!(world.status(id).await, Status::Queued);
    }
    assert_eq!(world.status(bad).await, Status::Pending, "it is tried again");
    assert!(front.batches() <= 8, "{} requests", front.batches());
    let said = blocker(&world.engine, BlockerKind::SchedulerRefuses).await.unwrap();
    assert_eq!((said.code, said.posts), (Code::SchedulerQuota, 1));
    front.now_answers(Answers::Really);
    assert_eq!(world.engine.sync().await.unwrap().published, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_kinds_of_too_many_and_a_refused_token_are_each_said_with_what_to_do() {
    for (answers, code, passes) in [
        (Answers::UsedUp(3600), Code::SchedulerQuota, false),
        (Answers::TooFast(5), Code::SchedulerQuota, true),
        (Answers::TokenRefused, Code::SchedulerUnauthorized, false),
    ] {
        let world = World::new().await;
        let id = world.post_in("kept", 3600).await;
        let front = behind(&world, answers).await;
        assert!(world.engine.sync().await.is_err(), "{answers:?}");
        let said = blocker(&world.engine, BlockerKind::SchedulerRefuses).await.unwrap();
        assert_eq!((said.code, said.needs_person), (code, !passes), "{answers:?}: {said:?}");
        assert!(!said.next_steps.is_empty() && said.next_try.is_some(), "{answers:?}: {said:?}");
        assert_eq!(front.batches(), 1, "{answers:?}: it is not asked for each post");
        front.now_answers(Answers::Really);
        assert_eq!(world.engine.sync().await.unwrap().published, 1, "{answers:?}");
        assert_eq!(world.status(id).await, Status::Queued, "{answers:?}");
    }
}
