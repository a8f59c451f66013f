//! Changing a series: all of its posts that wait, or one and those that follow. A post that the person
//! changed by itself stays as it is.

use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Problem};
use roost_store::{Edit, Label, Post, Series, SeriesState, Tx};

use super::open_posts::{Tally, Waiting, change_post, waiting};
use super::times::turn;
use super::{active, list, noted, retime, terms};
use crate::api::{EditSeries, NewSeries, SeriesSaved};
use crate::row::Scene;
use crate::state::EngineState;
use crate::{Error, Result, horizon, posts};

/// Changes a series.
pub(crate) async fn edit(engine: &EngineState, asked: EditSeries) -> Result<SeriesSaved> {
    let scene = posts::scene(engine).await?;
    let horizon_end = horizon::end(engine).await?;
    let saved = engine
        .write("series.edit", move |store| {
            store.label(Label::EditSeries);
            edit_in(store, &scene, horizon_end, &asked)
        })
        .await?;
    engine.wake.notify_one();
    Ok(saved)
}

fn edit_in(
    store: &mut Tx<'_>,
    scene: &Scene,
    horizon_end: UnixMillis,
    asked: &EditSeries,
) -> Result<SeriesSaved> {
    let series = active(store, asked.id, asked.based_on)?;
    let id = series.id;
    let from = first_changed(store, &series, asked)?;
    let is_retimed = asked.rule.is_some() || asked.first.is_some() || asked.zone.is_some();
    let times = match is_retimed {
        true => retime::rule_from(store, &series, asked, from.as_deref(), scene.now)?,
        false => retime::Asked {
            rule: series.state.rule.clone(),
            first: series.state.first.clone(),
            keeps_earlier: false,
        },
    };
    let wanted = merged(&series.state, asked, times.rule, times.first);
    let (mut state, warnings) = terms::judge(store, &wanted, scene, Some(id))?.accepted()?;
    let before = series.state;
    state.skipped.clone_from(&before.skipped);
    state.made_until.clone_from(&before.made_until);
    (state.next_variant, state.make_next_at) = (before.next_variant, before.make_next_at);
    let mut tally = Tally::default();
    if !state.means_the_same(&before) {
        let Waiting { mut following, kept } = waiting(store, id, &before, from.as_deref())?;
        let waited = following.len();
        let day = state.first.get(..10).filter(|_| times.keeps_earlier);
        following.retain(|post| {
            let of = post.occurrence.as_ref().map(|of| of.wall_time.as_str());
            day.is_none_or(|day| of >= Some(day))
        });
        tally.kept = count(kept.len() + waited - following.len());
        if is_retimed {
            let states = (&before, &mut state);
            retime::carry_out(store, id, states, following, horizon_end, &mut tally)?;
        } else {
            say_anew(store, (&before, &mut state), &following, horizon_end, &mut tally)?;
        }
        store.save_series(id, &state, true)?;
        let change = (noted(&before)?, noted(&state)?);
        store.add_step(Label::EditSeries, Some(id.to_string()), Some(change));
    }
    let series = list::one(store, id)?;
    let Tally { made, changed, removed, kept } = tally;
    Ok(SeriesSaved { series, made, changed, removed, kept, warnings })
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Returns the occurrence from which the series changes; none for all that wait.
fn first_changed(store: &Tx<'_>, series: &Series, asked: &EditSeries) -> Result<Option<String>> {
    let Some(post) = asked.from else { return Ok(None) };
    let found = store.post(post)?.ok_or(Error::NoSuchPost(post))?;
    let of = found.occurrence.filter(|of| of.series == series.id);
    let of = of.ok_or_else(|| {
        let message = format!("Post {post} is none of this series.");
        Error::Invalid(vec![Problem::new(Code::ChangeNotAllowed, message).in_field("from")])
    })?;
    Ok(Some(of.wall_time))
}

/// Returns the series as it would be asked for anew.
fn merged(state: &SeriesState, asked: &EditSeries, rule: String, first: String) -> NewSeries {
    let account = state.account.as_ref().map(|account| account.0.clone());
    NewSeries {
        variants: asked.variants.clone().unwrap_or_else(|| state.variants.clone()),
        rule,
        first,
        zone: Some(asked.zone.clone().unwrap_or_else(|| state.zone.clone())),
        account: asked.account.clone().or(account),
        tags: asked.tags.clone().unwrap_or_else(|| state.tags.clone()),
        allow_repeats: asked.allow_repeats,
    }
}

/// Gives the posts that follow the series its words, account and tags.
fn say_anew(
    store: &mut Tx<'_>,
    (before, state): (&SeriesState, &mut SeriesState),
    following: &[Post],
    horizon_end: UnixMillis,
    tally: &mut Tally,
) -> Result<()> {
    let has_other_words = before.variants != state.variants;
    for (number, post) in following.iter().enumerate() {
        let place = usize::try_from(turn(0, number, state.variants.len())).unwrap_or_default();
        let variant = state.variants.get(place).filter(|_| has_other_words);
        let edit = Edit {
            content: variant.filter(|it| post.body_hash != Some(it.body_hash())).cloned(),
            account: (state.account != before.account).then(|| state.account.clone()),
            tags: (state.tags != before.tags).then(|| state.tags.clone()),
            ..Edit::default()
        };
        if edit != Edit::default() {
            change_post(store, post, &edit, horizon_end)?;
            tally.changed += 1;
        }
    }
    if has_other_words {
        state.next_variant = turn(0, following.len(), state.variants.len());
    }
    Ok(())
}
