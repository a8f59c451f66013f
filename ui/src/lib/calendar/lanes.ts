/** How the posts of a day stand beside each other where their times are close. */

/** Something with a place in a day, in minutes from midnight. */
export interface Timed {
  minute: number;
}

/** One post's place beside others, or several that are too many to be shown. */
export type Laid<T extends Timed> =
  | { kind: "one"; item: T; minute: number; lane: number; lanes: number }
  | { kind: "more"; items: T[]; minute: number; lane: number; lanes: number };

/**
 * Returns where each item stands: those that would lie over each other within `minutes` share the
 * width, at most `most` of them; of more, the last lane says how many.
 */
export function lay<T extends Timed>(items: T[], minutes: number, most: number): Laid<T>[] {
  const sorted = [...items].sort((one, other) => one.minute - other.minute);
  const laid: Laid<T>[] = [];
  let group: T[] = [];
  const close = () => {
    laid.push(...layGroup(group, minutes, most));
    group = [];
  };
  let end = Number.NEGATIVE_INFINITY;
  for (const item of sorted) {
    if (item.minute >= end) close();
    group.push(item);
    end = item.minute + minutes;
  }
  close();
  return laid;
}

function layGroup<T extends Timed>(group: T[], minutes: number, most: number): Laid<T>[] {
  /** When each lane is free again. */
  const free: number[] = [];
  const placed: { item: T; lane: number }[] = [];
  const hidden: T[] = [];
  for (const item of group) {
    const found = free.findIndex((at) => at <= item.minute);
    const lane = found === -1 ? free.length : found;
    if (lane >= most) hidden.push(item);
    else {
      free[lane] = item.minute + minutes;
      placed.push({ item, lane });
    }
  }
  if (hidden.length === 0) return placed.map(({ item, lane }) => one(item, lane, free.length));
  const kept = placed.filter(({ lane }) => lane < most - 1);
  const rest = [
    ...placed.filter(({ lane }) => lane === most - 1).map(({ item }) => item),
    ...hidden,
  ];
  rest.sort((a, b) => a.minute - b.minute);
  const laid = kept.map(({ item, lane }) => one(item, lane, most));
  // One button for each stretch, so that none lies over another.
  for (let from = 0; from < rest.length;) {
    const first = rest[from];
    if (!first) break;
    const items = rest.slice(from).filter(({ minute }) => minute < first.minute + minutes);
    laid.push({ kind: "more", items, minute: first.minute, lane: most - 1, lanes: most });
    from += items.length;
  }
  return laid;
}

function one<T extends Timed>(item: T, lane: number, lanes: number): Laid<T> {
  return { kind: "one", item, minute: item.minute, lane, lanes };
}
