import type { MatchRef, RewriteChange, SpreadOver, TimeChange, WeekendDay } from "../ipc";
import type { BulkKind } from "./kinds";

/** What the person chose in the dialog. One form for all kinds: each reads its own fields. */
export interface BulkForm {
  amount: string;
  unit: "minutes" | "hours" | "days" | "weeks";
  direction: "later" | "earlier";
  /** Whether the first goes to day and time, or all to the day, or all to the time of day. */
  target: "first" | "date" | "time";
  date: string;
  time: string;
  days: string;
  weekdays: "all" | "working";
  from: string;
  to: string;
  jitter: string;
  order: "shuffle" | "reverse" | "swap";
  seed: number;
  gap: string;
  weekend: WeekendDay;
  zone: string;
  keepsInstant: boolean;
  find: string;
  replacement: string;
  isRegex: boolean;
  matchesCase: boolean;
  isWholeWord: boolean;
  skip: MatchRef[];
  text: string;
  place: "after" | "before";
  newLine: boolean;
  numbered: boolean;
  account: string | null;
  addTags: string;
  removeTags: string;
  /** Schedules what failed, was missed or was cancelled again. */
  restore: boolean;
}

/** A change of times, or of what else posts have. */
export type BulkChange = { times: TimeChange } | { fields: RewriteChange };

/** Returns a form for posts of which the first is at a wall time, `2027-03-01 09:00`. */
export function blankForm(firstAt: string | null, today: string, zone: string): BulkForm {
  const [date = today, time = "09:00"] = (firstAt ?? "").split(/[ T]/).filter((it) => it !== "");
  return {
    amount: "1",
    unit: "hours",
    direction: "later",
    target: "first",
    date,
    time: time.slice(0, 5),
    days: "5",
    weekdays: "all",
    from: "09:00",
    to: "18:00",
    jitter: "0",
    order: "shuffle",
    seed: newSeed(),
    gap: "60",
    weekend: "nearest",
    zone,
    keepsInstant: false,
    find: "",
    replacement: "",
    isRegex: false,
    matchesCase: false,
    isWholeWord: false,
    skip: [],
    text: "",
    place: "after",
    newLine: false,
    numbered: false,
    account: null,
    addTags: "",
    removeTags: "",
    restore: false,
  };
}

/** Returns a number by which an order or times by chance come out otherwise. */
export function newSeed(): number {
  return Math.floor(Math.random() * 0xffff_ffff);
}

/** Returns what is asked of the engine; null as long as something is missing or can't be read. */
export function changeOf(kind: BulkKind, form: BulkForm): BulkChange | null {
  const times = timesOf(kind, form);
  if (times !== undefined) return times && { times };
  const fields = fieldsOf(kind, form);
  return fields && { fields };
}

/** Undefined for a kind that is no change of times, null where something is missing. */
function timesOf(kind: BulkKind, form: BulkForm): TimeChange | null | undefined {
  switch (kind) {
    case "shift":
      return shiftOf(form);
    case "move":
      return moveOf(form);
    case "spread": {
      const spread = spreadOf(form);
      return spread && { kind: "spread", ...spread };
    }
    case "next_slots":
      return { kind: "next_slots" };
    case "reorder":
      return form.order === "shuffle" ? { kind: "shuffle", seed: form.seed } : { kind: form.order };
    case "compress": {
      const minutes = wholeNumber(form.gap, 1);
      return minutes === null ? null : { kind: "compress", longest_gap_minutes: minutes };
    }
    case "out_of_weekend":
      return { kind: "out_of_weekend", to: form.weekend };
    case "to_zone":
      return { kind: "to_zone", zone: form.zone, keep_instant: form.keepsInstant };
    default:
      return undefined;
  }
}

function shiftOf(form: BulkForm): TimeChange | null {
  const amount = wholeNumber(form.amount, 1);
  if (amount === null) return null;
  const by = form.direction === "later" ? amount : -amount;
  switch (form.unit) {
    case "minutes":
      return { kind: "shift", seconds: by * 60 };
    case "hours":
      return { kind: "shift", seconds: by * 3600 };
    case "days":
      return { kind: "shift", days: by };
    case "weeks":
      return { kind: "shift", days: by * 7 };
  }
}

function moveOf({ target, date, time }: BulkForm): TimeChange | null {
  const [day, clock] = [dayOf(date), timeOf(time)];
  if (target === "date") return day === null ? null : { kind: "set_date", date: day };
  if (target === "time") return clock === null ? null : { kind: "set_time_of_day", time: clock };
  const isWhole = day !== null && clock !== null;
  return isWhole ? { kind: "move_first_to", wall_time: `${day} ${clock}` } : null;
}

function spreadOf(form: BulkForm): SpreadOver | null {
  const [first_day, from] = [dayOf(form.date), timeOf(form.from)];
  const to = form.to.trim() === "24:00" ? "24:00" : timeOf(form.to);
  const [days, jitter_minutes] = [wholeNumber(form.days, 1), wholeNumber(form.jitter, 0)];
  if (first_day === null || from === null || to === null) return null;
  if (days === null || jitter_minutes === null) return null;
  const weekdays = form.weekdays === "working" ? [1, 2, 3, 4, 5] : [];
  const { seed } = form;
  return { first_day, days, weekdays, from, to, jitter_minutes, seed };
}

function fieldsOf(kind: BulkKind, form: BulkForm): RewriteChange | null {
  switch (kind) {
    case "replace":
      return form.find === ""
        ? null
        : {
            kind: "replace",
            find: form.find,
            replacement: form.replacement,
            is_regex: form.isRegex,
            matches_case: form.matchesCase,
            is_whole_word: form.isWholeWord,
            skip: form.skip,
          };
    case "append": {
      if (form.text === "") return null;
      const added = { text: form.text, new_line: form.newLine };
      return form.place === "after" ? { kind: "append", ...added } : { kind: "prepend", ...added };
    }
    case "split":
      return { kind, numbered: form.numbered };
    case "account":
      return form.account === null ? null : { kind: "set_account", account: form.account };
    case "tags": {
      const [add, remove] = [tagsOf(form.addTags), tagsOf(form.removeTags)];
      return add.length + remove.length === 0 ? null : { kind: "tags", add, remove };
    }
    case "to_draft":
    case "schedule":
    case "cancel":
    case "delete":
      return { kind };
    default:
      return null;
  }
}

/** Returns a day as the engine reads it, `2027-03-01`; null where it is none. */
export function dayOf(typed: string): string | null {
  const found = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(typed.trim());
  if (!found) return null;
  const [, year = "", month = "", day = ""] = found;
  const key = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const at = new Date(`${key}T00:00:00Z`);
  // A 31st of a shorter month would be another day.
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(key) ? key : null;
}

/** Returns a time of day as the engine reads it, `09:00`; it may be typed as 9, 930 or 9.30. */
export function timeOf(typed: string): string | null {
  const found = /^(\d{1,2})(?:[:.h ]?(\d{2}))?$/.exec(typed.trim());
  if (!found) return null;
  const [hour, minute] = [Number(found[1]), Number(found[2] ?? "0")];
  if (hour > 23 || minute > 59) return null;
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}

/** Returns a whole number that is at least so large; null where it is none. */
export function wholeNumber(typed: string, least: number): number | null {
  const value = Number(typed.trim());
  const isOne = typed.trim() !== "" && Number.isSafeInteger(value) && value >= least;
  return isOne ? value : null;
}

function tagsOf(typed: string): string[] {
  return typed
    .split(/[,\n]/)
    .map((tag) => tag.trim().replace(/^#/, ""))
    .filter((tag) => tag !== "");
}
