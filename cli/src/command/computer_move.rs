//! `roost move`

use roost_computer_move::Passphrase;
use roost_core::clock::SystemClock;
use roost_engine::RunLock;
use serde_json::json;

use super::pair::place;
use crate::args::{ExportMove, ImportMove, Move, MoveBack};
use crate::context::{Context, KEYRING_PATIENCE};
use crate::failure::Failure;
use crate::format;
use crate::output::{Exit, counted};
use crate::secret;

pub(crate) async fn run(context: &Context, command: Move) -> Result<Exit, Failure> {
    match command {
        Move::Export(args) => export(context, args).await,
        Move::Import(args) => import(context, args).await,
        Move::Back(args) => back(context, &args).await,
    }
}

async fn export(context: &Context, args: ExportMove) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    let passphrase = passphrase(context, true).await?;
    let made = roost_computer_move::export(
        &engine,
        &context.data,
        &args.file,
        passphrase,
        args.force,
        KEYRING_PATIENCE,
    )
    .await?;
    let document = json!({
        "file": made.file, "bytes": made.bytes, "media": made.media, "has_pairing": made.has_pairing,
    });
    context.output.result(&document, || {
        let with = if made.has_pairing { ", with the pairing and its keys" } else { "" };
        format!(
            "{} ({}) holds everything{with}. Nothing goes out from this computer any more, and its posts \
             can only be read.\nOn the new computer: `roost move import FILE`, or \"Move from another \
             computer\" in the window's settings. `roost move back` uses this one again.",
            made.file.display(),
            format::size(made.bytes)
        )
    });
    Ok(Exit::Done)
}

async fn import(context: &Context, args: ImportMove) -> Result<Exit, Failure> {
    // A window, or a watch, would begin something of its own meanwhile.
    let lock = RunLock::acquire(&context.store())?;
    let passphrase = passphrase(context, false).await?;
    let (data, in_file) = (context.data.clone(), args.key_in_file);
    let work = tokio::task::spawn_blocking(move || {
        let imported =
            roost_computer_move::import(&data, &args.file, &passphrase, in_file, KEYRING_PATIENCE)?;
        roost_computer_move::put_in_use(&data, &SystemClock)?;
        Ok::<_, roost_computer_move::Error>(imported)
    });
    let imported = work.await.map_err(|error| Failure::work("internal", error.to_string()))??;
    drop(lock);
    let document = json!({
        "from_version": imported.from_version, "media": imported.media, "keys": imported.keys,
    });
    context.output.result(&document, || {
        let media = match imported.media {
            0 => String::new(),
            media => format!(" {} came along.", counted(media, "image or video", "images and videos")),
        };
        let keys = imported.keys.map(|kept| format!(" The relay's keys are in {}.", place(kept)));
        format!(
            "The posts live on this computer now.{media}{} Before anything is handed over, the relay is \
             asked about every post: run `roost sync`, or open the window. Don't use the old computer \
             any more.",
            keys.unwrap_or_default()
        )
    });
    Ok(Exit::Done)
}

async fn back(context: &Context, args: &MoveBack) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    if !args.yes {
        let Some(moved) = engine.moved_away() else {
            return Err(roost_engine::Error::NotMoved.into());
        };
        return Err(Failure::usage(format!(
            "{} Nothing was changed. If they are in use on no other computer, say so with --yes; should \
             they be, move them from there to here instead: `roost move export` there, and `roost move \
             import` here into another data folder.",
            moved.message
        )));
    }
    let sync = engine.come_back().await?;
    context.output.result(&json!({ "sync": sync }), || {
        "This computer is in use again. Before anything is handed over, the relay is asked about every \
         post: run `roost sync`, or open the window. Don't use the posts on the other computer."
            .to_owned()
    });
    Ok(Exit::Done)
}

/// The passphrase, from the person or from standard input; a new one is typed twice.
async fn passphrase(context: &Context, is_new: bool) -> Result<Passphrase, Failure> {
    let output = context.output.clone();
    let asked = tokio::task::spawn_blocking(move || {
        use std::io::IsTerminal as _;
        let typed = secret::read("Passphrase (what you type is not shown): ", &output)?;
        if is_new && std::io::stdin().is_terminal() {
            let again = secret::read("The same once more: ", &output)?;
            if again != typed {
                return Err(Failure::usage("The two are not the same. Nothing was changed."));
            }
        }
        Ok(typed)
    });
    let typed = asked.await.map_err(|error| Failure::work("internal", error.to_string()))??;
    typed.map(Passphrase::new).ok_or_else(|| {
        Failure::usage("There is no passphrase. Type it when asked, or write it to standard input.")
    })
}
