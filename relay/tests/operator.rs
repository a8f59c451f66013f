//! What somebody knows who has nothing but the relay's log and `/metrics`: the fate of every post.

#[path = "support/sandbox_grant.rs"]
mod sandbox_grant;
#[path = "operator/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::time::Duration;

use roost_core::clock::{Clock, SystemClock};
use roost_core::id::{PostId, Revision, TweetId};
use roost_relay_api::{Delivery, DeliveryState, Pause, Withdraw, WithdrawBatch};
use roost_x_sandbox::{Fault, FaultKind, On};
use serde_json::Value;

use world::{CANARY, Line, Operator, eventually, message_of, serve};

/// Where a post stands, as the last line says or as the ledger has it.
#[derive(Debug, PartialEq, Eq)]
struct Fate {
    state: String,
    reason: String,
    revision: i64,
    attempts: i64,
    tweet: Option<String>,
}

/// What the log alone says became of a post.
fn told(lines: &[Line]) -> Fate {
    let last = lines.last().expect("a line");
    let tweet = lines.iter().find(|line| !line.tweet.is_empty());
    Fate {
        state: last.to.clone(),
        reason: last.reason.clone(),
        revision: last.revision,
        attempts: last.attempt,
        tweet: tweet.map(|line| line.tweet.clone()),
    }
}

fn kept(delivery: &Delivery) -> Fate {
    Fate {
        state: delivery.state.as_str().to_owned(),
        reason: delivery.code.clone().unwrap_or_default(),
        revision: delivery.revision.0,
        attempts: i64::from(delivery.attempts),
        tweet: delivery.tweet_id.clone().map(|TweetId(id)| id),
    }
}

/// What the counters must be, if the log told everything once.
fn counted(lines: &BTreeMap<String, Vec<Line>>) -> Vec<String> {
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    for line in lines.values().flatten() {
        *counts.entry((line.to.clone(), line.reason.clone())).or_default() += 1;
    }
    let name = "roost_relay_transitions_total";
    let line = |((to, reason), count)| format!("{name}{{to=\"{to}\",reason=\"{reason}\"}} {count}");
    counts.into_iter().map(line).collect()
}

/// Brings twelve posts to twelve ends. Answers each with the states that it must go through.
async fn fates(operator: &mut Operator) -> Vec<(PostId, &'static str)> {
    let ada = operator.connect("ada").await;
    let bob = operator.connect("bob").await;
    let carol = operator.connect("carol").await;
    let new = || PostId::new(SystemClock.now());
    let mut fates = Vec::new();
    let mut limited = Fault::named(On::Create, "rate_limited");
    limited.headers.insert("retry-after".to_owned(), "1".to_owned());
    for (account, text, fault, states) in [
        (&ada, "plain", None, "staged claimed sending posted"),
        (
            &ada,
            "twice",
            Some(Fault::named(On::Create, "duplicate")),
            "staged claimed sending refused",
        ),
        (
            &ada,
            "lost",
            Some(Fault::new(On::Create, FaultKind::CutAfter)),
            "staged claimed sending unknown posted",
        ),
        (
            &ada,
            "gone",
            Some(Fault::new(On::Create, FaultKind::CutBefore)),
            "staged claimed sending unknown parked",
        ),
        (
            &ada,
            "renewed",
            Some(Fault::named(On::Create, "unauthorized")),
            "staged claimed sending waiting sending posted",
        ),
        (
            &bob,
            "held",
            Some(Fault::named(On::Create, "suspended")),
            "staged claimed sending waiting",
        ),
        (&carol, "limited", Some(limited), "staged claimed sending waiting sending posted"),
    ] {
        if let Some(fault) = fault {
            operator.arm(text, fault);
        }
        let item = operator.stage(account, 1, new(), &[text]).await;
        operator.deliver(&item).await;
        fates.push((item.post_id, states));
    }
    let withdrawn = operator.stage(&bob, 1, new(), &["withdrawn"]).await;
    let items = vec![Withdraw { post_id: withdrawn.post_id, revision: Revision(2) }];
    let batch = WithdrawBatch { store_id: operator.store, items };
    operator.client.withdraw(&batch).await.expect("withdrawn");
    fates.push((withdrawn.post_id, "staged withdrawn"));
    let edited = operator.stage(&ada, 1, new(), &["before"]).await;
    let edited = operator.stage(&ada, 2, edited.post_id, &["after"]).await;
    operator.deliver(&edited).await;
    fates.push((edited.post_id, "staged staged claimed sending posted"));
    // Just past: what was due before the store introduced itself would be looked for first.
    let past = SystemClock.now().minus(Duration::from_millis(1));
    let late = operator.stage_until(&ada, 1, new(), &["late"], past).await;
    fates.push((late.post_id, "staged expired"));
    operator.arm("second", Fault::named(On::Create, "cashtag"));
    let thread = operator.stage(&ada, 1, new(), &["first", "second"]).await;
    operator.deliver(&thread).await;
    fates.push((thread.post_id, "staged claimed sending claimed sending partial"));
    let forgotten = operator.stage(&ada, 1, new(), &["no delivery comes"]).await;
    fates.push((forgotten.post_id, "staged claimed sending posted"));
    fates
}

#[tokio::test(flavor = "multi_thread")]
async fn log_and_metrics_alone_tell_the_fate_of_every_post() {
    let mut operator = Operator::new().await;
    let fates = fates(&mut operator).await;
    let ids: Vec<PostId> = fates.iter().map(|(id, _)| *id).collect();
    let path =
        |lines: &[Line]| lines.iter().map(|line| line.to.as_str()).collect::<Vec<_>>().join(" ");
    eventually("every post has come to its end, and the log knows", async || {
        let lines = operator.lines();
        fates.iter().all(|(id, states)| {
            let lines = lines.get(&id.to_string());
            // One step more than expected is told below.
            lines.is_some_and(|lines| path(lines).len() >= states.len())
        })
    })
    .await;
    let lines = operator.lines();
    for (id, states) in &fates {
        let lines = &lines[&id.to_string()];
        assert_eq!(path(lines), *states, "{lines:#?}");
        assert_eq!(lines[0].from, "", "nobody heard of it before");
        for pair in lines.windows(2) {
            assert_eq!(pair[1].from, pair[0].to, "{lines:#?}");
        }
        let claims = lines.iter().filter(|line| !line.message.is_empty());
        assert!(claims.clone().all(|line| line.message == message_of(*id) && line.to == "claimed"));
    }
    let ledger = operator.ledger(&ids).await;
    assert_eq!(ledger.len(), ids.len());
    for delivery in &ledger {
        let lines = &lines[&delivery.post_id.to_string()];
        assert_eq!(told(lines), kept(delivery), "{lines:#?}");
    }
    let metrics = operator.metrics().await;
    for line in counted(&lines) {
        assert!(metrics.contains(&line), "{line} is not in\n{metrics}");
    }
    for line in [
        "roost_relay_waiting_posts{reason=\"account_suspended\"} 1",
        "roost_relay_parked_posts 1",
        "roost_relay_oldest_overdue_seconds 0",
        "roost_relay_backstop_total 1",
        "# TYPE roost_relay_waiting_posts gauge",
        "# TYPE roost_relay_transitions_total counter",
        "# TYPE roost_relay_heartbeat_age_seconds gauge",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    let log = operator.log();
    assert!(!log.contains(CANARY) && !metrics.contains(CANARY), "no post's words");
    for secret in &operator.secrets {
        assert!(!log.contains(secret.as_str()) && !metrics.contains(secret.as_str()));
    }
    let accepted = operator.x.sandbox.ledger(0, 100).await.expect("a ledger");
    let posted = ledger.iter().filter(|it| it.state == DeliveryState::Posted).count();
    let accepted = accepted.iter().filter(|entry| entry.accepted).count();
    assert_eq!(accepted, posted + 1, "all that is posted, and one part of the thread");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_a_kill_swallowed_is_told_at_the_next_start() {
    let mut operator = Operator::new().await;
    let ada = operator.connect("ada").await;
    let new = || PostId::new(SystemClock.now());
    operator.arm("refused", Fault::named(On::Create, "duplicate"));
    let mut ids = Vec::new();
    for texts in [&["plain"][..], &["refused"], &["first", "second"]] {
        let item = operator.stage(&ada, 1, new(), texts).await;
        operator.deliver(&item).await;
        ids.push(item.post_id);
    }
    let withdrawn = operator.stage(&ada, 1, new(), &["withdrawn"]).await;
    let items = vec![Withdraw { post_id: withdrawn.post_id, revision: Revision(2) }];
    let batch = WithdrawBatch { store_id: operator.store, items };
    operator.client.withdraw(&batch).await.expect("withdrawn");
    ids.push(withdrawn.post_id);
    let ends = ["posted", "refused", "withdrawn"];
    let has_ended = |lines: &Vec<Line>| lines.iter().any(|line| ends.contains(&line.to.as_str()));
    eventually("all have ended", async || {
        let lines = operator.lines();
        ids.iter().all(|id| lines.get(&id.to_string()).is_some_and(has_ended))
    })
    .await;
    let _ = operator.program.0.kill();
    let _ = operator.program.0.wait();
    // As if each end had been on disk, and the process gone before its line was.
    let kept_lines = |line: &&str| ends.iter().all(|end| !line.contains(&format!("\"{end}\"")));
    let log: Vec<String> = operator.log().lines().filter(kept_lines).map(str::to_owned).collect();
    std::fs::write(operator.folder.path().join("log"), log.join("\n") + "\n").expect("written");
    assert!(!operator.lines().values().any(has_ended));

    operator.program = serve(operator.folder.path());
    let answers = async || operator.client.status().await.is_ok();
    eventually("the program answers", answers).await;
    let lines = operator.lines();
    for delivery in operator.ledger(&ids).await {
        let lines = &lines[&delivery.post_id.to_string()];
        let (told, kept) = (told(lines), kept(&delivery));
        assert_eq!((&told.state, &told.reason), (&kept.state, &kept.reason), "{lines:#?}");
        assert_eq!((told.revision, told.attempts), (kept.revision, kept.attempts));
        let last = lines.last().expect("a line");
        assert_eq!(last.from, last.to, "it says that it repeats");
        assert_eq!(last.tweet.is_empty(), kept.tweet.is_none(), "{lines:#?}");
    }
    let metrics = operator.metrics().await;
    assert!(!metrics.contains("transitions_total{to=\"posted\""), "a repeated line is no change");
}

/// The lines of the log about an account's or an app's trouble, as level and reason.
fn troubles(operator: &Operator) -> Vec<(String, String)> {
    let log = operator.log();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines
        .filter(|line| line["fields"]["app"].is_string())
        .map(|line| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (text(&line["level"]), text(&line["fields"]["reason"]))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trouble_of_an_account_or_an_app_is_one_line_and_its_end_another() {
    let mut operator = Operator::new().await;
    let ada = operator.connect("ada").await;
    let line = |level: &str, reason: &str| (level.to_owned(), reason.to_owned());
    for (fault, reason) in
        [("credits_depleted", "credits_depleted"), ("suspended", "account_suspended")]
    {
        let before = troubles(&operator).len();
        let mut refused = Fault::named(On::Create, fault);
        refused.count = Some(0);
        operator.x.sandbox.arm(refused).expect("armed");
        let mut items = Vec::new();
        for number in 0..5 {
            let id = PostId::new(SystemClock.now());
            let text = format!("{reason} {number}");
            items.push(operator.stage(&ada, 1, id, &[text.as_str()]).await);
        }
        for item in &items {
            operator.deliver(item).await;
        }
        let ids: Vec<PostId> = items.iter().map(|item| item.post_id).collect();
        let all = async |state: DeliveryState| {
            operator.ledger(&ids).await.iter().all(|delivery| delivery.state == state)
        };
        eventually("they wait", async || all(DeliveryState::Waiting).await).await;
        let said = async || troubles(&operator).len() > before;
        eventually("the trouble is said", said).await;
        operator.x.sandbox.disarm(None);
        operator.client.pause(Pause { paused: false }).await.expect("resumed");
        eventually("they go out", async || all(DeliveryState::Posted).await).await;
        let over = async || troubles(&operator).last() == Some(&line("INFO", reason));
        eventually("its end is said", over).await;
        let said = troubles(&operator).split_off(before);
        assert_eq!(said, [line("ERROR", reason), line("INFO", reason)]);
    }
}
