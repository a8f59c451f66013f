/** Arithmetic on wall times as the store writes them, `2027-03-01 09:00`, whatever clocks do. */

const MINUTE_MS = 60_000;

/** Returns a wall time so many minutes later; the same text where it is none. */
export function plusMinutes(wall: string, minutes: number): string {
  const at = Date.parse(`${wall.replace(" ", "T")}Z`);
  return Number.isNaN(at) ? wall : written(at + minutes * MINUTE_MS);
}

/** Returns the day so many days later: `2027-03-01`. */
export function plusDays(day: string, days: number): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? day : written(at + days * 24 * 60 * MINUTE_MS).slice(0, 10);
}

/** Returns the minutes from midnight of a time of day: `09:30` is 570. */
export function minuteOfDay(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

/** Returns minutes from midnight as a time of day: 570 is `09:30`. */
export function timeOfMinute(minute: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** Returns the day of the week, 0 for Monday to 6. */
export function weekdayOf(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
}

/** Returns the Monday of a day's week. */
export function mondayOf(day: string): string {
  return plusDays(day, -weekdayOf(day));
}

function written(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace("T", " ");
}
