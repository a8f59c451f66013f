//! `roost backup`, `roost backups`, `roost restore`

use std::path::{Path, PathBuf};

use roost_core::clock::{Clock as _, SystemClock};
use roost_engine::api::{BackupFile, Backups};
use roost_store::Backup;

use crate::args::{BackupArgs, RestoreArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::format;
use crate::output::{Exit, Table};

/// What stands for the newest of the backups.
const LATEST: &str = "latest";

/// Makes a backup: a whole, checked copy, whoever uses the store meanwhile.
pub(crate) async fn make(context: &Context, args: BackupArgs) -> Result<Exit, Failure> {
    if let Some(file) = args.file.as_ref().filter(|file| file.exists() && !args.force) {
        return Err(Failure::usage(format!(
            "{} is there already. Choose another name, or say --force to replace it.",
            file.display()
        )));
    }
    let engine = context.plain_engine().await?;
    let made = engine.backup(args.file).await?;
    context.output.result(&BackupFile::from(made.clone()), || {
        format!(
            "{} ({}). `roost restore {}` puts it back.",
            made.path.display(),
            format::size(made.bytes),
            quoted(&made.path)
        )
    });
    Ok(Exit::Done)
}

/// Lists the backups beside the store. The store itself is not opened: it may be damaged.
pub(crate) fn list(context: &Context) -> Result<Exit, Failure> {
    let backups = found(context)?;
    let document = Backups { backups: backups.iter().cloned().map(Into::into).collect() };
    context.output.result(&document, || {
        if backups.is_empty() {
            return "No backups yet. `roost backup` makes one.".to_owned();
        }
        let now = SystemClock.now();
        let mut table = Table::new(["backup", "size", "made", "age", "why"]);
        for backup in &backups {
            table.row([
                backup.path.display().to_string(),
                format::size(backup.bytes),
                format::instant(backup.made_at),
                format::age(now.since(backup.made_at)),
                backup.format_before_update.map_or("", |_| "before an update").to_owned(),
            ]);
        }
        table.render()
    });
    Ok(Exit::Done)
}

/// Puts a backup in the place of the store; what is there is kept aside.
pub(crate) async fn restore(context: &Context, args: RestoreArgs) -> Result<Exit, Failure> {
    let store = context.store();
    let backup = args.backup.map(|name| chosen(context, &name)).transpose()?;
    let from = backup.clone();
    let restoring = tokio::task::spawn_blocking(move || match from {
        Some(backup) => roost_store::restore_backup(&store, backup, &SystemClock),
        None => roost_store::start_anew(&store, &SystemClock),
    });
    let aside = restoring
        .await
        .map_err(|error| Failure::work("internal", error.to_string()))?
        .map_err(|error| Failure::from(roost_engine::Error::Store(error)))?;
    let document = serde_json::json!({ "restored": backup, "kept_aside": aside });
    context.output.result(&document, || people(backup.as_deref(), aside.as_deref()));
    Ok(Exit::Done)
}

fn people(backup: Option<&Path>, aside: Option<&Path>) -> String {
    let mut lines = vec![match backup {
        Some(backup) => format!("Restored from {}.", backup.display()),
        None => "The next command begins with an empty store.".to_owned(),
    }];
    if let Some(aside) = aside {
        lines.push(format!("What was there is kept as {}.", aside.display()));
    }
    if backup.is_some() {
        lines.push(
            "Before anything is handed over, the relay is asked about every post: run `roost sync`, \
             or open the window. What the relay had of them and was posted, changed or cancelled \
             since the backup then is as it really stands.\n\
             What was never handed over is as in the backup: posts that you changed, cancelled or \
             deleted since go out as they were then. Look at them before you sync: `roost posts \
             list --view upcoming`."
                .to_owned(),
        );
    }
    lines.join("\n")
}

/// The backup that a person named: a file, the name of one in the list, or the newest.
fn chosen(context: &Context, name: &str) -> Result<PathBuf, Failure> {
    let path = PathBuf::from(name);
    if name != LATEST && path.exists() {
        return Ok(path);
    }
    let listed = found(context)?
        .into_iter()
        .find(|backup| name == LATEST || backup.path.file_name().is_some_and(|file| file == name));
    listed.map(|backup| backup.path).ok_or_else(|| {
        Failure::usage(format!("There is no backup {name}. `roost backups` lists those there are."))
    })
}

fn found(context: &Context) -> Result<Vec<Backup>, Failure> {
    roost_store::backups(context.store())
        .map_err(|error| Failure::from(roost_engine::Error::Store(error)))
}

/// A path as it is typed in a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-:+".contains(c);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
