import { ApiError } from "./ipc";
import type { PostDetail, PostRow, Status, Target } from "./ipc";
import { sameContent } from "./parts";

/** A post as it was read or saved: its row and all its texts. */
export type ReadPost = Pick<PostDetail, "row" | "parts"> & Partial<Pick<PostDetail, "content">>;

/** Returns the post as the person sees it: what is done with it is refused when it changed since. */
export function target(row: PostRow): Target {
  return { id: row.id, based_on: row.version };
}

/** A post in one of these is to go out, and passes from one to the next by itself. */
const ON_ITS_WAY: ReadonlySet<Status> = new Set<Status>(["pending", "queued", "held", "sending"]);

/**
 * Returns whether a post says the same as before and only went on by itself, as from pending to
 * queued: what the person wants of it still holds. It does not where the post was cancelled, armed
 * or ended meanwhile, although its words are the same.
 */
export function saysTheSame(before: PostRow, now: PostRow): boolean {
  return (
    before.text === now.text &&
    before.parts === now.parts &&
    before.scheduled_at === now.scheduled_at &&
    before.zone === now.zone &&
    before.account === now.account &&
    isInSameState(before, now)
  );
}

/** Returns whether a post is to go out as before, or stands where it stood. */
export function isInSameState(before: PostRow, now: PostRow): boolean {
  const bothOnTheirWay = ON_ITS_WAY.has(before.status) && ON_ITS_WAY.has(now.status);
  const sameWish = (before.waiting_for === "cancel") === (now.waiting_for === "cancel");
  return (bothOnTheirWay || before.status === now.status) && sameWish;
}

/** Returns whether two readings of a post say the same, all their parts included. */
export function sameParts(before: ReadPost, now: ReadPost): boolean {
  const said = ({ content, parts }: ReadPost) => content?.parts ?? parts.map((text) => ({ text }));
  return saysTheSame(before.row, now.row) && sameContent(said(before), said(now));
}

/** Returns what is answered; null where the post was deleted meanwhile. */
export async function unlessGone<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.code === "post_not_found") return null;
    throw error;
  }
}
