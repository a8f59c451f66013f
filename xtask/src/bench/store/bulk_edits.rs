//! What changing many posts at once costs: shown, and applied.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use roost_core::clock::SystemClock;
use roost_core::status::Status;
use roost_engine::api::{
    BulkEdit, BulkTerms, ReplaceText, Reschedule, Rewrite, RewriteChange, Selection, SpreadOver,
    TimeChange,
};
use roost_engine::view::PostQuery;
use roost_engine::{Engine, EngineConfig, Target};
use tokio::runtime::Runtime;

use super::super::load::quantile;
use super::row;
use crate::bench::{Goal, Row};

/// Posts that are changed at once.
const POSTS: usize = 10_000;
/// Each change is made so often; the median counts.
const ROUNDS: usize = 3;
const PREVIEW_MS: f64 = 200.0;
const APPLY_MS: f64 = 1_000.0;

/// One change of many posts, and the one that takes it back.
enum Change {
    Times(TimeChange, TimeChange),
    Fields(RewriteChange, RewriteChange),
}

fn changes() -> Vec<(&'static str, Change)> {
    let days = |days| TimeChange::Shift { days, seconds: 0 };
    let spread = SpreadOver {
        first_day: "2200-01-01".to_owned(),
        days: 365,
        weekdays: Vec::new(),
        from: "08:00".to_owned(),
        to: "20:00".to_owned(),
        jitter_minutes: 10,
        seed: 1,
        zone: Some("Europe/Berlin".to_owned()),
    };
    let replace = |find: &str, replacement: &str| {
        let (find, replacement) = (find.to_owned(), replacement.to_owned());
        RewriteChange::Replace(ReplaceText { find, replacement, ..ReplaceText::default() })
    };
    let tags = |add: &[&str], remove: &[&str]| {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        RewriteChange::Tags { add: names(add), remove: names(remove) }
    };
    vec![
        ("shift", Change::Times(days(1), days(-1))),
        ("reverse", Change::Times(TimeChange::Reverse, TimeChange::Reverse)),
        ("spread", Change::Times(TimeChange::Spread(spread), days(1))),
        (
            "find and replace",
            Change::Fields(replace("calendar", "diary"), replace("diary", "calendar")),
        ),
        ("tag", Change::Fields(tags(&["launch"], &[]), tags(&[], &["launch"]))),
        ("to draft", Change::Fields(RewriteChange::ToDraft, RewriteChange::Schedule)),
    ]
}

/// Measures over the store in `data`.
pub(super) fn measure(data: &Path) -> Result<Vec<Row>> {
    let runtime = Runtime::new()?;
    let path = data.join("roost.db");
    let engine = Engine::open(EngineConfig::new(&path), Arc::new(SystemClock))?;
    let posts = runtime.block_on(pending(&engine))?;
    let mut rows = Vec::new();
    for (name, change) in changes() {
        let (mut shown, mut applied) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (show, apply) = runtime.block_on(time(&engine, &posts, &change))?;
            shown.push(show);
            applied.push(apply);
        }
        let figure = |what: &str, mut times: Vec<f64>, goal| Row {
            goal: Some(Goal::AtMost(goal)),
            ..row(format!("{what}: {name}, {POSTS} posts"), "ms", quantile(&mut times, 0.5))
        };
        rows.push(figure("preview", shown, PREVIEW_MS));
        rows.push(figure("apply", applied, APPLY_MS));
    }
    Ok(rows)
}

/// Returns as many posts as are to be changed, all of them pending.
async fn pending(engine: &Engine) -> Result<Vec<Target>> {
    let mut query =
        PostQuery { statuses: vec![Status::Pending], limit: 1_000, ..PostQuery::default() };
    let mut posts = Vec::with_capacity(POSTS);
    while posts.len() < POSTS {
        let page = engine.posts(&query).await?;
        posts.extend(page.posts.iter().map(|post| Target::from(post.id)));
        query.after = page.next;
        ensure!(query.after.is_some() || posts.len() >= POSTS, "the store has too few posts");
    }
    posts.truncate(POSTS);
    Ok(posts)
}

/// Returns the milliseconds that a change takes shown and applied; it is taken back afterwards.
async fn time(engine: &Engine, posts: &[Target], change: &Change) -> Result<(f64, f64)> {
    let began = Instant::now();
    let (shown, applied) = match change {
        Change::Times(change, back) => {
            let asked = |change: &TimeChange, terms| Reschedule {
                selection: Selection { posts: posts.to_vec(), query: None },
                change: change.clone(),
                terms,
            };
            let preview = engine.preview_reschedule(asked(change, BulkTerms::default())).await?;
            let shown = milliseconds(began);
            let began = Instant::now();
            let done = engine.reschedule(asked(change, agreed(&preview))).await?;
            let applied = milliseconds(began);
            check(&done)?;
            engine.reschedule(asked(back, BulkTerms::default())).await?;
            (shown, applied)
        }
        Change::Fields(change, back) => {
            let asked = |change: &RewriteChange, terms| Rewrite {
                selection: Selection { posts: posts.to_vec(), query: None },
                change: change.clone(),
                terms,
            };
            let preview = engine.preview_rewrite(asked(change, BulkTerms::default())).await?;
            let shown = milliseconds(began);
            let began = Instant::now();
            let done = engine.rewrite(asked(change, agreed(&preview))).await?;
            let applied = milliseconds(began);
            check(&done)?;
            engine.rewrite(asked(back, BulkTerms::default())).await?;
            (shown, applied)
        }
    };
    Ok((shown, applied))
}

fn milliseconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}

fn agreed(preview: &BulkEdit) -> BulkTerms {
    BulkTerms { token: Some(preview.token.clone()), ..BulkTerms::default() }
}

fn check(done: &BulkEdit) -> Result<()> {
    ensure!(done.changed > 0 && done.refused == 0, "nothing was changed: {} refused", done.refused);
    Ok(())
}
