import { dayAndTime, plural } from "./format";
import type { Cancelled, PostRow, Undone } from "./ipc";

/** Returns when a scheduled post goes out: "Scheduled: goes out Mon 1 Mar, 09:00." */
export function scheduledText(done: string, post: PostRow, zone: string, now: number): string {
  if (post.scheduled_at === null) return `${done}.`;
  return `${done}: goes out ${dayAndTime(post.scheduled_at, zone, now)}.`;
}

/** Returns what undoing an import did. */
export function undoneText({ removed, cancelling, kept }: Undone): string {
  const parts = [`${plural(removed, "post")} removed`];
  if (cancelling > 0) parts.push(`${plural(cancelling, "post")} being withdrawn`);
  if (kept > 0) parts.push(`${plural(kept, "post")} kept, already on X`);
  return `Import undone: ${parts.join(", ")}.`;
}

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
