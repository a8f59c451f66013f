//! Laws of plans.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use crate::support::{Clock, Server, config};
use roost_scheduler::Plan;
use serde_json::json;
use tempfile::tempdir;

const NOON: i64 = 1_800_000_000_000;
const LATER: [(&str, &str); 1] = [("Upstash-Delay", "1h")];

async fn refused(server: &Server, path: &str, headers: &[(&str, &str)], body: String) -> String {
    let (status, answer) = server.ask("POST", path, headers, body).await;
    assert_eq!(status, 412, "{path} {answer}");
    answer["error"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_plans_limits_are_refused_in_qstashs_words() {
    let folder = tempdir().unwrap();
    let mut config = config(folder.path());
    Plan::Free.apply(&mut config);
    let server = Server::with(config, None).await;
    let exceeded =
        |name: &str, limit: u32| format!("quota {name} exceeded, current limit: {limit}");
    let publish = "/v2/publish/http://later.example";
    let words = refused(&server, publish, &[("Upstash-Delay", "8d")], String::new()).await;
    assert_eq!(words, exceeded("maxDelay", 604_800));
    let words = refused(&server, publish, &[], "x".repeat(1024 * 1024 + 1)).await;
    assert_eq!(words, exceeded("maxMessageSize", 1024 * 1024));

    for n in 0..10 {
        let queue = json!({"queueName": format!("q{n}"), "paused": true}).to_string();
        assert_eq!(server.ask("POST", "/v2/queues", &[], queue).await.0, 200);
    }
    let one_more = json!({"queueName": "q"}).to_string();
    assert_eq!(refused(&server, "/v2/queues", &[], one_more).await, exceeded("maxQueues", 10));
    let enqueue = "/v2/enqueue/q/http://later.example";
    assert_eq!(refused(&server, enqueue, &[], String::new()).await, exceeded("maxQueues", 10));
    let (status, _) = server.ask("POST", "/v2/enqueue/q1/http://later.example", &[], "").await;
    assert_eq!(status, 200);
    let wide = json!({"queueName": "q1", "parallelism": 3}).to_string();
    assert_eq!(refused(&server, "/v2/queues", &[], wide).await, exceeded("maxParallelism", 2));

    let cron = |id| [("Upstash-Cron", "0 0 1 1 *"), ("Upstash-Schedule-Id", id)];
    let schedule = "/v2/schedules/http://later.example";
    for id in ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0"] {
        assert_eq!(server.ask("POST", schedule, &cron(id), "").await.0, 200, "{id}");
    }
    let words = refused(&server, schedule, &cron("10"), String::new()).await;
    assert_eq!(words, exceeded("maxSchedules", 10));

    let endpoints = |count: usize| {
        let urls: Vec<_> =
            (0..count).map(|n| json!({"url": format!("http://{n}.example")})).collect();
        json!({ "endpoints": urls }).to_string()
    };
    let words = refused(&server, "/v2/topics/a/endpoints", &[], endpoints(101)).await;
    assert_eq!(words, exceeded("maxEndpointsPerTopic", 100));
    assert_eq!(server.ask("GET", "/v2/topics/a", &[], "").await.0, 404, "nothing of it is kept");
    assert_eq!(server.ask("POST", "/v2/topics/a/endpoints", &[], endpoints(100)).await.0, 200);
    let words = refused(&server, "/v2/topics/b/endpoints", &[], endpoints(1)).await;
    assert_eq!(words, exceeded("maxTopics", 1));
    server.stop().await;
}

#[tokio::test]
async fn a_days_messages_are_counted_and_the_next_day_begins_anew() {
    let folder = tempdir().unwrap();
    let clock = Clock::at(NOON);
    let mut config = config(folder.path());
    config.limits.messages_per_day = Some(3);
    let server = Server::with(config, Some(clock)).await;
    let publish = "/v2/publish/http://later.example";
    for _ in 0..2 {
        assert_eq!(server.ask("POST", publish, &LATER, "").await.0, 200);
    }
    let one = json!({"destination": "http://later.example", "headers": {"Upstash-Delay": "1h"}});
    let (status, _) = server.ask("POST", "/v2/batch", &[], json!([one, one]).to_string()).await;
    assert_eq!(status, 429, "a batch is accepted whole or not at all");
    assert_eq!(server.ask("POST", publish, &LATER, "").await.0, 200);
    let response = server
        .http
        .post(format!("{}{publish}", server.base))
        .bearer_auth(crate::support::TOKEN)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 429);
    let midnight = (NOON / 86_400_000 + 1) * 86_400_000;
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("ratelimit-limit"), "3");
    assert_eq!(header("ratelimit-remaining"), "0");
    assert_eq!(header("ratelimit-reset"), (midnight / 1000).to_string());
    server.set(midnight);
    assert_eq!(server.ask("POST", publish, &LATER, "").await.0, 200);
    server.stop().await;
}
