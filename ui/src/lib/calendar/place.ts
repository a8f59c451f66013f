/** Where an instant stands in the calendar, and which instant a place in it is. */
import { dayKey, timeOfDay } from "../format";
import { minuteOfDay, plusDays, timeOfMinute } from "../wall";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/** A place in the calendar: a day by its key, and minutes from its midnight as clocks show them. */
export interface Place {
  day: string;
  minute: number;
}

/** Returns where an instant stands on the clocks of a zone. */
export function placeOf(at: number, zone: string): Place {
  return { day: dayKey(at, zone), minute: minuteOfDay(timeOfDay(at, zone)) };
}

/**
 * Returns the instant of a place on the clocks of a zone. Of a time that the clocks skip it is as far
 * behind the gap as the time stands within it.
 */
export function instantOf({ day, minute }: Place, zone: string): number {
  const asUtc = Date.parse(`${day}T${timeOfMinute(minute)}:00Z`);
  const first = asUtc + asUtc - wallAsUtc(asUtc, zone);
  // The offset at the first guess may be another one than at the place itself.
  const second = first + asUtc - wallAsUtc(first, zone);
  if (wallAsUtc(second, zone) === asUtc) return second;
  return Math.max(first, second);
}

/** Returns the place so many minutes away, over midnight too. */
export function moved({ day, minute }: Place, minutes: number): Place {
  const sum = minute + minutes;
  const days = Math.floor(sum / DAY_MINUTES);
  return { day: plusDays(day, days), minute: sum - days * DAY_MINUTES };
}

/** Returns the wall time of an instant in a zone as the store writes it: `2027-03-01 09:00`. */
export function wallIn(at: number, zone: string): string {
  return `${dayKey(at, zone)} ${timeOfDay(at, zone)}`;
}

/** Returns minutes rounded to a step, within the day. */
export function snapped(minute: number, step: number): number {
  const most = DAY_MINUTES - step;
  return Math.min(Math.max(Math.round(minute / step) * step, 0), most);
}

function wallAsUtc(at: number, zone: string): number {
  const seconds = at % MINUTE_MS;
  return Date.parse(`${wallIn(at, zone).replace(" ", "T")}:00Z`) + seconds;
}
