//! Signing in against the X sandbox, with a browser that goes through the consent page.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the wire")]

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock as _, ManualClock, SystemClock};
use roost_core::id::XUserId;
use roost_sign_in::{App, Error, ExpectedAccount, SCOPES, SignIn, SignedIn, sandbox_account};
use roost_x_sandbox::{Config, Fault, FaultKind, Grant, NewAccount, On, Running, Sandbox};
use tempfile::TempDir;
use url::Url;

/// A sandbox with the accounts ada and bob.
struct World {
    running: Running,
    clock: Arc<ManualClock>,
    ada: Grant,
    _folder: TempDir,
}

impl World {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::at(SystemClock.now()));
        let mut config = Config::new(folder.path().join("x.db"));
        config.clock = clock.clone();
        change(&mut config);
        let running = Sandbox::start(config, 0).await.expect("a sandbox");
        let ada = running.sandbox.grant(NewAccount::named("ada"), None).await.expect("ada");
        running.sandbox.grant(NewAccount::named("bob"), None).await.expect("bob");
        Self { running, clock, ada, _folder: folder }
    }

    fn api_base(&self) -> Url {
        self.running.base_url().parse().expect("a URL")
    }

    fn confidential(&self) -> App {
        App::new(&self.ada.client_id, self.ada.client_secret.as_deref())
    }

    async fn begin(&self, app: App) -> SignIn {
        SignIn::begin_on(app, &self.api_base(), &[0]).await.expect("begun")
    }

    /// Begins a sign-in, consents as `account` and completes with the address that came back.
    async fn sign_in(
        &self,
        app: App,
        account: &str,
        expected: Option<&ExpectedAccount>,
    ) -> Result<SignedIn, Error> {
        let sign_in = self.begin(app).await;
        let address = consent(&sign_in, account).await;
        sign_in.complete(&address, expected, self.clock.as_ref()).await
    }
}

fn browser() -> reqwest::Client {
    let none = reqwest::redirect::Policy::none();
    reqwest::Client::builder().redirect(none).no_proxy().build().expect("a client")
}

/// Goes through the consent page; an empty account refuses. Returns where X sends the browser.
async fn consent(sign_in: &SignIn, account: &str) -> String {
    let page = browser().get(sign_in.page().clone()).send().await.expect("an answer");
    assert_eq!(page.status(), 200, "{}", page.text().await.expect("a page"));
    let mut form: Vec<(String, String)> = sign_in.page().query_pairs().into_owned().collect();
    form.push(("account".into(), account.into()));
    let decide = sign_in.page().join("/i/oauth2/authorize").expect("a URL");
    let answer = browser().post(decide).form(&form).send().await.expect("an answer");
    assert_eq!(answer.status(), 302);
    answer.headers()["location"].to_str().expect("ASCII").to_owned()
}

#[tokio::test]
async fn a_browser_that_comes_back_by_itself_gives_a_grant_of_each_kind_of_app() {
    let world = World::new().await;
    for app in [world.confidential(), App::new("sandbox-public", None)] {
        let sign_in = world.begin(app.clone()).await;
        assert!(sign_in.is_listening());
        let address = consent(&sign_in, "ada").await;
        assert!(address.starts_with(sign_in.redirect_uri()), "{address}");
        let visit = browser().get(&address).send();
        let (thanks, returned) = tokio::join!(visit, sign_in.browser_returned());
        let thanks = thanks.expect("an answer").text().await.expect("words");
        assert!(thanks.contains("Thank you"), "{thanks}");
        let clock = world.clock.as_ref();
        let done = sign_in.complete(&returned.expect("returned"), None, clock).await;
        let done = done.expect("signed in");
        assert_eq!(done.user, XUserId(world.ada.id.clone()));
        assert_eq!(done.grant.username, "ada");
        assert_eq!(done.grant.client_id, app.client_id());
        assert_eq!(done.grant.client_secret.is_some(), app.client_secret().is_some());
        assert_eq!(done.grant.scope, SCOPES.join(" "));
        let lifetime = done.grant.expires_at.since(clock.now());
        assert_eq!(lifetime, Duration::from_secs(7200));
    }
}

#[tokio::test]
async fn a_person_who_says_no_is_told_so_and_nothing_else() {
    let world = World::new().await;
    let refused = world.sign_in(world.confidential(), "", None).await;
    assert_eq!(refused, Err(Error::Denied));
}

#[tokio::test]
async fn a_code_that_was_pasted_too_late_says_how_long_it_lives() {
    let world = World::new().await;
    let sign_in = world.begin(world.confidential()).await;
    let address = consent(&sign_in, "ada").await;
    world.clock.advance(Duration::from_secs(31));
    let late = sign_in.complete(&address, None, world.clock.as_ref()).await;
    assert_eq!(late, Err(Error::CodeExpired));
    assert!(Error::CodeExpired.to_string().contains("30 seconds"));
}

#[tokio::test]
async fn an_answer_to_an_older_sign_in_is_not_taken() {
    let world = World::new().await;
    let older = world.begin(world.confidential()).await;
    let address = consent(&older, "ada").await;
    let sign_in = world.begin(world.confidential()).await;
    let other = sign_in.complete(&address, None, world.clock.as_ref()).await;
    assert_eq!(other, Err(Error::OtherSignIn));
}

#[tokio::test]
async fn another_account_than_the_expected_one_is_refused_naming_both_and_its_tokens_end() {
    let world = World::new().await;
    let ada = ExpectedAccount { id: XUserId(world.ada.id.clone()), username: "ada".to_owned() };
    let refused = world.sign_in(world.confidential(), "bob", Some(&ada)).await;
    let error = refused.expect_err("bob is not ada");
    let named = Error::OtherAccount { expected: "ada".to_owned(), actual: "bob".to_owned() };
    assert_eq!(error, named);
    assert!(world.sign_in(world.confidential(), "ada", Some(&ada)).await.is_ok());
}

#[tokio::test]
async fn a_wrong_secret_and_a_wrong_kind_of_app_say_what_to_set_in_the_portal() {
    let world = World::new().await;
    let wrong = App::new(&world.ada.client_id, Some("not-the-secret"));
    let error = world.sign_in(wrong, "ada", None).await.expect_err("a wrong secret");
    assert_eq!(error, Error::ClientRefused { is_confidential: true });
    assert!(error.to_string().contains("Web App"), "{error}");
    let no_secret = App::new(&world.ada.client_id, None);
    let error = world.sign_in(no_secret, "ada", None).await.expect_err("no secret");
    assert_eq!(error, Error::ClientRefused { is_confidential: false });
    assert!(error.to_string().contains("Native App"), "{error}");
}

#[tokio::test]
async fn no_error_and_no_debug_output_repeats_a_code_or_a_token() {
    let world = World::new().await;
    let sign_in = world.begin(world.confidential()).await;
    let address = consent(&sign_in, "ada").await;
    let code = address.split("code=").nth(1).and_then(|rest| rest.split('&').next());
    let code = code.expect("a code").to_owned();
    let shown = format!("{sign_in:?}");
    assert!(!shown.contains("sandbox-secret") && !shown.contains(&code), "{shown}");
    // X grants, and its answer arrives in half: the tokens in it are told to nobody.
    let malformed = Fault::new(On::Code, FaultKind::Malformed);
    world.running.sandbox.arm(malformed).expect("armed");
    let error = sign_in.complete(&address, None, world.clock.as_ref()).await;
    let error = error.expect_err("half an answer");
    assert!(matches!(error, Error::Unreadable(_)), "{error:?}");
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("access_token") && !shown.contains(&code), "{shown}");
}

#[tokio::test]
async fn an_unreachable_x_is_named_and_a_client_id_is_required() {
    let world = World::new().await;
    let nowhere = Url::parse("http://127.0.0.1:9").expect("a URL");
    let sign_in = SignIn::begin_on(world.confidential(), &nowhere, &[]).await.expect("begun");
    assert!(!sign_in.is_listening());
    let state = sign_in.page().query_pairs().find(|(key, _)| key == "state").expect("a state").1;
    let address = format!("{}?code=c&state={state}", sign_in.redirect_uri());
    let error = sign_in.complete(&address, None, world.clock.as_ref()).await;
    assert!(matches!(error, Err(Error::Unreachable(_))), "{error:?}");
    let none = SignIn::begin_on(App::new(" ", None), &nowhere, &[]).await;
    assert!(matches!(none, Err(Error::NoClientId)));
}

#[tokio::test]
async fn a_sandbox_makes_an_account_without_a_browser() {
    let world = World::new().await;
    let clock = world.clock.as_ref();
    let made = sandbox_account(&world.api_base(), "eve", Some("Eve"), clock).await;
    let SignedIn { grant, .. } = made.expect("an account");
    assert_eq!((grant.username.as_str(), grant.name.as_str()), ("eve", "Eve"));
    assert_eq!(grant.scope, SCOPES.join(" "));
    assert_eq!(grant.expires_at.since(clock.now()), Duration::from_secs(7200));

    let elsewhere = world.api_base().join("/nothing/").expect("a URL");
    world.running.stop().await;
    let error = sandbox_account(&elsewhere, "eve", None, clock).await.expect_err("none is there");
    assert!(!error.to_string().contains("127.0.0.1"), "{error} repeats the address");
}
