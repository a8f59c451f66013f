/** Weekly posting times of an account, as the settings show and change them. */
import type { WeeklySlot } from "./ipc";

/** The days of a week as the engine counts them, from 1 for Monday. */
export const DAYS = [
  { weekday: 1, name: "Monday", short: "Mon" },
  { weekday: 2, name: "Tuesday", short: "Tue" },
  { weekday: 3, name: "Wednesday", short: "Wed" },
  { weekday: 4, name: "Thursday", short: "Thu" },
  { weekday: 5, name: "Friday", short: "Fri" },
  { weekday: 6, name: "Saturday", short: "Sat" },
  { weekday: 7, name: "Sunday", short: "Sun" },
] as const;

const MONDAY = 1;
const FRIDAY = 5;

const two = (part: number) => String(part).padStart(2, "0");

/** Returns the time of day of a posting time: "09:00". */
export function timeText({ hour, minute }: WeeklySlot): string {
  return `${two(hour)}:${two(minute)}`;
}

/** Returns the times of a day, earliest first. */
export function timesOf(slots: WeeklySlot[], weekday: number): WeeklySlot[] {
  const minutes = ({ hour, minute }: WeeklySlot) => hour * 60 + minute;
  return slots
    .filter((slot) => slot.weekday === weekday)
    .sort((one, other) => minutes(one) - minutes(other));
}

/**
 * Returns a time of day as people write it: 9, 9:30, 9.30, 0930, 18h30, 6 pm. Null when it is none, as
 * half a time is.
 */
export function timeOf(text: string): { hour: number; minute: number } | null {
  const written = /^(\d{1,2})(?:[:.h]?(\d{2}))?\s*([ap])?\.?m?\.?$/i;
  const [, hours, minutes = "0", half] = written.exec(text.trim()) ?? [];
  if (hours === undefined) return null;
  const [hour, minute] = [Number(hours), Number(minutes)];
  if (minute > 59) return null;
  if (half === undefined) return hour > 23 ? null : { hour, minute };
  if (hour < 1 || hour > 12) return null;
  return { hour: (hour % 12) + (half.toLowerCase() === "p" ? 12 : 0), minute };
}

/** Returns the times with one more, "09:30" on a day; null when it is no time, or there already. */
export function withTime(slots: WeeklySlot[], weekday: number, text: string): WeeklySlot[] | null {
  const time = timeOf(text);
  if (time === null) return null;
  const slot = { weekday, ...time };
  if (slots.some((each) => isSame(each, slot))) return null;
  return [...slots, slot];
}

/** Returns the times without one of them. */
export function withoutTime(slots: WeeklySlot[], slot: WeeklySlot): WeeklySlot[] {
  return slots.filter((each) => !isSame(each, slot));
}

/** Returns the times with those of Monday on each day until Friday, and the weekend as it was. */
export function mondayToFriday(slots: WeeklySlot[]): WeeklySlot[] {
  const monday = timesOf(slots, MONDAY);
  const weekend = slots.filter(({ weekday }) => weekday > FRIDAY);
  const days = DAYS.filter(({ weekday }) => weekday <= FRIDAY);
  return [
    ...days.flatMap(({ weekday }) => monday.map((slot) => ({ ...slot, weekday }))),
    ...weekend,
  ];
}

const isSame = (one: WeeklySlot, other: WeeklySlot) =>
  one.weekday === other.weekday && one.hour === other.hour && one.minute === other.minute;
