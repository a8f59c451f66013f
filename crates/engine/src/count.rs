//! Counting a text as X does, while it is typed.

use roost_core::cost::Prices;
use roost_core::failure::Findings;
use roost_core::limits::{Limits, Subscription};
use roost_core::post::{Content, check_content};
use roost_core::text;
use roost_store::{Error as StoreError, Read};

use crate::Result;
use crate::api::answers::{PartCount, TextCount};
use crate::api::requests::CountText;
use crate::compose;
use crate::state::EngineState;

/// Counts each part for the account that is to post it; an account that is not known has the
/// smallest limit.
pub(crate) async fn count(state: &EngineState, asked: CountText) -> Result<TextCount> {
    let CountText { parts, account } = asked;
    let rules = state.read(move |store| Rules::of(store, account.as_deref())).await?;
    Ok(rules.count_all(&parts))
}

impl TextCount {
    /// Counts texts for an account without a subscription: no store is needed.
    #[must_use]
    pub fn for_any_account(parts: &[String]) -> Self {
        Rules::default().count_all(parts)
    }
}

/// What a text is measured against.
#[derive(Default)]
pub(crate) struct Rules {
    limits: Limits,
    subscription: Subscription,
    prices: Prices,
}

impl Rules {
    /// Returns those of an account, by its handle or X user id; `None` means the only one.
    pub(crate) fn of(
        store: &Read<'_>,
        account: Option<&str>,
    ) -> std::result::Result<Self, StoreError> {
        let connected = store.accounts()?;
        let name = account.map(str::trim).filter(|name| !name.is_empty());
        let account = compose::account(store, name, &connected, &mut Vec::new())?;
        let prices = store.prices()?;
        let Some(account) = account else { return Ok(Self { prices, ..Self::default() }) };
        Ok(Self {
            subscription: Subscription::from_x(account.subscription_type.as_deref()),
            limits: account.limits.unwrap_or_default(),
            prices,
        })
    }

    /// Returns the longest text that the account may post, in weighted length.
    pub(crate) const fn length_max(&self) -> u32 {
        self.limits.length_for(self.subscription)
    }

    fn count_all(&self, parts: &[String]) -> TextCount {
        let parts: Vec<PartCount> = parts.iter().map(|part| self.count(part)).collect();
        TextCount { cost_micros: parts.iter().map(|part| part.cost_micros).sum(), parts }
    }

    fn count(&self, text: &str) -> PartCount {
        let limit = self.length_max();
        let content = Content::of_texts([text]);
        let weighted = content.weighted_length();
        let mut findings = Findings::telling(1);
        check_content(&content, &self.limits, self.subscription, &mut findings);
        PartCount {
            weighted,
            limit,
            overflow_at: (weighted > limit).then(|| utf16_units(fitting(text, limit))),
            valid: findings.errors.is_empty(),
            links: u32::try_from(text::link_count(text)).unwrap_or(u32::MAX),
            linked: linked(text),
            cost_micros: content.cost_at(&self.prices).0,
        }
    }
}

/// Returns the words of a text that X makes links of.
fn linked(text: &str) -> Vec<String> {
    text::urls(text)
        .into_iter()
        .filter_map(|url| text.get(url.start..url.end))
        .map(str::to_owned)
        .collect()
}

/// Returns the beginning of a text that fits.
fn fitting(text: &str, limit: u32) -> &str {
    if limit == text::MAX_WEIGHTED_LENGTH {
        return text.get(text::weigh(text).valid_range).unwrap_or(text);
    }
    let ends: Vec<usize> = text.char_indices().map(|(at, letter)| at + letter.len_utf8()).collect();
    let fits = |end: &usize| text::weigh(&text[..*end]).weighted_length <= limit;
    let count = ends.partition_point(fits);
    count.checked_sub(1).map_or("", |last| &text[..ends[last]])
}

fn utf16_units(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part_count(text: &str) -> PartCount {
        Rules::default().count(text)
    }

    #[test]
    fn what_is_too_long_begins_where_javascript_counts_it() {
        let count = part_count(&format!("🦉{}", "a".repeat(300)));
        assert_eq!(count.weighted, 302);
        // An owl is two UTF-16 units and weighs two, so that 278 letters fit after it.
        assert_eq!(count.overflow_at, Some(280));
        assert!(!count.valid);
        assert_eq!(part_count("short").overflow_at, None);
    }

    #[test]
    fn what_is_too_long_for_a_long_post_begins_behind_what_fits() {
        let rules = Rules { subscription: Subscription::Premium, ..Rules::default() };
        let limit = rules.count("").limit;
        assert!(limit > 280);
        let text = "a".repeat(limit as usize + 5);
        assert_eq!(rules.count(&text).overflow_at, Some(limit));
        assert_eq!(rules.count(&text[5..]).overflow_at, None);
    }

    #[test]
    fn a_link_makes_a_post_dear() {
        assert_eq!(part_count("see https://example.com").links, 1);
        assert_eq!(part_count("héllo README.md, a.b").linked, ["README.md"]);
        assert_eq!(part_count("see https://example.com").cost_micros, 200_000);
        assert_eq!(part_count("see nothing").cost_micros, 15_000);
    }
}
