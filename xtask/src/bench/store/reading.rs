//! What the window reads of a store of many posts, beside the bare SQL on the same file.
#![expect(
    clippy::disallowed_methods,
    reason = "it looks at files from outside, or measures bare SQLite"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use roost_core::clock::SystemClock;
use roost_engine::view::{AgendaQuery, PostQuery, View};
use roost_engine::{Engine, EngineConfig};
use rusqlite::Connection;
use tokio::runtime::Runtime;

use super::super::load::quantile;
use super::{ROUNDS, row};
use crate::bench::{Goal, Row};

/// The most that a page of 500, a month and a search with up to 1,000 hits may take.
const PAGE_MS: f64 = 10.0;
/// The most that the counts of the rail may take.
const COUNTS_MS: f64 = 5.0;
/// The most that a search with more hits may take.
const BROAD_SEARCH_MS: f64 = 50.0;

/// What stands in for life: four of ten posts went out, one of a hundred failed.
const AGED: &str = "
    UPDATE scheduled_post SET status = 'posted', posted_at = scheduled_at
    WHERE seq <= (SELECT max(seq) * 4 / 10 FROM scheduled_post);
    UPDATE scheduled_post SET status = 'failed', failed_at = scheduled_at WHERE seq % 100 = 0;";

/// One thing that the window reads.
struct Reading {
    name: &'static str,
    goal_ms: f64,
    ask: Ask,
    /// What the same figures cost without anything around them.
    bare: &'static str,
}

enum Ask {
    Posts(PostQuery),
    Counts,
    Agenda(AgendaQuery),
}

fn readings(middle: Option<String>) -> Vec<Reading> {
    let page = |query: PostQuery| Ask::Posts(PostQuery { limit: 500, ..query });
    let upcoming = PostQuery { view: View::Upcoming, ..PostQuery::default() };
    let search = |words: &str| PostQuery { search: Some(words.to_owned()), ..PostQuery::default() };
    const PAGE: &str = "SELECT * FROM scheduled_post
        WHERE status = 'pending' AND deleted_at IS NULL ORDER BY list_at, seq LIMIT 500";
    vec![
        Reading {
            name: "page of 500, upcoming",
            goal_ms: PAGE_MS,
            ask: page(upcoming.clone()),
            bare: PAGE,
        },
        Reading {
            name: "page of 500, upcoming, from the middle",
            goal_ms: PAGE_MS,
            ask: page(PostQuery { after: middle, ..upcoming }),
            bare: PAGE,
        },
        Reading {
            name: "page of 500, what needs the person",
            goal_ms: PAGE_MS,
            ask: page(PostQuery { view: View::NeedsYou, ..PostQuery::default() }),
            bare: "SELECT * FROM scheduled_post
                WHERE status = 'failed' AND deleted_at IS NULL ORDER BY list_at, seq LIMIT 500",
        },
        Reading {
            name: "counts of the rail",
            goal_ms: COUNTS_MS,
            ask: Ask::Counts,
            bare: "SELECT status, sum(posts) FROM post_count GROUP BY status",
        },
        Reading {
            name: "agenda of a month, with 4 posts of each day",
            goal_ms: PAGE_MS,
            ask: Ask::Agenda(AgendaQuery {
                from: Some("2100-02-01".to_owned()),
                zone: Some("UTC".to_owned()),
                rows_per_day: 4,
                ..AgendaQuery::default()
            }),
            bare: "SELECT list_at / 86400000, count(*) FROM scheduled_post
                WHERE deleted_at IS NULL AND list_at BETWEEN 4105123200000 AND 4107801600000
                GROUP BY 1",
        },
        Reading {
            name: "search, 1,000 hits, a page of 500",
            goal_ms: PAGE_MS,
            ask: page(search("w07")),
            bare: "SELECT * FROM scheduled_post
                WHERE seq IN (SELECT rowid FROM post_search WHERE post_search MATCH 'w07')
                ORDER BY list_at, seq LIMIT 500",
        },
        Reading {
            name: "search, every post a hit, a page of 500",
            goal_ms: BROAD_SEARCH_MS,
            ask: page(search("calendar")),
            bare: "SELECT * FROM scheduled_post
                WHERE seq IN (SELECT rowid FROM post_search WHERE post_search MATCH 'calendar')
                ORDER BY list_at, seq LIMIT 500",
        },
    ]
}

/// Measures over the store in `data`, which is aged first.
pub(super) fn measure(data: &Path, posts: u32) -> Result<Vec<Row>> {
    let path = data.join("roost.db");
    Connection::open(&path)?.execute_batch(AGED).context("the posts could not be aged")?;
    let runtime = Runtime::new()?;
    let engine = Engine::open(EngineConfig::new(&path), Arc::new(SystemClock))?;
    let bare = Connection::open(&path)?;
    let middle = middle(&bare)?;
    let mut rows = Vec::new();
    for reading in readings(Some(middle)) {
        let (mut ours, mut floor) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            floor.push(time_bare(&bare, reading.bare)?);
            ours.push(runtime.block_on(time(&engine, &reading.ask))?);
        }
        rows.push(Row {
            floor: Some(quantile(&mut floor, 0.5)),
            goal: Some(Goal::AtMost(reading.goal_ms)),
            ..row(format!("{}, {posts} posts", reading.name), "ms", quantile(&mut ours, 0.5))
        });
    }
    Ok(rows)
}

/// Returns the place of the middle post of those that are pending.
fn middle(bare: &Connection) -> Result<String> {
    let sql = "SELECT list_at || '.' || seq FROM scheduled_post WHERE status = 'pending'
        ORDER BY list_at, seq
        LIMIT 1 OFFSET (SELECT count(*) / 2 FROM scheduled_post WHERE status = 'pending')";
    Ok(bare.query_row(sql, [], |row| row.get(0))?)
}

async fn time(engine: &Engine, ask: &Ask) -> Result<f64> {
    let began = Instant::now();
    match ask {
        Ask::Posts(query) => drop(engine.posts(query).await?),
        Ask::Counts => drop(engine.counts().await?),
        Ask::Agenda(query) => drop(engine.agenda(query).await?),
    }
    Ok(began.elapsed().as_secs_f64() * 1000.0)
}

/// Reads every column of every row.
fn time_bare(bare: &Connection, sql: &str) -> Result<f64> {
    let began = Instant::now();
    let mut statement = bare.prepare_cached(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            std::hint::black_box(row.get_ref(column)?);
        }
    }
    Ok(began.elapsed().as_secs_f64() * 1000.0)
}
