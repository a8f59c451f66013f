//! `roost pair`

use roost_pairing::{KeptIn, Link};

use crate::args::Pair;
use crate::context::{Context, KEYRING_PATIENCE};
use crate::failure::Failure;
use crate::old_relay;
use crate::output::Exit;

pub(crate) async fn run(context: &Context, args: Pair) -> Result<Exit, Failure> {
    let link = Link::parse(&args.link)?;
    // Kept until the new pairing is: nothing may be handed to the old relay in between.
    let _left =
        if args.old_relay_is_gone { None } else { old_relay::leave(context, &link).await? };
    let data = context.data.clone();
    let kept_link = link.clone();
    let kept = tokio::task::spawn_blocking(move || {
        roost_pairing::keep(&data, &kept_link, args.key_in_file, KEYRING_PATIENCE)
    });
    let kept = kept.await.map_err(|error| Failure::work("internal", error.to_string()))??;
    if args.old_relay_is_gone {
        old_relay::is_gone(context, &link).await?;
    }
    let relay = link.relay.url;
    context.output.result(&serde_json::json!({ "relay": relay, "keys": kept }), || {
        let place = match kept {
            KeptIn::Keyring => "the keyring",
            KeptIn::File => "a file in the data folder that only you can read",
        };
        format!("Paired with {relay}. Its keys are in {place}. `roost status` asks it how it is.")
    });
    Ok(Exit::Done)
}
