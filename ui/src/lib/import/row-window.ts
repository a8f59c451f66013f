/** The height of a row of the grid in pixels; the token `--row` says the same. */
export const ROW = 44;

/** Web engines keep lengths in 1/64 px in 32 bits: what is longer than this is not laid out. */
const CANVAS_MAX = 24_000_000;

/** Rows that are drawn above and below what is in view. */
const AROUND = 6;

/** Which rows are drawn, and where the first of them stands. */
export interface RowWindow {
  /** The height of all rows on the scrolled canvas. */
  canvas: number;
  first: number;
  /** One past the last. */
  end: number;
  /** Pixels from the top of the canvas to the first drawn row. */
  top: number;
}

/**
 * Returns the rows to draw, at a scroll position in a view of some height. Rows are all of one height,
 * so that this is arithmetic, for a million rows as for ten: beyond the longest canvas that is laid out,
 * a pixel of scrolling passes more than a pixel of rows.
 */
export function rowWindow(total: number, scrollTop: number, view: number): RowWindow {
  const whole = total * ROW;
  const canvas = Math.min(whole, CANVAS_MAX);
  const offset = Math.max(0, scrollTop) * scale(total, view);
  const seen = Math.floor(offset / ROW);
  const first = Math.max(0, Math.min(seen - AROUND, total));
  const end = Math.min(total, seen + Math.ceil(view / ROW) + AROUND + 1);
  const top = Math.max(0, Math.min(scrollTop - (offset - first * ROW), canvas));
  return { canvas, first, end: Math.max(first, end), top };
}

/** Returns where to scroll so that a row is in view; the position as it is where it is in view already. */
export function scrollTo(total: number, scrollTop: number, view: number, index: number): number {
  const by = scale(total, view);
  const offset = scrollTop * by;
  const top = index * ROW;
  if (top < offset) return top / by;
  if (top + ROW > offset + view) return (top + ROW - view) / by;
  return scrollTop;
}

/** Pixels of rows for a pixel of scrolling. */
function scale(total: number, view: number): number {
  const whole = total * ROW;
  return whole <= CANVAS_MAX ? 1 : (whole - view) / Math.max(1, CANVAS_MAX - view);
}
