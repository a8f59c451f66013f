//! `roost pause` and `roost resume`

use roost_engine::Error;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Exit, counted};

pub(crate) async fn run(context: &Context, paused: bool) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    let confirmed = match engine.pause(paused).await {
        Ok(_) => true,
        // The wish is written down; the process with the relay inside tells it.
        Err(Error::NoServices) if context.is_this_computer() => false,
        Err(error) => {
            let mut failure = Failure::from(error);
            let wish = if paused { "pause" } else { "end of the pause" };
            failure.message = format!(
                "{} The {wish} is written down, and the relay is told as soon as it can be: by \
                 `roost sync` or the window.",
                failure.message
            );
            return Err(failure);
        }
    };
    let held = engine.sync_state().await?.handed_over;
    let document = serde_json::json!({
        "paused": paused,
        "confirmed": confirmed,
        "handed_over": held,
        "handed_over_confirmed": if confirmed { held } else { 0 },
    });
    context.output.result(&document, || people(paused, confirmed, held));
    Ok(Exit::Done)
}

fn people(paused: bool, confirmed: bool, held: u64) -> String {
    let posts = counted(held, "post", "posts");
    match (paused, confirmed) {
        (true, true) => format!(
            "Paused: the relay confirmed it for {held} of {posts} that it holds. Nothing goes out \
             until `roost resume`."
        ),
        (false, true) => {
            format!("Resumed: the relay confirmed it for {held} of {posts} that it holds.")
        }
        (true, false) => format!(
            "Paused; 0 of {posts} confirmed yet. The window or `roost sync --watch` tells its relay: \
             at once when it runs, else before it posts anything."
        ),
        (false, false) => format!(
            "Resumed; 0 of {posts} confirmed yet. The window or `roost sync --watch` tells its \
             relay: at once when it runs, else when it is started."
        ),
    }
}
