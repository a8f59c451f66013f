//! `roost posts shift`, `move`, `replace-text` and all others that change many posts at once: shown, agreed
//! to, and applied whole or not at all.

mod change;
mod span;
mod words;

use roost_core::failure::Code;
use roost_core::status::Status;
use roost_engine::api::{BulkEdit, BulkTerms, Reschedule, Rewrite, Selection};
use roost_engine::view::PostQuery;
use roost_engine::{Engine, Error};

use super::carry_out::carry_out;
use super::query;
use crate::args::{FieldsCommand, Many, TimesCommand};
use crate::context::Context;
use crate::failure::Failure;
use crate::file;
use crate::output::Exit;

/// What a query means that names no status: what is still to go out, and drafts.
const USUAL: [Status; 4] = [Status::Draft, Status::Pending, Status::Queued, Status::Held];

/// What is asked of the engine.
enum Asked {
    Times(Reschedule),
    Fields(Rewrite),
}

impl Asked {
    fn terms(&mut self) -> &mut BulkTerms {
        match self {
            Self::Times(asked) => &mut asked.terms,
            Self::Fields(asked) => &mut asked.terms,
        }
    }

    async fn preview(&self, engine: &Engine) -> Result<BulkEdit, Error> {
        match self {
            Self::Times(asked) => engine.preview_reschedule(asked.clone()).await,
            Self::Fields(asked) => engine.preview_rewrite(asked.clone()).await,
        }
    }

    async fn apply(self, engine: &Engine) -> Result<BulkEdit, Error> {
        match self {
            Self::Times(asked) => engine.reschedule(asked).await,
            Self::Fields(asked) => engine.rewrite(asked).await,
        }
    }
}

/// Runs a command that gives posts new times.
pub(super) async fn times(
    context: &Context,
    engine: &Engine,
    command: TimesCommand,
) -> Result<Exit, Failure> {
    let wanted = change::times(engine, command).await?;
    let change::Wanted { many, change, restore } = wanted;
    let agreed = Agreed::of(&many);
    let selection = selection(engine, many, restore).await?;
    let terms = BulkTerms { restore, ..BulkTerms::default() };
    run(context, engine, Asked::Times(Reschedule { selection, change, terms }), agreed).await
}

/// Runs a command that changes words, account, tags or state of posts.
pub(super) async fn fields(
    context: &Context,
    engine: &Engine,
    command: FieldsCommand,
) -> Result<Exit, Failure> {
    let change::Wanted { many, change, restore } = change::fields(command).await?;
    let agreed = Agreed::of(&many);
    let selection = selection(engine, many, restore).await?;
    let terms = BulkTerms { restore, ..BulkTerms::default() };
    run(context, engine, Asked::Fields(Rewrite { selection, change, terms }), agreed).await
}

/// How far the person agreed beforehand.
#[derive(Clone, Copy)]
struct Agreed {
    dry_run: bool,
    yes: bool,
    /// The posts were named one by one.
    by_id: bool,
    skip_refused: bool,
}

impl Agreed {
    const fn of(many: &Many) -> Self {
        let Many { ids, dry_run, yes, skip_refused, .. } = many;
        let by_id = !ids.is_empty();
        Self { dry_run: *dry_run, yes: *yes, by_id, skip_refused: *skip_refused }
    }
}

async fn selection(engine: &Engine, many: Many, restore: bool) -> Result<Selection, Failure> {
    let Many { ids, mut query, .. } = many;
    match (ids.is_empty(), query.is_empty()) {
        (false, true) => {
            let posts = ids.into_iter().map(Into::into).collect();
            return Ok(Selection { posts, query: None });
        }
        (false, false) => {
            return Err(Failure::usage("Name posts by their ids or by a query, not by both."));
        }
        (true, true) => {
            return Err(Failure::usage(
                "Say which posts: their ids, or --status, --account, --search, --tag, --import, \
                 --from, --until.",
            ));
        }
        (true, false) => {}
    }
    if query.status.is_empty() {
        query.status = USUAL.to_vec();
        if restore {
            query.status.extend([Status::Failed, Status::Missed, Status::Cancelled]);
        }
    }
    let query: PostQuery = query::of(engine, query).await?;
    Ok(Selection { posts: Vec::new(), query: Some(query) })
}

async fn run(
    context: &Context,
    engine: &Engine,
    mut asked: Asked,
    agreed: Agreed,
) -> Result<Exit, Failure> {
    let shown = asked.preview(engine).await.map_err(wrongly_asked)?;
    if agreed.dry_run {
        context.output.result(&shown, || words::preview(&shown));
        return Ok(ended(&shown));
    }
    if shown.refused > 0 && !agreed.skip_refused {
        let code = shown.posts.iter().find_map(|row| row.refused.as_ref()).map(|it| it.code);
        let code = code.unwrap_or(Code::Internal).as_str();
        return Err(Failure::work(code, words::refusal(&shown)).with_details(&shown));
    }
    if shown.changed == 0 {
        context.output.result(&shown, || words::nothing(&shown));
        return Ok(ended(&shown));
    }
    agree(context, &shown, agreed)?;
    *asked.terms() = BulkTerms {
        skip_refused: agreed.skip_refused,
        token: Some(shown.token),
        ..asked.terms().clone()
    };
    let done = asked.apply(engine).await?;
    carry_out(context, engine).await;
    for line in words::warnings(&done) {
        context.output.say(&line);
    }
    context.output.result(&done, || words::done(&done));
    Ok(ended(&done))
}

/// Asks the person on a terminal, unless they agreed beforehand or named each post.
fn agree(context: &Context, shown: &BulkEdit, agreed: Agreed) -> Result<(), Failure> {
    if agreed.yes {
        return Ok(());
    }
    if file::is_interactive() {
        context.output.say(&words::preview(shown));
        let question = words::question(shown);
        if file::agrees(&question, &context.output) {
            return Ok(());
        }
        return Err(Failure::usage("Nothing was changed."));
    }
    if agreed.by_id {
        return Ok(());
    }
    let message = format!(
        "{} Nothing was changed: say --yes to go on, or --dry-run to see each.",
        words::summary(shown)
    );
    Err(Failure::usage(message).with_details(shown))
}

/// Returns what became of a change, or would, in words.
pub(crate) fn words_of(shown: &BulkEdit) -> String {
    match (shown.changed, shown.is_applied) {
        (0, _) => words::nothing(shown),
        (_, true) => words::done(shown),
        (_, false) => words::preview(shown),
    }
}

/// How a command ended that showed or made a change: 3 when part was refused, 1 when all was.
pub(crate) const fn ended(shown: &BulkEdit) -> Exit {
    match (shown.refused, shown.changed + shown.unchanged) {
        (0, _) => Exit::Done,
        (_, 0) => Exit::Failed,
        _ => Exit::Partly,
    }
}

/// A request that makes no sense is bad usage; all else is work that could not be done.
fn wrongly_asked(error: Error) -> Failure {
    let is_usage = matches!(
        error.code(),
        Code::BadRequest | Code::TimeInvalid | Code::TagInvalid | Code::TextMissing
    );
    let mut failure = Failure::from(error);
    if is_usage {
        failure.fault = crate::failure::Fault::Usage;
    }
    failure
}
