//! What a person asks of a series, read and judged.

use roost_core::failure::{Code, Problem};
use roost_core::id::SeriesId;
use roost_core::recurrence::{Recurrence, RecurrenceRule};
use roost_core::zone::{WallTime, Zone};
use roost_store::{Read, SeriesState};

use super::repeats::{self, Said};
use super::times::{Time, Times};
use crate::api::NewSeries;
use crate::row::Scene;
use crate::{Error, NewPost, Result, compose};

/// Variants that a series may have.
const VARIANTS_MAX: usize = 50;
/// Posts that a series may make in 90 days.
const POSTS_MAX: usize = 400;
/// Times that are compared with each other and with other posts.
const COMPARED_MAX: usize = 120;

/// A series as it was asked for.
pub(super) struct Terms {
    /// What it would be; none while rule or first time can't be read.
    pub(super) state: Option<SeriesState>,
    pub(super) errors: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
}

impl Terms {
    /// Returns the series, and what the person should know.
    ///
    /// # Errors
    /// When something is in the way.
    pub(super) fn accepted(self) -> Result<(SeriesState, Vec<Problem>)> {
        match self.state.filter(|_| self.errors.is_empty()) {
            Some(state) => Ok((state, self.warnings)),
            None => Err(Error::Invalid(self.errors)),
        }
    }
}

/// Reads and judges a series. `known` is the series that is changed.
pub(super) fn judge(
    store: &Read<'_>,
    asked: &NewSeries,
    scene: &Scene,
    known: Option<SeriesId>,
) -> Result<Terms> {
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    let zone = asked.zone.as_deref().and_then(|name| Zone::parse(name).ok());
    let zone = zone.unwrap_or_else(|| scene.zone.clone());
    let recurrence = recurrence(asked, &mut errors);
    let times = recurrence.map(|recurrence| Times { recurrence, zone: zone.clone() });
    let ahead = times.as_ref().map(|times| ahead(times, scene, &mut errors)).unwrap_or_default();
    let mut state = SeriesState {
        account: None,
        rule: times.as_ref().map(|it| it.recurrence.rule().to_string()).unwrap_or_default(),
        first: times.as_ref().map(|it| it.recurrence.first().to_string()).unwrap_or_default(),
        zone: zone.name().to_owned(),
        variants: Vec::new(),
        tags: asked.tags.clone(),
        skipped: Vec::new(),
        made_until: None,
        next_variant: 0,
        make_next_at: None,
        ended_at: None,
        removed_at: None,
    };
    say(store, asked, scene, ahead.first(), &mut state, (&mut errors, &mut warnings))?;
    let said = Said {
        series: known,
        account: state.account.as_ref(),
        variants: &state.variants,
        next_variant: 0,
        zone: &zone,
    };
    let repeats = repeats::find(store, &said, &ahead)?;
    let soon = if asked.allow_repeats { &mut warnings } else { &mut errors };
    soon.extend(repeats.refused);
    warnings.extend(repeats.told);
    Ok(Terms { state: times.is_some().then_some(state), errors, warnings })
}

fn recurrence(asked: &NewSeries, errors: &mut Vec<Problem>) -> Option<Recurrence> {
    let refused = |error: String| Problem::new(Code::RecurrenceInvalid, error).in_field("rule");
    let rule = asked.rule.parse::<RecurrenceRule>();
    let first = WallTime::parse(&asked.first);
    if let Err(error) = &rule {
        errors.push(refused(error.to_string()));
    }
    if let Err(error) = &first {
        errors.push(Problem::new(Code::TimeInvalid, format!("{error}.")).in_field("first"));
    }
    match Recurrence::new(rule.ok()?, first.ok()?) {
        Ok(recurrence) => Some(recurrence),
        Err(error) => {
            errors.push(refused(error.to_string()));
            None
        }
    }
}

/// Returns the next times, or why there are none or too many.
fn ahead(times: &Times, scene: &Scene, errors: &mut Vec<Problem>) -> Vec<Time> {
    let end = scene.now.plus(super::make::MADE_AHEAD);
    let mut ahead: Vec<Time> =
        times.after(None).filter(|time| time.at > scene.now).take(POSTS_MAX + 1).collect();
    let problem = |message: String| Problem::new(Code::RecurrenceInvalid, message).in_field("rule");
    match (ahead.first(), ahead.get(POSTS_MAX)) {
        (None, _) => {
            let message = "The series has no time that is still to come.".to_owned();
            errors.push(problem(message).with_remedy("Let it begin or end later."));
        }
        (_, Some(last)) if last.at <= end => {
            let message = format!("The rule has more than {POSTS_MAX} times in 90 days.");
            errors.push(problem(message).with_remedy("Let it repeat less often."));
        }
        _ => {}
    }
    ahead.truncate(COMPARED_MAX);
    ahead
}

/// Judges every variant as a post of the next time, and gives `state` what they say.
fn say(
    store: &Read<'_>,
    asked: &NewSeries,
    scene: &Scene,
    next: Option<&Time>,
    state: &mut SeriesState,
    (errors, warnings): (&mut Vec<Problem>, &mut Vec<Problem>),
) -> Result<()> {
    if asked.variants.is_empty() || asked.variants.len() > VARIANTS_MAX {
        let message = format!("A series has 1 to {VARIANTS_MAX} variants of its text.");
        errors.push(Problem::new(Code::TextMissing, message).in_field("variants"));
        return Ok(());
    }
    for (index, variant) in asked.variants.iter().enumerate() {
        let post = NewPost {
            content: Some(variant.clone()),
            wall_time: next.map(|time| time.shown.to_string()),
            zone: asked.zone.clone(),
            account: asked.account.clone(),
            tags: asked.tags.clone(),
            ..NewPost::default()
        };
        let reading = compose::read(store, &post, scene)?;
        let place = |mut problem: Problem| {
            if asked.variants.len() > 1 {
                let field = problem.field.unwrap_or_else(|| "content".to_owned());
                problem.field = Some(format!("variants[{}].{field}", index + 1));
            }
            problem
        };
        let (into, found) = match compose::sound(&reading, true, scene.now, true) {
            Ok(found) => (&mut *warnings, found),
            Err(Error::Invalid(found)) => (&mut *errors, found),
            Err(error) => return Err(error),
        };
        // What is wrong with account, zone or tags is so with every variant, and is told once.
        let is_told = |problem: &Problem, told: &[Problem]| {
            told.iter().any(|other| other.message == problem.message)
        };
        for problem in found {
            if !is_told(&problem, into) {
                into.push(place(problem));
            }
        }
        state.account.clone_from(&reading.draft.account);
        state.variants.push(reading.draft.content);
    }
    Ok(())
}
