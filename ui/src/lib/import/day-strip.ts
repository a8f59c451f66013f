import type { DayCount } from "../ipc";

/** A day of the strip. */
export interface StripDay {
  /** Its key: `2027-03-01`. */
  date: string;
  count: number;
}

/** The days of one month. */
export interface StripMonth {
  /** Its key: `2027-03`. */
  month: string;
  days: StripDay[];
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
    return days.slice(0, DAYS_MAX).map(({ date, count }) => ({ date, count }));
  const counts = new Map(days.map(({ date, count }) => [date, count]));
  return Array.from({ length }, (_, index) => {
    const date = new Date(from + index * DAY_MS).toISOString().slice(0, 10);
    return { date, count: counts.get(date) ?? 0 };
  });
}

/** Returns the days by their months, in order. */
export function byMonth(days: StripDay[]): StripMonth[] {
  const months: StripMonth[] = [];
  for (const day of days) {
    const month = day.date.slice(0, 7);
    if (months.at(-1)?.month === month) months.at(-1)?.days.push(day);
    else months.push({ month, days: [day] });
  }
  return months;
}
