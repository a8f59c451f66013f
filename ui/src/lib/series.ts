import { plural } from "./format";
import { api } from "./ipc";
import type { Content, PostDetail, SeriesSaved } from "./ipc";

/** How often a post repeats, as the composer offers it. */
export const EVERY = [
  { value: "never", label: "Does not repeat" },
  { value: "day", label: "Every day" },
  { value: "weekday", label: "Every weekday" },
  { value: "week", label: "Every week" },
  { value: "month", label: "Every month" },
  { value: "rule", label: "By a rule" },
] as const;
export type Every = (typeof EVERY)[number]["value"];

export const DAYS = [
  { code: "MO", label: "Mon" },
  { code: "TU", label: "Tue" },
  { code: "WE", label: "Wed" },
  { code: "TH", label: "Thu" },
  { code: "FR", label: "Fri" },
  { code: "SA", label: "Sat" },
  { code: "SU", label: "Sun" },
] as const;
export type DayCode = (typeof DAYS)[number]["code"];

/** What the person chose of a rule. */
export interface Choice {
  every: Every;
  /** Days of the week; none are the first time's. */
  days: readonly DayCode[];
  /** Whether a month's last day is meant, and not that of the first time. */
  lastDay: boolean;
  /** A rule in words or of RFC 5545. */
  rule: string;
  ends: "never" | "until" | "times";
  until: string;
  times: number;
}

/** Returns the rule that is meant, where `date` is the first time's: `2027-03-01`. */
export function ruleOf(choice: Choice, date: string): string {
  if (choice.every === "rule") return choice.rule;
  const end =
    choice.ends === "until" && choice.until !== ""
      ? `;UNTIL=${choice.until.replaceAll("-", "")}`
      : choice.ends === "times"
        ? `;COUNT=${choice.times}`
        : "";
  return frequency(choice, date) + end;
}

function frequency({ every, days, lastDay }: Choice, date: string): string {
  if (every === "weekday") return "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR";
  if (every === "week") {
    const chosen = DAYS.filter(({ code }) => days.includes(code)).map(({ code }) => code);
    return `FREQ=WEEKLY${chosen.length > 0 ? `;BYDAY=${chosen.join(",")}` : ""}`;
  }
  if (every === "month")
    return `FREQ=MONTHLY;BYMONTHDAY=${lastDay ? "-1" : String(Number(date.slice(8, 10)))}`;
  return "FREQ=DAILY";
}

/** What a change of a post that repeats is of. */
export type Scope = "one" | "following" | "all";

/** What was changed of a post that repeats. */
export interface SeriesChange {
  content: Content | null;
  /** The new wall time: `2027-03-01 09:00`. */
  wallTime: string | null;
  zone: string | null;
  account: string | null;
}

/**
 * Changes the series of a post as that post was changed: the variant that it says, and the time of
 * day. The other variants stay.
 */
export async function changeSeries(
  detail: PostDetail,
  scope: "following" | "all",
  change: SeriesChange,
): Promise<SeriesSaved> {
  const { row } = detail;
  const id = row.series ?? "";
  const { series } = await api.get_series({ id });
  const first = scope === "following" ? change.wallTime : onFirstDay(series.next, change.wallTime);
  return api.edit_series({
    id,
    from: scope === "following" ? row.id : null,
    variants: change.content && withVariant(series.variants, detail, change.content),
    first,
    zone: change.zone,
    account: change.account,
    allow_repeats: true,
    based_on: series.version,
  });
}

function onFirstDay(next: readonly { occurrence: string }[], wall: string | null): string | null {
  const day = next[0]?.occurrence.slice(0, 10);
  return wall === null || day === undefined ? null : `${day} ${wall.slice(11)}`;
}

function withVariant(variants: Content[], { content, parts }: PostDetail, said: Content) {
  const texts = (of: Content) => of.parts.map(({ text }) => text).join("\n\n");
  const before = content ? texts(content) : parts.join("\n\n");
  const place = variants.findIndex((variant) => texts(variant) === before);
  // What no variant says was changed by itself: it becomes what all say.
  return place < 0 ? [said] : variants.map((variant, at) => (at === place ? said : variant));
}

/** Returns what became of the posts of a series that was changed. */
export function changedText({ changed, made, removed, kept }: SeriesSaved): string {
  const told = [
    changed > 0 ? `${plural(changed, "post")} changed` : "",
    made > 0 ? `${plural(made, "post")} made` : "",
    removed > 0 ? `${plural(removed, "post")} removed` : "",
    kept > 0 ? `${plural(kept, "post")} kept as you changed them` : "",
  ].filter((words) => words !== "");
  return `Series changed: ${told.length > 0 ? told.join(", ") : "no post"}.`;
}
