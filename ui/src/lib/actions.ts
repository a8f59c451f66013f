import { plural } from "./format";
import { api, errorText, openInBrowser } from "./ipc";
import type { Action, PostDetail, PostRow, PostVersion, Stale, Target } from "./ipc";
import { scheduledText } from "./messages";
import { app } from "./state/app.svelte";
import { clock } from "./state/clock.svelte";
import { composer } from "./state/composer.svelte";
import { history } from "./state/history.svelte";
import { toast } from "./state/toast.svelte";
import { saysTheSame, target } from "./versions";

/** What the button of an action says, which key it has, and whether it is the dangerous one. */
export interface ActionLook {
  label: string;
  key: string | null;
  danger: boolean;
}

/** Returns whether all of a post, or a part of it, went out. */
function isOnX(row: PostRow): boolean {
  return row.status === "posted" || row.status === "partial";
}

/** Returns how an action is offered for this post. */
export function lookOf(action: Action, row: PostRow): ActionLook {
  switch (action) {
    case "edit":
      return { label: "Edit", key: "↵", danger: false };
    case "cancel":
      return { label: "Cancel post", key: "⌫", danger: true };
    case "retry":
      return { label: row.status === "cancelled" ? "Restore" : "Retry", key: "R", danger: false };
    case "post_now":
      return { label: "Post now", key: null, danger: false };
    case "verify":
      return { label: "Check X again", key: "R", danger: false };
    case "went_out":
      return { label: "It is on X", key: null, danger: false };
    case "send_again":
      return { label: "Not on X: send again", key: null, danger: false };
    case "delete": {
      // What is on X stays there: beside "Delete on X" the difference must be in the word.
      const label = isOnX(row) ? "Remove from Roost" : "Delete";
      return { label, key: row.status === "draft" ? "⌫" : null, danger: true };
    }
    case "open_on_x":
      return { label: "Open on X", key: "O", danger: false };
    case "delete_on_x":
      return { label: "Delete on X…", key: null, danger: true };
    case "post_too":
      return { label: "Post this too", key: null, danger: false };
    case "replace":
      return { label: "Replace on X", key: null, danger: true };
  }
}

/** Does it. What goes wrong with the post itself shows on its row; a refusal is a toast. */
export async function act(action: Action, row: PostRow): Promise<void> {
  try {
    await DO[action](row);
  } catch (error) {
    toast.error(errorText(error));
  }
}

/** Does the first of these that the post allows now. */
export async function actFirst(detail: PostDetail | null, actions: Action[]): Promise<void> {
  const action = actions.find((each) => detail?.actions.includes(each));
  if (detail && action) await act(action, detail.row);
}

/**
 * Cancels or deletes a post as the person sees it. One that only went on by itself meanwhile is
 * taken as it is now; one that was changed is left as it is, and said.
 */
async function withdraw<T extends { stale?: Stale[] }>(
  row: PostRow,
  carryOut: (posts: Target[]) => Promise<T>,
): Promise<T | null> {
  const done = await carryOut([target(row)]);
  const now = done.stale?.[0]?.now;
  if (!now) return done;
  if (saysTheSame(row, now)) return carryOut([target(now)]);
  toast.error("The post was changed meanwhile, so nothing was done. Look at it again.");
  await app.refreshDetail();
  return null;
}

/** Gives a post the words, the time and the account again that it had; a time that has passed is not taken. */
export async function backTo(row: PostRow, version: PostVersion): Promise<void> {
  const { content, scheduled_at, wall_time, zone, account } = version;
  const isAhead = scheduled_at !== null && scheduled_at > clock.now;
  // What has ended is given no time: only Retry schedules it again.
  const hasEnded = ["failed", "missed", "cancelled"].includes(row.status);
  const when = isAhead && !hasEnded ? { wall_time, zone } : {};
  try {
    const change = { content, account, keep_draft: row.status === "draft", ...when };
    await api.edit_post({ id: row.id, change: { ...change, based_on: row.version } });
    const stays =
      isAhead || scheduled_at === null ? "" : " Its time had passed, so the time stays.";
    await history.offer(`Back to the earlier version.${stays}`);
  } catch (error) {
    toast.error(errorText(error));
  }
}

const DO: Record<Action, (row: PostRow) => Promise<void>> = {
  edit: (row) => composer.openFor(row.id),
  cancel: async (row) => {
    const done = await withdraw(row, (posts) => api.cancel_posts({ posts }));
    if (done === null) return;
    if (done.cancelled.length > 0) {
      await history.offer("Cancelled. It will not go out.");
    } else if (done.cancelling.length > 0) {
      await history.offer("Cancelling: it counts once the relay has acknowledged it.");
    } else {
      toast.error("Too late to cancel: the post is being sent, or is on X already.");
    }
  },
  delete: async (row) => {
    const done = await withdraw(row, (posts) => api.delete_posts({ posts }));
    if (done === null) return;
    const removed = done.deleted.length + done.deleting.length;
    const stays = done.stays_on_x.length > 0 ? " It stays on X." : "";
    if (removed > 0) await history.offer(`${plural(removed, "post")} deleted.${stays}`);
    else toast.error("It can't be deleted now: it is being sent.");
  },
  retry: async (row) => {
    const { post } = await api.retry_post(target(row));
    await history.offer(scheduledText("Scheduled again", post, app.zone, clock.now));
  },
  post_now: async (row) => {
    await api.retry_post(target(row));
    await history.offer("On its way.");
  },
  verify: async (row) => {
    await api.resolve_post({ post: target(row), finding: { action: "verify" } });
    toast.info("Reading the account's timeline on X.");
  },
  // Asked for in the inspector, which has the field for the address.
  went_out: () => Promise.resolve(),
  send_again: async (row) => {
    await api.resolve_post({ post: target(row), finding: { action: "send_again" } });
    toast.info("Will be sent again.");
  },
  post_too: async (row) => {
    const { post } = await api.post_too({ id: row.id });
    await history.offer(scheduledText("Scheduled", post, app.zone, clock.now));
  },
  replace: async (row) => {
    await api.replace_post({ id: row.id });
    toast.info("Deleted on X. The new words are on their way.");
  },
  delete_on_x: async (row) => {
    await api.delete_on_x(target(row));
    toast.info("Deleted on X.");
  },
  open_on_x: async (row) => {
    if (row.tweet_url) await openInBrowser(row.tweet_url);
  },
};
