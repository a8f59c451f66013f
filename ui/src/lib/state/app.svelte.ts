import { onChange, shell, errorText } from "../ipc";
import type { Account, Detail, ImportRow, Overview, View } from "../ipc";
import { posts } from "./posts.svelte";

/** Where the person is: a view of posts, or the list of imports. */
export type Place = Exclude<View, "all"> | "imports" | "import_posts";

/** What the whole window shares: the overview, the place, and what is open. */
class App {
  overview = $state.raw<Overview | null>(null);
  place = $state<Place>("today");
  detail = $state.raw<Detail | null>(null);
  imports = $state.raw<ImportRow[]>([]);
  /** Why the window can't show anything, when it can't. */
  fatalError = $state<string | null>(null);
  shortcutsOpen = $state(false);
  settingsOpen = $state(false);
  /** What quitting would cost, while the person is asked about it. */
  quitWarning = $state<string | null>(null);
  /** The account whose posts are to be cancelled, while the person is asked about it. */
  cancelOf = $state.raw<Account | null>(null);

  #queued = false;
  #running = false;
  /** Long answers are asked for less often. */
  #pause = 60;

  readonly sandbox = $derived(this.overview?.sandbox ?? false);
  readonly zone = $derived(this.overview?.zone ?? "UTC");
  readonly today = $derived(this.overview?.today ?? "");

  /** Reads everything once, and again at every change. */
  async start() {
    onChange(() => {
      this.refreshSoon();
    });
    await this.refresh();
  }

  /** Goes to a place of the rail. */
  async go(place: Place, importId: string | null = null) {
    this.place = place;
    this.detail = null;
    if (place === "imports") await this.refresh();
    else await posts.show(place === "import_posts" ? "all" : place, importId);
  }

  /** Reads anew soon: many changes become one reading. */
  refreshSoon() {
    if (this.#queued) return;
    this.#queued = true;
    setTimeout(() => {
      this.#queued = false;
      if (this.#running) this.refreshSoon();
      else void this.refresh();
    }, this.#pause);
  }

  /** Reads anew what is shown. */
  async refresh() {
    this.#running = true;
    const began = performance.now();
    try {
      this.overview = await shell.overview();
      this.fatalError = null;
      if (this.place === "imports") this.imports = await shell.imports();
      else await posts.reload();
      await this.refreshDetail();
    } catch (error) {
      this.fatalError = errorText(error);
    } finally {
      this.#running = false;
      this.#pause = Math.min(2000, Math.max(60, 3 * (performance.now() - began)));
    }
  }

  /** Reads the current post's detail anew; none when it is gone. */
  async refreshDetail() {
    const id = posts.currentId;
    if (id === null) {
      this.detail = null;
      return;
    }
    try {
      const detail = await shell.post(id);
      if (posts.currentId === id) this.detail = detail;
    } catch {
      // Removed meanwhile; the list tells.
      if (posts.currentId === id) this.detail = null;
    }
  }
}

export const app = new App();
