/**
 * How the window writes numbers, money, days and times: one format of each, and only here.
 *
 * Instants are Unix milliseconds UTC and are shown in a zone that the caller names; a day's key is
 * `2027-03-12`, as lists are grouped by it.
 */

import { LruCache } from "./lru";

const LOCALE = "en-GB";

const SECOND_MS = 1000;
const DAY_S = 86_400;
const QUARTER_MS = 900_000;
/** Days that are remembered at the most: a list asks for the same ones again and again. */
const DAY_KEYS_MAX = 50_000;

/** Returns a whole number with its thousands apart: "12,000". */
export function number(value: number): string {
  return value.toLocaleString("en-US");
}

/** Returns "1 post", "12,000 posts". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** Returns micro-dollars as dollars: in cents, or in tenths of a cent where cents would lie. */
export function money(micros: number): string {
  const dollars = micros / 1_000_000;
  const inCents = micros % 10_000 === 0 || Math.abs(dollars) >= 10;
  return dollars.toLocaleString("en-US", {
    style: "currency",
    currency: "USD",
    minimumFractionDigits: inCents ? 2 : 3,
    maximumFractionDigits: inCents ? 2 : 3,
  });
}

/** Returns amounts of micro-dollars that stand below each other, all to the same place. */
export function moneyColumn(amounts: number[]): string[] {
  const texts = amounts.map(money);
  const places = Math.max(...texts.map((text) => text.length - text.lastIndexOf(".") - 1));
  return texts.map((text) => text.padEnd(text.lastIndexOf(".") + 1 + places, "0"));
}

/** Returns a size as people read it: "812 kB", "1.4 MB". */
export function bytes(size: number): string {
  if (size < 1_000_000) return `${number(Math.ceil(size / 1000))} kB`;
  return size < 1_000_000_000
    ? `${(size / 1_000_000).toFixed(1)} MB`
    : `${(size / 1_000_000_000).toFixed(1)} GB`;
}

/** Returns how long ago, coarse on purpose: "just now", "14 s ago", "3 min ago", "2 h ago". */
export function ago(then: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - then) / SECOND_MS));
  return seconds < 3 ? "just now" : `${span(seconds)} ago`;
}

/** Returns how long ago without seconds, so that what nobody waits for changes once a minute: "3 min ago". */
export function roughlyAgo(then: number, now: number): string {
  return now - then < 60 * SECOND_MS ? "just now" : ago(then, now);
}

/** Returns how far a move goes: "1 day 2 h later", "15 min earlier". */
export function distance(milliseconds: number): string {
  const minutes = Math.round(Math.abs(milliseconds) / (60 * SECOND_MS));
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  const said = [
    days > 0 ? plural(days, "day") : "",
    hours > 0 ? `${hours} h` : "",
    minutes % 60 > 0 || minutes === 0 ? `${minutes % 60} min` : "",
  ];
  return `${said.filter(Boolean).join(" ")} ${milliseconds < 0 ? "earlier" : "later"}`;
}

/** Returns how far ahead: "in 40 s", "in 3 min"; "due" when it is not ahead. */
export function ahead(then: number, now: number): string {
  const seconds = Math.floor((then - now) / SECOND_MS);
  return seconds <= 0 ? "due" : `in ${span(seconds)}`;
}

/** Returns how late something was: "2 min late". */
export function lateness(milliseconds: number): string {
  return `${span(Math.floor(milliseconds / SECOND_MS))} late`;
}

/** Returns the key of the day that an instant falls on in a zone: "2027-03-12". */
export function dayKey(at: number, zone: string): string {
  // Clocks are whole quarters of an hour from UTC, so that a quarter lies within one day.
  const key = `${zone} ${Math.floor(at / QUARTER_MS)}`;
  let found = dayKeys.get(key);
  if (found === undefined) {
    const parts = partsOf(DAY_PARTS, at, zone);
    found = `${parts.year}-${parts.month}-${parts.day}`;
    if (dayKeys.size >= DAY_KEYS_MAX) dayKeys.clear();
    dayKeys.set(key, found);
  }
  return found;
}

/** Returns the time of day of an instant in a zone: "09:00". */
export function timeOfDay(at: number, zone: string): string {
  return inZone(TIME, at, zone);
}

/** Returns the time of day with its seconds, for receipts: "09:00:02". */
export function timeWithSeconds(at: number, zone: string): string {
  return inZone(TIME_WITH_SECONDS, at, zone);
}

/**
 * Returns a day by its key, named from today's: "Today, Fri 12 Mar", "Fri 12 Mar", and with the
 * year when it is another one than today's.
 */
export function dayName(key: string, todayKey: string): string {
  if (key === todayKey) return `Today, ${plainDay(key, false)}`;
  if (key === nextDay(todayKey)) return `Tomorrow, ${plainDay(key, false)}`;
  return plainDay(key, key.slice(0, 4) !== todayKey.slice(0, 4));
}

/** Returns a day by its key, without its year: "Fri 12 Mar". */
export function shortDay(key: string): string {
  return plainDay(key, false);
}

/** Returns the day of an instant in a zone: "Fri 12 Mar", with the year when it is not this one. */
export function day(at: number, zone: string, now: number): string {
  const key = dayKey(at, zone);
  return plainDay(key, key.slice(0, 4) !== dayKey(now, zone).slice(0, 4));
}

/** Returns day and time of an instant in a zone: "Fri 12 Mar, 09:00". */
export function dayAndTime(at: number, zone: string, now: number): string {
  return `${day(at, zone, now)}, ${timeOfDay(at, zone)}`;
}

/** Returns the first and last day of a span in a zone: "Fri 12 Mar – Sun 4 Apr", or the one day. */
export function days(first: number, last: number, zone: string, now: number): string {
  const [from, to] = [day(first, zone, now), day(last, zone, now)];
  return from === to ? from : `${from} – ${to}`;
}

/** Returns the month of an instant in a zone: "Mar". */
export function month(at: number, zone: string): string {
  return inZone(MONTH, at, zone);
}

/** Returns a month by its key, `2027-03`: "Mar 2027". */
export function monthName(key: string): string {
  const at = Date.parse(`${key}-01T00:00:00Z`);
  return Number.isNaN(at) ? key : inZone(MONTH_WITH_YEAR, at, "UTC");
}

/** Returns the last part of a zone's name, as people say it: `Asia/Kolkata` is "Kolkata". */
export function city(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}

/** Returns how far a zone's clocks are from UTC at an instant: "UTC+5:30", "UTC". */
export function offset(at: number, zone: string): string {
  const name = partsOf(OFFSET, at, zone).timeZoneName ?? "GMT";
  return name.replace("GMT", "UTC");
}

/**
 * Returns a wall time of the store (`2027-03-01 00:20[:00]`, or with a T) by its two halves: the
 * day's key and the time of day without seconds.
 */
export function wallTimeParts(wall: string): [day: string, time: string] {
  const [date = "", time = ""] = wall.replace("T", " ").split(" ");
  return [date, time.slice(0, 5)];
}

/** Returns a wall time of the store as the window writes it: "Mon 1 Mar, 00:20". */
export function wallTime(wall: string, todayKey: string): string {
  const [date, time] = wallTimeParts(wall);
  return `${plainDay(date, date.slice(0, 4) !== todayKey.slice(0, 4))}, ${time}`;
}

function span(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    const rest = minutes % 60;
    return hours < 3 && rest > 0 ? `${hours} h ${rest} min` : `${hours} h`;
  }
  return `${number(Math.floor(seconds / DAY_S))} d`;
}

function plainDay(key: string, withYear: boolean): string {
  // The key is a calendar day without a zone: read and shown in UTC, it stays that day.
  const at = Date.parse(`${key}T00:00:00Z`);
  if (Number.isNaN(at)) return key;
  // Some engines put a comma behind the weekday.
  return inZone(withYear ? DAY_WITH_YEAR : DAY, at, "UTC").replace(",", "");
}

function nextDay(key: string): string {
  const next = new Date(`${key}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}

const DAY: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short" };
const DAY_WITH_YEAR: Intl.DateTimeFormatOptions = { ...DAY, year: "numeric" };
const DAY_PARTS: Intl.DateTimeFormatOptions = {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
};
const TIME: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const TIME_WITH_SECONDS: Intl.DateTimeFormatOptions = { ...TIME, second: "2-digit" };
const MONTH: Intl.DateTimeFormatOptions = { month: "short" };
const MONTH_WITH_YEAR: Intl.DateTimeFormatOptions = { ...MONTH, year: "numeric" };
const OFFSET: Intl.DateTimeFormatOptions = { timeZoneName: "shortOffset" };

const dayKeys = new Map<string, string>();

/** Making a formatter takes far longer than using it, and a list writes thousands of times. */
const formatters = new Map<Intl.DateTimeFormatOptions, LruCache<string, Intl.DateTimeFormat>>();
/** Zones that are shown beside each other, at the most. */
const ZONES_MAX = 40;

function formatter(options: Intl.DateTimeFormatOptions, zone: string): Intl.DateTimeFormat {
  const ofZones = formatters.get(options) ?? new LruCache<string, Intl.DateTimeFormat>(ZONES_MAX);
  formatters.set(options, ofZones);
  let found = ofZones.get(zone);
  if (!found) {
    found = make(options, zone);
    ofZones.set(zone, found);
  }
  return found;
}

/** The engine may know a zone that this web engine is too old for: UTC then, which says so. */
function make(options: Intl.DateTimeFormatOptions, zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: zone });
  } catch {
    const named = "hour" in options ? { timeZoneName: "short" as const } : {};
    return new Intl.DateTimeFormat(LOCALE, { ...options, ...named, timeZone: "UTC" });
  }
}

function inZone(options: Intl.DateTimeFormatOptions, at: number, zone: string): string {
  return formatter(options, zone).format(at);
}

function partsOf(
  options: Intl.DateTimeFormatOptions,
  at: number,
  zone: string,
): Partial<Record<Intl.DateTimeFormatPartTypes, string>> {
  const parts = formatter(options, zone).formatToParts(at);
  return Object.fromEntries(parts.map(({ type, value }) => [type, value]));
}
