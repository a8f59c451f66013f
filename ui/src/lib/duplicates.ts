/** Planned posts that say the same, as the engine compares texts. */
import type { PostRow } from "./ipc";

/** Posts of one account that say the same, the earliest first. */
export interface SamePosts {
  text: string;
  rows: PostRow[];
}

/** Returns what two texts have in common when a reader sees the same: spelling of letters and white space aside. */
export function textKey(text: string): string {
  return text.normalize("NFC").split(/\s+/).filter(Boolean).join(" ");
}

/** Returns the groups of posts that say the same, the largest first; posts that say nothing are in none. */
export function samePosts(rows: PostRow[]): SamePosts[] {
  const groups = new Map<string, PostRow[]>();
  for (const row of rows) {
    const said = textKey(row.text);
    if (said === "") continue;
    const key = JSON.stringify([row.account, row.parts, said]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  // What has no time yet comes last.
  const at = ({ scheduled_at }: PostRow) => scheduled_at ?? Number.POSITIVE_INFINITY;
  return [...groups.values()]
    .filter((same) => same.length > 1)
    .map((same) => same.toSorted((one, other) => at(one) - at(other)))
    .map((same) => ({ text: same[0]?.text ?? "", rows: same }))
    .toSorted((one, other) => other.rows.length - one.rows.length);
}
