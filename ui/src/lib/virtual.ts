import type { FreeSlot, PostRow } from "./ipc";

/** One line of the list: a day's header, or a post. */
export type Line =
  | { kind: "day"; top: number; height: number; day: string; posts: number | null }
  | { kind: "row"; top: number; height: number; row: PostRow; index: number }
  | { kind: "slot"; top: number; height: number; slot: FreeSlot };

/** Heights in pixels; the tokens `--row` and `--day` say the same. */
export const ROW = 44;
export const ROW_COMPACT = 34;
export const DAY = 34;
export const SLOT = 32;

/** Posting times that are free, among the rows, and the day of each. */
export interface Slots {
  free: FreeSlot[];
  dayOf: (slot: FreeSlot) => string;
}

/** Rows with a header before each new day, each with its place. */
export function layOut(
  rows: PostRow[],
  dayOf: (row: PostRow) => string,
  complete: boolean,
  slots: Slots = { free: [], dayOf: () => "" },
  height = ROW,
): Line[] {
  const lines: Line[] = [];
  let top = 0;
  let next = 0;
  let header: Extract<Line, { kind: "day" }> | null = null;
  const under = (day: string) => {
    if (header?.day === day) return header;
    header = { kind: "day", top, height: DAY, day, posts: 0 };
    lines.push(header);
    top += DAY;
    return header;
  };
  /** Puts down the free times before a moment. */
  const slotsUntil = (until: number) => {
    for (let slot = slots.free[next]; slot && slot.at < until; slot = slots.free[++next]) {
      under(slots.dayOf(slot));
      lines.push({ kind: "slot", top, height: SLOT, slot });
      top += SLOT;
    }
  };
  rows.forEach((row, index) => {
    if (row.scheduled_at !== null) slotsUntil(row.scheduled_at);
    const header = under(dayOf(row));
    header.posts = (header.posts ?? 0) + 1;
    lines.push({ kind: "row", top, height, row, index });
    top += height;
  });
  // What is not loaded yet may stand between the later ones.
  if (complete) slotsUntil(Number.POSITIVE_INFINITY);
  // The last day may go on in what is not loaded yet: better no number than a wrong one.
  if (header && !complete) (header as Extract<Line, { kind: "day" }>).posts = null;
  return lines;
}

/** The height of all lines. */
export function heightOf(lines: Line[]): number {
  const last = lines.at(-1);
  return last ? last.top + last.height : 0;
}

/** The first line that reaches below `offset`: binary search. */
export function lineAt(lines: Line[], offset: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const line = lines[middle];
    if (line && line.top + line.height > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The lines to draw: those in view, and some around them. */
export function linesInView(lines: Line[], scroll: number, height: number, around = 400): Line[] {
  const from = lineAt(lines, scroll - around);
  const to = lineAt(lines, scroll + height + around);
  return lines.slice(from, to + 1);
}

/** The day whose header sticks at the top. */
export function dayInView(lines: Line[], scroll: number): Extract<Line, { kind: "day" }> | null {
  for (let index = Math.min(lineAt(lines, scroll), lines.length - 1); index >= 0; index -= 1) {
    const line = lines[index];
    if (line?.kind === "day") return line;
  }
  return null;
}
