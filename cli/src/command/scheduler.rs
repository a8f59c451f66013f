//! `roost scheduler`

use roost_engine::api::ChangeSettings;
use roost_engine::view::{KeysAtRelay, SchedulerKind};
use roost_engine::{Endpoint, Engine};

use super::pair;
use crate::args::{Scheduler, SchedulerCommand};
use crate::context::{Context, KEYRING_PATIENCE};
use crate::failure::Failure;
use crate::output::{Exit, counted};

pub(crate) async fn run(context: &Context, args: Scheduler) -> Result<Exit, Failure> {
    match args.what {
        None => show(context).await,
        Some(SchedulerCommand::Qstash { qstash_url, plan }) => {
            require_pairing(context)?;
            let Some(qstash) = pair::token(qstash_url, &context.output).await? else {
                return Err(Failure::usage(pair::NO_TOKEN));
            };
            let engine = context.plain_engine().await?;
            context.require_relay()?;
            if let Some(plan) = plan {
                let plan_delay_days = Some(plan.delay_days());
                let change = ChangeSettings { plan_delay_days, ..ChangeSettings::default() };
                engine.change_settings(change).await?;
            }
            set_up(context, &engine, qstash).await
        }
        Some(SchedulerCommand::Relay) => {
            require_pairing(context)?;
            let engine = context.plain_engine().await?;
            context.require_relay()?;
            let own = engine.relays_scheduler().await?;
            set_up(context, &engine, own).await
        }
    }
}

async fn show(context: &Context) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    context.require_relay()?;
    let now = engine.scheduler().await?;
    context.output.result(&now, || {
        let url = now.url.as_deref().unwrap_or_default();
        match now.kind {
            SchedulerKind::ThisComputer => {
                "The scheduler inside Roost: posts go out while this computer is awake.".to_owned()
            }
            SchedulerKind::Relay => format!("The scheduler inside the relay, {url}."),
            SchedulerKind::Qstash => {
                let own = match now.relay_has_own {
                    Some(true) => " `roost scheduler relay` uses the one inside the relay instead.",
                    _ => "",
                };
                format!("QStash, {url}.{own}")
            }
            SchedulerKind::None => {
                "None: `roost scheduler qstash` takes QStash's token.".to_owned()
            }
        }
    });
    Ok(Exit::Done)
}

/// Tries the scheduler, keeps it, and moves to it what the former one has. Nothing is kept of one that
/// refuses its token.
async fn set_up(context: &Context, engine: &Engine, scheduler: Endpoint) -> Result<Exit, Failure> {
    let keys = engine.try_scheduler(&scheduler).await?;
    let endpoint = scheduler.clone();
    let kept = pair::keep(context, move |data| {
        roost_pairing::keep_scheduler(&data, &endpoint, KEYRING_PATIENCE)
    });
    let kept = kept.await?;
    engine.use_scheduler(&scheduler).await?;
    let handed_over = engine.sync().await?;
    let document = serde_json::json!({
        "scheduler": scheduler.url,
        "keys_at_relay": keys,
        "kept_in": kept,
        "handed_over": handed_over,
    });
    context.output.result(&document, || {
        let told = match keys {
            KeysAtRelay::OwnScheduler => "It is the relay's own, which knows its keys.",
            KeysAtRelay::Known => "The relay knows its signing keys.",
            KeysAtRelay::Sent => "The relay was sent its signing keys.",
            KeysAtRelay::RelayIsOlder => {
                "The relay is of an earlier release: put the signing keys into its configuration."
            }
        };
        let published = counted(handed_over.published, "post", "posts");
        format!(
            "{} calls the relay from now on. {told} Its token is in {}. {published} handed to it.",
            scheduler.url,
            pair::place(kept)
        )
    });
    Ok(Exit::Done)
}

/// Before anybody types a token.
fn require_pairing(context: &Context) -> Result<(), Failure> {
    match roost_pairing::paired(&context.data)? {
        Some(_) => Ok(()),
        None => Err(roost_pairing::Error::NotPaired.into()),
    }
}
