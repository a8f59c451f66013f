import { dayAndTime } from "./format";
import type { Blocker, BlockerKind } from "./ipc";

/** Kinds that the window shows in a place of their own: at the account. */
const ELSEWHERE: BlockerKind[] = ["withheld", "account_signed_out", "account_suspended"];

/** Returns the blockers that stand above the list, in their order. */
export function shownAbove(blockers: Blocker[]): Blocker[] {
  return blockers.filter(({ kind }) => !ELSEWHERE.includes(kind));
}

/** Returns a name of a blocker that stays the same while it lasts. */
export function blockerKey({ kind, code, account }: Blocker): string {
  return [kind, code, account ?? ""].join(":");
}

/** Returns what is in the way, what to do about it, and when it is tried again. */
export function blockerText(blocker: Blocker, zone: string, now: number): string {
  const at = blocker.next_try ?? null;
  const next = at === null ? "" : `The next try is on ${dayAndTime(at, zone, now)}.`;
  return [blocker.message, remedyOf(blocker), next].filter((text) => text !== "").join(" ");
}

/** Returns whether the person, or this computer, is needed for it to end. */
export function isGrave(blocker: Blocker): boolean {
  return blocker.needs_person || blocker.needs_this_computer;
}

/** The window does by itself, or by a button, what a command line has to be told. */
function remedyOf(blocker: Blocker): string {
  switch (blocker.kind) {
    case "relay_lost_store":
      return "Keep this computer on: Roost tells it by itself.";
    case "not_handed_over":
    case "withdrawing":
      return "Keep this computer on: Roost does it by itself.";
    case "without_account":
      return "Open each and choose one.";
    case "will_be_missed":
      return "They stand under Needs you: give them a later time, or cancel them.";
    case "x_unreachable":
      return "The relay tries again by itself.";
    case "app_held":
      return blocker.code === "credits_depleted"
        ? "Add credits in X's developer console, then try now."
        : "Settle it with X, then try now.";
    case "scheduler_refuses":
      return "Roost tries again by itself.";
    default:
      return blocker.remedy;
  }
}
