//! From a key or a click to its effect on the screen, and the memory after many of them.

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::super::load::quantile;
use super::window::Opened;
use super::{at_most, row};
use crate::bench::Row;

/// The longest that 99 of 100 keys and clicks may take to show their effect, ms.
const EFFECT_MS: f64 = 50.0;
/// The longest from a key of the search to its rows, ms.
const SEARCH_MS: f64 = 50.0;
/// The longest that another view may take, ms.
const VIEW_MS: f64 = 100.0;
/// How much more memory there may be after many actions, percent.
const MORE_PERCENT: f64 = 10.0;
/// Actions before the memory is looked at first, one of so many of all.
const WARM_UP_SHARE: u32 = 10;

/// One thing that a person does again and again.
struct Deed {
    name: &'static str,
    limit_ms: f64,
    script: &'static str,
}

const DEEDS: [Deed; 5] = [
    Deed {
        name: "key to effect: the next row, 99 % within",
        limit_ms: EFFECT_MS,
        script: "await go('u', places.u);
            const current = () => find('.row.current')?.dataset.post;
            const times = [];
            for (let round = 0; round < 200; round += 1) {
                const before = current();
                times.push(await timed('the next row', () => press('j'), () => current() !== before));
            }
            press('Escape');
            return times",
    },
    Deed {
        name: "click to effect: a row is current, 99 % within",
        limit_ms: EFFECT_MS,
        script: "await go('u', places.u);
            const times = [];
            for (let round = 0; round < 200; round += 1) {
                const rows = [...document.querySelectorAll('[data-post]')].slice(0, 12);
                const row = rows[round % rows.length];
                if (row.classList.contains('current')) continue;
                const is = () => find(`[data-post='${row.dataset.post}']`)?.classList.contains('current');
                times.push(await timed('the clicked row', () => row.click(), is));
            }
            press('Escape');
            return times",
    },
    Deed {
        name: "key to effect: a letter in the composer, 99 % within",
        limit_ms: EFFECT_MS,
        script: "press('n');
            await until('the composer', () => document.activeElement?.closest('[data-composer]'));
            const times = [];
            for (let round = 0; round < 200; round += 1) {
                const before = document.activeElement.value.length;
                const type = () => document.execCommand('insertText', false, round % 6 ? 'o' : ' ');
                const is = () => document.activeElement.value.length > before;
                times.push(await timed('the letter', type, is));
            }
            press('Escape');
            await until('no composer', () => !find('[data-composer]'));
            return times",
    },
    Deed {
        name: "search: key to rows, 99 % within",
        limit_ms: SEARCH_MS,
        script: "await go('u', places.u);
            const field = find('[data-search]');
            field.focus();
            const times = [];
            for (let round = 0; round < 60; round += 1) {
                const word = `w${String((round * 37) % 100).padStart(2, '0')}`;
                const type = () => {
                    field.value = word;
                    field.dispatchEvent(new Event('input', { bubbles: true }));
                };
                const is = () => {
                    const rows = [...document.querySelectorAll('[data-post] .first')];
                    return rows.length > 0 && rows.every((row) => row.textContent.includes(word));
                };
                times.push(await timed(`rows of ${word}`, type, is));
            }
            field.value = '';
            field.dispatchEvent(new Event('input', { bubbles: true }));
            field.blur();
            return times",
    },
    Deed {
        name: "another view, 99 % within",
        limit_ms: VIEW_MS,
        script: "const times = [];
            for (let round = 0; round < 25; round += 1)
                for (const letter of ['u', 'p', 'c']) times.push(await go(letter, places[letter]));
            return times",
    },
];

/// Times each of them.
pub(super) fn measure(window: &Opened) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for Deed { name, limit_ms, script } in DEEDS {
        let told = window.driver.measure(script).context(name)?;
        let times = told.as_array().into_iter().flatten().filter_map(Value::as_f64);
        let mut times: Vec<f64> = times.collect();
        eprintln!("{name}: median {:.1} ms", quantile(&mut times, 0.5));
        rows.push(at_most(name, "ms", quantile(&mut times, 0.99), limit_ms));
    }
    Ok(rows)
}

/// Does many things, and returns how much more memory there is afterwards than after a warm-up.
pub(super) fn flat(window: &Opened, actions: u32) -> Result<Vec<Row>> {
    act(window, actions / WARM_UP_SHARE)?;
    let before = window.memory()?.both();
    act(window, actions)?;
    let after = window.memory()?.both();
    eprintln!("memory: {before:.0} MB, after {actions} actions {after:.0} MB");
    let more = (after / before - 1.0) * 100.0;
    Ok(vec![
        row(format!("memory after {actions} actions"), "MB", after),
        at_most(format!("more than before these {actions} actions"), "%", more, MORE_PERCENT),
    ])
}

/// Rows, views, the composer, the search and the selection in turn.
fn act(window: &Opened, actions: u32) -> Result<()> {
    let script = format!(
        "const deeds = [
            () => press('j'),
            () => press('j'),
            () => press('k'),
            () => [...document.querySelectorAll('[data-post]')][3]?.click(),
            () => press('x'),
            () => press('ArrowDown', {{ shiftKey: true }}),
            () => press('Escape'),
            () => press('Escape'),
            () => go('p', places.p),
            () => press('j'),
            () => go('c', places.c),
            () => find('[data-later]').click(),
            () => find('[data-earlier]').click(),
            () => go('u', places.u),
            async () => {{
                press('n');
                await until('the composer', () => find('[data-composer] textarea'));
            }},
            async () => {{
                press('Escape');
                await until('no composer', () => !find('[data-composer]'));
            }},
            () => {{
                const list = find('[role=listbox][aria-label=Posts]');
                list.scrollTop += 5000;
            }},
        ];
        for (let done = 0; done < {actions}; done += 1) {{
            await deeds[done % deeds.length]();
            await frame();
        }}
        await go('u', places.u);
        return true"
    );
    window.driver.measure(&script)?;
    Ok(())
}
