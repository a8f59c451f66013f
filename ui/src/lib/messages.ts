import { dayAndTime, number, plural } from "./format";
import type { Cancelled, PostRow, UndoFate, Undone } from "./ipc";

/** Returns when a scheduled post goes out: "Scheduled: goes out Mon 1 Mar, 09:00." */
export function scheduledText(done: string, post: PostRow, zone: string, now: number): string {
  if (post.scheduled_at === null) return `${done}.`;
  return `${done}: goes out ${dayAndTime(post.scheduled_at, zone, now)}.`;
}

/** Returns what undoing an import did. */
export function undoneText(undone: Undone): string {
  return `Import undone: ${undoneParts(undone).join(", ")}.`;
}

/** Returns what undoing an import did, each kind of posts in a few words. */
export function undoneParts(undone: Undone): string[] {
  const { removed, cancelling, kept, restored, not_restored } = undone;
  const parts = [`${plural(removed, "post")} removed`];
  if (cancelling > 0) parts.push(`${plural(cancelling, "post")} being withdrawn`);
  if (restored > 0) parts.push(`${plural(restored, "changed post")} as before`);
  if (not_restored > 0) parts.push(`${plural(not_restored, "changed post")} not put back`);
  if (kept > 0) parts.push(`${plural(kept, "post")} kept, already on X`);
  return parts;
}

/** Returns what undoing an import would do. */
export function undoPreviewText(preview: Undone): string {
  const { removed, cancelling, kept, restored, not_restored } = preview;
  const parts = [`${plural(removed + cancelling, "post")} would be taken back.`];
  if (cancelling > 0)
    parts.push(`The relay has ${number(cancelling)} of them: gone once it acknowledges that.`);
  if (restored > 0) parts.push(`${plural(restored, "changed post")} would be as before.`);
  if (not_restored > 0) parts.push(`${plural(not_restored, "changed post")} can't be put back.`);
  if (kept > 0) parts.push(`${plural(kept, "post")} on X would stay.`);
  return parts.join(" ");
}

/** What becomes of a post when its import is undone, in a word or two. */
export const UNDO_FATES: Record<UndoFate, string> = {
  kept: "Stays",
  not_restored: "Not put back",
  cancelling: "Withdrawn",
  restored: "As before",
  removed: "Removed",
};

/** Returns what became of cancelling the posts of an account, and whether any was withdrawn. */
export function cancelledText(done: Cancelled): { text: string; anything: boolean } {
  const asked = done.cancelled.length + done.cancelling.length;
  const tooLate = done.too_late.length;
  const late = tooLate > 0 ? ` ${plural(tooLate, "post")} came too late for it.` : "";
  if (asked === 0) return { text: `Nothing was cancelled.${late}`, anything: false };
  if (done.cancelling.length > 0) {
    const text = `Cancelling ${plural(asked, "post")}: it counts once the relay has acknowledged it.`;
    return { text: text + late, anything: true };
  }
  return {
    text: `${plural(asked, "post")} cancelled. Each can be restored.${late}`,
    anything: true,
  };
}
