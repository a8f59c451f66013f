//! The steps of an import, each on its own, within this process: bytes to cells, cells to fields, rows
//! judged, one cell judged again.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result};
use roost_core::clock::{Clock as _, SystemClock};
use roost_core::text;
use roost_import::choices::Choices;
use roost_import::field::Field;
use roost_import::mapping::Mapping;
use roost_import::near::{NearIndex, fingerprint, is_near};
use roost_import::session::{CellChange, RowFilter, Session};
use roost_import::source::{ReadOptions, read};
use roost_import::surroundings::Surroundings;
use roost_import::table::RawTable;

use super::super::load::median;
use super::super::process;
use super::{file, lower};
use crate::bench::{Better, Goal, Row};

/// Rows of a file that a person sees first.
const FIRST_ROWS: u32 = 50;
/// Cells that are set, one after the other; the median counts.
const CELLS: u32 = 50;
/// Rows for which the times to a preview are goals.
const PREVIEW_ROWS: u32 = 10_000;
/// The most that a judged preview of so many rows may take.
const PREVIEW_MS: f64 = 150.0;
/// The most that the first rows of it may take.
const FIRST_ROWS_MS: f64 = 50.0;
/// The most that one cell may take, however many rows there are.
const CELL_MS: f64 = 10.0;
/// The most that the search for near-duplicates may take, of 100,000 texts among as many others.
const NEAR_MS: f64 = 5_000.0;
/// The most that a million rows may take until they are judged.
const MILLION_MS: f64 = 15_000.0;
/// The most memory that they may take meanwhile.
const MILLION_MB: f64 = 400.0;
/// How many times the peer's rate rows are to be parsed and checked at.
const CHECKS_TIMES_PEER: f64 = 4.0;
/// The same for the weights of texts.
const WEIGHT_TIMES_PEER: f64 = 20.0;

/// Milliseconds of the steps until a file is judged.
struct Opened {
    session: Session,
    read_ms: f64,
    map_ms: f64,
    judge_ms: f64,
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let began = Instant::now();
    let value = work();
    (value, began.elapsed().as_secs_f64() * 1e3)
}

fn open(bytes: Vec<u8>) -> Result<Opened> {
    let (table, read_ms) = timed(|| read(&bytes, Some("posts.json"), &ReadOptions::default()));
    let table: RawTable = table?;
    // As the engine does: the file is not held beside its rows.
    drop(bytes);
    let (mapping, map_ms) = timed(|| Mapping::recognise(&table));
    let around = Surroundings::empty(SystemClock.now());
    let (session, judge_ms) = timed(|| Session::open(table, mapping, Choices::default(), around));
    Ok(Opened { session: session?, read_ms, map_ms, judge_ms })
}

/// Measures the steps over a file of `rows`; the peer took `peer_checks_ms` to read and check it.
pub(super) fn measure(rows: u32, peer_checks_ms: f64) -> Result<Vec<Row>> {
    let bytes = file::json(rows).into_bytes();
    let Opened { mut session, read_ms, map_ms, judge_ms } = open(bytes)?;
    let filter = RowFilter::default();
    let (page, page_ms) = timed(|| session.page(&filter, 0, FIRST_ROWS));
    let shown = page?.rows.len();
    anyhow::ensure!(shown == FIRST_ROWS as usize, "{shown} of the first rows are shown");
    let (ready, ready_ms) = timed(|| session.ready().map(black_box).count());
    anyhow::ensure!(ready == rows as usize, "{ready} of {rows} rows are ready");
    let cell_ms = cell(&mut session, rows)?;
    let preview_ms = read_ms + map_ms + judge_ms;
    // A person waits for them from the moment that the file is chosen.
    let first_ms = preview_ms + page_ms;
    let is_goal = rows == PREVIEW_ROWS;
    let goal = |most: f64| is_goal.then_some(Goal::AtMost(most));
    let per_second = |ms: f64| f64::from(rows) / ms * 1e3;
    Ok(vec![
        lower(format!("step: bytes to cells, {rows} rows"), "ms", read_ms),
        lower(format!("step: cells to fields, {rows} rows"), "ms", map_ms),
        lower(format!("step: judged, {rows} rows"), "ms", judge_ms),
        lower(format!("step: made ready to be written, {rows} rows"), "ms", ready_ms),
        Row {
            better: Better::Higher,
            peer: Some(per_second(peer_checks_ms)),
            goal: Some(Goal::TimesPeer(CHECKS_TIMES_PEER)),
            ..lower(format!("parsed and checked, {rows} rows"), "1/s", per_second(preview_ms))
        },
        Row {
            goal: goal(PREVIEW_MS),
            ..lower(format!("to a judged preview, {rows} rows"), "ms", preview_ms)
        },
        Row {
            goal: goal(FIRST_ROWS_MS),
            ..lower(
                format!("until the first {FIRST_ROWS} of {rows} rows are shown"),
                "ms",
                first_ms,
            )
        },
        Row {
            goal: Some(Goal::AtMost(CELL_MS)),
            ..lower(format!("one cell judged again, {rows} rows"), "ms", cell_ms)
        },
    ])
}

/// Returns the milliseconds that one cell takes: a text in the midst of the file.
fn cell(session: &mut Session, rows: u32) -> Result<f64> {
    let mut took = Vec::new();
    for turn in 0..CELLS {
        let text = format!("changed {turn} times, and still what was meant");
        let row = 1 + rows / (CELLS + 1) * (turn + 1) % rows;
        let change = CellChange { row, field: Field::Content, text };
        let (judged, ms) = timed(|| session.set_cells(&[change]));
        judged?;
        took.push(ms);
    }
    Ok(median(&mut took))
}

/// Judges a large file; returns the time, and the most memory that was resident meanwhile.
pub(super) fn judged(rows: u32) -> Result<Vec<Row>> {
    let bytes = file::json(rows).into_bytes();
    // From here on the kernel counts the most memory anew.
    std::fs::write("/proc/self/clear_refs", "5").context("memory is measured on Linux only")?;
    let (opened, ms) = timed(|| open(bytes));
    let peak = process::peak(std::process::id())?;
    let judged = opened?.session.summary().rows;
    anyhow::ensure!(judged == rows, "{judged} of {rows} rows are judged");
    let is_goal = rows >= 1_000_000;
    Ok(vec![
        Row {
            goal: is_goal.then_some(Goal::AtMost(MILLION_MS)),
            ..lower(format!("{rows} rows read and judged"), "ms", ms)
        },
        Row {
            goal: is_goal.then_some(Goal::AtMost(MILLION_MB)),
            ..lower(format!("resident memory meanwhile, the most, {rows} rows"), "MB", peak)
        },
    ])
}

/// Weighs texts as X does.
pub(super) fn weighed(rows: u32, peer_per_second: f64) -> Row {
    let texts: Vec<String> = file::texts(rows).collect();
    let weigh = |text: &String| u64::from(text::weigh(text).weighted_length);
    let (_, ms) = timed(|| black_box(texts.iter().map(weigh).sum::<u64>()));
    Row {
        better: Better::Higher,
        peer: Some(peer_per_second),
        goal: Some(Goal::TimesPeer(WEIGHT_TIMES_PEER)),
        ..lower("texts weighed".to_owned(), "1/s", f64::from(rows) / ms * 1e3)
    }
}

/// Looks for each of `rows` texts among as many others, all made from one stock of words.
pub(super) fn near(rows: u32) -> Row {
    let texts: Vec<String> = file::texts(2 * rows).collect();
    let (found, ms) = timed(|| {
        let index = NearIndex::of(texts.iter().map(|text| fingerprint(text)).collect());
        let own = 0..rows;
        own.filter(|slot| {
            let compares = |other: u32| is_near(&texts[*slot as usize], &texts[other as usize]);
            index.find(*slot, |other| other >= rows, compares).is_some()
        })
        .count()
    });
    eprintln!("{found} of {rows} texts are near another");
    let name = format!("near-duplicates, {rows} texts among {rows}");
    Row { goal: Some(Goal::AtMost(NEAR_MS)), ..lower(name, "ms", ms) }
}
