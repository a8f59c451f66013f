import type { PostRow } from "../ipc";
import { posts } from "./posts.svelte";

/** Which posts of the list are chosen, to be changed together. */
class PostSelection {
  /** The list that the choice was made in: in another one it does not hold. */
  #list = $state<string | null>(null);
  #ids = $state.raw<ReadonlySet<string>>(new Set());
  /** Whether all of the list are chosen, those that are not loaded included. */
  #isWhole = $state(false);
  /** Where a range begins. */
  #anchor: string | null = null;

  readonly #holds = $derived(this.#list === posts.listKey);
  /** Whether all that the list holds are chosen, loaded or not. */
  readonly isWhole = $derived(this.#holds && this.#isWhole);
  /** The chosen rows, in the list's order; of a whole list those that are loaded. */
  readonly rows = $derived.by<PostRow[]>(() => {
    if (this.isWhole) return posts.rows;
    const none = !this.#holds || this.#ids.size === 0;
    return none ? [] : posts.rows.filter(({ id }) => this.#ids.has(id));
  });
  readonly count = $derived(this.isWhole ? posts.total : this.rows.length);
  readonly any = $derived(this.count > 0);

  /** Returns whether a post is chosen. */
  has(id: string): boolean {
    return this.#holds && (this.#isWhole || this.#ids.has(id));
  }

  /** Chooses a post, or no longer; the first choice takes the current post along. */
  toggle(id: string) {
    const current = posts.currentId;
    const chosen = this.rows.map((row) => row.id);
    if (chosen.length === 0 && current !== null && current !== id && this.#isListed(current))
      chosen.push(current);
    const isChosen = chosen.includes(id);
    this.#anchor = id;
    this.#choose(new Set(isChosen ? chosen.filter((each) => each !== id) : [...chosen, id]));
  }

  /** Chooses all of these beside what is chosen; when all of them are, none of them. */
  toggleAll(ids: string[]) {
    const chosen = this.rows.map((row) => row.id);
    const areAll = ids.every((id) => this.has(id));
    const others = chosen.filter((id) => !ids.includes(id));
    this.#anchor = ids[0] ?? null;
    this.#choose(new Set(areAll ? others : [...chosen, ...ids]));
  }

  /** Chooses all from where the last choice was made, or the current post, to this one. */
  extendTo(id: string) {
    const start = this.#holds ? (this.#anchor ?? posts.currentId) : posts.currentId;
    const from = posts.rows.findIndex((row) => row.id === start);
    const to = posts.rows.findIndex((row) => row.id === id);
    if (to < 0) return;
    if (from < 0) {
      this.#anchor = id;
      return this.#choose(new Set([id]));
    }
    this.#anchor = start;
    const range = posts.rows.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.#choose(new Set(range.map((row) => row.id)));
  }

  /** Chooses everything that the list holds. */
  all() {
    if (posts.rows.length === 0) return;
    this.#choose(new Set(posts.rows.map(({ id }) => id)));
    this.#isWhole = !posts.complete;
  }

  /** Chooses nothing. */
  clear() {
    this.#list = null;
    this.#ids = new Set();
    this.#isWhole = false;
    this.#anchor = null;
  }

  #isListed(id: string): boolean {
    return posts.rows.some((row) => row.id === id);
  }

  #choose(ids: ReadonlySet<string>) {
    this.#list = posts.listKey;
    this.#ids = ids;
    this.#isWhole = false;
  }
}

export const selection = new PostSelection();
