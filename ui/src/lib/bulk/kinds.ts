import { plural } from "../format";
import type { IconName } from "../icons";

/** What can be done with many posts at once. */
export type BulkKind =
  | "shift"
  | "move"
  | "spread"
  | "next_slots"
  | "reorder"
  | "compress"
  | "out_of_weekend"
  | "to_zone"
  | "replace"
  | "append"
  | "split"
  | "account"
  | "tags"
  | "to_draft"
  | "schedule"
  | "cancel"
  | "delete";

/** How an action on many posts is called, and what it says of itself. */
export interface BulkLook {
  /** In a menu or on a button. */
  label: string;
  icon: IconName;
  /** What the button of the dialog does, before the number of posts: "Move 12 posts". */
  verb: string;
  /** What is said afterwards, before the number of posts: "Moved 12 posts." */
  done: string;
  /** What can't be done with a post, as in "3 posts can't be moved". */
  participle: string;
  key?: string;
  hint?: string;
  /** Whether posts are taken back. */
  isDangerous?: boolean;
}

/** The one table of them: selection bar, menus, dialog and keys read it. */
export const BULK: Record<BulkKind, BulkLook> = {
  shift: moves("Shift…", "arrow", "S", "By minutes, hours, days or weeks"),
  move: moves("Move to…", "today", "M", "To a day, a time of day, or both"),
  spread: moves("Spread…", "columns", undefined, "Evenly over days and hours"),
  next_slots: moves("Next free slots", "upcoming", "Q", "The next free posting times"),
  reorder: moves("Reorder…", "sending", undefined, "Shuffle, reverse or swap their times"),
  compress: moves("Close the gaps…", "down", undefined, "Later posts come forward"),
  out_of_weekend: moves("Out of the weekend…", "missed", undefined, "To Friday or Monday"),
  to_zone: moves("Time zone…", "globe", undefined, "Same time of day, or same instant"),
  replace: changes("Find and replace…", "search", "Plain words or a pattern, match by match"),
  append: changes("Add words…", "plus", "Behind or before the text"),
  split: changes("Split into threads…", "split", "What is too long, where sentences end"),
  account: changes("Account…", "bird", "Which account posts them"),
  tags: { ...changes("Tags…", "filter", "Put tags on, take tags off"), key: "T" },
  to_draft: {
    label: "To draft",
    icon: "drafts",
    verb: "Make drafts of",
    done: "Made drafts of",
    participle: "made a draft",
    hint: "They keep their times and do not go out",
  },
  schedule: {
    label: "Schedule",
    icon: "clock",
    verb: "Schedule",
    done: "Scheduled",
    participle: "scheduled",
    hint: "At the times that they have",
  },
  cancel: {
    label: "Cancel",
    icon: "minus",
    verb: "Cancel",
    done: "Cancelled",
    participle: "cancelled",
    key: "⌫",
    hint: "They stay in the list and do not go out",
    isDangerous: true,
  },
  delete: {
    label: "Delete",
    icon: "trash",
    verb: "Delete",
    done: "Deleted",
    participle: "deleted",
    hint: "To the trash; what is on X stays there",
    isDangerous: true,
  },
};

/** Returns what the dialog is called: "Shift 12 posts". */
export function bulkTitle(kind: BulkKind, count: number, isAtLeast = false): string {
  const label = BULK[kind].label.replace("…", "");
  return `${label}: ${isAtLeast ? "at least " : ""}${plural(count, "post")}`;
}

function moves(label: string, icon: IconName, key?: string, hint?: string): BulkLook {
  const look: BulkLook = { label, icon, verb: "Move", done: "Moved", participle: "moved" };
  return {
    ...look,
    ...(key === undefined ? {} : { key }),
    ...(hint === undefined ? {} : { hint }),
  };
}

function changes(label: string, icon: IconName, hint: string): BulkLook {
  return { label, icon, verb: "Change", done: "Changed", participle: "changed", hint };
}
