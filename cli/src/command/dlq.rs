//! `roost dlq`

use roost_engine::Engine;
use roost_engine::api::{DeadLetters, DeadLettersDone, ListDeadLetters};
use roost_engine::view::DeadLetterRow;

use crate::args::{DeadLetterQueue, Letters};
use crate::context::Context;
use crate::failure::Failure;
use crate::format;
use crate::output::{Exit, counted};

/// Letters of one page.
const PAGE: u32 = 100;

pub(crate) async fn run(context: &Context, command: DeadLetterQueue) -> Result<Exit, Failure> {
    let engine = context.engine(None).await?;
    context.require_relay()?;
    // "This computer" has its scheduler in here, which nothing is released from: it is only asked.
    let local = if context.is_this_computer() {
        let base = context.x_api_base(&engine).await?;
        Some(context.host(&engine, &base, None).await?)
    } else {
        None
    };
    let exit = carry_out(context, &engine, command).await;
    if let Some(local) = local {
        local.stop().await;
    }
    exit
}

async fn carry_out(
    context: &Context,
    engine: &Engine,
    command: DeadLetterQueue,
) -> Result<Exit, Failure> {
    let (done, verb) = match command {
        DeadLetterQueue::List => {
            let letters = all(engine).await?;
            let found = DeadLetters { letters, next: None };
            context.output.result(&found, || people(&found.letters));
            return Ok(Exit::Done);
        }
        DeadLetterQueue::Retry(which) => {
            (engine.retry_dead_letters(ids(engine, which).await?).await?, "Published anew")
        }
        DeadLetterQueue::Delete(which) => {
            (engine.delete_dead_letters(ids(engine, which).await?).await?, "Deleted")
        }
    };
    context.output.result(&done, || words(&done, verb));
    Ok(match (done.done.is_empty(), done.gone.is_empty()) {
        (_, true) => Exit::Done,
        (true, false) => Exit::Failed,
        (false, false) => Exit::Partly,
    })
}

async fn ids(engine: &Engine, which: Letters) -> Result<Vec<String>, Failure> {
    if which.all {
        return Ok(all(engine).await?.into_iter().map(|letter| letter.id).collect());
    }
    Ok(which.ids)
}

/// Returns every letter, page by page.
async fn all(engine: &Engine) -> Result<Vec<DeadLetterRow>, Failure> {
    let mut letters = Vec::new();
    let mut after = None;
    loop {
        let page = engine.dead_letters(ListDeadLetters { after, limit: PAGE }).await?;
        letters.extend(page.letters);
        after = page.next;
        if after.is_none() {
            return Ok(letters);
        }
    }
}

fn words(done: &DeadLettersDone, verb: &str) -> String {
    let mut lines =
        vec![format!("{verb}: {}.", counted(done.done.len() as u64, "message", "messages"))];
    lines.extend(done.gone.iter().map(|id| format!("{id} is not in the queue any more.")));
    lines.join("\n")
}

fn people(letters: &[DeadLetterRow]) -> String {
    if letters.is_empty() {
        return "The scheduler gave no message up.".to_owned();
    }
    letters.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn line(letter: &DeadLetterRow) -> String {
    let due = letter.due_at.map_or_else(|| "at once".to_owned(), format::instant);
    let answer = letter.response_status.map_or_else(
        || format!("no answer: {}", letter.response),
        |status| format!("answered {status}: {}", letter.response),
    );
    let post = match (letter.post_id, letter.post_status) {
        (Some(id), Some(status)) => format!("post {id}, {} now", status.label()),
        (Some(id), None) => format!("post {id}, not in this store"),
        (None, _) => "for no post".to_owned(),
    };
    format!("{}  due {due}  {post}  {answer}", letter.id)
}
