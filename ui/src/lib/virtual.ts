import type { PostRow } from "./ipc";

/** One line of the list: a day's header, or a post. */
export type Line =
  | { kind: "day"; top: number; height: number; day: string; posts: number | null }
  | { kind: "row"; top: number; height: number; row: PostRow; index: number };

/** Heights in pixels; the tokens `--row` and `--day` say the same. */
export const ROW = 44;
export const DAY = 34;

/** Rows with a header before each new day, each with its place. */
export function layOut(
  rows: PostRow[],
  dayOf: (row: PostRow) => string,
  complete: boolean,
): Line[] {
  const lines: Line[] = [];
  let top = 0;
  let header: Extract<Line, { kind: "day" }> | null = null;
  rows.forEach((row, index) => {
    const day = dayOf(row);
    if (header?.day !== day) {
      header = { kind: "day", top, height: DAY, day, posts: 0 };
      lines.push(header);
      top += DAY;
    }
    header.posts = (header.posts ?? 0) + 1;
    lines.push({ kind: "row", top, height: ROW, row, index });
    top += ROW;
  });
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
