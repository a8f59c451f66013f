import { api, errorText } from "../ipc";
import type { PostPage, PostQuery, PostRow, Status, View } from "../ipc";
import { patched } from "../order";
import { accounts } from "./accounts.svelte";

const PAGE_ROWS = 500;

/** The list in the middle: one view's rows, loaded page by page, and which row is current. */
class Posts {
  view = $state<View>("today");
  statuses = $state<Status[]>([]);
  search = $state("");
  importId = $state<string | null>(null);
  /** The cause whose posts alone are shown, wherever they stand. */
  cause = $state<string | null>(null);

  rows = $state.raw<PostRow[]>([]);
  total = $state(0);
  /** Hits of words are counted up to a limit: there may be more than `total`. */
  totalIsAtLeast = $state(false);
  /** Null until the first answer. */
  loadedOf = $state<string | null>(null);
  error = $state<string | null>(null);
  currentId = $state<string | null>(null);
  /** Grows whenever another list, or what another search finds, is shown from its start. */
  began = $state(0);
  /** Why the search finds nothing, where one of its operators is wrong. */
  hint = $state<string | null>(null);
  /** How many posts the search finds in all places; null where it was not asked. */
  everywhere = $state<number | null>(null);

  #asked = 0;
  /** How often the list was patched: pages that were read before are older. */
  #patches = 0;
  #loading = false;
  #next = $state<string | null>(null);

  /** Hits of a search are counted up to a thousand, so that the total does not tell. */
  readonly complete = $derived(this.#next === null);
  readonly currentIndex = $derived(this.rows.findIndex((row) => row.id === this.currentId));
  readonly filtered = $derived(
    this.statuses.length > 0 ||
      this.search.trim() !== "" ||
      this.cause !== null ||
      accounts.shown !== null,
  );

  /** What the list holds, as a query without pages. */
  readonly query = $derived<PostQuery>({
    view: this.cause === null ? this.view : "all",
    cause: this.cause,
    statuses: this.statuses,
    search: this.search.trim() === "" ? null : this.search.trim(),
    import: this.importId,
    // An import shows all that it brought.
    account: this.importId === null ? accounts.shown : null,
  });
  /** Tells this list from another one. */
  readonly listKey = $derived(JSON.stringify(this.query));
  /** The words that a search looks for, without its operators, in lower case. */
  readonly words = $derived(
    this.search
      .toLowerCase()
      .split(/\s+/)
      .filter(
        (word) => word !== "" && !/^(status|is|account|from|tag|has|before|after|on):/.test(word),
      ),
  );

  /** Shows the same search in all places. */
  async searchEverywhere() {
    const { search } = this;
    this.view = "all";
    this.statuses = [];
    this.importId = null;
    this.cause = null;
    this.currentId = null;
    this.search = search;
    await this.reload(true);
  }

  /** Shows another view from its start. */
  async show(view: View, importId: string | null = null) {
    this.view = view;
    this.importId = importId;
    this.statuses = [];
    this.search = "";
    this.cause = null;
    this.currentId = null;
    await this.reload(true);
  }

  /** Reads anew what is loaded, or the first page alone. */
  async reload(fromStart = false): Promise<void> {
    const asked = ++this.#asked;
    const patches = this.#patches;
    const wanted = fromStart ? 1 : this.rows.length;
    try {
      const read = await this.#read(null, wanted);
      // A later question overtook this one: its answer counts.
      if (asked !== this.#asked) return;
      // A patch that came meanwhile may know more than these pages.
      if (patches !== this.#patches) return this.reload(fromStart);
      this.rows = read.posts;
      this.total = read.total;
      this.totalIsAtLeast = read.total_is_at_least ?? false;
      this.hint = read.hint ?? null;
      this.#next = read.next;
      this.error = null;
      this.loadedOf = this.view;
      if (fromStart) this.began += 1;
      void this.#countEverywhere(asked);
    } catch (error) {
      if (asked === this.#asked) this.error = errorText(error);
    }
  }

  /** Reads these posts anew, and puts them where they belong in the list now. */
  async patch(ids: ReadonlySet<string>): Promise<void> {
    // After an error it is not known what else changed.
    if (this.loadedOf === null || this.error !== null || ids.size > PAGE_ROWS) return this.reload();
    const asked = this.#asked;
    try {
      const query = { ...this.#query(null), ids: [...ids], limit: ids.size };
      const [changed, whole] = await Promise.all([
        api.list_posts(query),
        // How many there are in all can't be told from a part of them.
        this.#next === null ? null : api.list_posts({ ...this.#query(null), limit: 1 }),
      ]);
      // What was read anew meanwhile may be newer, or of another list.
      if (asked !== this.#asked) return this.patch(ids);
      this.#patches += 1;
      this.rows = patched(this.rows, ids, changed.posts, this.view, this.#next === null);
      this.total = whole?.total ?? this.rows.length;
    } catch (error) {
      if (asked === this.#asked) this.error = errorText(error);
      return;
    }
    // A list that only shrinks is never scrolled to its end.
    if (this.rows.length < PAGE_ROWS / 2) await this.more();
  }

  /** Loads the next page, when there is one. */
  async more(): Promise<void> {
    if (this.#next === null || this.#loading) return;
    const [asked, patches] = [this.#asked, this.#patches];
    this.#loading = true;
    try {
      const read = await this.#read(this.#next, 1);
      if (asked !== this.#asked) return;
      if (patches === this.#patches) {
        const known = new Set(this.rows.map((row) => row.id));
        this.rows = [...this.rows, ...read.posts.filter((row) => !known.has(row.id))];
        this.total = read.total;
        this.#next = read.next;
        return;
      }
    } catch (error) {
      if (asked === this.#asked) this.error = errorText(error);
      return;
    } finally {
      this.#loading = false;
    }
    // A patch that came meanwhile may know more than this page.
    return this.more();
  }

  /** Moves the current row by so many, staying inside. */
  step(by: number) {
    if (this.rows.length === 0) return;
    const from = this.currentIndex < 0 ? (by > 0 ? -1 : 0) : this.currentIndex;
    const to = Math.min(Math.max(from + by, 0), this.rows.length - 1);
    this.currentId = this.rows[to]?.id ?? null;
  }

  /** Makes the first row current. */
  goToFirst() {
    this.currentId = this.rows[0]?.id ?? this.currentId;
  }

  /** Makes the last row current, once all are read. */
  async goToLast(): Promise<void> {
    const list = this.listKey;
    while (!this.complete && this.error === null && list === this.listKey) {
      const before = this.rows.length;
      await this.more();
      // Another reading is under way, or nothing more came: what is there has to do.
      if (this.rows.length === before) break;
    }
    if (list === this.listKey) this.currentId = this.rows.at(-1)?.id ?? this.currentId;
  }

  /** Reads pages from a place on until at least so many rows are there. */
  async #read(after: string | null, wanted: number): Promise<PostPage> {
    const whole: PostPage = { posts: [], total: 0, next: after };
    do {
      const page = await api.list_posts(this.#query(whole.next));
      whole.hint = page.hint ?? null;
      whole.posts.push(...page.posts);
      whole.total = page.total;
      whole.total_is_at_least = page.total_is_at_least ?? false;
      whole.next = page.next;
    } while (whole.next !== null && whole.posts.length < wanted);
    return whole;
  }

  /** Counts what the search finds in all places, where the list shows one. */
  async #countEverywhere(asked: number): Promise<void> {
    if (this.search.trim() === "" || this.view === "all") {
      this.everywhere = null;
      return;
    }
    const query = { ...this.#query(null), view: "all" as const, statuses: [], limit: 1 };
    const { total } = await api.list_posts(query).catch(() => ({ total: null }));
    if (asked === this.#asked) this.everywhere = total;
  }

  #query(after: string | null): PostQuery {
    return { ...this.query, after, limit: PAGE_ROWS };
  }
}

export const posts = new Posts();
