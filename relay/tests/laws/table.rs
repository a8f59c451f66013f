//! The table of failures, row by row: X says it, and what follows is what the table says.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_relay::failure_policy::{Disposition, Operation, Row, Scope, TABLE, Until};
use roost_relay_api::{AccountHealth, Delivery, DeliveryState, Stage};
use roost_x_api::oauth::{App, Pkce};
use roost_x_api::{MediaCategory, Upload};
use roost_x_sandbox::{Fault, FaultKind, On};
use serde_json::{Value, json};

use crate::world::{World, seconds};

/// Worlds at the same time.
const AT_ONCE: usize = 3;

/// One way in which X says what a row is about.
struct Case {
    kind: &'static str,
    /// Which of the row's sayings it is.
    said: usize,
    how: How,
}

enum How {
    Fault(Fault),
    /// X is not there.
    Away,
}

fn named(kind: &'static str, said: usize, name: &str) -> Case {
    Case { kind, said, how: How::Fault(Fault::named(On::Create, name)) }
}

fn at(on: On, kind: &'static str, said: usize, name: &str) -> Case {
    Case { kind, said, how: How::Fault(Fault::named(on, name)) }
}

fn answers(kind: &'static str, said: usize, status: u16, body: Value) -> Case {
    let mut fault = Fault::status(On::Create, status);
    fault.body = Some(body);
    Case { kind, said, how: How::Fault(fault) }
}

fn breaks(kind: &'static str, said: usize, fault: FaultKind) -> Case {
    let mut fault = Fault::new(On::Create, fault);
    fault.millis = Some(8_000);
    fault.processed = true;
    fault.bytes = Some(40);
    Case { kind, said, how: How::Fault(fault) }
}

fn problem(status: u16, title: &str, detail: &str, kind: &str) -> Value {
    let kind = format!("https://api.x.com/2/problems/{kind}");
    json!({ "title": title, "detail": detail, "type": kind, "status": status })
}

/// A cap that ends on the world's next day.
fn spend_cap(said: usize, status: u16) -> Case {
    let detail = "Your enrolled account [1] has reached its billing cycle spend cap. API requests \
                  will be blocked until the next cycle begins on 2027-01-16.";
    let mut body = problem(status, "SpendCapReached", detail, "credits");
    body["reset_date"] = json!("2027-01-16");
    answers("spend_cap_reached", said, status, body)
}

fn cases() -> Vec<Case> {
    let app_suspended = problem(403, "Forbidden", "The app is suspended.", "app-suspended");
    let bare = |status: u16, words: &str| json!({ "title": words, "detail": words, "type": "about:blank", "status": status });
    vec![
        named("too_long", 0, "too_long"),
        named("too_long", 1, "too_long_403"),
        named("invalid_request", 0, "invalid_request"),
        named("invalid_media", 0, "invalid_media"),
        named("parent_gone", 0, "parent_gone"),
        named("parent_gone", 1, "parent_gone_403"),
        named("unauthorized", 0, "unauthorized"),
        named("credits_depleted", 0, "credits"),
        named("credits_depleted", 1, "credits_depleted"),
        spend_cap(0, 402),
        spend_cap(1, 403),
        named("duplicate", 0, "duplicate"),
        named("reply_not_allowed", 0, "reply_rule"),
        named("quote_not_allowed", 0, "quote_rule"),
        named("cashtag_limit", 0, "cashtag"),
        named("invalid_url", 0, "invalid_url"),
        named("not_permitted", 0, "not_permitted"),
        named("account_restricted", 0, "feature"),
        named("account_suspended", 0, "suspended"),
        named("account_suspended", 1, "suspended_code"),
        named("account_locked", 0, "locked"),
        named("automated", 0, "automated"),
        named("daily_limit", 0, "daily_limit"),
        named("daily_limit", 1, "daily_limit_code"),
        named("app_not_enrolled", 0, "not_enrolled"),
        answers("app_suspended", 0, 403, app_suspended),
        named("unsupported_authentication", 0, "unsupported_authentication"),
        named("rate_limited", 0, "rate_limited"),
        named("rate_limited", 1, "rate_limited_code"),
        named("usage_capped", 0, "usage_capped_403"),
        named("usage_capped", 1, "usage_capped"),
        named("not_found", 0, "not_found"),
        answers("turned_away", 0, 403, json!("<html><title>Attention Required!</title></html>")),
        answers("turned_away", 1, 404, json!("")),
        answers("refused", 0, 409, bare(409, "Conflict")),
        named("server_error", 0, "internal_error"),
        named("server_error", 1, "bad_gateway"),
        named("server_error", 2, "unavailable"),
        named("server_error", 3, "gateway_timeout"),
        breaks("timeout", 0, FaultKind::Slow),
        breaks("connection_cut", 0, FaultKind::CutBefore),
        breaks("connection_cut", 0, FaultKind::CutAfter),
        breaks("connection_cut", 0, FaultKind::CutDuring),
        breaks("malformed", 0, FaultKind::NoId),
        breaks("malformed", 1, FaultKind::Malformed),
        named("unexpected_answer", 0, "redirect"),
        answers("unexpected_answer", 1, 408, bare(408, "Request Timeout")),
        Case { kind: "not_connected", said: 0, how: How::Away },
        at(On::Media, "media_unavailable", 0, "not_found"),
        at(On::Refresh, "grant_refused", 0, "token_invalid"),
        at(On::Refresh, "grant_refused", 1, "invalid_grant"),
        at(On::Refresh, "client_unauthenticated", 0, "missing_authorization"),
        at(On::Refresh, "client_refused", 0, "invalid_client"),
        at(On::Code, "code_refused", 0, "code_invalid"),
        at(On::Code, "redirect_mismatch", 0, "redirect_mismatch"),
        at(On::Code, "verifier_mismatch", 0, "verifier_mismatch"),
    ]
}

fn row(kind: &str) -> &'static Row {
    TABLE.iter().find(|row| row.kind == kind).unwrap_or_else(|| panic!("no row for {kind}"))
}

#[test]
fn every_saying_of_every_row_is_met_and_every_refusal_of_the_sandbox_has_a_row() {
    let cases = cases();
    let met: BTreeSet<_> = cases.iter().map(|case| (case.kind, case.said)).collect();
    for row in TABLE {
        for said in 0..row.examples.len() {
            assert!(
                met.contains(&(row.kind, said)),
                "{} is not met: {:?}",
                row.kind,
                row.examples[said]
            );
        }
    }
    let armed = |name: &str| {
        cases.iter().any(|case| match &case.how {
            How::Fault(fault) => fault.name.as_deref() == Some(name),
            How::Away => false,
        })
    };
    for name in roost_x_sandbox::catalogue() {
        // The cap is met with a date of its own.
        assert!(armed(name) || *name == "spend_cap", "{name} stands in no row");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_a_failure_is_what_the_table_says() {
    let met = futures::stream::iter(cases()).for_each_concurrent(AT_ONCE, |case| async move {
        let row = row(case.kind);
        match row.operation {
            Operation::Create | Operation::Refresh => meet(row, case).await,
            Operation::SignIn => sign_in(row, case).await,
            Operation::Media => upload(row, case).await,
        }
    });
    met.await;
}

/// A world where something happens to a post, and what it was called.
struct Scene<'a> {
    world: World,
    row: &'a Row,
    said: usize,
    bob: XUserId,
    item: Stage,
}

async fn meet(row: &Row, case: Case) {
    let mut world = World::new().await;
    let bob = world.also("bob").await;
    if matches!(case.how, How::Away) {
        world.restart_with_x_at(World::nowhere()).await;
    }
    // A grant is refused before the post is called for: its time comes when the token has ended.
    let wait = if row.operation == Operation::Refresh { seconds(3 * 3600) } else { seconds(0) };
    let mut item = world.post("It is this post", wait);
    item.not_after = item.due_at.plus(seconds(40 * 3600));
    world.stage(std::slice::from_ref(&item)).await;
    world.clock.set(item.due_at);
    let fault = match case.how {
        How::Fault(fault) => {
            // Once: of two accounts whose tokens have ended, the first to refresh meets it.
            Some(world.x.sandbox.arm(fault).expect("armed"))
        }
        How::Away => None,
    };
    world.deliver(&item).await;
    let scene = Scene { world, row, said: case.said, bob, item };
    let told = scene.becomes_what_is_said().await;
    if fault.is_some() {
        scene.world.x.sandbox.disarm(None);
    }
    scene.others_are_as_said().await;
    scene.goes_on_as_said(told).await;
}

impl Scene<'_> {
    fn name(&self) -> String {
        format!("{}: {:?}", self.row.kind, self.row.examples[self.said])
    }

    async fn reaches(&self, state: DeliveryState, code: Code) -> Delivery {
        let delivery = self.world.reaches(self.item.post_id, state).await;
        let name = self.name();
        assert_eq!(delivery.code.as_deref(), Some(code.as_str()), "{name}: {delivery:?}");
        delivery
    }

    /// The post, and X's words beside it. Gives what was told of it.
    async fn becomes_what_is_said(&self) -> Delivery {
        let told = match self.row.disposition {
            Disposition::Refused(code) => self.reaches(DeliveryState::Refused, code).await,
            Disposition::Waits { code, .. } => self.reaches(DeliveryState::Waiting, code).await,
            Disposition::Suspended(code) => self.reaches(DeliveryState::Waiting, code).await,
            Disposition::Disconnected => {
                self.reaches(DeliveryState::Waiting, Code::SignInNeeded).await
            }
            Disposition::Lost => self.reaches(DeliveryState::Unknown, Code::OutcomeUnknown).await,
            Disposition::Renewed => {
                let posted = self.world.reaches(self.item.post_id, DeliveryState::Posted).await;
                assert_eq!(posted.attempts, 2, "{}", self.name());
                return posted;
            }
            Disposition::SignInOnly => panic!("no post is concerned"),
        };
        let said = self.row.examples[self.said];
        let message = told.message.clone().unwrap_or_default();
        if let (Some(status), Operation::Create) = (said.status, self.row.operation) {
            assert!(message.contains(&format!("(status {status})")), "{}: {message}", self.name());
            assert!(message.contains(said.words), "{}: {message}", self.name());
        }
        told
    }

    /// The account, another post of it, and another account of the same app.
    async fn others_are_as_said(&self) {
        let (world, name) = (&self.world, self.name());
        let (mine, bobs) = match self.row.disposition {
            // Nobody gets through, and not because anything is held.
            Disposition::Waits { .. } if self.row.kind == "not_connected" => return,
            Disposition::Waits { holds: Scope::Account, .. } => (false, true),
            Disposition::Suspended(_) | Disposition::Disconnected => (false, true),
            Disposition::Waits { holds: Scope::App, .. } => (false, false),
            _ => (true, true),
        };
        let health = match self.row.disposition {
            Disposition::Suspended(_) => AccountHealth::Suspended,
            Disposition::Disconnected => AccountHealth::Disconnected,
            _ => AccountHealth::Connected,
        };
        let accounts = world.client().accounts().await.expect("accounts");
        for account in accounts {
            let expected =
                if account.x_user_id == self.bob { AccountHealth::Connected } else { health };
            assert_eq!(account.health, expected, "{name}: @{}", account.username);
        }
        let second = world.staged("Another of the same account", seconds(0)).await;
        let mut third = world.post("One of another account", seconds(0));
        third.account = self.bob.clone();
        world.stage(std::slice::from_ref(&third)).await;
        for (item, goes) in [(second, mine), (third, bobs)] {
            world.deliver(&item).await;
            let state = if goes { DeliveryState::Posted } else { DeliveryState::Waiting };
            world.reaches(item.post_id, state).await;
        }
    }

    /// Whether it is tried again, when, and how often.
    async fn goes_on_as_said(mut self, told: Delivery) {
        let id = self.item.post_id;
        match self.row.disposition {
            Disposition::Waits { until, .. } => {
                if self.row.kind == "not_connected" {
                    let home = self.world.x.base_url().parse().expect("a URL");
                    self.world.restart_with_x_at(home).await;
                }
                // Another account's post went out: an outage may be over by that.
                self.waits_as_long_as_said(until, &told);
                self.world.comes_to(id, DeliveryState::Posted, step(until)).await;
            }
            // A person signs in or settles it with X: other laws.
            Disposition::Suspended(_) | Disposition::Disconnected | Disposition::Refused(_) => {
                self.world.clock.advance(seconds(3600));
                self.world.settle().await;
                assert_eq!(self.calls().await, calls_of(self.row), "{}", self.name());
            }
            Disposition::Lost => {
                let found = self.accepted().await;
                let end = if found { DeliveryState::Posted } else { DeliveryState::Parked };
                self.world.comes_to(id, end, seconds(60)).await;
                assert_eq!(self.calls().await, 1, "{}", self.name());
            }
            Disposition::Renewed | Disposition::SignInOnly => {}
        }
        if matches!(self.row.disposition, Disposition::Waits { .. } | Disposition::Renewed) {
            assert!(self.accepted().await, "{}", self.name());
        }
    }

    fn waits_as_long_as_said(&self, until: Until, waiting: &Delivery) {
        let (due, name) = (self.item.due_at, self.name());
        let told = waiting.until.expect("it says until when");
        let pace = &self.world.config.pace;
        let (least, most) = match until {
            Until::Backoff | Until::Catchup => (pace.retry_first, pace.retry_max),
            Until::Minute => (seconds(60), seconds(60)),
            Until::Windows => (seconds(15 * 60), seconds(15 * 60)),
            Until::Probe => (pace.credits_probe, pace.credits_probe),
            Until::Day | Until::Rest => (pace.account_rest, pace.account_rest),
            // From eight in the morning to midnight.
            Until::Cycle => (seconds(16 * 3600), seconds(16 * 3600)),
        };
        let waits = told.since(due);
        let slack = seconds(5);
        assert!(waits + slack >= least && waits <= most + slack, "{name}: {waits:?}");
    }

    async fn calls(&self) -> usize {
        let text = Some("It is this post");
        let creates = self.world.creates().await;
        creates.iter().filter(|entry| entry.text.as_deref() == text).count()
    }

    async fn accepted(&self) -> bool {
        let text = Some("It is this post");
        let creates = self.world.creates().await;
        let accepted = creates.iter().filter(|it| it.accepted && it.text.as_deref() == text);
        let accepted = accepted.count();
        assert!(accepted <= 1, "{}: it went out {accepted} times", self.name());
        accepted == 1
    }
}

/// How often X is called for a post that does not go out by itself.
const fn calls_of(row: &Row) -> usize {
    if matches!(row.operation, Operation::Refresh) { 0 } else { 1 }
}

fn step(until: Until) -> Duration {
    match until {
        Until::Backoff | Until::Catchup | Until::Minute | Until::Windows | Until::Probe => {
            seconds(30)
        }
        Until::Day | Until::Rest | Until::Cycle => seconds(1800),
    }
}

/// X's client alone, as the desktop uses it to sign in.
async fn sign_in(row: &Row, case: Case) {
    let world = World::new().await;
    let How::Fault(fault) = case.how else { panic!("X is there") };
    world.x.sandbox.arm(fault).expect("armed");
    let app = App { client_id: world.grant.client_id.clone(), client_secret: None };
    let pkce = Pkce::from_random([7; 32]);
    let answer =
        client(&world).exchange_code(&app, "c0de_1234567", "http://127.0.0.1:1/x", &pkce).await;
    let failure = answer.expect_err("refused");
    assert_eq!((failure.kind.name(), failure.is_definite()), (row.kind, true));
}

/// X's client alone, with media.
async fn upload(row: &Row, case: Case) {
    let world = World::new().await;
    let How::Fault(fault) = case.how else { panic!("X is there") };
    world.x.sandbox.arm(fault).expect("armed");
    let category = MediaCategory::TweetImage;
    let file = Upload { bytes: &[0; 16], media_type: "image/png", category };
    let answer = client(&world).upload_media(&world.grant.access_token, &file).await;
    let failure = answer.expect_err("refused");
    assert_eq!((failure.kind.name(), failure.is_definite()), (row.kind, true));
}

fn client(world: &World) -> roost_x_api::Client {
    let base = world.x.base_url().parse().expect("a URL");
    roost_x_api::Client::builder(base).build().expect("a client")
}
