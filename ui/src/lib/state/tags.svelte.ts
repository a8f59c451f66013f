import { api } from "../ipc";
import type { TagRow } from "../ipc";
import { app } from "./app.svelte";
import { posts } from "./posts.svelte";

/** Tags that the rail shows, those of most posts first. */
const SHOWN_MAX = 12;

/** The tags of the posts, by which the rail leads to them. */
class Tags {
  all = $state.raw<TagRow[]>([]);
  #asked = 0;

  /** Reads which tags there are. */
  async read() {
    const asked = ++this.#asked;
    try {
      const { tags } = await api.list_tags();
      if (asked !== this.#asked) return;
      const used = tags.filter((tag) => tag.posts > 0);
      this.all = used.toSorted((one, other) => other.posts - one.posts).slice(0, SHOWN_MAX);
    } catch {
      // What can't be read is said by the lists; the tags of before stay.
    }
  }

  /** Returns whether the list shows the posts of a tag. */
  isShown(name: string): boolean {
    return app.place === "all" && posts.search.trim() === wordOf(name);
  }

  /** Shows the posts of a tag, wherever they stand; all posts where it was shown. */
  async show(name: string) {
    if (this.isShown(name)) await app.go("all");
    else await app.searchFor(wordOf(name));
  }
}

/** Returns the operator of the search that finds a tag. */
function wordOf(name: string): string {
  return /\s/.test(name) ? `tag:"${name}"` : `tag:${name}`;
}

export const tags = new Tags();
