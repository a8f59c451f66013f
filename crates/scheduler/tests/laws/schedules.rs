//! Laws of schedules.

use crate::support::{Clock, Destination, Server, eventually};
use serde_json::{Value, json};
use tempfile::tempdir;

/// 2027-01-15T08:00:00Z.
const EIGHT: i64 = 1_800_000_000_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const URL: &str = "http://later.example/x";

impl Server {
    async fn schedule(&self, destination: &str, headers: &[(&str, &str)], body: &str) -> String {
        let path = format!("/v2/schedules/{destination}");
        let (status, answer) = self.ask("POST", &path, headers, body).await;
        assert_eq!(status, 200, "{answer}");
        answer["scheduleId"].as_str().unwrap().to_owned()
    }

    async fn scheduled(&self, id: &str) -> Value {
        self.ask("GET", &format!("/v2/schedules/{id}"), &[], "").await.1
    }

    /// Sets the clock, and waits until the schedule has looked at it.
    async fn pass(&self, id: &str, now: i64) {
        self.set(now);
        eventually("the schedule", async || {
            let last = self.scheduled(id).await["lastScheduleTime"].as_i64();
            (last == Some(now)).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_schedule_makes_a_message_whenever_its_time_comes() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(EIGHT);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    let headers = [
        ("Upstash-Cron", " */10 * * * * "),
        ("Upstash-Schedule-Id", "ten"),
        ("Upstash-Forward-X-Kind", "k"),
        ("Content-Type", "application/json"),
    ];
    assert_eq!(server.schedule(&destination.url, &headers, "{}").await, "ten");
    let shown = server.scheduled("ten").await;
    assert_eq!(shown["cron"], "*/10 * * * *");
    assert_eq!(shown["destination"], json!(destination.url));
    assert_eq!(shown["nextScheduleTime"], EIGHT + 10 * MINUTE);
    assert_eq!((&shown["body"], &shown["isPaused"]), (&json!("{}"), &json!(false)));
    server.pass("ten", EIGHT + 10 * MINUTE).await;
    server.pass("ten", EIGHT + 20 * MINUTE + 999).await;
    let seen = destination.until(2).await;
    for delivery in &seen {
        assert_eq!(delivery.header("upstash-schedule-id"), "ten");
        assert_eq!((delivery.header("x-kind"), &delivery.body[..]), ("k", &b"{}"[..]));
    }
    let id = seen[1].header("upstash-message-id");
    server.until_state(id, "DELIVERED").await;
    let shown = server.scheduled("ten").await;
    assert_eq!(shown["lastScheduleStates"], json!({ id: "SUCCESS" }));
    assert_eq!(shown["nextScheduleTime"], EIGHT + 30 * MINUTE);
    server.stop().await;
}

#[tokio::test]
async fn what_was_missed_while_nothing_ran_is_made_up_for_once() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(EIGHT);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    let headers = [("Upstash-Cron", "* * * * *"), ("Upstash-Schedule-Id", "m")];
    server.schedule(&destination.url, &headers, "").await;
    server.stop().await;
    let later = EIGHT + 600 * MINUTE + 30_000;
    let clock = Clock::at(later);
    let server = Server::at(folder.path(), &clock).await;
    server.pass("m", later).await;
    assert_eq!(server.scheduled("m").await["nextScheduleTime"], later + 30_000);
    server.pass("m", later + 30_000).await;
    destination.until(2).await;
    let (_, page) = server.ask("GET", "/v2/events?scheduleId=m&state=CREATED", &[], "").await;
    assert_eq!(page["events"].as_array().unwrap().len(), 2);
    server.stop().await;
}

#[tokio::test]
async fn a_new_schedule_takes_the_whole_place_of_the_one_with_its_id() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(EIGHT);
    let server = Server::at(folder.path(), &clock).await;
    let first = [
        ("Upstash-Cron", "0 9 * * *"),
        ("Upstash-Schedule-Id", "same"),
        ("Upstash-Forward-X-A", "1"),
        ("Upstash-Label", "l"),
        ("Upstash-Delay", "1h"),
    ];
    server.schedule(URL, &first, "body").await;
    let shown = server.scheduled("same").await;
    assert_eq!((&shown["body"], &shown["delay"]), (&json!("body"), &json!(3600)));
    let second = [
        ("Upstash-Cron", "CRON_TZ=Asia/Kolkata 30 14 * * *"),
        ("Upstash-Schedule-Id", "same"),
        ("Upstash-Method", "GET"),
    ];
    server.schedule("http://other.example", &second, "").await;
    let shown = server.scheduled("same").await;
    assert_eq!(shown["destination"], "http://other.example");
    assert_eq!(shown["method"], "GET");
    assert_eq!(shown["nextScheduleTime"], EIGHT + 60 * MINUTE);
    assert_eq!(shown["header"], json!({}));
    for gone in ["body", "label", "delay"] {
        assert_eq!(shown[gone], Value::Null, "{gone}");
    }
    let (_, all) = server.ask("GET", "/v2/schedules", &[], "").await;
    assert_eq!(all.as_array().unwrap().len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_paused_schedule_makes_nothing_and_makes_up_for_nothing() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(EIGHT);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    let every_minute = |id| [("Upstash-Cron", "* * * * *"), ("Upstash-Schedule-Id", id)];
    server.schedule(&format!("{}/p", destination.url), &every_minute("p"), "").await;
    server.schedule(&destination.url, &every_minute("other"), "").await;
    assert_eq!(server.ask("PATCH", "/v2/schedules/p/pause", &[], "").await.0, 200);
    assert_eq!(server.scheduled("p").await["isPaused"], true);
    server.pass("other", EIGHT + 5 * MINUTE).await;
    // To write it anew does not resume it.
    server.schedule(&format!("{}/p", destination.url), &every_minute("p"), "").await;
    server.pass("other", EIGHT + 6 * MINUTE).await;
    assert_eq!(server.ask("POST", "/v2/schedules/p/resume", &[], "").await.0, 200);
    let shown = server.scheduled("p").await;
    assert_eq!(shown["lastScheduleTime"], Value::Null);
    assert_eq!(shown["nextScheduleTime"], EIGHT + 7 * MINUTE);
    server.pass("p", EIGHT + 7 * MINUTE).await;
    destination.until(4).await;
    let paused = destination.seen().iter().filter(|one| one.uri.path() == "/p").count();
    assert_eq!(paused, 1);
    assert_eq!(server.ask("PATCH", "/v2/schedules/unknown/pause", &[], "").await.0, 404);
    server.stop().await;
}

#[tokio::test]
async fn a_delay_is_laid_over_every_message_and_a_queue_takes_them() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(EIGHT);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    let delayed = [
        ("Upstash-Cron", "* * * * *"),
        ("Upstash-Schedule-Id", "delayed"),
        ("Upstash-Delay", "30s"),
    ];
    server.schedule(&destination.url, &delayed, "").await;
    let queued = [
        ("Upstash-Cron", "1 8 * * *"),
        ("Upstash-Schedule-Id", "queued"),
        ("Upstash-Queue-Name", "q"),
    ];
    server.schedule(&destination.url, &queued, "").await;
    server.pass("delayed", EIGHT + MINUTE).await;
    server.pass("queued", EIGHT + MINUTE).await;
    let first = destination.until(1).await.remove(0);
    assert_eq!(first.header("upstash-schedule-id"), "queued");
    assert_eq!(server.ask("GET", "/v2/queues/q", &[], "").await.0, 200);
    server.set(EIGHT + MINUTE + 30_000);
    let second = destination.until(2).await.remove(1);
    assert_eq!(second.header("upstash-schedule-id"), "delayed");
    server.stop().await;
}

#[tokio::test]
async fn a_delayed_message_of_a_schedule_waits_in_its_place_in_the_queue() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(EIGHT);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    let headers = [
        ("Upstash-Cron", "1 8 * * *"),
        ("Upstash-Schedule-Id", "s"),
        ("Upstash-Queue-Name", "q"),
        ("Upstash-Delay", "30s"),
        ("Upstash-Flow-Control-Key", "k"),
        ("Upstash-Flow-Control-Value", "parallelism=1"),
    ];
    server.schedule(&format!("{}/first", destination.url), &headers, "").await;
    let schedule = server.scheduled("s").await;
    assert_eq!((&schedule["delay"], &schedule["queueName"]), (&30.into(), &"q".into()));
    server.pass("s", EIGHT + MINUTE).await;
    let second = format!("/v2/enqueue/q/{}/second", destination.url);
    assert_eq!(server.ask("POST", &second, &[], "").await.0, 200);
    assert!(destination.seen().is_empty(), "the first is not due, and the second waits for it");
    server.set(EIGHT + MINUTE + 30_000);
    let seen = destination.until(2).await;
    assert_eq!([seen[0].uri.path(), seen[1].uri.path()], ["/first", "/second"]);
    server.stop().await;
}

#[tokio::test]
async fn a_clock_set_back_delays_what_was_planned_by_no_more_than_it_was_set_back() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(EIGHT + HOUR);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    let headers = [("Upstash-Cron", "* * * * *"), ("Upstash-Schedule-Id", "s")];
    server.schedule(&format!("{}/scheduled", destination.url), &headers, "").await;
    server.publish(&format!("{}/planned", destination.url), &[("Upstash-Delay", "30s")], "").await;
    // It was an hour ahead.
    server.set(EIGHT);
    server.publish(&format!("{}/now", destination.url), &[], "").await;
    assert_eq!(destination.until(1).await[0].uri.path(), "/now", "what comes now is not held up");
    server.set(EIGHT + HOUR + 30_000);
    assert_eq!(destination.until(2).await[1].uri.path(), "/planned");
    server.pass("s", EIGHT + HOUR + MINUTE).await;
    assert_eq!(destination.until(3).await[2].uri.path(), "/scheduled");
    server.stop().await;
}

#[tokio::test]
async fn a_deleted_schedule_makes_no_more_messages() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(EIGHT);
    let (server, destination) = (Server::at(folder.path(), &clock).await, Destination::ok().await);
    let every_minute = |id| [("Upstash-Cron", "* * * * *"), ("Upstash-Schedule-Id", id)];
    server.schedule(&format!("{}/gone", destination.url), &every_minute("gone"), "").await;
    server.schedule(&destination.url, &every_minute("kept"), "").await;
    assert_eq!(server.ask("DELETE", "/v2/schedules/gone", &[], "").await.0, 200);
    assert_eq!(server.ask("DELETE", "/v2/schedules/gone", &[], "").await.0, 404);
    server.pass("kept", EIGHT + MINUTE).await;
    destination.until(1).await;
    assert!(destination.seen().iter().all(|delivery| delivery.uri.path() == "/"));
    server.stop().await;
}

#[tokio::test]
async fn what_a_schedule_cannot_keep_is_refused() {
    let folder = tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let cron = ("Upstash-Cron", "* * * * *");
    for headers in [
        &[][..],
        &[("Upstash-Cron", "* * * *")],
        &[("Upstash-Cron", "0 0 30 2 *")],
        &[cron, ("Upstash-Not-Before", "1")],
        &[cron, ("Upstash-Schedule-Id", "a:b")],
        &[cron, ("Upstash-Queue-Name", "q:1")],
    ] {
        let (status, _) = server.ask("POST", &format!("/v2/schedules/{URL}"), headers, "").await;
        assert_eq!(status, 400, "{headers:?}");
    }
    let (status, _) = server.ask("POST", "/v2/schedules/no-such-group", &[cron], "").await;
    assert_eq!(status, 404);
    // A destination may end like a command.
    server.schedule("http://later.example/pause", &[cron], "").await;
    server.stop().await;
}
