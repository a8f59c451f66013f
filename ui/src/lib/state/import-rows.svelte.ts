import { api, errorText } from "../ipc";
import type { CodeCount, ImportRowView } from "../ipc";
import { queryOf, sameShown } from "../import/filters";
import type { Shown } from "../import/filters";

/** Rows that are asked for at once. */
const PAGE_ROWS = 100;
/** Pages that are remembered; those farthest from what is in view are forgotten first. */
const PAGES_MAX = 60;

export const ALL: Shown = { kind: "pill", pill: "all" };

/**
 * The rows of the open import that the grid shows: those that a filter lets through, read page by page
 * as they come into view. A row that was mended stays until the filter is chosen again, so that it is
 * not drawn away from under the person's hands.
 */
class ImportRows {
  shown = $state.raw<Shown>(ALL);
  total = $state(0);
  problem = $state<string | null>(null);
  /** What was found in the rows: filters of errors and of warnings are made of it. */
  found: CodeCount[] = [];
  /** Whether the first page of what is shown has come. */
  isRead = $state(false);

  #session: string | null = null;
  #pages = new Map<number, ImportRowView[]>();
  #asked = new Set<number>();
  /** Pages that were read before all rows were judged anew. */
  #stale = new Set<number>();
  /** Rises with each page and each changed row, so that what reads rows is drawn again. */
  #version = $state(0);
  /** Answers of an earlier filter, or from before a change of all rows, are thrown away. */
  #round = 0;
  #inView: [number, number] = [0, 0];

  /** Shows the rows of an import; none with null. */
  open(session: string | null, found: CodeCount[], shown: Shown = ALL) {
    this.#session = session;
    this.found = found;
    this.shown = shown;
    this.total = 0;
    this.isRead = false;
    this.#forget();
    if (session !== null) void this.#read(0);
  }

  /** Shows the rows of another filter, from the first one on; the same one is read anew. */
  async show(shown: Shown) {
    const isOther = !sameShown(this.shown, shown);
    this.shown = shown;
    if (isOther) {
      this.isRead = false;
      this.#forget();
    }
    await this.refresh();
  }

  /** Reads anew what is in view: all rows may be judged otherwise. */
  async refresh() {
    if (this.#session === null) return;
    const [from, to] = this.#inView;
    this.#round += 1;
    this.#asked.clear();
    // What is shown stays until the new rows are there.
    this.#stale = new Set(this.#pages.keys());
    const pages = pagesOf(from, Math.max(to, from + 1));
    await Promise.all(pages.map((page) => this.#read(page)));
  }

  /** Returns a row by its place among those that are shown; null until it is read. */
  at(index: number): ImportRowView | null {
    void this.#version;
    return this.#pages.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS] ?? null;
  }

  /** Returns the place of a row that was read; -1 where it is not among them. */
  placeOf(row: number): number {
    void this.#version;
    for (const [page, rows] of this.#pages) {
      const index = rows.findIndex((each) => each.row === row);
      if (index >= 0) return page * PAGE_ROWS + index;
    }
    return -1;
  }

  /** Has the rows from one place to another (exclusive) read, as they are in view. */
  want(from: number, to: number) {
    this.#inView = [from, to];
    for (const page of pagesOf(from, Math.min(to, this.total))) {
      if (this.#asked.has(page)) continue;
      if (this.#pages.has(page) && !this.#stale.has(page)) continue;
      void this.#read(page);
    }
  }

  /** Takes rows as they are judged now, where they are shown. */
  patch(rows: ImportRowView[]) {
    const changed = new Map(rows.map((row) => [row.row, row]));
    for (const [page, old] of this.#pages) {
      if (!old.some(({ row }) => changed.has(row))) continue;
      this.#pages.set(
        page,
        old.map((row) => changed.get(row.row) ?? row),
      );
    }
    this.#version += 1;
  }

  async #read(page: number): Promise<void> {
    const session = this.#session;
    if (session === null) return;
    const round = this.#round;
    this.#asked.add(page);
    try {
      const filter = queryOf(this.shown, this.found);
      const from = page * PAGE_ROWS;
      const read =
        filter === null
          ? { rows: [], total: 0 }
          : await api.import_rows({ session, filter, from, limit: PAGE_ROWS });
      if (round !== this.#round || session !== this.#session) return;
      this.#pages.set(page, read.rows);
      this.#stale.delete(page);
      this.total = read.total;
      this.isRead = true;
      this.problem = null;
      this.#dropFar(page);
      this.#version += 1;
    } catch (error) {
      if (round === this.#round) this.problem = errorText(error);
    } finally {
      if (round === this.#round) this.#asked.delete(page);
    }
  }

  #dropFar(near: number) {
    if (this.#pages.size <= PAGES_MAX) return;
    const far = [...this.#pages.keys()].sort((a, b) => Math.abs(b - near) - Math.abs(a - near));
    for (const page of far.slice(0, this.#pages.size - PAGES_MAX)) this.#pages.delete(page);
  }

  #forget() {
    this.#round += 1;
    this.#pages.clear();
    this.#asked.clear();
    this.#stale.clear();
    this.#inView = [0, 0];
    this.problem = null;
    this.#version += 1;
  }
}

/** Returns the pages that hold the rows from one place to another (exclusive). */
function pagesOf(from: number, to: number): number[] {
  const first = Math.floor(from / PAGE_ROWS);
  const last = Math.floor(Math.max(from, to - 1) / PAGE_ROWS);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

export const importRows = new ImportRows();
