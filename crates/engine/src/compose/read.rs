//! What a person wrote, read and judged.

use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Problem};
use roost_core::limits::{Limits, Subscription};
use roost_core::post::{PostDraft, Rules};
use roost_core::zone::{When, Zone, wall_time_of};
use roost_store::Read;

use super::account::{Unowned, account, unowned};
use crate::row::Scene;
use crate::{Error, NewPost, Result, media};

/// What a person wrote, read as far as it can be read.
pub(crate) struct Reading {
    pub(crate) draft: PostDraft,
    pub(super) subscription: Subscription,
    pub(super) problems: Vec<Problem>,
    /// That nobody is there to post it: a draft may wait for that, a scheduled post should not.
    pub(super) unowned: Option<Unowned>,
    /// Those that the relay told of the account, or the plan's of every new app.
    pub(super) limits: Limits,
    /// What the account may not post of the files, though X takes them of others.
    pub(super) unfit_media: Vec<Problem>,
}

/// Reads what a person wrote; what can't be read becomes a problem of its field.
pub(crate) fn read(
    store: &Read<'_>,
    new: &NewPost,
    scene: &Scene,
) -> std::result::Result<Reading, roost_store::Error> {
    let mut problems = Vec::new();
    let zone = match new.zone.as_deref().map(Zone::parse) {
        None => scene.zone.clone(),
        Some(Ok(zone)) => zone,
        Some(Err(unknown)) => {
            problems.push(
                Problem::new(Code::UnknownZone, format!("\"{}\" is no time zone.", unknown.name))
                    .with_remedy(unknown.remedy())
                    .in_field("zone"),
            );
            scene.zone.clone()
        }
    };
    let wall_time = match new.wall_time.as_deref().filter(|it| !it.trim().is_empty()) {
        None => None,
        Some(written) => match When::parse(written) {
            Ok(When::Wall(wall)) => Some(wall),
            Ok(When::Instant(instant)) => Some(wall_time_of(instant, &zone)),
            Err(error) => {
                let problem = Problem::new(Code::TimeInvalid, format!("{error}."));
                problems.push(problem.in_field("scheduledAt"));
                None
            }
        },
    };
    let connected = store.accounts()?;
    let named = new.account.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let account = account(store, named, &connected, &mut problems)?;
    let unowned = (account.is_none() && named.is_none()).then(|| unowned(&connected));
    let subscription = account.as_ref().map_or(Subscription::None, |account| {
        Subscription::from_x(account.subscription_type.as_deref())
    });
    let told = account.as_ref().and_then(|account| account.limits.clone());
    let limits = told.unwrap_or_default();
    let content = media::with_files(store, new.said())?;
    let unfit_media = media::for_account(store, &content, subscription)?;
    let account = account.map(|account| account.x_user_id);
    let draft = PostDraft { content, wall_time, zone, account, tags: new.tags.clone() };
    Ok(Reading { draft, subscription, limits, problems, unowned, unfit_media })
}

/// The warnings, or the problems that keep it from being saved. A draft may be unfinished.
pub(crate) fn sound(
    reading: &Reading,
    armed: bool,
    now: UnixMillis,
    past_is_fine: bool,
) -> Result<Vec<Problem>> {
    let Reading { limits, subscription, .. } = reading;
    let findings = reading.draft.check(&Rules { limits, subscription: *subscription, now });
    let mut problems = reading.problems.clone();
    let mut warnings = findings.warnings.listed;
    if armed {
        if let Some(unowned) = &reading.unowned {
            if unowned.none_connected { &mut warnings } else { &mut problems }
                .push(unowned.problem.clone());
        }
        problems.extend(reading.unfit_media.iter().cloned());
        problems.extend(
            findings
                .errors
                .listed
                .into_iter()
                .filter(|problem| !(past_is_fine && problem.code == Code::TimeInPast)),
        );
    }
    if problems.is_empty() { Ok(warnings) } else { Err(Error::Invalid(problems)) }
}
