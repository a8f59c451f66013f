import { dayKey, timeOfDay } from "../format";
import type { SyncRunRow } from "../ipc";

/** A window of the day with what ran in it. */
export interface DayWindow {
  /** When it begins; null for runs of an earlier release, which noted none. */
  start: number | null;
  /** The day's key and the hours: "2027-03-01", "06:00–12:00". */
  day: string;
  hours: string;
  /** The runs, newest first. */
  runs: SyncRunRow[];
}

/** Returns runs by the window in which they ran, the newest window first. */
export function windowsOf(runs: SyncRunRow[], zone: string): DayWindow[] {
  const found = new Map<number | null, DayWindow>();
  for (const run of runs) {
    const start = run.window_start;
    let window = found.get(start);
    if (!window) {
      const end = run.window_end;
      const hours =
        start === null || end === null ? "" : `${timeOfDay(start, zone)}–${timeOfDay(end, zone)}`;
      window = { start, day: dayKey(start ?? run.started_at, zone), hours, runs: [] };
      found.set(start, window);
    }
    window.runs.push(run);
  }
  return [...found.values()];
}

/** Why a run ran, for people. */
const REASONS: Record<string, string> = {
  window: "a window began",
  start: "Roost started",
  wake: "the computer woke",
  network: "the network or a service came back",
  scheduler: "the scheduler takes messages again",
  change: "a post changed",
  person: "you asked for it",
  recovery: "results were missing",
};

/** Returns what a run was: "Recovery: results were missing". */
export function runTitle({ kind, reason }: SyncRunRow): string {
  const name = kind === "catch-up" ? "Catch-up" : kind.charAt(0).toUpperCase() + kind.slice(1);
  return `${name}: ${REASONS[reason] ?? reason}`;
}

/** Returns what a run did: "12 staged, 12 published"; "nothing to do" where it did nothing. */
export function runText(run: SyncRunRow): string {
  const parts: string[] = [];
  const add = (count: number, what: string) => {
    if (count > 0) parts.push(`${count} ${what}`);
  };
  add(run.staged, "taken by the relay");
  add(run.published, "taken by the scheduler");
  add(run.asked, "asked for");
  add(run.answered, "answered");
  add(run.failed, "not handed over");
  add(run.posts_beyond, "beyond the horizon");
  return parts.length === 0 ? "nothing to do" : parts.join(", ");
}

/** Returns a length of time in words for a table: "80 ms", "1.2 s". */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

/** Returns how much later than planned a post went out: "on time", "32 s late". */
export function lateness(planned: number | null, out: number | null): string {
  if (planned === null || out === null) return "";
  const late = out - planned;
  return late < 1000 ? "on time" : `${duration(late)} late`;
}
