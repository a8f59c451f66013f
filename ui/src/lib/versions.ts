import type { PostRow, Target } from "./ipc";

/** Returns the post as the person sees it: what is done with it is refused when it changed since. */
export function target(row: PostRow): Target {
  return { id: row.id, based_on: row.version };
}

/**
 * Returns whether a post says the same as before and only went on by itself, as from pending to
 * queued: what the person wants of it still holds.
 */
export function saysTheSame(before: PostRow, now: PostRow): boolean {
  return (
    before.text === now.text &&
    before.parts === now.parts &&
    before.scheduled_at === now.scheduled_at &&
    before.zone === now.zone &&
    before.account === now.account
  );
}
