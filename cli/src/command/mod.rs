//! One file per command.

mod accounts;
mod backup;
mod bulk;
mod carry_out;
mod causes;
mod check_media;
mod completions;
mod computer_move;
mod count;
mod detail;
mod diagnostics;
mod dlq;
mod doctor;
mod export;
mod history;
mod import;
mod login;
mod man;
mod media;
mod notices;
mod pair;
mod pause;
mod posts;
mod query;
mod scheduler;
mod schema;
mod series;
mod settings;
mod slots;
mod status;
mod sync;
mod take_over;
mod undo_import;
mod unpair;

use crate::args::Command;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Exit;

/// Runs one command.
pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Import(args) => import::run(context, args).await,
        Command::UndoImport(args) => undo_import::run(context, args).await,
        Command::Export(args) => export::run(context, args).await,
        Command::Schema(args) => schema::run(context, args).await,
        Command::Count(args) => count::run(context, args).await,
        Command::CheckMedia(args) => Ok(check_media::run(context, args)),
        Command::Media(args) => media::run(context, args).await,
        Command::Posts(args) => posts::run(context, args).await,
        Command::Series(command) => Box::pin(series::run(context, command)).await,
        Command::History(args) => history::list(context, args).await,
        Command::Undo(args) => history::go(context, history::Way::Undo, args).await,
        Command::Redo(args) => history::go(context, history::Way::Redo, args).await,
        Command::Trash(args) => history::trash(context, args).await,
        Command::Sync(args) => Box::pin(sync::run(context, args)).await,
        Command::Status => status::run(context).await,
        Command::Settings(args) => settings::run(context, args).await,
        Command::Doctor(args) => Box::pin(doctor::run(context, &args)).await,
        Command::Diagnostics(args) => diagnostics::run(context, &args).await,
        Command::Backup(args) => backup::make(context, args).await,
        Command::Backups => backup::list(context),
        Command::Restore(args) => backup::restore(context, args).await,
        Command::Move(command) => Box::pin(computer_move::run(context, command)).await,
        Command::Login(args) => Box::pin(login::run(context, args)).await,
        Command::Slots(args) => slots::run(context, args).await,
        Command::Accounts(args) => Box::pin(accounts::run(context, args)).await,
        Command::Notices(args) => notices::run(context, args).await,
        Command::Causes(args) => causes::run(context, args).await,
        Command::Dlq(command) => Box::pin(dlq::run(context, command)).await,
        Command::Pause(args) => pause::run(context, &args, true).await,
        Command::Resume(args) => pause::run(context, &args, false).await,
        Command::Completions(args) => Ok(completions::run(context, &args)),
        Command::Man(args) => man::run(context, args),
        Command::Pair(args) => Box::pin(pair::run(context, args)).await,
        Command::Scheduler(args) => Box::pin(scheduler::run(context, args)).await,
        Command::Unpair(args) => Box::pin(unpair::run(context, args)).await,
        Command::TakeOver => take_over::run(context).await,
    }
}
