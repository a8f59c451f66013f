//! The gaps between frames while lists are scrolled by script.

use anyhow::Result;
use serde_json::Value;

use super::super::load::quantile;
use super::window::Opened;
use super::{beside_empty, row};
use crate::bench::Row;

/// How many times an empty window's gaps ours may be.
const GAP_TIMES: f64 = 1.5;
/// Pixels of a frame: most of a page, so that nothing of it was drawn before.
const STEP_PX: u32 = 700;
/// The height of a row of the list, pixels.
const ROW_PX: u32 = 44;
/// Posts of a week of the calendar, as the store of the measurement spreads them.
const WEEK_POSTS: u32 = 1_008;

/// Gaps between frames, ms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gaps {
    median: f64,
    p95: f64,
    most: f64,
}

impl Gaps {
    fn of(told: &Value) -> Self {
        let gaps = told.as_array().into_iter().flatten().filter_map(Value::as_f64);
        let mut gaps: Vec<f64> = gaps.collect();
        let mut at = |share| quantile(&mut gaps, share);
        Self { median: at(0.5), p95: at(0.95), most: at(1.0) }
    }
}

/// Scrolls the empty window.
pub(super) fn of_empty(window: &Opened) -> Result<Gaps> {
    let script = format!("return scrolled(find('.list'), {STEP_PX}, 430000)");
    Ok(Gaps::of(&window.driver.measure(&script)?))
}

/// Scrolls the list and the calendar over all that is planned.
pub(super) fn measure(window: &Opened, planned: u32, empty: Gaps) -> Result<Vec<Row>> {
    let end = planned.saturating_mul(ROW_PX);
    let list = format!(
        "await go('u', places.u);
         return scrolled(find('[role=listbox][aria-label=Posts]'), {STEP_PX}, {end})"
    );
    let list = Gaps::of(&window.driver.measure(&list)?);
    let weeks = planned.div_ceil(WEEK_POSTS);
    let calendar = format!(
        "await go('c', places.c);
         const gaps = [];
         for (let week = 0; week < {weeks}; week += 1) {{
            const area = find('[data-calendar-area]');
            area.scrollTop = 0;
            await scrolled(area, 60, area.scrollHeight - area.clientHeight, gaps);
            const title = find('[data-calendar] h1').textContent;
            find('[data-later]').click();
            await until('the next week', () => find('[data-calendar] h1').textContent !== title);
         }}
         return gaps"
    );
    let calendar = Gaps::of(&window.driver.measure(&calendar)?);
    let rows = |name: String, ours: Gaps| {
        vec![
            beside_empty(&format!("{name}, median"), "ms", ours.median, empty.median, GAP_TIMES),
            beside_empty(&format!("{name}, 95 % within"), "ms", ours.p95, empty.p95, GAP_TIMES),
            Row { peer: Some(empty.most), ..row(format!("{name}, the longest"), "ms", ours.most) },
        ]
    };
    let mut all = rows(format!("frame gap, list scrolled over {planned} rows"), list);
    all.extend(rows(format!("frame gap, calendar scrolled over {weeks} weeks"), calendar));
    Ok(all)
}
