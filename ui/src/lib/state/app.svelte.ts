import { untrack } from "svelte";
import { dayKey } from "../format";
import { api, errorText, onChange, sampleFile } from "../ipc";
import type { AccountRow, Change, ImportRow, Overview, PostDetail, View } from "../ipc";
import { sceneOf } from "../scene";
import { accounts } from "./accounts.svelte";
import { clock } from "./clock.svelte";
import { posts } from "./posts.svelte";

/** Where the person is: a view of posts, or the list of imports. */
export type Place = View | "imports" | "import_posts" | "calendar" | "media";

/** Changes that come within this time are answered by one reading. */
const GATHER_MS = 60;
/** Where a reading takes long, the next one waits three times as long, and at most this. */
const GATHER_MS_MAX = 500;

/** What the whole window shares: the overview, the place, and what is open. */
class App {
  overview = $state.raw<Overview | null>(null);
  place = $state<Place>("today");
  detail = $state.raw<PostDetail | null>(null);
  imports = $state.raw<ImportRow[]>([]);
  /** Whether the imports were read; until then it is not known that there are none. */
  areImportsRead = $state(false);
  /** Why the imports can't be read. */
  importsProblem = $state<string | null>(null);
  /** A file that a newcomer may import to try things. */
  sample = $state<string | null>(null);
  /** Why the window can't show anything, when it can't. */
  fatalError = $state<string | null>(null);
  /** Grows whenever imports were opened, committed or dropped, here or by another process. */
  openImportsChanges = $state(0);
  /** Grows whenever posts changed while the calendar is shown. */
  calendarChanges = $state(0);
  shortcutsOpen = $state(false);
  settingsOpen = $state(false);
  /** The section of the settings that is shown first. */
  settingsAt = $state<string | null>(null);
  /** What quitting would cost, while the person is asked about it. */
  quitWarning = $state<string | null>(null);
  /** The account whose posts are to be cancelled, while the person is asked about it. */
  cancelOf = $state.raw<AccountRow | null>(null);

  /** The posts that changed since the last reading; "all" when nobody knows which. */
  #changed: Set<string> | "all" = new Set();
  #scheduled = false;
  #running = false;
  #gatherMs = GATHER_MS;
  #stopFollowingDay = () => {};

  readonly sandbox = $derived(this.overview?.sync.sandbox ?? false);
  readonly zone = $derived(this.overview?.settings.zone ?? "UTC");
  readonly today = $derived(dayKey(clock.now, this.zone));

  /** Reads everything once, and then what changes. */
  async start() {
    onChange((change) => this.apply(change));
    this.#followDay();
    this.sample = await sampleFile();
    await this.refresh();
  }

  /** Goes to a place of the rail. */
  async go(place: Place, importId: string | null = null) {
    this.place = place;
    this.detail = null;
    if (place === "imports") await this.readImports();
    else if (place === "calendar" || place === "media") posts.currentId = null;
    else await posts.show(place === "import_posts" ? "all" : place, importId);
  }

  /** Shows what the search finds in all places. */
  async searchEverywhere() {
    this.place = "all";
    this.detail = null;
    await posts.searchEverywhere();
  }

  /** Searches in all places. */
  async searchFor(text: string) {
    posts.search = text;
    await this.searchEverywhere();
  }

  /** Has the lists show one account, or all. */
  async showAccount(id: string | null) {
    accounts.show(id);
    await posts.reload(true);
    await this.refreshDetail();
  }

  /** Takes a change: reads soon what it names, together with what else changes by then. */
  apply(change: Change) {
    if (change.kind === "open_imports" || change.kind === "everything")
      this.openImportsChanges += 1;
    const ids = postsOf(change);
    if (ids === "all") this.#changed = "all";
    else if (this.#changed !== "all") for (const id of ids) this.#changed.add(id);
    this.#readSoon();
  }

  /** Reads everything that is shown. */
  async refresh() {
    this.#changed = "all";
    await this.#read();
  }

  /** Reads the current post's detail; none when it is gone. */
  async refreshDetail() {
    const id = posts.currentId;
    if (id === null) {
      this.detail = null;
      return;
    }
    try {
      const detail = await api.get_post({ id });
      if (posts.currentId === id) this.detail = detail;
    } catch {
      // Removed meanwhile; the list tells.
      if (posts.currentId === id) this.detail = null;
    }
  }

  /** Reads everything when the day is another: what is due today has changed, though no post has. */
  #followDay() {
    this.#stopFollowingDay();
    let known = untrack(() => this.today);
    this.#stopFollowingDay = $effect.root(() => {
      $effect(() => {
        const { today } = this;
        if (today === known) return;
        known = today;
        untrack(() => this.apply({ kind: "everything" }));
      });
    });
  }

  #readSoon() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => {
      this.#scheduled = false;
      if (this.#running) this.#readSoon();
      else void this.#read();
    }, this.#gatherMs);
  }

  async #read() {
    this.#running = true;
    const began = performance.now();
    const changed = this.#changed;
    this.#changed = new Set();
    try {
      const before = this.overview;
      this.overview = await api.get_overview();
      const { shown } = accounts;
      accounts.update(this.overview.accounts);
      this.fatalError = null;
      const isOther = before !== null && sceneOf(before) !== sceneOf(this.overview);
      const read = isOther || accounts.shown !== shown ? "all" : changed;
      if (this.place === "imports") await this.readImports();
      else if (this.place === "calendar") this.calendarChanges += 1;
      // The library reads what it shows by itself.
      else if (this.place === "media") posts.loadedOf = null;
      else if (read === "all") await posts.reload();
      else if (read.size > 0) await posts.patch(read);
      const current = posts.currentId;
      if (current !== null && (read === "all" || read.has(current))) await this.refreshDetail();
    } catch (error) {
      // What was to be read is not known: the next reading reads all.
      this.#changed = "all";
      this.fatalError = errorText(error);
    } finally {
      this.#running = false;
      const took = performance.now() - began;
      this.#gatherMs = Math.min(GATHER_MS_MAX, Math.max(GATHER_MS, 3 * took));
    }
  }

  /** Reads the imports anew. */
  async readImports() {
    try {
      this.imports = (await api.list_imports()).imports;
      this.areImportsRead = true;
      this.importsProblem = null;
    } catch (error) {
      this.importsProblem = errorText(error);
    }
  }
}

/** Returns the posts that a change names. */
function postsOf(change: Change): string[] | "all" {
  if (change.kind === "everything") return "all";
  if (change.kind !== "posts") return [];
  return change.posts.which === "ids" ? change.posts.ids : "all";
}

export const app = new App();
