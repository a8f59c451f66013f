import type { IconName } from "../icons";
import type { Code, CodeCount, ImportSummary, RowFilter } from "../ipc";
import { number, plural } from "../format";

/** A filter of rows that a pill stands for. */
export type PillId =
  | "all"
  | "ready"
  | "errors"
  | "warnings"
  | "duplicates"
  | "past"
  | "drafts"
  | "left_out"
  | "updates";

/** What the grid shows: the rows of a pill, of one finding, or of a day. */
export type Shown =
  | { kind: "pill"; pill: PillId }
  | { kind: "code"; code: Code }
  | { kind: "day"; date: string }
  | { kind: "search"; text: string };

/** How a pill looks, with how many rows are behind it. */
export interface PillLook {
  pill: PillId;
  count: number;
  text: string;
  colour: string;
  icon: IconName;
  meaning: string;
}

/**
 * Returns what the engine is asked for: null where the filter can let nothing through, since what it
 * is about was not found at all.
 */
export function queryOf(shown: Shown, found: CodeCount[]): RowFilter | null {
  switch (shown.kind) {
    case "code":
      return { codes: [shown.code] };
    case "day":
      return { date: shown.date };
    case "search":
      return { search: shown.text };
    case "pill":
      return pillQuery(shown.pill, found);
  }
}

function pillQuery(pill: PillId, found: CodeCount[]): RowFilter | null {
  switch (pill) {
    case "all":
      return {};
    case "ready":
      return { outcomes: ["ready"] };
    case "drafts":
      return { outcomes: ["draft"] };
    case "left_out":
      return { outcomes: ["skipped"] };
    case "updates":
      return { updates: true };
    case "errors":
      return codes(found.filter(({ severity }) => severity === "error"));
    case "warnings":
      return codes(found.filter(({ severity }) => severity === "warning"));
    case "duplicates":
      return { codes: [...DUPLICATES] };
    case "past":
      return { codes: ["time_in_past", "time_long_past"] };
  }
}

function codes(found: CodeCount[]): RowFilter | null {
  return found.length > 0 ? { codes: found.map(({ code }) => code) } : null;
}

/** Returns whether a filter has rows to show, as the rows were judged last. */
export function hasRows(shown: Shown, summary: ImportSummary): boolean {
  switch (shown.kind) {
    case "code":
      return summary.by_code.some(({ code }) => code === shown.code);
    case "day":
      return summary.days.some(({ date }) => date === shown.date);
    case "search":
      return true;
    case "pill":
      return pills(summary).some(({ pill, count }) => pill === shown.pill && count > 0);
  }
}

/** Returns whether two filters let the same rows through. */
export function sameShown(one: Shown, other: Shown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Returns the pills for what would come of an import; those with nothing behind them only where they orient. */
export function pills(summary: ImportSummary): PillLook[] {
  const { rows, ready, drafts, skipped, duplicates, updated, past } = summary;
  const errors = Math.max(summary.refused, summary.with_error);
  const warnings = summary.with_warning;
  const repeats = rowsOf(summary, DUPLICATES);
  const leftOut = `${number(skipped)} left out`;
  const why = duplicates > 0 ? ` (${plural(duplicates, "duplicate")})` : "";
  return [
    look("all", rows, plural(rows, "row"), "ink-2", "upcoming"),
    look("ready", ready, `${number(ready)} ready`, "posted", "check"),
    look("errors", errors, `${number(errors)} with errors`, "failed", "alert"),
    look("warnings", warnings, `${number(warnings)} with warnings`, "partial", "needs-you"),
    look("duplicates", repeats, plural(repeats, "duplicate"), "partial", "copy"),
    look("past", past, `${number(past)} in the past`, "missed", "clock"),
    look("drafts", drafts, plural(drafts, "draft"), "draft", "dashed"),
    look("left_out", skipped, leftOut + why, "held", "minus"),
    look("updates", updated, plural(updated, "update"), "pending", "sending"),
  ].filter(({ pill, count }) => count > 0 || ORIENTING.includes(pill));
}

/** What is found where a text is there already, in the file or among the posts. */
const DUPLICATES: readonly Code[] = [
  "duplicate_content",
  "repeated_soon",
  "repeated_text",
  "waits_elsewhere",
  "near_duplicate",
];

/** These are shown without rows behind them too: that there is no error is worth a word. */
const ORIENTING: readonly PillId[] = ["all", "ready", "errors", "warnings"];

const MEANINGS: Record<PillId, string> = {
  all: "Every row",
  ready: "Rows that are scheduled, or change a waiting post",
  errors: "What keeps rows from being imported",
  warnings: "What you should know of rows that are imported",
  duplicates: "Rows whose text is here already, or nearly",
  past: "Rows whose time has passed",
  drafts: "Rows that are kept as drafts",
  left_out: "Rows that are not imported",
  updates: "Rows that change a waiting post",
};

function rowsOf(summary: ImportSummary, codes: readonly Code[]): number {
  return summary.by_code
    .filter(({ code }) => codes.includes(code))
    .reduce((sum, { rows }) => sum + rows, 0);
}

function look(pill: PillId, count: number, text: string, token: string, icon: IconName): PillLook {
  return { pill, count, text, colour: `var(--${token})`, icon, meaning: MEANINGS[pill] };
}
