import { api, errorText } from "../ipc";
import type { Notice, NoticeTopic, PostRow } from "../ipc";
import { app } from "./app.svelte";
import { health } from "./health.svelte";
import { posts } from "./posts.svelte";

/** Notices that are shown: what is older stands in the posts themselves. */
const SHOWN = 100;

/** What a notice is about: as the person clicks on it, here or in the system's notification. */
export interface Opened {
  post_id: PostRow["id"] | null;
  topic: NoticeTopic;
}

/** What the person was told, the newest first; many of one cause as one. */
class Notices {
  open = $state(false);
  all = $state.raw<Notice[]>([]);
  isRead = $state(false);
  problem = $state<string | null>(null);
  /** Those that were unread when the list was opened: they stay marked until it closes. */
  readonly unread = $derived(app.overview?.unread_notices ?? 0);

  /** Opens the list. */
  async show() {
    this.open = true;
    await this.read();
  }

  /** Reads the list anew. */
  async read() {
    try {
      this.all = (await api.list_notices({ all: true, limit: SHOWN, grouped: true })).notices;
      this.isRead = true;
      this.problem = null;
    } catch (error) {
      this.problem = errorText(error);
    }
  }

  /** Closes the list: what was shown is read. */
  async close() {
    this.open = false;
    await this.markRead();
  }

  /** Notes that all that is shown was read. */
  async markRead() {
    const newest = Math.max(0, ...this.all.map(({ id }) => id));
    if (this.all.every(({ read_at }) => read_at !== null)) return;
    try {
      await api.read_notices({ up_to: newest });
      await this.read();
    } catch (error) {
      this.problem = errorText(error);
    }
  }

  /** Shows what a notice is about. */
  async follow({ post_id, topic }: Opened) {
    if (this.open) await this.close();
    if (post_id !== null) {
      await app.go("all");
      posts.currentId = post_id;
      await app.refreshDetail();
      // One that was deleted since is not there any more.
      if (app.detail !== null) return;
    }
    if (topic === "service") health.show();
    else if (topic === "import") await app.go("imports");
    else await app.go(topic === "posted" ? "posted" : "needs_you");
  }
}

export const notices = new Notices();
