/** Micro-dollars as dollars: cents, or tenths of a cent where cents would lie. */
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

/** «1 post», «12,000 posts». */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

/** How long ago, coarse on purpose: «just now», «14 s ago», «3 min ago», «2 h ago», «5 d ago». */
export function ago(then: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - then) / 1000));
  if (seconds < 3) return "just now";
  return `${span(seconds)} ago`;
}

/** How far ahead: «in 40 s», «in 3 min»; «due» when it is not ahead. */
export function ahead(then: number, now: number): string {
  const seconds = Math.floor((then - now) / 1000);
  return seconds <= 0 ? "due" : `in ${span(seconds)}`;
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
  return `${Math.floor(hours / 24)} d`;
}

/** A day key `2027-03-12` as «Fri 12 Mar», with the year when it is another one than `today`'s. */
export function dayName(day: string, today: string): string {
  if (day === today) return `Today, ${plainDay(day, false)}`;
  if (day === nextDay(today)) return `Tomorrow, ${plainDay(day, false)}`;
  return plainDay(day, day.slice(0, 4) !== today.slice(0, 4));
}

function plainDay(day: string, withYear: boolean): string {
  // The key is a calendar day without a zone: read and shown in UTC, it stays that day.
  const words = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    ...(withYear ? { year: "numeric" as const } : {}),
    timeZone: "UTC",
  });
  return words.format(new Date(`${day}T00:00:00Z`)).replace(",", "");
}

function nextDay(day: string): string {
  const next = new Date(`${day}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}

/** The zone's last part, as people say it: `Asia/Kolkata` → «Kolkata». */
export function city(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}
