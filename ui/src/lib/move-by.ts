/** Moving posts by a few minutes, with one key and without a dialog. */
import { doneText } from "./bulk/done";
import { api, errorText } from "./ipc";
import type { PostRow } from "./ipc";
import { history } from "./state/history.svelte";
import { toast } from "./state/toast.svelte";
import { target } from "./versions";

/** Posts that are read again before they are moved, at the most: a page. */
const READ_MAX = 500;

/** A key that is held moves once more only when the last move is done. */
let isMoving = false;

/** Moves posts by so many minutes, as the person sees them; what can't be moved stays, and that is said. */
export async function moveBy(rows: PostRow[], minutes: number): Promise<void> {
  if (isMoving || rows.length === 0) return;
  isMoving = true;
  try {
    const done = await api.reschedule_posts({
      selection: { posts: (await asTheyAre(rows)).map(target) },
      change: { kind: "shift", seconds: 60 * minutes },
      terms: { skip_refused: true },
    });
    const refusal = done.posts.find(({ refused }) => refused !== null)?.refused;
    if (done.changed === 0) toast.error(refusal?.message ?? "There is no time to move.");
    else await history.offer(doneText("shift", done));
  } catch (error) {
    toast.error(errorText(error));
  } finally {
    isMoving = false;
  }
}

/** Returns the posts as they are now: the list may not show the last move yet, and the next one goes on from it. */
async function asTheyAre(rows: PostRow[]): Promise<PostRow[]> {
  if (rows.length > READ_MAX) return rows;
  const ids = rows.map(({ id }) => id);
  return (await api.list_posts({ view: "all", ids, limit: ids.length })).posts;
}
