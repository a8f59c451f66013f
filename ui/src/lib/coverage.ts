import { dayKey, plural, timeOfDay, dayAndTime } from "./format";
import type { Counts, SyncState } from "./ipc";
import { blockerText } from "./troubles";

/** Whether the computer may be closed: one honest sentence, and the same at more length. */
export interface Coverage {
  text: string;
  hint: string;
}

/** Returns what the status bar promises. Times are in `zone`. */
export function coverage(sync: SyncState, counts: Counts, zone: string, now: number): Coverage {
  if (sync.paused) {
    return {
      text: "Nothing goes out while everything is paused",
      hint: "The relay holds every post until you go on.",
    };
  }
  const safe = sync.safe_to_close;
  switch (safe.answer) {
    case "only_while_awake":
      return onThisComputer(counts.open, sync.next_at ?? null, zone, now);
    case "everything":
      return {
        text: `Safe to close: ${plural(sync.handed_over, "post")} queued`,
        hint: "The relay and the scheduler hold every post. This computer may sleep.",
      };
    case "until": {
      const count = sync.waiting_here;
      return {
        text: `Safe to close until ${soon(safe.at, zone, now)}: ${plural(sync.handed_over, "post")} queued`,
        hint: `${plural(count, "more post")} ${count === 1 ? "waits" : "wait"} on this computer.`,
      };
    }
    case "not_now":
      return {
        text: "Keep this computer on: a post is due and not handed over",
        hint:
          inTheWay(sync, "needs_this_computer", zone, now) ??
          "It goes out as soon as relay and scheduler have it.",
      };
    case "blocked":
      return {
        text: "Not everything goes out: something needs you",
        hint: inTheWay(sync, "needs_person", zone, now) ?? "This computer itself may be closed.",
      };
  }
}

function onThisComputer(open: number, next: number | null, zone: string, now: number): Coverage {
  if (open === 0) {
    return {
      text: "This computer may sleep: nothing is scheduled",
      hint: "Relay and scheduler run inside Roost: posts go out while this computer is awake.",
    };
  }
  const go = open === 1 ? "goes" : "go";
  const only = `${plural(open, "post")} ${go} out only while it is awake and Roost runs`;
  return {
    text:
      next !== null && next > now
        ? `This computer may sleep until ${soon(next, zone, now)}: ${only}`
        : `Keep this computer awake: ${only}`,
    hint:
      "Relay and scheduler run inside Roost. What falls into a sleep goes out late, or waits " +
      "for you, as you prefer.",
  };
}

/** Returns the time alone where it is today. */
function soon(at: number, zone: string, now: number): string {
  const isToday = dayKey(at, zone) === dayKey(now, zone);
  return isToday ? timeOfDay(at, zone) : dayAndTime(at, zone, now);
}

function inTheWay(
  sync: SyncState,
  which: "needs_this_computer" | "needs_person",
  zone: string,
  now: number,
): string | null {
  const texts = (sync.blockers ?? [])
    .filter((blocker) => blocker[which])
    .map((blocker) => blockerText(blocker, zone, now));
  return texts.length > 0 ? texts.join(" ") : null;
}
