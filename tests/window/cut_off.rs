//! Looks for controls that can't be reached: those of which a part lies outside the window, or inside
//! something that hides it and does not scroll.

use crate::Driver;

/// Returns the offenders as an array of texts.
const SCRIPT: &str = r#"
const CONTROLS = 'button, input, select, textarea, a[href], summary, [role=option], [role=gridcell]';
const ROUNDING_PX = 1.5;
const isShown = (element) => element.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true });
const isForReaders = ({ width, height }) => width <= 2 || height <= 2;
const meet = (one, other) => ({
  left: Math.max(one.left, other.left), right: Math.min(one.right, other.right),
  top: Math.max(one.top, other.top), bottom: Math.min(one.bottom, other.bottom) });
const size = ({ left, right, top, bottom }) => [Math.max(0, right - left), Math.max(0, bottom - top)];
const page = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
const name = (element) => `${element.tagName.toLowerCase()} `
  + `"${(element.getAttribute('aria-label') ?? element.title ?? '') || element.textContent.trim().slice(0, 40)}"`;
function isCut(control) {
  let rect = control.getBoundingClientRect();
  if (isForReaders(rect)) return false;
  let seen = rect;
  let parent = control.parentElement;
  const isFixed = (element) => getComputedStyle(element).position === 'fixed';
  if (isFixed(control)) parent = null;
  for (; parent; parent = parent.parentElement) {
    const style = getComputedStyle(parent);
    const box = parent.getBoundingClientRect();
    for (const [axis, from, to] of [['overflowX', 'left', 'right'], ['overflowY', 'top', 'bottom']]) {
      if (style[axis] === 'visible') continue;
      // What scrolls brings the control into its own box.
      if (style[axis] === 'auto' || style[axis] === 'scroll')
        [rect, seen] = [{ ...rect, [from]: box[from], [to]: box[to] },
          { ...seen, [from]: box[from], [to]: box[to] }];
      else seen = { ...seen, [from]: Math.max(seen[from], box[from]), [to]: Math.min(seen[to], box[to]) };
    }
    if (style.position === 'fixed') break;
  }
  const [[width, height], [whole, high]] = [size(meet(seen, page)), size(rect)];
  return width + ROUNDING_PX < whole || height + ROUNDING_PX < high;
}
// Behind a modal dialog nothing can be used, and nothing has to be seen.
const top_ = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
const root = document.querySelector('dialog[open]') ? top_ : document;
return [...root.querySelectorAll(CONTROLS)].filter((each) => isShown(each) && isCut(each)).map(name);
"#;

/// Returns the controls that are cut off, and whether the page is larger than its window.
pub(crate) fn found(driver: &Driver) -> Vec<String> {
    let beyond = driver.run(
        "const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
        return scrollWidth > clientWidth || scrollHeight > clientHeight",
        &[],
    );
    let cut = driver.run(SCRIPT, &[]);
    let cut = cut.as_array().expect("the controls that are cut off").iter();
    let too_large = (beyond != serde_json::json!(false)).then(|| "the page itself".to_owned());
    cut.filter_map(|each| each.as_str().map(str::to_owned)).chain(too_large).collect()
}
