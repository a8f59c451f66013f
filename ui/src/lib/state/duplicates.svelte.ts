import { samePosts } from "../duplicates";
import type { SamePosts } from "../duplicates";
import { plural } from "../format";
import { api, errorText } from "../ipc";
import type { PostRow, Status } from "../ipc";
import { target } from "../versions";
import { accounts } from "./accounts.svelte";
import { history } from "./history.svelte";
import { toast } from "./toast.svelte";

const PLANNED: Status[] = ["draft", "pending", "queued", "held"];
const PAGE_ROWS = 500;
/** Posts that are compared at most: as many as a person plans in years. */
const ROWS_MAX = 20_000;

/** Posts that are planned more than once. */
class Duplicates {
  open = $state(false);
  groups = $state.raw<SamePosts[]>([]);
  /** Whether not all planned posts were compared. */
  isCut = $state(false);
  isRead = $state(false);
  problem = $state<string | null>(null);
  busy = $state(false);
  #asked = 0;

  readonly repeats = $derived(this.groups.reduce((sum, { rows }) => sum + rows.length - 1, 0));

  /** Opens the list. */
  async show() {
    this.open = true;
    this.isRead = false;
    await this.read();
  }

  /** Compares all that is planned. */
  async read() {
    const asked = ++this.#asked;
    try {
      const rows: PostRow[] = [];
      let after: string | null = null;
      do {
        const query = { view: "all" as const, statuses: PLANNED, account: accounts.shown };
        const page = await api.list_posts({ ...query, after, limit: PAGE_ROWS });
        if (asked !== this.#asked) return;
        rows.push(...page.posts);
        after = page.next;
      } while (after !== null && rows.length < ROWS_MAX);
      this.groups = samePosts(rows);
      this.isCut = after !== null;
      this.isRead = true;
      this.problem = null;
    } catch (error) {
      if (asked === this.#asked) this.problem = errorText(error);
    }
  }

  /** Deletes posts, as the person sees them; they can be had back. */
  async remove(rows: PostRow[]) {
    this.busy = true;
    try {
      const done = await api.delete_posts({ posts: rows.map(target) });
      const removed = done.deleted.length + done.deleting.length;
      const left = rows.length - removed;
      const stays = left > 0 ? ` ${plural(left, "post")} changed meanwhile and stayed.` : "";
      await history.offer(`${plural(removed, "repeat")} deleted.${stays}`);
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      this.busy = false;
      await this.read();
    }
  }
}

export const duplicates = new Duplicates();
