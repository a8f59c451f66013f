import { api, errorText } from "../ipc";
import type { TrashedPost } from "../ipc";
import { history } from "./history.svelte";
import { toast } from "./toast.svelte";

/** Deleted posts that are read. */
const SHOWN = 200;

/** Posts that were deleted and can be had back. */
class Trash {
  open = $state(false);
  posts = $state.raw<TrashedPost[]>([]);
  isRead = $state(false);
  problem = $state<string | null>(null);
  busy = $state(false);

  /** Opens the list. */
  async show() {
    this.open = true;
    await this.read();
  }

  /** Reads the list anew. */
  async read() {
    try {
      this.posts = (await api.list_trash({ limit: SHOWN })).posts;
      this.isRead = true;
      this.problem = null;
    } catch (error) {
      this.problem = errorText(error);
    }
  }

  /** Takes posts out of the trash; what becomes of them is said. */
  async restore(ids: string[]) {
    this.busy = true;
    try {
      const { posts } = await api.restore_posts({ posts: ids.map((id) => ({ id })) });
      const [first] = posts;
      if (posts.length === 1 && first) await history.offer(first.message);
      else await history.offer(`${posts.length} posts are out of the trash.`);
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      this.busy = false;
      await this.read();
    }
  }
}

export const trash = new Trash();
