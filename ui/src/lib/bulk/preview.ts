import { money, number, plural } from "../format";
import type { BulkEdit, BulkEditRow, MatchRef, TextMatch } from "../ipc";

/** Rows of a preview that stand for one thing. */
export type BulkGroup = "changed" | "warned" | "refused" | "unchanged";

/** Returns under what a row of a preview counts; one with a warning is changed all the same. */
export function groupOf(row: BulkEditRow): BulkGroup {
  if (row.refused !== null) return "refused";
  if (row.after === null) return "unchanged";
  return row.warnings.length > 0 ? "warned" : "changed";
}

const FIRST: BulkGroup[] = ["refused", "warned", "changed", "unchanged"];

/** Returns the rows as they are read: first what is refused, then what is warned of. */
export function inReadingOrder(rows: BulkEditRow[]): BulkEditRow[] {
  const place = (row: BulkEditRow) => FIRST.indexOf(groupOf(row));
  return [...rows].sort((one, other) => place(one) - place(other));
}

/** Returns whether a post failed, was missed or was cancelled, and could be scheduled again. */
export function hasEnded({ before }: BulkEditRow): boolean {
  return ["failed", "missed", "cancelled"].includes(before.status);
}

/** Returns what all of it costs then: "$0.30, as before", "$0.315 instead of $0.30". */
export function costText({ cost_before_micros: before, cost_after_micros: after }: BulkEdit) {
  return before === after
    ? `Cost: ${money(after)}, as before.`
    : `Cost: ${money(after)} instead of ${money(before)}.`;
}

/** Returns what it takes of the scheduler; empty where it takes nothing. */
export function messagesText({ messages }: BulkEdit, until: (at: number) => string): string {
  const { needed, withdrawn, used_today, free_plan_left, staying_pending, quota_ends_at } =
    messages;
  const said: string[] = [];
  if (needed > 0) {
    const left =
      free_plan_left === null
        ? ""
        : ` (${number(used_today)} used today, ${number(free_plan_left)} left on QStash's free plan)`;
    said.push(`${plural(needed, "post")} handed over anew: ${plural(needed, "message")}${left}.`);
  }
  if (withdrawn > 0) said.push(`${plural(withdrawn, "post")} taken back from the relay.`);
  if (staying_pending > 0) {
    const when = quota_ends_at === null ? "" : ` until ${until(quota_ends_at)}`;
    said.push(
      `The day's quota is used up: ${plural(staying_pending, "post")} stay Pending${when}.`,
    );
  }
  return said.join(" ");
}

/** A line of a preview: a post, or a place in it where words are found. */
export type BulkLine =
  { kind: "post"; row: BulkEditRow } | { kind: "match"; row: BulkEditRow; match: TextMatch };

/** Returns the lines of rows, each post with its matches below. */
export function linesOf(rows: BulkEditRow[]): BulkLine[] {
  return rows.flatMap((row) => [
    { kind: "post" as const, row },
    ...row.matches.map((match) => ({ kind: "match" as const, row, match })),
  ]);
}

/** Letters around a match that are shown with it. */
const AROUND = 36;

/** Returns what stands before and behind a match. */
export function around({ before }: BulkEditRow, { part, start, end }: TextMatch) {
  const text = (before.texts[part] ?? "").replaceAll("\n", " ");
  const [from, to] = [Math.max(0, start - AROUND), Math.min(text.length, end + AROUND)];
  return {
    before: `${from > 0 ? "…" : ""}${text.slice(from, start)}`,
    behind: `${text.slice(end, to)}${to < text.length ? "…" : ""}`,
  };
}

/** Returns whether a match of the form's list of skipped ones is this one. */
export function isSkipped(skip: MatchRef[], post: string, { part, number }: TextMatch): boolean {
  return skip.some((each) => each.post === post && each.part === part && each.number === number);
}
