//! Sending what a command wrote down.

use std::time::Duration;

use roost_engine::Engine;

use crate::context::Context;

/// How long a command waits for a relay elsewhere to acknowledge what was asked.
const ACKNOWLEDGE_PATIENCE: Duration = Duration::from_secs(10);

/// With a relay elsewhere, sends what was just written down, and waits a little. Here, the running
/// `sync --watch` or the window does so within a second.
pub(crate) async fn carry_out(context: &Context, engine: &Engine) {
    if context.is_this_computer() {
        return;
    }
    match tokio::time::timeout(ACKNOWLEDGE_PATIENCE, engine.flush_outbox()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => context.output.say(&format!("{error} It is tried again at each sync.")),
        Err(_) => context.output.say("The relay is slow; it is asked again at the next sync."),
    }
}
