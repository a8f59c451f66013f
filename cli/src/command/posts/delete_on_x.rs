//! `roost posts delete-on-x`

use roost_engine::{Engine, Error};

use crate::args::DeleteOnX;
use crate::context::Context;
use crate::failure::Failure;
use crate::file;
use crate::output::{Exit, money};

pub(crate) async fn run(
    context: &Context,
    engine: &Engine,
    args: DeleteOnX,
) -> Result<Exit, Failure> {
    let DeleteOnX { id, yes } = args;
    let before = engine.post(id).await?;
    let price = before.delete_on_x_cost_micros;
    if let Some(price) = price.filter(|_| !yes) {
        let price = money(price);
        if !file::is_interactive() {
            let message =
                format!("Deleting {id} on X costs {price} and can't be undone: say --yes.");
            return Err(Failure::usage(message));
        }
        let question = format!("Delete {id} on X for {price}? It can't be undone. [y/N] ");
        if !file::agrees(&question, &context.output) {
            return Err(Failure::usage("Nothing was deleted."));
        }
    }
    let after = match engine.delete_on_x(id).await {
        Ok(after) => after,
        // The wish is written down; the process with the relay inside carries it out.
        Err(Error::NoServices) if context.is_this_computer() => {
            let after = engine.post(id).await?;
            context.output.result(&after, || {
                format!(
                    "{id}: written down. The window or `roost sync --watch` deletes it on X: at once \
                     when it runs, else when it is started."
                )
            });
            return Ok(Exit::Done);
        }
        Err(error) => return Err(error.into()),
    };
    context.output.result(&after, || {
        let price = price.map(|price| format!(", for {}", money(price))).unwrap_or_default();
        format!("Deleted on X: {id}{price}.")
    });
    Ok(Exit::Done)
}
