//! `roost login`

use roost_core::clock::SystemClock;
use roost_core::id::XUserId;
use roost_engine::view::AccountRow;
use roost_engine::{Engine, is_sandbox};
use roost_relay_api::Grant;
use roost_sign_in::{App, SignIn, SignedIn};
use tokio::io::{AsyncBufReadExt, BufReader};
use url::Url;

use crate::args::Login;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Exit, Output};

/// The sandbox account where no handle is given.
const SANDBOX_HANDLE: &str = "roost_demo";

pub(crate) async fn run(context: &Context, args: Login) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    context.require_relay()?;
    let (account, how) = match &args.sandbox {
        Some(address) => sandbox(context, &engine, address, args.handle.as_deref()).await?,
        None => (Box::pin(sign_in(context, &engine, &args)).await?, CONNECTED),
    };
    context.output.result(&account, || {
        format!("{how} @{} ({}). Its posts can go out now.", account.username, account.x_user_id)
    });
    Ok(Exit::Done)
}

const CONNECTED: &str = "Connected";
/// Nothing was done, because nothing was needed.
const STAYS: &str = "Connected already:";

async fn sandbox(
    context: &Context,
    engine: &Engine,
    address: &str,
    handle: Option<&str>,
) -> Result<(AccountRow, &'static str), Failure> {
    let base = Url::parse(address)
        .map_err(|_| Failure::usage(format!("\"{address}\" is no address of a sandbox.")))?;
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
    let known = known_to_relay(context, engine, address).await?;
    let same = |account: &&AccountRow| handle.is_none_or(|handle| handle == account.username);
    if let Some(account) = known.iter().find(same)
        && remembered.is_some()
        && account.health == roost_relay_api::AccountHealth::Connected
        // A connected account with words is one whose sign-in is in doubt.
        && account.message.is_none()
    {
        engine.set_x_api_base(address).await?;
        return Ok((account.clone(), STAYS));
    }
    let SignedIn { user, grant } = make_account(&base, handle).await?;
    let account = connect(context, engine, address, user, grant).await?;
    Ok((account, CONNECTED))
}

/// The accounts as the relay has them: this store may believe in one that the relay has lost. Where
/// the relay can't be asked, because it is at work inside another `roost`, that one keeps the store
/// true.
async fn known_to_relay(
    context: &Context,
    engine: &Engine,
    x_api_base: &str,
) -> Result<Vec<AccountRow>, Failure> {
    if !engine.accounts().await?.is_empty() {
        if context.is_this_computer() {
            if let Ok(local) = context.host(engine, x_api_base, None).await {
                let refreshed = engine.refresh_accounts().await;
                local.stop().await;
                refreshed?;
            }
        } else {
            engine.refresh_accounts().await?;
        }
    }
    Ok(engine.accounts().await?)
}

/// Asks the sandbox for an account.
async fn make_account(base: &Url, handle: Option<&str>) -> Result<SignedIn, Failure> {
    let handle = handle.map_or(SANDBOX_HANDLE, |handle| handle.trim_start_matches('@'));
    let made = roost_sign_in::sandbox_account(base, handle, None, &SystemClock).await;
    made.map_err(|why| {
        Failure::work(
            "x_unreachable",
            format!("The sandbox at {base} did not give an account: {why}. Does `x-sandbox` run?"),
        )
    })
}

/// Sends the person to X and back, and trades the code for tokens.
async fn sign_in(context: &Context, engine: &Engine, args: &Login) -> Result<AccountRow, Failure> {
    let base = context.x_api_base(engine).await?;
    let client_id = args.client_id.as_deref().ok_or_else(|| {
        Failure::usage(
            "Name your X app: --client-id ID (or X_CLIENT_ID; its secret in X_CLIENT_SECRET).",
        )
    })?;
    let app = App::new(client_id, std::env::var("X_CLIENT_SECRET").ok().as_deref());
    let url = Url::parse(&base)
        .map_err(|_| Failure::usage(format!("\"{base}\" is no address of X's API.")))?;
    let sign_in = SignIn::begin(app, &url, !args.paste).await?;
    context.output.say(&format!(
        "Your X app must list this redirect address: {}\nSign in here:\n\n  {}\n",
        sign_in.redirect_uri(),
        sign_in.page()
    ));
    let address = if sign_in.is_listening() {
        // Without a browser here, the person opens the printed page in another one.
        drop(open::that_detached(sign_in.page().as_str()));
        sign_in.browser_returned().await?
    } else {
        pasted(&context.output).await?
    };
    let SignedIn { user, grant } = sign_in.complete(&address, None, &SystemClock).await?;
    connect(context, engine, &base, user, grant).await
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
    engine.set_x_api_base(x_api_base).await?;
    Ok(account)
}

/// The paste-the-address way: for machines without a browser.
async fn pasted(output: &Output) -> Result<String, Failure> {
    output.ask("Paste the address that the browser ends on: ");
    let mut line = String::new();
    BufReader::new(tokio::io::stdin())
        .read_line(&mut line)
        .await
        .map_err(|error| Failure::work("sign_in_incomplete", error.to_string()))?;
    Ok(line)
}
