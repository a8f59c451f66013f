//! `roost count`

use roost_core::cost;
use roost_core::text;
use serde::Serialize;

use crate::args::Count;
use crate::context::Context;
use crate::failure::Failure;
use crate::input;
use crate::output::{Exit, money};

#[derive(Debug, Serialize)]
struct Counted {
    weighted_length: u32,
    limit: u32,
    valid: bool,
    links: usize,
    cost_micros: i64,
}

pub(crate) async fn run(context: &Context, args: Count) -> Result<Exit, Failure> {
    let text = input::text(args.text).await?;
    let weighed = text::weigh(&text);
    let counted = Counted {
        weighted_length: weighed.weighted_length,
        limit: roost_core::limits::Limits::default().length,
        valid: weighed.valid,
        links: text::link_count(&text),
        cost_micros: cost::post_cost(&text).0,
    };
    context.output.result(&counted, || {
        let verdict = match counted.valid {
            true => "",
            false if text.trim().is_empty() => ": the text is empty",
            false if counted.weighted_length > counted.limit => ": too long",
            false => ": it holds a character that X refuses",
        };
        format!(
            "{} of {} characters{verdict}; {} to post.",
            counted.weighted_length,
            counted.limit,
            money(counted.cost_micros)
        )
    });
    Ok(Exit::Done)
}
