import type { DayCount } from "../ipc";

/** A day of the strip. */
export interface StripDay {
  /** Its key: `2027-03-01`. */
  date: string;
  count: number;
  /** Whether a month begins with it. */
  isMonth: boolean;
}

const DAY_MS = 86_400_000;
/** Days that are drawn each; of a longer plan only those with posts are. */
const DAYS_MAX = 366;

/** Returns the days from the first to the last that has posts, those without between them too. */
export function strip(days: DayCount[]): StripDay[] {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return [];
  const [from, to] = [Date.parse(first.date), Date.parse(last.date)];
  const length = Math.round((to - from) / DAY_MS) + 1;
  if (!(length <= DAYS_MAX))
    return days.slice(0, DAYS_MAX).map(({ date, count }) => day(date, count));
  const counts = new Map(days.map(({ date, count }) => [date, count]));
  return Array.from({ length }, (_, index) => {
    const date = new Date(from + index * DAY_MS).toISOString().slice(0, 10);
    return day(date, counts.get(date) ?? 0);
  });
}

function day(date: string, count: number): StripDay {
  return { date, count, isMonth: date.endsWith("-01") };
}
