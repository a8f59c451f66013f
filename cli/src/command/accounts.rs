//! `roost accounts`

use roost_engine::view::AccountRow;
use roost_engine::{Engine, api};
use roost_relay_api::AccountHealth;

use crate::args::{Accounts, AccountsCommand};
use crate::context::Context;
use crate::failure::Failure;
use crate::format;
use crate::output::{Exit, Table, counted, one_line};

pub(crate) async fn run(context: &Context, args: Accounts) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    match args.what {
        None => list(context, &engine).await,
        Some(AccountsCommand::Disconnect { handle }) => disconnect(context, &engine, &handle).await,
    }
}

async fn list(context: &Context, engine: &Engine) -> Result<Exit, Failure> {
    // What is known here is shown also when the relay can't be asked.
    if !context.is_this_computer()
        && let Err(error) = engine.refresh_accounts().await
    {
        context.output.say(&format!("The relay was not asked: {error}"));
    }
    let accounts = engine.accounts().await?;
    let document = api::Accounts { accounts };
    context.output.result(&document, || people(&document.accounts));
    Ok(Exit::Done)
}

fn people(accounts: &[AccountRow]) -> String {
    if accounts.is_empty() {
        return "No account is connected. `roost login` connects one.".to_owned();
    }
    let mut table =
        Table::new(["account", "health", "plan", "characters", "sign-in proven", "to go out", ""]);
    for account in accounts {
        let health = match account.health {
            AccountHealth::Connected => "connected",
            AccountHealth::Disconnected => "signed out",
            AccountHealth::Suspended => "suspended",
        };
        table.row([
            format!("@{}", account.username),
            health.to_owned(),
            account.subscription_type.clone().unwrap_or_else(|| "unknown".to_owned()),
            account.text_limit.to_string(),
            account.proven_at.map_or_else(|| "not yet".to_owned(), format::instant),
            account.open.to_string(),
            account.message.as_deref().map(one_line).unwrap_or_default(),
        ]);
    }
    table.render()
}

async fn disconnect(context: &Context, engine: &Engine, handle: &str) -> Result<Exit, Failure> {
    context.require_relay()?;
    let user = engine.account_named(handle).await?;
    let known = engine.accounts().await?;
    let open = known.iter().find(|account| account.x_user_id == user).map_or(0, |it| it.open);
    let local = if context.is_this_computer() {
        let base = context.x_api_base(engine).await?;
        Some(context.host(engine, &base, None).await?)
    } else {
        None
    };
    let disconnected = engine.disconnect(user.clone()).await;
    if let Some(local) = local {
        local.stop().await;
    }
    disconnected?;
    let handle = handle.trim_start_matches('@');
    let document = serde_json::json!({ "x_user_id": user, "username": handle, "waiting": open });
    context.output.result(&document, || {
        let posts = match open {
            0 => String::new(),
            _ => format!(
                " {} until it signs in again (`roost login`), or is cancelled (`roost posts cancel \
                 --account {handle}`).",
                counted(open, "post waits", "posts wait")
            ),
        };
        format!("Disconnected @{handle}: the relay has forgotten its sign-in.{posts}")
    });
    Ok(Exit::Done)
}
