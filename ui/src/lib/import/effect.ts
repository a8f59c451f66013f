import { number, plural } from "../format";
import type { ImportSession } from "../ipc";

/** What committing now would do, in words, and whether it can be done. */
export interface Effect {
  /** What the primary button says. */
  button: string;
  isPossible: boolean;
  /** What becomes of the rows, each in a few words. */
  lines: string[];
  /** Rows with errors that stand in the way, until the person says what becomes of them. */
  inTheWay: number;
}

/** Returns what committing an open import would do. */
export function effectOf({ summary }: ImportSession): Effect {
  const { ready, drafts, updated, skipped, duplicates, refused, importable } = summary;
  const lines: string[] = [];
  if (ready > updated) lines.push(`${plural(ready - updated, "post")} to schedule`);
  if (updated > 0) lines.push(`${plural(updated, "waiting post")} to change`);
  if (drafts > 0) lines.push(plural(drafts, "draft"));
  if (skipped > 0) {
    const why = duplicates > 0 ? ` (${plural(duplicates, "duplicate")})` : "";
    lines.push(`${plural(skipped, "row")} left out${why}`);
  }
  // Rows are refused only while the person wants all or nothing.
  if (refused > 0) {
    const button = `Fix ${plural(refused, "row")} to import`;
    return { button, isPossible: false, lines, inTheWay: refused };
  }
  const isPossible = importable > 0;
  const leave = skipped > 0 ? ` (leave out ${number(skipped)})` : "";
  const button = isPossible ? `Import ${number(importable)}${leave}` : "Nothing to import";
  return { button, isPossible, lines, inTheWay: 0 };
}
