//! The same words again: X refuses what an account said a short while ago. The spans are an import's.

use std::collections::HashMap;

use roost_core::clock::UnixMillis;
use roost_core::duplicate::DuplicateKey;
use roost_core::failure::{Code, Problem};
use roost_core::id::{SeriesId, XUserId};
use roost_core::post::Content;
use roost_core::status::Status;
use roost_core::zone::{Zone, wall_time_of};
use roost_import::check::across::{REPEAT_ERROR_MILLIS, REPEAT_WARNING_MILLIS, span};
use roost_store::{Error as StoreError, Read};

use super::times::{Time, turn};

/// What says the same too soon.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    /// Within 48 hours.
    pub(super) refused: Option<Problem>,
    /// Within 14 days.
    pub(super) told: Option<Problem>,
}

/// A series, as far as its words are compared.
pub(super) struct Said<'a> {
    pub(super) series: Option<SeriesId>,
    pub(super) account: Option<&'a XUserId>,
    pub(super) variants: &'a [Content],
    pub(super) next_variant: u32,
    pub(super) zone: &'a Zone,
}

/// Returns which words a series repeats too soon, its own or those of other posts of the account.
pub(super) fn find(
    store: &Read<'_>,
    said: &Said<'_>,
    times: &[Time],
) -> Result<Repeats, StoreError> {
    let keys: Vec<DuplicateKey> = said.variants.iter().map(Content::duplicate_key).collect();
    let mut goes_out: HashMap<DuplicateKey, Vec<UnixMillis>> = HashMap::new();
    // The shortest span decides; the first is told, which no change of clocks shortens.
    let mut nearest: Option<(i64, i64)> = None;
    for (number, time) in times.iter().enumerate() {
        let place = usize::try_from(turn(said.next_variant, number, keys.len())).unwrap_or(0);
        let Some(key) = keys.get(place) else { continue };
        let earlier = goes_out.entry(*key).or_default();
        if let Some(last) = earlier.last() {
            let apart = time.at.0 - last.0;
            nearest = Some(nearest.map_or((apart, apart), |(it, first)| (it.min(apart), first)));
        }
        earlier.push(time.at);
    }
    let mut repeats = Repeats::default();
    if let Some((apart, first)) = nearest {
        let message = format!("The series says the same again after {}.", span(first));
        let remedy = "Add variants of the text, which take turns, or let it repeat less often.";
        repeats.add(apart, message, remedy);
    }
    for known in store.known_posts(said.account, &keys)? {
        // A draft goes nowhere; it may be what the series was written in.
        let Some(at) = known.at.filter(|_| known.status != Status::Draft) else { continue };
        let post = store.post(known.id)?;
        let is_own = post
            .is_some_and(|post| post.occurrence.is_some_and(|of| Some(of.series) == said.series));
        let near = goes_out.get(&known.key).into_iter().flatten();
        let apart = near.map(|it| (it.0 - at.0).abs()).min().filter(|_| !is_own);
        if let Some(apart) = apart {
            let at = wall_time_of(at, said.zone);
            let message = format!("The post of {at} says the same, {} apart.", span(apart));
            repeats.add(apart, message, "Change one of them, or let the series begin later.");
        }
    }
    Ok(repeats)
}

impl Repeats {
    fn add(&mut self, apart: i64, message: String, remedy: &str) {
        let problem =
            |code| Problem::new(code, message.clone()).in_field("variants").with_remedy(remedy);
        if apart <= REPEAT_ERROR_MILLIS {
            self.refused.get_or_insert_with(|| problem(Code::RepeatedSoon));
        } else if apart <= REPEAT_WARNING_MILLIS {
            self.told.get_or_insert_with(|| problem(Code::RepeatedText));
        }
    }
}
