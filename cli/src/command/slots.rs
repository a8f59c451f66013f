//! `roost slots`

use roost_core::id::XUserId;
use roost_engine::Engine;
use roost_engine::api::{AccountSlots, SetSlots};
use roost_import::slots;
use serde::Serialize;

use crate::args::{Slots, SlotsCommand};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Exit;

/// The document of all accounts.
#[derive(Serialize)]
struct Document {
    accounts: Vec<AccountSlots>,
}

pub(crate) async fn run(context: &Context, args: Slots) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    let known = engine.accounts().await?;
    let name_of = |id: &XUserId| {
        let account = known.iter().find(|account| account.x_user_id == *id);
        account.map_or_else(|| id.0.clone(), |account| format!("@{}", account.username))
    };
    let say = |it: &AccountSlots| match it.text.as_str() {
        "" => format!("{} has no posting times.", name_of(&it.x_user_id)),
        text => format!("{}: {text} ({})", name_of(&it.x_user_id), it.zone),
    };
    let change = match args.change {
        None => None,
        Some(SlotsCommand::Clear) => Some((Vec::new(), None)),
        Some(SlotsCommand::Set { times, zone }) => {
            let slots = slots::parse(&times).map_err(|error| Failure::usage(error.to_string()))?;
            Some((slots, zone))
        }
    };
    if let Some((slots, zone)) = change {
        let x_user_id = match args.account {
            Some(handle) => engine.account_named(&handle).await?,
            None => only(&engine).await?,
        };
        let set = engine.set_slots(SetSlots { x_user_id, zone, slots }).await?;
        context.output.result(&set, || say(&set));
        return Ok(Exit::Done);
    }
    let wanted = match args.account {
        Some(handle) => vec![engine.account_named(&handle).await?],
        None => known.iter().map(|account| account.x_user_id.clone()).collect(),
    };
    let mut accounts = Vec::with_capacity(wanted.len());
    for id in wanted {
        accounts.push(engine.slots(id).await?);
    }
    let document = Document { accounts };
    context.output.result(&document, || match document.accounts.as_slice() {
        [] => "No account is connected.".to_owned(),
        all => all.iter().map(say).collect::<Vec<_>>().join("\n"),
    });
    Ok(Exit::Done)
}

/// Returns the only account.
async fn only(engine: &Engine) -> Result<XUserId, Failure> {
    let accounts = engine.accounts().await?;
    match accounts.as_slice() {
        [one] => Ok(one.x_user_id.clone()),
        [] => Err(Failure::usage("No account is connected. Sign in with one first.")),
        several => {
            let names: Vec<_> = several.iter().map(|it| format!("@{}", it.username)).collect();
            Err(Failure::usage(format!(
                "There are {}. Name the account whose times these are: roost slots HANDLE set \
                 \"…\".",
                names.join(", ")
            )))
        }
    }
}
