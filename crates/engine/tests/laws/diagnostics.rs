//! What a person passes on when something is wrong holds nothing of their own.

use roost_core::id::XUserId;
use roost_engine::api::GetDiagnostics;
use roost_engine::{Endpoint, Endpoints, Secret};

use crate::world::{World, new_post};

/// Words of the person's, each of which would be a leak.
const CANARIES: &[&str] = &[
    "kestrel launch",
    "kestrelaccount",
    "rk_canary_device_key_0123456789",
    "qstash_canary_token_0123456789",
    "relay.canary.example",
    "qstash.canary.example",
    "canarytag",
];

/// What the log files hold: more than Roost writes, so that each rule is needed.
fn log_line(number: u32, ids: &[String]) -> String {
    let at = format!("2026-05-04T10:00:{:02}.000000Z", number % 60);
    match number % 6 {
        0 => {
            format!("{at}  INFO roost_engine: handed over published=3 reason=\"kestrel launch\"\n")
        }
        1 => format!(
            "{at}  INFO attempt{{post.id={} attempt=1}}: roost_relay::audit_log: posted \
             account.name=kestrelaccount account.id={}\n",
            ids[0], ids[1]
        ),
        2 => format!(
            "{at}  WARN roost: error sending request for url (https://relay.canary.example/v1)\n"
        ),
        3 => format!("{at}  WARN roost: bearer rk_canary_device_key_0123456789 refused\n"),
        4 => format!("{at} ERROR roost: @kestrelaccount: \"kestrel launch\" is too long\n"),
        _ => "  caused by kestrel launch of kestrelaccount at qstash.canary.example\n".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn diagnostics_hold_no_text_no_handle_no_address_and_no_secret() {
    let mut world = World::new().await;
    world.connect("kestrelaccount").await;
    world.engine.sync().await.unwrap();
    let mut post = new_post("kestrel launch: our secret plan", 3600);
    post.account = Some("kestrelaccount".to_owned());
    post.tags = vec!["canarytag".to_owned()];
    let post = world.engine.create(post).await.unwrap().post;
    let account = world.engine.account_named("kestrelaccount").await.unwrap();
    let XUserId(account) = account;
    std::fs::create_dir(world.path("logs")).unwrap();
    let ids = [post.id.to_string(), account.clone()];
    let log: String = (0..60).map(|number| log_line(number, &ids)).collect();
    std::fs::write(world.path("logs/window.2026-05-04.log"), log).unwrap();

    // With services that answer, and with addresses that do not.
    for is_away in [false, true] {
        if is_away {
            let endpoint = |url: &str, bearer: &str| Endpoint {
                url: url.to_owned(),
                bearer: Secret::new(bearer),
            };
            let endpoints = Endpoints {
                relay: endpoint("http://relay.canary.example:1", "rk_canary_device_key_0123456789"),
                relay_public_url: "http://relay.canary.example:1".to_owned(),
                pin: None,
                qstash: Some(endpoint(
                    "http://qstash.canary.example:1",
                    "qstash_canary_token_0123456789",
                )),
            };
            world.stop_local().await;
            world.engine.use_endpoints(Some(endpoints)).unwrap();
        }
        let asked = GetDiagnostics {
            host: Some("a test".to_owned()),
            display: Some("1200x780 @2".to_owned()),
        };
        let found = world.engine.diagnostics(asked).await;
        let all = serde_json::to_string(&found).unwrap();
        for canary in CANARIES {
            assert!(!all.to_lowercase().contains(canary), "{canary} in {}", found.markdown);
        }
        assert!(!all.contains(&account), "the account's id is in {}", found.markdown);
        let folder = world.path("").display().to_string();
        assert!(!all.contains(folder.trim_end_matches('/')), "{}", found.markdown);

        for told in [
            "| version | 0.1.0 |",
            "| display | 1200x780 @2 |",
            "| schema | ",
            "| tzdb | ",
            "| posts | 1 |",
            "| waiting here | 1 |",
            "| horizon | ",
            "handed over published=3",
            &format!("attempt{{post.id={} attempt=1}}", post.id),
            "## Checks",
        ] {
            assert!(found.markdown.contains(told), "no {told} in {}", found.markdown);
        }
    }
}
