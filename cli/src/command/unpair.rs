//! `roost unpair`

use crate::args::Unpair;
use crate::context::{Context, KEYRING_PATIENCE};
use crate::failure::Failure;
use crate::old_relay;
use crate::output::Exit;

pub(crate) async fn run(context: &Context, args: Unpair) -> Result<Exit, Failure> {
    let paired = roost_pairing::paired(&context.data);
    if let Ok(None) = paired {
        return Err(Failure::work(
            "not_paired",
            "This data folder is paired with no relay. Nothing was changed.",
        ));
    }
    let next = roost_local::RELAY_LOGICAL_URL;
    // Kept until the pairing is gone: nothing may be handed to the relay in between.
    let _quiet =
        old_relay::leave_for_good(context, next, "roost unpair", args.old_relay_is_gone).await?;
    let data = context.data.clone();
    let forgotten =
        tokio::task::spawn_blocking(move || roost_pairing::forget(&data, KEYRING_PATIENCE));
    forgotten.await.map_err(|error| Failure::work("internal", error.to_string()))??;
    context.plain_engine().await?.note_unpairing().await?;
    if args.old_relay_is_gone {
        old_relay::is_gone(context, next).await?;
    }
    let relay = paired.ok().flatten().map(|paired| paired.relay_url);
    context.output.result(&serde_json::json!({ "relay": relay }), || {
        let relay = relay.as_deref().unwrap_or("the relay");
        format!(
            "Not paired with {relay} any more. Posts go out from this computer, while `roost sync \
             --watch` or the window runs; sign in here first: `roost login`. The relay keeps its \
             sign-ins and this computer's key until you remove them there: `roost-relay device \
             remove NAME`."
        )
    });
    Ok(Exit::Done)
}
