//! `roost undo-import`

use crate::args::UndoImport;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Exit, counted};

pub(crate) async fn run(context: &Context, args: UndoImport) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    let undone = engine.undo_import(args.id).await?;
    super::posts::carry_out(context, &engine).await;
    context.output.result(&undone, || {
        let mut lines = vec![format!("{} removed.", counted(undone.removed, "post", "posts"))];
        if undone.cancelling > 0 {
            lines.push(format!(
                "{} handed over: being withdrawn, and gone once the relay acknowledges it.",
                counted(undone.cancelling, "post was", "posts were")
            ));
        }
        if undone.kept > 0 {
            lines.push(format!(
                "{}: on X, or being sent.",
                counted(undone.kept, "post stays", "posts stay")
            ));
        }
        lines.join("\n")
    });
    Ok(if undone.kept == 0 { Exit::Done } else { Exit::Partly })
}
