//! `roost login`

use roost_core::clock::{Clock, SystemClock, UnixMillis};
use roost_core::id::XUserId;
use roost_engine::view::AccountRow;
use roost_engine::{Engine, is_sandbox};
use roost_relay_api::Grant;
use roost_x_api::oauth::{App, Authorize, Pkce, SCOPES, Tokens};
use roost_x_api::{Client, Me, Secret, Subscription};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use url::Url;

use crate::args::Login;
use crate::context::Context;
use crate::failure::Failure;
use crate::loopback::{self, Loopback};
use crate::output::{Exit, Output};

/// The sandbox account of who names none.
const SANDBOX_HANDLE: &str = "roost_demo";
/// What the sandbox answers may be this long.
const SANDBOX_ANSWER_MAX_BYTES: usize = 64 * 1024;

pub(crate) async fn run(context: &Context, args: Login) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    context.require_relay()?;
    let account = match &args.sandbox {
        Some(address) => sandbox(context, &engine, address, args.handle.as_deref()).await?,
        None => Box::pin(sign_in(context, &engine, &args)).await?,
    };
    context.output.result(&account, || {
        format!(
            "Connected @{} ({}). Its posts can go out now.",
            account.username, account.x_user_id
        )
    });
    Ok(Exit::Done)
}

/// An account that the sandbox makes, with its tokens.
#[derive(Deserialize)]
struct SandboxAccount {
    id: String,
    username: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    subscription_type: Option<String>,
    client_id: String,
    #[serde(default)]
    client_secret: Option<String>,
    access_token: String,
    refresh_token: String,
    #[serde(default)]
    expires_in: Option<i64>,
    #[serde(default)]
    scope: Option<String>,
}

async fn sandbox(
    context: &Context,
    engine: &Engine,
    address: &str,
    handle: Option<&str>,
) -> Result<AccountRow, Failure> {
    let base = Url::parse(address)
        .map_err(|_| Failure::usage(format!("«{address}» is no address of a sandbox.")))?;
    if !is_sandbox(address) {
        return Err(Failure::usage("That is X itself. Say `roost login` without --sandbox."));
    }
    let remembered = engine.x_api_base().await?;
    if remembered.as_deref().is_some_and(|base| !is_sandbox(base)) {
        return Err(Failure::usage(
            "This data folder belongs to the real X. Use another one for the sandbox: --data \
             FOLDER.",
        ));
    }
    // One that is connected stays: its tokens are the relay's, and nobody else has them.
    let known = engine.accounts().await?;
    let same = |account: &&AccountRow| handle.is_none_or(|handle| handle == account.username);
    if let Some(account) = known.iter().find(same)
        && remembered.is_some()
        && account.health == roost_relay_api::AccountHealth::Connected
    {
        engine.remember_x_api_base(address).await?;
        return Ok(account.clone());
    }
    let made = make_account(&base, handle).await?;
    let grant = Grant {
        username: made.username,
        name: made.name,
        subscription_type: made.subscription_type,
        client_id: made.client_id,
        client_secret: made.client_secret,
        access_token: made.access_token,
        refresh_token: made.refresh_token,
        expires_at: expiry(made.expires_in.unwrap_or(7200)),
        scope: made.scope.unwrap_or_else(|| SCOPES.join(" ")),
    };
    connect(context, engine, address, XUserId(made.id), grant).await
}

/// Asks the sandbox for an account.
async fn make_account(base: &Url, handle: Option<&str>) -> Result<SandboxAccount, Failure> {
    let unreachable = |why: String| {
        Failure::work(
            "x_unreachable",
            format!("The sandbox at {base} did not give an account: {why}. Does `x-sandbox` run?"),
        )
    };
    let address =
        base.join("/_sandbox/accounts").map_err(|error| unreachable(error.to_string()))?;
    let handle = handle.map_or(SANDBOX_HANDLE, |handle| handle.trim_start_matches('@'));
    let body = serde_json::json!({ "username": handle });
    let answer = reqwest::Client::new()
        .post(address)
        .json(&body)
        .send()
        .await
        .map_err(|error| unreachable(error.without_url().to_string()))?;
    let status = answer.status();
    let bytes =
        answer.bytes().await.map_err(|error| unreachable(error.without_url().to_string()))?;
    if !status.is_success() || bytes.len() > SANDBOX_ANSWER_MAX_BYTES {
        return Err(unreachable(format!("it answered {status}")));
    }
    serde_json::from_slice(&bytes).map_err(|error| unreachable(format!("it answered {error}")))
}

/// Sends the person to X and back, and trades the code for tokens.
async fn sign_in(context: &Context, engine: &Engine, args: &Login) -> Result<AccountRow, Failure> {
    let base = context.x_api_base(engine).await?;
    let app = App {
        client_id: args.client_id.clone().ok_or_else(|| {
            Failure::usage(
                "Name your X app: --client-id ID (or X_CLIENT_ID; its secret in X_CLIENT_SECRET).",
            )
        })?,
        client_secret: std::env::var("X_CLIENT_SECRET")
            .ok()
            .filter(|secret| !secret.is_empty())
            .map(Secret::new),
    };
    let url = Url::parse(&base).map_err(|_| Failure::usage(format!("«{base}» is no address.")))?;
    let x = Client::new(url).map_err(x_failed)?;
    let pkce = Pkce::from_random(random()?);
    let state = Pkce::from_random(random()?).challenge();
    let loopback = if args.paste { None } else { Loopback::bind().await };
    let redirect_uri = loopback
        .as_ref()
        .map_or_else(|| loopback::redirect_uri(loopback::PORTS[0]), Loopback::redirect_uri);
    let page = x.authorize_url(&Authorize {
        app: &app,
        redirect_uri: &redirect_uri,
        scopes: SCOPES,
        state: &state,
        pkce: &pkce,
    });
    context.output.say(&format!(
        "Your X app must list this redirect address: {redirect_uri}\nSign in here:\n\n  {page}\n"
    ));
    let came_back = match loopback {
        Some(loopback) => {
            drop(open::that_detached(page.as_str()));
            loopback.wait().await?
        }
        None => pasted(&context.output).await?,
    };
    let code = code_of(&came_back, &state)?;
    let tokens = x.exchange_code(&app, &code, &redirect_uri, &pkce).await.map_err(x_failed)?;
    let me = x.me(tokens.access_token.expose()).await.map_err(x_failed)?;
    let grant = grant_of(app, tokens, &me)?;
    connect(context, engine, &base, XUserId(me.id), grant).await
}

/// X's answer as the relay keeps it.
fn grant_of(app: App, tokens: Tokens, me: &Me) -> Result<Grant, Failure> {
    let refresh_token = tokens.refresh_token.ok_or_else(|| {
        Failure::work(
            "sign_in_incomplete",
            "X gave no lasting grant (no refresh token). Sign in again and allow everything asked.",
        )
    })?;
    Ok(Grant {
        username: me.username.clone(),
        name: me.name.clone(),
        subscription_type: subscription_word(me.subscription).map(str::to_owned),
        client_id: app.client_id,
        client_secret: app.client_secret.map(|secret| secret.expose().to_owned()),
        access_token: tokens.access_token.expose().to_owned(),
        refresh_token: refresh_token.expose().to_owned(),
        expires_at: expiry(tokens.expires_in),
        scope: tokens.scopes.join(" "),
    })
}

/// X's own word for what an account pays for.
const fn subscription_word(subscription: Subscription) -> Option<&'static str> {
    match subscription {
        Subscription::None => Some("None"),
        Subscription::Basic => Some("Basic"),
        Subscription::Premium => Some("Premium"),
        Subscription::PremiumPlus => Some("PremiumPlus"),
        Subscription::Unknown => None,
    }
}

/// Gives the grant to the relay, elsewhere or here, and forgets it.
async fn connect(
    context: &Context,
    engine: &Engine,
    x_api_base: &str,
    user: XUserId,
    grant: Grant,
) -> Result<AccountRow, Failure> {
    let local = if context.is_this_computer() {
        Some(context.host(engine, x_api_base, None).await?)
    } else {
        None
    };
    let connected = engine.connect(user, grant).await;
    if let Some(local) = local {
        local.stop().await;
    }
    let account = connected?;
    engine.remember_x_api_base(x_api_base).await?;
    Ok(account)
}

/// The paste-the-address way: for machines without a browser.
async fn pasted(output: &Output) -> Result<Url, Failure> {
    output.ask("Paste the address that the browser ends on: ");
    let mut line = String::new();
    BufReader::new(tokio::io::stdin())
        .read_line(&mut line)
        .await
        .map_err(|error| Failure::work("sign_in_incomplete", error.to_string()))?;
    Url::parse(line.trim()).map_err(|_| {
        Failure::work(
            "sign_in_incomplete",
            "That is no address. Run `roost login` again and copy the whole line of the browser.",
        )
    })
}

/// The code in the address that X sent the browser to.
fn code_of(address: &Url, state: &str) -> Result<String, Failure> {
    let value = |name: &str| {
        address.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    if value("state").as_deref() != Some(state) {
        return Err(Failure::work(
            "sign_in_incomplete",
            "This answer belongs to another sign-in. Run `roost login` again.",
        ));
    }
    if let Some(error) = value("error") {
        return Err(Failure::work(
            "sign_in_refused",
            format!("X did not grant it ({error}). Run `roost login` again to try once more."),
        ));
    }
    value("code").ok_or_else(|| {
        Failure::work("sign_in_incomplete", "X sent no code. Run `roost login` again.")
    })
}

fn expiry(seconds: i64) -> UnixMillis {
    let now = SystemClock.now();
    UnixMillis(now.0.saturating_add(seconds.max(0).saturating_mul(1000)))
}

fn random() -> Result<[u8; 32], Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::work("internal", format!("No random numbers: {error}.")))?;
    Ok(bytes)
}

fn x_failed(failure: roost_x_api::Failure) -> Failure {
    Failure::work("x_refused", format!("X said no: {failure}. Run `roost login` again."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_answer_to_this_sign_in_is_taken() {
        let at = |query: &str| Url::parse(&format!("http://127.0.0.1:1/callback?{query}")).unwrap();
        assert_eq!(code_of(&at("state=s&code=c"), "s").unwrap(), "c");
        for query in ["state=other&code=c", "code=c", "state=s&error=access_denied", "state=s"] {
            assert!(code_of(&at(query), "s").is_err(), "{query}");
        }
    }
}
