//! Signing in, refreshing, revoking.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::time::Duration;

use roost_x_api::oauth::{App, Authorize, Pkce, SCOPES};
use roost_x_api::{FailureKind, Secret};
use roost_x_sandbox::{Fault, On};
use url::Url;

use crate::support::{World, app};

const REDIRECT: &str = "http://127.0.0.1:8976/callback";

/// A browser that shows where it is sent and does not go there.
fn browser() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

fn value(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(other, _)| other == name).map(|(_, value)| value.into_owned())
}

/// Goes through the consent page by hand; `account` empty refuses.
async fn consent(world: &World, app: &App, pkce: &Pkce, account: &str) -> Url {
    let url = world.client.authorize_url(&Authorize {
        app,
        redirect_uri: REDIRECT,
        scopes: SCOPES,
        state: "the state",
        pkce,
    });
    let page = browser().get(url.clone()).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let html = page.text().await.unwrap();
    assert!(html.contains("Authorize as @ada"), "{html}");
    let mut form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    form.push(("account".into(), account.into()));
    let page = url.join("/i/oauth2/authorize").unwrap();
    let answer = browser().post(page).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    answer.headers()["location"].to_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_person_lets_an_app_in() {
    let world = World::new().await;
    let (app, pkce) = (app(&world.ada), Pkce::from_random([7; 32]));
    let back = consent(&world, &app, &pkce, "ada").await;
    assert_eq!(value(&back, "state").as_deref(), Some("the state"));
    let code = value(&back, "code").unwrap();
    let tokens = world.client.exchange_code(&app, &code, REDIRECT, &pkce).await.unwrap();
    let me = world.client.me(tokens.access_token.expose()).await.unwrap();
    assert_eq!(me.username, "ada");
    assert_eq!(me.id, world.ada.id);
    assert_eq!(tokens.scopes, SCOPES);
    // A code is good for one use.
    let failure = world.client.exchange_code(&app, &code, REDIRECT, &pkce).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::CodeRefused);
}

#[tokio::test]
async fn a_person_may_say_no() {
    let world = World::new().await;
    let pkce = Pkce::from_random([7; 32]);
    let back = consent(&world, &app(&world.ada), &pkce, "").await;
    assert_eq!(value(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(value(&back, "code"), None);
}

#[tokio::test]
async fn a_code_lives_thirty_seconds_and_serves_only_whom_it_was_made_for() {
    let world = World::new().await;
    let (app, pkce) = (app(&world.ada), Pkce::from_random([7; 32]));
    let client = &world.client;
    let code = value(&consent(&world, &app, &pkce, "ada").await, "code").unwrap();
    let other = "http://127.0.0.1:8976/callback/";
    let failure = client.exchange_code(&app, &code, other, &pkce).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::RedirectMismatch);
    let wrong = Pkce::from_random([8; 32]);
    let failure = client.exchange_code(&app, &code, REDIRECT, &wrong).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::VerifierMismatch);
    let public = App { client_id: "sandbox-public".into(), client_secret: None };
    let failure = client.exchange_code(&public, &code, REDIRECT, &pkce).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::CodeRefused);
    world.clock.advance(Duration::from_secs(30));
    let failure = client.exchange_code(&app, &code, REDIRECT, &pkce).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::CodeRefused);
}

#[tokio::test]
async fn nobody_is_sent_to_a_place_that_was_not_registered() {
    let world = World::with(|config| {
        config.apps[0].redirect_uris = vec![REDIRECT.into()];
    })
    .await;
    let (app, pkce) = (app(&world.ada), Pkce::from_random([7; 32]));
    for (uri, status) in [
        (REDIRECT, 200),
        ("http://127.0.0.1:8977/callback", 400),
        ("http://127.0.0.1:8976/callback/", 400),
        ("https://example.com/", 400),
    ] {
        let url = world.client.authorize_url(&Authorize {
            app: &app,
            redirect_uri: uri,
            scopes: SCOPES,
            state: "s",
            pkce: &pkce,
        });
        assert_eq!(browser().get(url).send().await.unwrap().status(), status, "{uri}");
    }
}

#[tokio::test]
async fn the_consent_page_can_say_yes_by_itself() {
    let world = World::with(|config| config.auto_approve = true).await;
    let (app, pkce) = (app(&world.ada), Pkce::from_random([7; 32]));
    let url = world.client.authorize_url(&Authorize {
        app: &app,
        redirect_uri: REDIRECT,
        scopes: SCOPES,
        state: "s",
        pkce: &pkce,
    });
    let answer = browser().get(url).send().await.unwrap();
    let back: Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
    let code = value(&back, "code").unwrap();
    world.client.exchange_code(&app, &code, REDIRECT, &pkce).await.unwrap();
}

#[tokio::test]
async fn a_refresh_token_is_good_for_one_use() {
    let world = World::new().await;
    let next = world.refresh(&world.ada.refresh_token).await.unwrap();
    assert_eq!(next.expires_in, 7200);
    let failure = world.refresh(&world.ada.refresh_token).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::GrantRefused);
    assert_eq!(failure.status, Some(400));
    assert_eq!(failure.detail.as_deref(), Some("Value passed for the token was invalid."));
    // The family lives unless the sandbox was told otherwise.
    world.refresh(next.refresh_token.unwrap().expose()).await.unwrap();
}

#[tokio::test]
async fn a_replay_may_end_the_whole_family() {
    let world = World::with(|config| config.revoke_family_on_replay = true).await;
    let next = world.refresh(&world.ada.refresh_token).await.unwrap();
    world.client.me(next.access_token.expose()).await.unwrap();
    world.refresh(&world.ada.refresh_token).await.unwrap_err();
    let failure = world.client.me(next.access_token.expose()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    let failure = world.refresh(next.refresh_token.unwrap().expose()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::GrantRefused);
}

#[tokio::test]
async fn fifty_refreshes_at_once_give_one_pair() {
    let world = World::new().await;
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (client, app) = (world.client.clone(), app(&world.ada));
            let token = Secret::new(world.ada.refresh_token.clone());
            tokio::spawn(async move { client.refresh(&app, &token).await })
        })
        .collect();
    let mut granted = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => granted += 1,
            Err(failure) => assert_eq!(failure.kind, FailureKind::GrantRefused),
        }
    }
    assert_eq!(granted, 1);
}

#[tokio::test]
async fn an_access_token_lives_two_hours_and_no_longer() {
    let world = World::new().await;
    let token = &world.ada.access_token;
    world.clock.advance(Duration::from_secs(7199));
    world.client.me(token).await.unwrap();
    world.clock.advance(Duration::from_secs(1));
    let failure = world.client.me(token).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    let next = world.refresh(&world.ada.refresh_token).await.unwrap();
    world.client.me(next.access_token.expose()).await.unwrap();
}

#[tokio::test]
async fn an_app_proves_itself_in_its_own_way_or_not_at_all() {
    let world = World::new().await;
    let token = Secret::new(world.ada.refresh_token.clone());
    let id = world.ada.client_id.clone();
    let without = App { client_id: id.clone(), client_secret: None };
    let failure = world.client.refresh(&without, &token).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::ClientUnauthenticated);
    let wrong = App { client_id: id, client_secret: Some(Secret::new("wrong")) };
    let failure = world.client.refresh(&wrong, &token).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::ClientRefused);
    let public = App { client_id: "sandbox-public".into(), client_secret: None };
    let failure = world.client.refresh(&public, &token).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::GrantRefused);
    world.refresh(token.expose()).await.unwrap();
}

#[tokio::test]
async fn a_revoked_grant_is_over_on_both_sides() {
    let world = World::new().await;
    let token = Secret::new(world.ada.refresh_token.clone());
    assert!(world.client.revoke(&app(&world.ada), &token).await.unwrap());
    let failure = world.client.me(&world.ada.access_token).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    let failure = world.refresh(token.expose()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::GrantRefused);

    let bob = world.grant("bob").await;
    world.running.sandbox.disconnect("bob").await.unwrap();
    world.client.me(&bob.access_token).await.unwrap_err();
    let failure = world.refresh(&bob.refresh_token).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::GrantRefused);
}

#[tokio::test]
async fn an_outage_of_the_sign_in_is_not_a_refused_grant() {
    let world = World::new().await;
    world.running.sandbox.arm(Fault::named(On::Refresh, "unauthorized")).unwrap();
    let failure = world.refresh(&world.ada.refresh_token).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    world.refresh(&world.ada.refresh_token).await.unwrap();
}
