//! What is watched from outside: `/metrics`, and the rules and the dashboard that read it.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::world::{World, seconds};

fn deploy(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(name)
}

async fn metrics(world: &World) -> String {
    let answer = world.http.get(world.url("/metrics")).send().await.expect("an answer");
    answer.text().await.expect("text")
}

/// The relay's metrics that a text names, as they stand in queries.
fn named(text: &str) -> BTreeSet<String> {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    text.match_indices("roost_relay_")
        .map(|(at, _)| text[at..].chars().take_while(|letter| is_of_name(*letter)).collect())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_and_dashboard_name_only_metrics_that_the_relay_has() {
    let world = World::new().await;
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, roost_relay_api::DeliveryState::Posted).await;
    let known = named(&metrics(&world).await);
    for file in ["prometheus-rules.yml", "grafana-dashboard.json"] {
        let text = std::fs::read_to_string(deploy(file)).expect("a file");
        let unknown: Vec<_> = named(&text)
            .into_iter()
            // Only a relay that speaks TLS by itself has those.
            .filter(|name| !name.starts_with("roost_relay_certificate_") && !known.contains(name))
            .collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
    }
    let dashboard = std::fs::read(deploy("grafana-dashboard.json")).expect("a file");
    serde_json::from_slice::<serde_json::Value>(&dashboard).expect("JSON");
}

/// Runs Prometheus's own judge; none where it is not installed.
fn promtool(arguments: &[&str], input: &str) -> Option<Output> {
    let mut command = Command::new("promtool");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        println!("skipped: there is no promtool (a part of Debian's prometheus)");
        return None;
    };
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("written");
    Some(child.wait_with_output().expect("ran"))
}

#[tokio::test(flavor = "multi_thread")]
async fn promtool_accepts_metrics_and_rules() {
    let rules = deploy("prometheus-rules.yml");
    let rules = ["check", "rules", rules.to_str().expect("a path")];
    let Some(rules) = promtool(&rules, "") else { return };
    assert!(rules.status.success(), "{rules:?}");
    let world = World::new().await;
    let item = world.staged("Hello", seconds(0)).await;
    world.deliver(&item).await;
    world.reaches(item.post_id, roost_relay_api::DeliveryState::Posted).await;
    let Some(judged) = promtool(&["check", "metrics"], &metrics(&world).await) else { return };
    assert!(judged.status.success(), "{judged:?}");
}
