//! `roost count`

use roost_engine::api::TextCount;

use crate::args::Count;
use crate::context::Context;
use crate::failure::Failure;
use crate::input;
use crate::output::{Exit, money};

pub(crate) async fn run(context: &Context, args: Count) -> Result<Exit, Failure> {
    let text = input::text(args.text).await?;
    let counted = TextCount::for_any_account(std::slice::from_ref(&text));
    context.output.result(&counted, || people(&text, &counted));
    Ok(Exit::Done)
}

fn people(text: &str, counted: &TextCount) -> String {
    let lines = counted.parts.iter().map(|part| {
        let verdict = match part.valid {
            true => "",
            false if text.trim().is_empty() => ": the text is empty",
            false if part.overflow_at.is_some() => ": too long",
            false => ": it holds a character that X refuses",
        };
        let (weighted, limit) = (part.weighted, part.limit);
        format!("{weighted} of {limit} characters{verdict}; {} to post.", money(part.cost_micros))
    });
    lines.collect::<Vec<_>>().join("\n")
}
