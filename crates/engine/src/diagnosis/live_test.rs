//! A delivery that is no post's takes the whole way: from here to the relay and the scheduler, signed from
//! the scheduler to the relay, and the news of it back. Each part that can be wrong is a check of its own,
//! with what mends it. Nothing is posted.

use std::time::Duration;

use roost_core::id::Revision;
use roost_qstash::{EventFilter, Publish};
use roost_relay_api::{AccountProof, POST_TWEET_PATH, ProbeArrival, RefusedFor, SelfTest, Trigger};
use tokio::time::Instant;

use crate::clock_difference::clock_difference;
use crate::diagnosis::check::{bad_unless, check, good};
use crate::relay::signing_keys;
use crate::state::{EngineState, Services};
use crate::view::{Check, CheckHealth};
use crate::{Error, Mode, NextStep, Result};

/// How long the delivery may take: the scheduler has nothing to wait for.
const DELIVERY_PATIENCE: Duration = Duration::from_secs(30);
/// How long one question for it waits at the relay.
const POLL: Duration = Duration::from_secs(10);
/// A delivery that takes longer than this makes posts late.
const SLOW_DELIVERY: Duration = Duration::from_secs(10);
/// From here on a clock is wrong: the relay refuses a signature that is further away than twice as much.
const CLOCK_DIFFERENCE_MAX_MS: i64 = 30_000;

const WAY: &str = "test: relay";
const SCHEDULER: &str = "test: scheduler";
const DELIVERY: &str = "test: delivery";
const SIGNATURE: &str = "test: signature";
const CLOCKS: &str = "test: clocks";
const SIGN_INS: &str = "test: sign-ins";

/// Tests the way of a delivery, and each account's sign-in.
pub(crate) async fn run(engine: &EngineState) -> Vec<Check> {
    let services = match engine.services() {
        Ok(services) => services,
        Err(Error::NoServices) if engine.mode() == Mode::ThisComputer => {
            let finding = "relay and scheduler are inside Roost, which does not hand over now";
            let made = check(WAY, CheckHealth::Warning, finding.to_owned(), None);
            return vec![Check { next_steps: vec![NextStep::KeepRunning], ..made }];
        }
        Err(error) => return vec![bad_unless(Err(error), WAY)],
    };
    let mut checks = Vec::new();
    let mut clocks = Clocks::default();
    if let Some((test, asked)) = begin(engine, &services, &mut clocks, &mut checks).await {
        deliver(engine, &services, test, asked, &mut clocks, &mut checks).await;
    }
    let is_reached = checks.iter().all(|made| made.name != WAY || made.health == CheckHealth::Good);
    let proven = if is_reached { Some(sign_ins(&services).await) } else { None };
    // X told its time in the answers to that.
    clocks.relay_minus_x = relay_minus_x(&services).await;
    let is_told = checks.iter().any(|made| made.name == CLOCKS);
    checks.extend((!is_told).then(|| clocks.check()).flatten());
    checks.extend(proven);
    checks
}

/// Has the relay wait for the delivery. Returns what it is to name, and when that was known.
async fn begin(
    engine: &EngineState,
    services: &Services,
    clocks: &mut Clocks,
    checks: &mut Vec<Check>,
) -> Option<(SelfTest, Instant)> {
    let asked = Instant::now();
    let answer = services.relay.begin_self_test().await;
    if answer.as_ref().is_err_and(signing_keys::is_older) {
        let finding = "the relay is of an earlier release and tests nothing".to_owned();
        checks.push(check(WAY, CheckHealth::Warning, finding, Some("Update the relay.")));
        return None;
    }
    let test = match engine.relay_answered(asked, answer) {
        Ok(test) => test,
        Err(error) => {
            checks.push(bad_unless(Err(error), WAY));
            return None;
        }
    };
    let took = asked.elapsed();
    clocks.relay_minus_ours = Some(test.now.0 + millis(took) / 2 - engine.now().0);
    checks.push(good(WAY, format!("{} answered in {}", services.relay.base(), shown(took))));
    let destination = destination(services);
    if !test.accepted_urls.contains(&destination) {
        let takes = test.accepted_urls.join(", ");
        let finding = format!("the relay takes no delivery for {destination}; it takes {takes}");
        let remedy = "Set public_urls in the relay's configuration to the address that this computer is \
                      paired with, or pair anew.";
        checks.push(check(DELIVERY, CheckHealth::Bad, finding, Some(remedy)));
        return None;
    }
    Some((test, asked))
}

/// Publishes the delivery and waits for it.
async fn deliver(
    engine: &EngineState,
    services: &Services,
    test: SelfTest,
    asked: Instant,
    clocks: &mut Clocks,
    checks: &mut Vec<Check>,
) {
    let published = Instant::now();
    let message = match publish(engine, services, &test).await {
        Ok(message) => message,
        Err(error) => {
            checks.push(bad_unless(Err(error), SCHEDULER));
            return;
        }
    };
    checks.push(good(SCHEDULER, format!("took the delivery in {}", shown(published.elapsed()))));
    let (published, deadline) = (Instant::now(), Instant::now() + DELIVERY_PATIENCE);
    let mut last = test;
    while last.arrival.is_none() && Instant::now() < deadline {
        let left = deadline.saturating_duration_since(Instant::now());
        match services.relay.self_test(last.probe, left.min(POLL)).await {
            Ok(now) => last = now,
            Err(error) => {
                checks.push(bad_unless(Err(Error::Relay(error)), DELIVERY));
                return;
            }
        }
        // A refusal says more than waiting on, and is tried again by nobody.
        if last.arrival.is_none() && last.refusal.is_some() {
            break;
        }
    }
    match &last.arrival {
        Some(arrival) => {
            clocks.relay_minus_scheduler = Some(arrival.at.0 - arrival.signed_at.0);
            arrived(engine, services, arrival, (asked, published), checks).await;
        }
        None => {
            checks.push(missing(services, &last, &message).await);
            // Nothing is to call the relay for a test that is over.
            if let Ok(scheduler) = services.scheduler() {
                let _ = scheduler.cancel(&message).await;
            }
        }
    }
}

async fn publish(engine: &EngineState, services: &Services, test: &SelfTest) -> Result<String> {
    let trigger = Trigger { post_id: test.probe, revision: Revision(1) };
    let body = serde_json::to_vec(&trigger).map_err(|error| Error::Internal(error.to_string()))?;
    let message = Publish {
        destination: destination(services),
        body,
        content_type: Some("application/json".to_owned()),
        deduplication_id: Some(format!("{}-test", test.probe)),
        retries: Some(0),
        timeout_seconds: Some(DELIVERY_PATIENCE.as_secs()),
        labels: vec![format!("roost-{}", engine.store.id())],
        ..Publish::default()
    };
    let asked = Instant::now();
    let answer = services.scheduler()?.publish(&message).await;
    Ok(engine.scheduler_answered(asked, answer)?.message_id)
}

fn destination(services: &Services) -> String {
    format!("{}{POST_TWEET_PATH}", services.relay_public_url)
}

/// What a delivery that came says.
async fn arrived(
    engine: &EngineState,
    services: &Services,
    arrival: &ProbeArrival,
    (asked, published): (Instant, Instant),
    checks: &mut Vec<Check>,
) {
    let took = published.elapsed();
    let whole = shown(asked.elapsed());
    let finding = format!("came to the relay in {}; there and back in {whole}", shown(took));
    checks.push(if took > SLOW_DELIVERY {
        let remedy = "Posts go out as much later than their time. Try again; if it stays so, choose a \
                      scheduler that is nearer to the relay.";
        check(DELIVERY, CheckHealth::Warning, finding, Some(remedy))
    } else {
        good(DELIVERY, finding)
    });
    checks.push(if arrival.by_next_key {
        let told = signing_keys::follow(engine, services).await.is_ok();
        let remedy = match told {
            true => "The relay was sent the new pair just now.",
            false => "Send the relay the new pair before the keys are rotated again.",
        };
        let finding = "good, by the next key: the keys were rotated".to_owned();
        check(SIGNATURE, CheckHealth::Warning, finding, Some(remedy))
    } else {
        good(SIGNATURE, "good, by the current key".to_owned())
    });
}

/// How far clocks are apart, in milliseconds, as far as the test learned it. A signature has the scheduler's
/// time in whole seconds.
#[derive(Debug, Default)]
struct Clocks {
    relay_minus_ours: Option<i64>,
    relay_minus_scheduler: Option<i64>,
    relay_minus_x: Option<i64>,
}

/// Returns how far the relay's clock is ahead of X's, where X told its time since the relay's start.
async fn relay_minus_x(services: &Services) -> Option<i64> {
    let status = services.relay.status().await.ok()?;
    // A relay of an earlier release tells only what is too far.
    status.clocks.and_then(|clocks| clocks.ahead_of_x_ms).or(status.clock_ahead_ms)
}

impl Clocks {
    /// Returns the clock that is wrong, where it is known which one, or that all agree; none where nothing
    /// was learned.
    fn check(&self) -> Option<Check> {
        let far = |ms: Option<i64>| ms.filter(|ms| ms.abs() > CLOCK_DIFFERENCE_MAX_MS);
        let of_relay = far(self.relay_minus_x)
            .map(|ms| (ms, "X's"))
            .or_else(|| far(self.relay_minus_scheduler).map(|ms| (ms, "the scheduler's")));
        if let Some((ms, whose)) = of_relay {
            let finding = format!("the relay's clock is {} {whose}", clock_difference(ms));
            let remedy = "Set the clock of the relay's machine by NTP: `timedatectl set-ntp true` on Linux. \
                          Posts go out by it.";
            return Some(check(CLOCKS, CheckHealth::Bad, finding, Some(remedy)));
        }
        if let Some(ms) = far(self.relay_minus_ours) {
            let ours = clock_difference(-ms);
            // X agrees with the relay, or was not asked yet.
            let (finding, remedy) = if self.relay_minus_x.is_some() {
                let finding = format!("this computer's clock is {ours} the relay's and X's");
                (finding, "Set this computer's clock by NTP.")
            } else {
                let finding =
                    format!("this computer's clock is {ours} the relay's, or the relay's is wrong");
                (
                    finding,
                    "Set the wrong one by NTP: `timedatectl set-ntp true` on Linux. A post goes out by \
                           the relay's.",
                )
            };
            return Some(check(CLOCKS, CheckHealth::Bad, finding, Some(remedy)));
        }
        let seconds = self.relay_minus_scheduler?.div_euclid(1000);
        let finding =
            format!("the relay's and the scheduler's differ by less than {} s", seconds.abs() + 1);
        Some(good(CLOCKS, finding))
    }
}

/// Why a delivery did not come, as far as relay and scheduler know.
async fn missing(services: &Services, test: &SelfTest, message: &str) -> Check {
    if let Some(refusal) = &test.refusal {
        let (name, remedy) = match refusal.kind {
            RefusedFor::NoKeys | RefusedFor::Key => (
                SIGNATURE,
                "The relay does not know this scheduler's signing keys. Keep the scheduler's token here \
                 once more: its keys are sent to the relay then. An earlier relay has them in its \
                 configuration.",
            ),
            RefusedFor::Url => (
                DELIVERY,
                "Set public_urls in the relay's configuration to the address that this computer is \
                 paired with.",
            ),
            RefusedFor::Clock => {
                (CLOCKS, "Set the relay's clock by NTP: `timedatectl set-ntp true` on Linux.")
            }
            RefusedFor::Other => (DELIVERY, "Look into the relay's log, which says more."),
        };
        let finding = format!("the relay refused the delivery: {}", refusal.reason);
        return check(name, CheckHealth::Bad, finding, Some(remedy));
    }
    let seconds = DELIVERY_PATIENCE.as_secs();
    let said = match scheduler_said(services, message).await {
        Some(said) => format!(" The scheduler said: {said}."),
        None => String::new(),
    };
    let finding = format!("nothing came to the relay within {seconds} s.{said}");
    let remedy = "Look whether the relay's public address leads to it from the scheduler: the name, the \
                  port, the firewall, and a certificate that public roots vouch for. Until then the relay's \
                  own clock posts, two minutes late.";
    check(DELIVERY, CheckHealth::Bad, finding, Some(remedy))
}

/// What the scheduler's log says of the attempt.
async fn scheduler_said(services: &Services, message: &str) -> Option<String> {
    let of_message = EventFilter { message_id: Some(message.to_owned()), ..EventFilter::default() };
    let page = services.scheduler().ok()?.events(&of_message).await.ok()?;
    let failed = page.events.into_iter().find(|event| {
        event.error.is_some() || event.response_status.is_some_and(|status| status >= 300)
    })?;
    let status = failed.response_status.filter(|status| *status > 0);
    let status = status.map(|status| format!("the relay's address answered {status}"));
    match (failed.error.filter(|error| !error.is_empty()), status) {
        (Some(error), Some(status)) => Some(format!("{status}, {}", error.trim_end_matches('.'))),
        (Some(error), None) => Some(error.trim_end_matches('.').to_owned()),
        (None, status) => status,
    }
}

/// Whether X takes each account's sign-in.
async fn sign_ins(services: &Services) -> Check {
    let asked = Instant::now();
    let proofs = match services.relay.prove_accounts().await {
        Ok(proofs) => proofs,
        Err(error) if signing_keys::is_older(&error) => {
            let finding = "the relay is of an earlier release and tests none".to_owned();
            return check(SIGN_INS, CheckHealth::Warning, finding, Some("Update the relay."));
        }
        Err(error) => return bad_unless(Err(Error::Relay(error)), SIGN_INS),
    };
    let took = shown(asked.elapsed());
    if proofs.is_empty() {
        let made =
            check(SIGN_INS, CheckHealth::Warning, "no account is connected".to_owned(), None);
        return Check { next_steps: vec![NextStep::SignIn { username: None }], ..made };
    }
    let (refused, taken): (Vec<&AccountProof>, Vec<_>) =
        proofs.iter().partition(|proof| proof.reason.is_some());
    let names: Vec<String> = taken.iter().map(|proof| format!("@{}", proof.username)).collect();
    if refused.is_empty() {
        let finding = format!("X takes {}, asked in {took}; nothing was posted", names.join(", "));
        return good(SIGN_INS, finding);
    }
    let why = |proof: &&AccountProof| {
        let reason = proof.reason.as_deref().unwrap_or_default();
        format!("@{}: {}", proof.username, reason.trim_end_matches('.'))
    };
    let finding = refused.iter().map(why).collect::<Vec<_>>().join("; ");
    let sign_in =
        |proof: &&AccountProof| NextStep::SignIn { username: Some(proof.username.clone()) };
    let next_steps = refused.iter().map(sign_in).collect();
    let remedy = "Where X could not be asked, try again; where it refuses, sign in again.";
    Check { next_steps, ..check(SIGN_INS, CheckHealth::Bad, finding, Some(remedy)) }
}

/// A duration as a person reads it.
fn shown(took: Duration) -> String {
    if took < Duration::from_secs(1) {
        format!("{} ms", took.as_millis())
    } else {
        format!("{:.1} s", took.as_secs_f64())
    }
}

fn millis(took: Duration) -> i64 {
    i64::try_from(took.as_millis()).unwrap_or(i64::MAX)
}
