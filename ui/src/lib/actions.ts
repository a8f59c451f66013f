import { openInBrowser, shell, errorText } from "./ipc";
import type { Action, Detail, Row } from "./ipc";
import { plural } from "./format";
import { app } from "./state/app.svelte";
import { composer } from "./state/composer.svelte";
import { toast } from "./state/toast.svelte";

/** What the button of an action says, which key it has, and whether it is the dangerous one. */
export interface ActionLook {
  label: string;
  key: string | null;
  danger: boolean;
}

/** How an action is offered for this post. */
export function lookOf(action: Action, row: Row): ActionLook {
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
    case "delete":
      return { label: "Delete", key: row.status === "draft" ? "⌫" : null, danger: true };
    case "open_on_x":
      return { label: "Open on X", key: "O", danger: false };
    case "post_too":
      return { label: "Post this too", key: null, danger: false };
    case "replace":
      return { label: "Replace on X", key: null, danger: true };
  }
}

/** Does it. What goes wrong with the post itself shows on its row; a refusal is said. */
export async function act(action: Action, row: Row): Promise<void> {
  try {
    await DO[action](row);
  } catch (error) {
    toast.error(errorText(error));
  }
  app.refreshSoon();
}

/** Does the first of these that the post allows now. */
export async function actFirst(detail: Detail | null, actions: Action[]): Promise<void> {
  const action = actions.find((each) => detail?.actions.includes(each));
  if (detail && action) await act(action, detail.row);
}

const DO: Record<Action, (row: Row) => Promise<void>> = {
  edit: (row) => composer.openFor(row),
  cancel: async (row) => {
    const done = await shell.cancel([row.id]);
    if (done.cancelled > 0) {
      toast.info("Cancelled. It will not go out.", {
        label: "Undo",
        run: () => void act("retry", row),
      });
    } else if (done.cancelling > 0) {
      toast.info("Cancelling: it counts once the relay has acknowledged it.");
    } else {
      toast.error("Too late to cancel: the post is being sent, or is on X already.");
    }
  },
  delete: async (row) => {
    const done = await shell.remove([row.id]);
    const removed = done.cancelled + done.cancelling;
    if (removed > 0) toast.info(`${plural(removed, "post")} deleted.`);
    else toast.error("It can't be deleted now: it is being sent.");
  },
  retry: async (row) => {
    const { post } = await shell.retry(row.id);
    toast.info(post.time ? `Scheduled again, for ${post.time}.` : "Scheduled again.");
  },
  post_now: async (row) => {
    await shell.retry(row.id);
    toast.info("On its way.");
  },
  verify: async (row) => {
    await shell.verify(row.id);
    toast.info("Reading the account's timeline on X.");
  },
  // Asked for in the inspector, which has the field for the address.
  went_out: () => Promise.resolve(),
  send_again: async (row) => {
    await shell.sendAgain(row.id);
    toast.info("Will be sent again.");
  },
  post_too: async (row) => {
    const { post } = await shell.postToo(row.id);
    toast.info(post.time ? `Scheduled, for ${post.time}.` : "Scheduled.");
  },
  replace: async (row) => {
    await shell.replace(row.id);
    toast.info("Deleted on X. The new words are on their way.");
  },
  open_on_x: async (row) => {
    if (row.tweetUrl) await openInBrowser(row.tweetUrl);
  },
};
