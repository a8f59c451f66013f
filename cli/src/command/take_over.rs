//! `roost take-over`

use crate::context::Context;
use crate::failure::Failure;
use crate::output::Exit;

pub(crate) async fn run(context: &Context) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    let sync = engine.take_over().await?;
    context.output.result(&serde_json::json!({ "sync": sync }), || {
        "Posts go out from here now. Don't use the other computer or the other data folder any more."
            .to_owned()
    });
    Ok(Exit::Done)
}
