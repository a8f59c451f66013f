import { plural } from "../format";
import { api, errorText } from "../ipc";
import type { DuplicateGroup, PostRow } from "../ipc";
import { target } from "../versions";
import { accounts } from "./accounts.svelte";
import { history } from "./history.svelte";
import { toast } from "./toast.svelte";

/** Posts that are planned more than once, as the engine finds them. */
class Duplicates {
  open = $state(false);
  groups = $state.raw<DuplicateGroup[]>([]);
  /** How many texts are planned more than once, and how many posts could go, on further pages too. */
  total = $state(0);
  repeats = $state(0);
  isRead = $state(false);
  problem = $state<string | null>(null);
  busy = $state(false);
  #next = $state<string | null>(null);
  #asked = 0;

  /** Whether further texts can be read. */
  readonly isCut = $derived(this.#next !== null);

  /** Opens the list. */
  async show() {
    this.open = true;
    this.isRead = false;
    await this.read();
  }

  /** Reads the first page. */
  async read() {
    await this.#read(null);
  }

  /** Reads the next page. */
  async more() {
    if (this.#next !== null) await this.#read(this.#next);
  }

  /** Deletes all but the first of each text, those of pages that were not read yet too. */
  async removeAll() {
    this.busy = true;
    try {
      while (this.#next !== null && this.problem === null) await this.#read(this.#next);
      if (this.problem === null) await this.#delete(this.groups.flatMap(repeatsOf));
    } finally {
      this.busy = false;
    }
    await this.read();
  }

  /** Deletes posts, as the person sees them; they can be had back. */
  async remove(rows: PostRow[]) {
    this.busy = true;
    await this.#delete(rows);
    this.busy = false;
    await this.read();
  }

  async #delete(rows: PostRow[]) {
    try {
      const done = await api.delete_posts({ posts: rows.map(target) });
      const removed = done.deleted.length + done.deleting.length;
      const left = rows.length - removed;
      const stays = left > 0 ? ` ${plural(left, "post")} changed meanwhile and stayed.` : "";
      await history.offer(`${plural(removed, "repeat")} deleted.${stays}`);
    } catch (error) {
      toast.error(errorText(error));
    }
  }

  async #read(after: string | null) {
    const asked = ++this.#asked;
    try {
      const page = await api.find_duplicates({ account: accounts.shown, after });
      if (asked !== this.#asked) return;
      this.groups = after === null ? page.groups : [...this.groups, ...page.groups];
      this.total = page.total;
      this.repeats = page.repeats;
      this.#next = page.next;
      this.isRead = true;
      this.problem = null;
    } catch (error) {
      if (asked === this.#asked) this.problem = errorText(error);
    }
  }
}

/** Returns the posts of a group that could go: all but the first. */
export function repeatsOf({ posts }: DuplicateGroup): PostRow[] {
  return posts.slice(1);
}

export const duplicates = new Duplicates();
