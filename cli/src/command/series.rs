//! `roost series …`

use roost_core::cost::MicroDollars;
use roost_core::failure::Problem;
use roost_core::id::Version;
use roost_core::post::Content;
use roost_core::recurrence::{Ends as RuleEnds, RecurrenceRule};
use roost_core::zone::WallTime;
use roost_engine::Engine;
use roost_engine::api::{
    EditSeries, EndSeries, ListSeries, NewSeries, SeriesDetail, SeriesPreview, SeriesRow,
    SeriesSaved, SeriesStanding, SeriesTime, SkipOccurrence,
};

use crate::args::{AddSeries, EditSeriesArgs, Ends, Series};
use crate::context::Context;
use crate::failure::Failure;
use crate::format;
use crate::input;
use crate::output::{Exit, Table, counted, shortened};

pub(crate) async fn run(context: &Context, command: Series) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    match command {
        Series::Add(args) => add(context, &engine, args).await,
        Series::List { all } => list(context, &engine, all).await,
        Series::Show { id } => {
            let detail = engine.series(id).await?;
            let relay = engine.sync_state().await?.relay;
            context.output.result(&detail, || shown(&detail, &relay));
            Ok(Exit::Done)
        }
        Series::Edit(args) => edit(context, &engine, args).await,
        Series::Skip { id, occurrence } => {
            let saved = engine.skip_occurrence(SkipOccurrence { id, occurrence }).await?;
            context.output.result(&saved, || match saved.removed {
                0 => "Left out.".to_owned(),
                _ => "Left out, and its post is cancelled.".to_owned(),
            });
            Ok(Exit::Done)
        }
        Series::End { id, keep_posts } => {
            let saved = engine.end_series(EndSeries { id, keep_posts }).await?;
            context.output.result(&saved, || {
                let posts = |number: u32| counted(number.into(), "post", "posts");
                match (saved.removed, saved.kept) {
                    (0, 0) => "Ended.".to_owned(),
                    (0, kept) => format!("Ended. {} still to go out.", posts(kept)),
                    (removed, 0) => format!("Ended. {} cancelled.", posts(removed)),
                    (removed, kept) => {
                        format!("Ended. {} cancelled; {} being sent.", posts(removed), posts(kept))
                    }
                }
            });
            Ok(Exit::Done)
        }
    }
}

async fn add(context: &Context, engine: &Engine, args: AddSeries) -> Result<Exit, Failure> {
    let mut texts = vec![input::text(args.text).await?];
    texts.extend(args.variant);
    let series = NewSeries {
        variants: contents(texts),
        rule: ending(&args.repeat, &args.ends)?,
        first: args.at,
        zone: args.zone,
        account: args.account,
        tags: args.tag,
        allow_repeats: args.allow_repeats,
    };
    if args.dry_run {
        let preview = engine.preview_series(series).await?;
        say_warnings(context, &preview.warnings);
        preview.errors.iter().for_each(|error| context.output.say(&error.to_string()));
        context.output.result(&preview, || previewed(&preview));
        return Ok(if preview.errors.is_empty() { Exit::Done } else { Exit::Failed });
    }
    let saved = engine.create_series(series).await?;
    say_warnings(context, &saved.warnings);
    context.output.result(&saved, || {
        let made = counted(saved.made.into(), "post", "posts");
        format!(
            "Made series {}: {made} of the next 90 days.\n{}",
            saved.series.id,
            row(&saved.series)
        )
    });
    Ok(Exit::Done)
}

async fn edit(context: &Context, engine: &Engine, args: EditSeriesArgs) -> Result<Exit, Failure> {
    let rule = match &args.repeat {
        Some(rule) => Some(ending(rule, &args.ends)?),
        None if args.ends.until.is_some() || args.ends.times.is_some() => {
            let rule = engine.series(args.id).await?.series.rule;
            Some(ending(&rule, &args.ends)?)
        }
        None => None,
    };
    let asked = EditSeries {
        id: args.id,
        from: args.from,
        variants: (!args.text.is_empty()).then(|| contents(args.text)),
        rule,
        first: args.at,
        zone: args.zone,
        account: args.account,
        tags: (!args.tag.is_empty()).then_some(args.tag),
        allow_repeats: args.allow_repeats,
        based_on: args.if_version.map(Version),
    };
    let changes_something = asked.variants.is_some()
        || asked.rule.is_some()
        || asked.first.is_some()
        || asked.zone.is_some()
        || asked.account.is_some()
        || asked.tags.is_some();
    if !changes_something {
        return Err(Failure::usage(
            "Say what to change: --text, --repeat, --at, --zone, --until, --times, --account or --tag.",
        ));
    }
    let saved = engine.edit_series(asked).await?;
    say_warnings(context, &saved.warnings);
    context.output.result(&saved, || changed(&saved));
    Ok(Exit::Done)
}

fn changed(saved: &SeriesSaved) -> String {
    let parts = [
        (saved.changed, "changed"),
        (saved.made, "made"),
        (saved.removed, "removed"),
        (saved.kept, "kept as they are"),
    ];
    let told = parts.into_iter().filter(|(number, _)| *number > 0);
    let told: Vec<String> = told.map(|(number, what)| format!("{number} {what}")).collect();
    let posts = if told.is_empty() { "none".to_owned() } else { told.join(", ") };
    format!("Changed the series. Posts: {posts}.\n{}", row(&saved.series))
}

async fn list(context: &Context, engine: &Engine, all: bool) -> Result<Exit, Failure> {
    let listed = engine.list_series(ListSeries { all }).await?;
    context.output.result(&listed, || {
        if listed.series.is_empty() {
            return "No post repeats.".to_owned();
        }
        let mut table = Table::new(["id", "repeats", "next", "a month", "text"]);
        for series in &listed.series {
            let next = series.next.first();
            table.row([
                series.id.to_string(),
                series.description.clone(),
                next.map_or_else(
                    || standing(series.standing).to_owned(),
                    |it| it.wall_time.clone(),
                ),
                money(series.month_cost_micros),
                shortened(&said(series), 50),
            ]);
        }
        table.render()
    });
    Ok(Exit::Done)
}

const fn standing(standing: SeriesStanding) -> &'static str {
    match standing {
        SeriesStanding::Active => "active",
        SeriesStanding::Finished => "no more times",
        SeriesStanding::Ended => "ended",
    }
}

fn said(series: &SeriesRow) -> String {
    let first = series.variants.first().map(|it| it.first_text().to_owned());
    let more = match series.variants.len() {
        0 | 1 => String::new(),
        several => format!(" (and {} more)", several - 1),
    };
    first.unwrap_or_default() + &more
}

fn row(series: &SeriesRow) -> String {
    let costs = costs(series.cycle_cost_micros, series.month_posts, series.month_cost_micros);
    let next = next(&series.next, &series.zone);
    format!("{}, in {}. {costs}\n{next}", capital(&series.description), series.zone)
}

fn shown(detail: &SeriesDetail, relay: &roost_engine::view::Reach) -> String {
    let series = &detail.series;
    let mut text = format!(
        "Series {}, version {}: {}.\n{}\n",
        series.id,
        series.version.0,
        standing(series.standing),
        row(series)
    );
    for (number, variant) in series.variants.iter().enumerate() {
        text.push_str(&format!("{}. {}\n", number + 1, shortened(variant.first_text(), 100)));
    }
    if !series.skipped.is_empty() {
        text.push_str(&format!("Left out: {}\n", series.skipped.join(", ")));
    }
    if detail.posts.is_empty() {
        return text;
    }
    let mut table = Table::new(["post", "time", "state", "text"]);
    for row in &detail.posts {
        let cells = [format::when(row), format::state(row, relay), shortened(&row.text, 50)];
        let [when, state, words] = cells;
        table.row([row.id.to_string(), when, state, words]);
    }
    text + "\n" + &table.render()
}

fn previewed(preview: &SeriesPreview) -> String {
    if preview.rule.is_empty() {
        return "Nothing was made.".to_owned();
    }
    let ends = match preview.remaining {
        Some(posts) => format!(" {} in all.", counted(posts.into(), "post", "posts")),
        None => String::new(),
    };
    let costs = costs(preview.cycle_cost_micros, preview.month_posts, preview.month_cost_micros);
    let next = next(&preview.next, "");
    format!(
        "{} ({}).{ends} {costs}\n{next}\nNothing was made.",
        capital(&preview.description),
        preview.rule
    )
}

fn next(times: &[SeriesTime], zone: &str) -> String {
    if times.is_empty() {
        return "No time is still to come.".to_owned();
    }
    let times: Vec<String> = times.iter().map(|time| time.wall_time.clone()).collect();
    format!("Next: {} {zone}", times.join(", ")).trim_end().to_owned()
}

fn costs(cycle: i64, posts: u32, month: i64) -> String {
    let posts = counted(posts.into(), "post", "posts");
    format!("{} a cycle; {posts} and {} in 30 days.", money(cycle), money(month))
}

fn money(micros: i64) -> String {
    MicroDollars(micros).to_string()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn contents(texts: Vec<String>) -> Vec<Content> {
    texts.into_iter().map(|text| Content::of_texts([text])).collect()
}

fn say_warnings(context: &Context, warnings: &[Problem]) {
    warnings.iter().for_each(|warning| context.output.say(&format!("Note: {warning}")));
}

/// Returns a rule with the end that the options give it.
fn ending(rule: &str, ends: &Ends) -> Result<String, Failure> {
    let end = match (&ends.until, ends.times) {
        (None, None) => return Ok(rule.to_owned()),
        (_, Some(times)) => RuleEnds::Count(times),
        (Some(day), None) => {
            let last = WallTime::parse(&format!("{} 23:59:59", day.trim()));
            let last = last.map_err(|error| Failure::usage(format!("--until: {error}")))?;
            RuleEnds::Until(last)
        }
    };
    let refused = |error: roost_core::recurrence::InvalidRule| Failure::usage(error.to_string());
    let rule: RecurrenceRule = rule.parse().map_err(refused)?;
    Ok(rule.ending(end).map_err(refused)?.to_string())
}
