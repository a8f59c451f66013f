// What every script of the measurement uses. Times are in milliseconds.
const frame = () => new Promise((done) => requestAnimationFrame(done));
/** Waits until what was changed is on the screen. */
const painted = async () => {
  await frame();
  await new Promise((done) => setTimeout(done));
};
const find = (selector) => document.querySelector(selector);

async function until(what, condition, limit = 20000) {
  const begun = performance.now();
  while (!condition()) {
    if (performance.now() - begun > limit) throw new Error(`waited in vain: ${what}`);
    await frame();
  }
}

/** Presses a key where the focus is. */
function press(key, more = {}) {
  const target = document.activeElement ?? document.body;
  target.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }),
  );
}

/** Returns how long it takes from an action until its effect is on the screen. */
async function timed(what, act, condition) {
  const begun = performance.now();
  act();
  await until(what, condition);
  await new Promise((done) => setTimeout(done));
  return performance.now() - begun;
}

/** Scrolls an element down by so many pixels a frame, up to a place; returns the gaps between frames. */
async function scrolled(element, pixels, until, gaps = []) {
  let last = await frame();
  let stood = 0;
  while (element.scrollTop < until && stood < 120) {
    const before = element.scrollTop;
    element.scrollTop += pixels;
    const now = await frame();
    gaps.push(now - last);
    last = now;
    // The next page is being read: the list goes on when it is there.
    stood = element.scrollTop === before ? stood + 1 : 0;
    if (element.scrollTop === before && element.scrollTop + element.clientHeight >= element.scrollHeight)
      stood += 5;
  }
  return gaps;
}

/** Goes to a place by its keys, and waits until its rows are there. */
async function go(letter, rows) {
  return timed(
    `place ${letter}`,
    () => {
      press("g");
      press(letter);
    },
    rows,
  );
}

const statusOfFirst = () => find("[data-post]")?.dataset.rowStatus;
const PLANNED = ["pending", "queued"];
const places = {
  u: () => find("[data-place='upcoming'][aria-current='page']") && PLANNED.includes(statusOfFirst()),
  p: () => find("[data-place='posted'][aria-current='page']") && statusOfFirst() === "posted",
  c: () => find("[data-calendar] [data-chip]") !== null,
};
