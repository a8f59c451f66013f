import { tick } from "svelte";
import { cellText, editedField, gridColumns } from "../import/columns";
import type { GridColumn } from "../import/columns";
import { cellsOf, quoted } from "../import/clipboard";
import { api, errorText } from "../ipc";
import type { CellChange, Field, ImportColumn, ImportRowView, ImportSummary } from "../ipc";
import { accounts } from "./accounts.svelte";
import { importRows } from "./import-rows.svelte";

/** How long after a key the row is judged again: soon enough to be felt at once. */
const JUDGE_AFTER_MS = 60;
/** Changes that Ctrl+Z takes back, at the most. */
const UNDO_MAX = 200;

/** A cell that is being changed. */
interface Editing {
  row: number;
  field: Field;
  /** What it said before. */
  before: string;
  text: string;
}

/** Where the person is in the grid, what is typed there, and what was typed before. */
class ImportGrid {
  /** The place of the current row among those shown, and of its column; the last one is the findings'. */
  index = $state(0);
  column = $state(0);
  editing = $state.raw<Editing | null>(null);
  /** The row whose findings are open. */
  findingsOf = $state<number | null>(null);
  problem = $state<string | null>(null);

  /** The columns of the source, as they are taken now. */
  source = $state.raw<ImportColumn[]>([]);

  readonly columns = $derived(gridColumns(this.source, accounts.several));
  readonly row = $derived(importRows.at(this.index));

  #session: string | null = null;
  #judged: (summary: ImportSummary, changed: number) => void = () => undefined;
  #undo: CellChange[][] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What the engine was told of the cell that is being changed. */
  #told = "";
  /** Cells are set one after the other, so that the last one counts. */
  #setting: Promise<void> = Promise.resolve();

  /**
   * Begins anew over the rows of an import; over none with null. `judged` is told what would come of
   * the import after so many cells were changed.
   */
  open(session: string | null, judged: (summary: ImportSummary, changed: number) => void) {
    clearTimeout(this.#timer);
    this.#session = session;
    this.#judged = judged;
    this.index = 0;
    this.column = 0;
    this.editing = null;
    this.findingsOf = null;
    this.problem = null;
    this.#undo = [];
  }

  /** Goes so many rows and columns on, staying inside. */
  move(rows: number, columns: number) {
    this.goTo(this.index + rows, this.column + columns);
  }

  /** Goes to a cell, staying inside. */
  goTo(index: number, column: number) {
    this.findingsOf = null;
    this.index = Math.max(0, Math.min(index, importRows.total - 1));
    this.column = Math.max(0, Math.min(column, this.columns.length));
  }

  /** Goes to the next cell, or the one before, over the ends of rows. */
  step(by: 1 | -1) {
    const next = this.column + by;
    if (next > this.columns.length) this.goTo(this.index + 1, 0);
    else if (next < 0 && this.index > 0) this.goTo(this.index - 1, this.columns.length);
    else this.goTo(this.index, next);
  }

  /** Begins to change the current cell; with `typed` it is replaced. Returns whether it can be changed. */
  edit(typed: string | null = null): boolean {
    const target = this.#target(this.index, this.column);
    if (target === null) return false;
    this.findingsOf = null;
    this.#told = target.before;
    this.editing = { ...target, text: typed ?? target.before };
    if (typed !== null) this.#judgeSoon();
    return true;
  }

  /** Takes what is typed now; the row is judged soon. */
  type(text: string) {
    if (this.editing === null) return;
    this.editing = { ...this.editing, text };
    this.#judgeSoon();
  }

  /** Ends changing the cell, with what was typed. Resolves once the row is judged. */
  async finish() {
    const { editing } = this;
    if (editing === null) return this.#setting;
    clearTimeout(this.#timer);
    this.editing = null;
    const { row, field, before, text } = editing;
    if (text !== before) this.#remember([{ row, field, text: before }]);
    if (text !== this.#told) this.#send([{ row, field, text }]);
    await this.#setting;
    // Others may be judged otherwise too, such as the twin of this one.
    if (text !== before && importRows.shown.kind === "pill" && importRows.shown.pill === "all")
      await importRows.refresh();
  }

  /** Ends changing the cell, and leaves it as it was. */
  async cancel() {
    const { editing } = this;
    if (editing === null) return;
    clearTimeout(this.#timer);
    this.editing = null;
    const { row, field, before } = editing;
    if (this.#told !== before) this.#send([{ row, field, text: before }]);
    await this.#setting;
  }

  /** Empties the current cell. */
  async clear() {
    const target = this.#target(this.index, this.column);
    if (target !== null && target.before !== "") await this.#set([{ ...target, text: "" }]);
  }

  /** Puts cells of a spreadsheet in, from the current one on to the right and down. */
  async paste(text: string) {
    const cells: (CellChange & { before: string })[] = [];
    cellsOf(text).forEach((line, down) => {
      line.forEach((cell, right) => {
        const target = this.#target(this.index + down, this.column + right);
        if (target !== null) cells.push({ ...target, text: cell });
      });
    });
    if (cells.length > 0) await this.#set(cells);
  }

  /** Returns the current cell as it is put on the clipboard. */
  copied(): string | null {
    const column = this.columns[this.column];
    if (column === undefined || this.row === null) return null;
    return quoted(cellText(column, this.row));
  }

  /** Takes the last change of cells back. */
  async undo() {
    const cells = this.#undo.pop();
    if (cells === undefined) return;
    this.#send(cells);
    await this.#setting;
    await importRows.refresh();
  }

  /** Opens the findings of the current row, where it has some. */
  openFindings() {
    const { row } = this;
    if (row !== null && row.findings.length > 0) this.findingsOf = row.row;
  }

  #target(index: number, at: number): (CellChange & { before: string }) | null {
    const column: GridColumn | undefined = this.columns[at];
    const row: ImportRowView | null = importRows.at(index);
    if (column === undefined || row === null) return null;
    const field = editedField(column, row);
    if (field === null) return null;
    const before = cellText(column, row);
    return { row: row.row, field, before, text: before };
  }

  async #set(cells: (CellChange & { before: string })[]) {
    this.#remember(cells.map(({ row, field, before }) => ({ row, field, text: before })));
    this.#send(cells.map(({ row, field, text }) => ({ row, field, text })));
    await this.#setting;
  }

  #remember(cells: CellChange[]) {
    this.#undo = [...this.#undo.slice(-UNDO_MAX + 1), cells];
  }

  #judgeSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const { editing } = this;
      if (editing === null || editing.text === this.#told) return;
      this.#told = editing.text;
      const { row, field, text } = editing;
      this.#send([{ row, field, text }]);
    }, JUDGE_AFTER_MS);
  }

  #send(cells: CellChange[]) {
    const session = this.#session;
    if (session === null) return;
    this.#setting = this.#setting.then(async () => {
      try {
        const { rows, summary } = await api.set_import_cells({ session, cells });
        if (this.#session !== session) return;
        importRows.patch(rows);
        this.#judged(summary, cells.length);
        this.problem = null;
      } catch (error) {
        this.problem = errorText(error);
      }
      await tick();
    });
  }
}

export const importGrid = new ImportGrid();
