import type { PostRow, View } from "./ipc";

/** Returns the moment by which the engine sorts a post: when it went out, is due, or was made. */
export function listedAt(row: PostRow): number {
  return row.posted_at ?? row.scheduled_at ?? createdAt(row.id);
}

/** Returns when a post was made: its id, a UUIDv7, begins with the Unix milliseconds. */
function createdAt(id: string): number {
  return Number.parseInt(id.replace("-", "").slice(0, 12), 16);
}

/** Compares two posts as the lists of a view do: soonest first, or newest first where posted. */
export function comparer(view: View): (one: PostRow, other: PostRow) => number {
  const sign = view === "posted" ? -1 : 1;
  return (one, other) => {
    const by =
      listedAt(one) - listedAt(other) || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
    return sign * by;
  };
}

/**
 * Returns rows with some of them known anew: `ids` names those that changed, `found` holds the ones
 * of them that still belong to the list. A row that keeps its moment keeps its place. `complete`
 * says that nothing follows the last row; otherwise a row of a later moment is left out, since it
 * comes with its own page.
 */
export function patched(
  rows: PostRow[],
  ids: ReadonlySet<string>,
  found: PostRow[],
  view: View,
  complete: boolean,
): PostRow[] {
  const fresh = new Map(found.filter(({ id }) => ids.has(id)).map((row) => [row.id, row]));
  const stays = (row: PostRow) => {
    const now = fresh.get(row.id);
    return now !== undefined && listedAt(now) === listedAt(row);
  };
  const kept: PostRow[] = [];
  for (const row of rows) {
    if (!ids.has(row.id)) kept.push(row);
    else if (stays(row)) {
      kept.push(fresh.get(row.id) ?? row);
      fresh.delete(row.id);
    }
  }
  const compare = comparer(view);
  const last = rows.at(-1);
  for (const row of fresh.values()) {
    if (!complete && last && compare(row, last) > 0 && listedAt(row) !== listedAt(last)) continue;
    kept.splice(placeFor(kept, row, compare), 0, row);
  }
  return kept;
}

/** Returns where a row belongs among sorted rows: binary search. */
function placeFor(
  rows: PostRow[],
  row: PostRow,
  compare: (one: PostRow, other: PostRow) => number,
): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = rows[middle];
    if (other && compare(other, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
