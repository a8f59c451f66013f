//! Splitting texts that are too long while they are written.

use roost_core::text;

use crate::Result;
use crate::api::answers::TextSplit;
use crate::api::requests::SplitText;
use crate::count::Rules;
use crate::state::EngineState;

/// Splits texts for the account that is to post them; an account that is not known has the smallest limit.
pub(crate) async fn split(state: &EngineState, asked: SplitText) -> Result<TextSplit> {
    let SplitText { parts, account, numbered } = asked;
    let rules = state.read(move |store| Rules::of(store, account.as_deref())).await?;
    let texts: Vec<&str> = parts.iter().map(String::as_str).collect();
    Ok(TextSplit { parts: text::split(&texts, rules.length_max(), numbered) })
}
