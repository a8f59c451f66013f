import { choicesOf } from "../import/choices";
import { effectOf } from "../import/effect";
import { EXTENSIONS } from "../import/fields";
import { hasRows, sameShown } from "../import/filters";
import { plural } from "../format";
import { ApiError, api, errorText, pickFiles, pickPlace } from "../ipc";
import type {
  Code,
  ColumnChoice,
  Choices,
  FixId,
  ImportReport,
  ImportSession,
  ImportSummary,
  OpenImport,
  OpenImportRow,
  PostSource,
} from "../ipc";
import { undoneParts, undoneText } from "../messages";
import { accounts } from "./accounts.svelte";
import { app } from "./app.svelte";
import { importGrid } from "./import-grid.svelte";
import { importProgress } from "./import-progress.svelte";
import { ALL, importRows } from "./import-rows.svelte";
import { toast } from "./toast.svelte";

/** What is under way, so that it can be said and nothing else begins meanwhile. */
export type Busy = "reading" | "judging" | "importing";

/** An import that was committed, and what it did. */
export interface Done {
  id: string;
  source: string;
  format: ImportSession["format"];
  /** The zone of the times that it tells. */
  zone: string;
  report: ImportReport;
  /** What undoing it did, once it is undone. */
  undone: string[] | null;
}

/** Sources that can't be read before the person has chosen a sheet of a workbook, or a list of a JSON file. */
export interface PartChoice {
  kind: "sheet" | "list";
  options: string[];
  sources: PostSource[];
  name: string;
}

/** Sources that were given while an import is open. */
export interface Another {
  sources: PostSource[];
  name: string;
}

/** What becomes of the import that is open when another is given. */
export type OpenBeside = "keep" | "replace" | "beside";

/**
 * The import that is open: where its rows come from, what its columns are, what the person chose, and
 * what would come of it. The engine holds the rows; they outlive this window.
 */
class Importing {
  session = $state.raw<ImportSession | null>(null);
  /** What was committed last, until the person leaves it. */
  done = $state.raw<Done | null>(null);
  /** What is called what, while it is read or could not be. */
  name = $state("");
  problem = $state<string | null>(null);
  busy = $state<Busy | null>(null);
  hovering = $state(false);
  /** What the person has to choose before the sources can be read. */
  part = $state.raw<PartChoice | null>(null);
  /** What was given while an import is open, until the person says what becomes of it. */
  another = $state.raw<Another | null>(null);
  /** Imports that were begun and wait, in this window or one before. */
  waiting = $state.raw<OpenImportRow[]>([]);
  /** Whether the open import's source is another by now, as far as that was looked at. */
  isSourceChanged = $state(false);

  /** Answers to what was asked of an import that was left meanwhile are thrown away. */
  #opened = 0;
  #isComparing = false;
  /** Rises with each summary that is shown. */
  #summaries = 0;

  readonly open = $derived(this.session !== null || this.done !== null || this.name !== "");
  readonly effect = $derived(this.session === null ? null : effectOf(this.session));
  readonly possible = $derived(this.busy === null && this.effect?.isPossible === true);
  /** Whether the person put work into it that leaving it must not lose. */
  readonly isChanged = $derived(
    this.session !== null &&
      (this.session.cells_changed > 0 ||
        this.session.columns.some(({ recognised_by }) => recognised_by === "person")),
  );

  /** Asks for files and opens them as one import. */
  async pick() {
    const paths = await pickFiles(EXTENSIONS);
    if (paths.length > 0) await this.openFiles(paths);
  }

  /** Opens files as one import. */
  async openFiles(paths: string[]) {
    const [first = ""] = paths;
    const name = first.split(/[\\/]/).at(-1) ?? first;
    const more = paths.length > 1 ? ` and ${paths.length - 1} more` : "";
    await this.#openSources(
      paths.map((path) => ({ path })),
      name + more,
    );
  }

  /** Opens a text, such as what was pasted. */
  async openText(text: string, name = "Pasted text") {
    await this.#openSources([{ text, name }], name);
  }

  /** Goes on with an import that was left open. */
  async reopen(row: OpenImportRow, readAnew = false) {
    const read = () => api.get_import({ session: row.session, read_anew: readAnew });
    await this.#open(row.source, read, true);
  }

  /** Judges the open import's source as it is now; what was changed in its rows is given up. */
  async readAnew() {
    await importGrid.finish();
    const { session } = this;
    if (session === null) return;
    this.#leave();
    const read = () => api.get_import({ session: session.id, read_anew: true });
    await this.#open(session.source, read, true);
  }

  /** Reads another sheet of the workbook, or another list of the JSON file; or ids within another plan. */
  async takePart(part: { sheet: string } | { list: string } | { plan: string }) {
    await importGrid.finish();
    const { session } = this;
    if (session === null) return;
    await this.#work("judging", session.id, async (isStill) => {
      const read = await api.set_import_part({ session: session.id, ...part });
      if (!isStill()) return;
      if ("plan" in part) {
        this.#show(read);
        await this.#showRows(read.summary);
        return;
      }
      // The rows are others.
      importGrid.open(read.id, (summary, changed) => this.#takeSummary(summary, changed));
      this.#show(read);
      importRows.open(read.id, read.summary.by_code, read.summary.refused > 0 ? ERRORS : ALL);
    });
  }

  /** Opens the sources with the sheet or list that the person chose. */
  async choosePart(option: string) {
    const { part } = this;
    if (part === null) return;
    const { kind, sources, name } = part;
    await this.#read({ sources, choices: null, [kind]: option }, name);
  }

  /** Says what becomes of the open import, now that another is given. */
  async decideOnAnother(what: OpenBeside) {
    const { another, session } = this;
    this.another = null;
    if (another === null || what === "keep") return;
    if (session !== null) {
      await importGrid.finish();
      this.#leave();
      if (what === "replace") await this.#drop(session.id);
    }
    await this.#read({ sources: another.sources, choices: null }, another.name);
  }

  /** Has what takes its time end: nothing is opened, or nothing is imported. */
  giveUp() {
    if (this.busy === "reading") {
      void this.close();
      return;
    }
    this.#isGivenUp = true;
    importProgress.giveUp();
  }

  /** Has columns be something else; the others stay. */
  async setColumns(columns: ColumnChoice[]) {
    await this.#judge((session) => api.set_import_mapping({ session, columns }));
  }

  /** Changes some choices; the others stay. */
  async choose(change: Choices) {
    const { session } = this;
    if (session === null) return;
    const choices = { ...choicesOf(session), ...change };
    if (change.account !== undefined) accounts.used(change.account);
    await this.#judge((id) => api.set_import_choices({ session: id, choices }));
  }

  /** Carries a fix out, in one row or in all that have the finding. */
  async fix(fix: FixId, where: { row: number } | { code: Code }) {
    const { session } = this;
    if (session === null) return;
    await this.#work("judging", session.id, async (isStill) => {
      const { changed, summary } = await api.fix_import({ session: session.id, fix, ...where });
      if (!isStill()) return;
      this.#takeSummary(summary, changed);
      // What is mended in all rows may be a choice for the whole file, such as what a "Z" means.
      if ("code" in where) {
        const whole = await api.get_import({ session: session.id });
        if (!isStill()) return;
        this.#show(whole);
      }
      await this.#showRows(summary);
    });
  }

  /** Imports. What was shown may have changed since: the answer counts. */
  async commit() {
    await importGrid.finish();
    const { session } = this;
    if (session === null || !this.possible) return;
    this.#isGivenUp = false;
    await this.#work("importing", session.id, async (isStill) => {
      const report = await api.commit_import({ session: session.id });
      if (!isStill()) return;
      if (report.import_id === null) {
        // Something stands in the way since: the rows say what.
        this.#show(await api.get_import({ session: session.id }));
        await importRows.show({ kind: "pill", pill: "errors" });
        return;
      }
      accounts.used(choicesOf(session).account);
      const { source, format, summary } = session;
      this.#leave();
      const { import_id: id } = report;
      this.done = { id, source, format, zone: summary.zone, report, undone: null };
    });
  }

  /** Takes an import back, and tells what that did. */
  async undo(id: string) {
    try {
      const undone = await api.undo_import({ id });
      toast.info(undoneText(undone));
      if (this.done?.id === id) this.done = { ...this.done, undone: undoneParts(undone) };
    } catch (error) {
      toast.error(errorText(error));
    }
  }

  /** Saves the rows that are left out or have errors as a file of their own, where the person says. */
  async saveRejects() {
    await importGrid.finish();
    // Those of an import that was committed just now are saved too.
    const from = this.session ?? this.done;
    if (from === null) return;
    const path = await pickPlace("Save left-out rows", leftOutName(from));
    if (path === null) return;
    try {
      const { rows } = await api.save_import_rejects({ session: from.id, path });
      toast.info(
        `${plural(rows, "row")} saved with the reason beside each: fix them there and import that file.`,
      );
    } catch (error) {
      toast.error(errorText(error));
    }
  }

  /** Leaves the import. What the person changed in it waits under Imports; the rest is forgotten. */
  async close() {
    if (this.busy === "importing") {
      this.giveUp();
      return;
    }
    await this.#setAside();
    await this.readWaiting();
  }

  /** Leaves what the last import did, where that is shown. */
  leaveDone() {
    this.done = null;
  }

  /** Gives an open import up, with what was changed in it. */
  async discard(id: string) {
    if (this.session?.id === id) this.#leave();
    await this.#drop(id);
    await this.readWaiting();
  }

  /** Reads which imports were begun and wait. */
  async readWaiting() {
    try {
      const { imports } = await api.list_open_imports();
      const own = imports.find(({ session }) => session === this.session?.id);
      this.isSourceChanged = own?.source_state === "changed";
      this.waiting = imports.filter((each) => each !== own);
    } catch {
      // The list is read again at the next occasion; nothing hangs on it.
    }
  }

  /** Whether the person gave up what is being done. */
  #isGivenUp = false;

  async #openSources(sources: PostSource[], name: string) {
    if (this.busy === "importing")
      toast.info("An import is being written. Open the file after it.");
    else if (this.session !== null) this.another = { sources, name };
    else await this.#read({ sources, choices: null }, name);
  }

  async #read(open: OpenImport, name: string) {
    const work = crypto.randomUUID();
    const { sources } = open;
    const read = async () => {
      try {
        return await api.open_import({ ...open, work });
      } catch (error) {
        if (!(error instanceof ApiError) || error.failure.options.length === 0) throw error;
        const kind = error.code === "list_needed" ? "list" : "sheet";
        this.part = { kind, options: error.failure.options, sources, name };
        return null;
      }
    };
    await this.#open(name, read, false, work);
  }

  async #open(
    name: string,
    read: () => Promise<ImportSession | null>,
    isKept = false,
    work: string | null = null,
  ) {
    await this.#setAside();
    this.name = name;
    // The view that shows it; another one may be shown meanwhile, and it stays open.
    void app.go("imports");
    await this.#work("reading", work, async (isStill) => {
      let session = await read();
      if (session === null) {
        if (!isStill()) this.part = null;
        return;
      }
      if (!isStill()) {
        // The person left it while it was read: it must not wait for an answer.
        if (!isKept) await this.#drop(session.id);
        return;
      }
      session = await this.#withAccount(session);
      if (!isStill()) return;
      importGrid.open(session.id, (summary, changed) => this.#takeSummary(summary, changed));
      this.#show(session);
      importRows.open(
        session.id,
        session.summary.by_code,
        session.summary.refused > 0 ? ERRORS : ALL,
      );
    });
  }

  /** Has rows without an account be for the one that the person uses, unless it was chosen before. */
  async #withAccount(session: ImportSession): Promise<ImportSession> {
    const account = accounts.preferred;
    if (choicesOf(session).account !== null || account === null || !accounts.several)
      return session;
    const choices = { ...choicesOf(session), account };
    return api.set_import_choices({ session: session.id, choices });
  }

  async #judge(ask: (session: string) => Promise<ImportSession>) {
    await importGrid.finish();
    const { session } = this;
    if (session === null) return;
    await this.#work("judging", session.id, async (isStill) => {
      const judged = await ask(session.id);
      if (!isStill()) return;
      this.#show(judged);
      await this.#showRows(judged.summary);
    });
  }

  /** Does something that takes its time; `work` is the name under which the engine tells how far it is. */
  async #work(busy: Busy, work: string | null, run: (isStill: () => boolean) => Promise<void>) {
    const opened = this.#opened;
    const isStill = () => opened === this.#opened;
    this.busy = busy;
    this.problem = null;
    if (work !== null) importProgress.follow(work);
    try {
      await run(isStill);
    } catch (error) {
      if (busy === "importing" && this.#isGivenUp) toast.info("Cancelled. Nothing was imported.");
      else if (isStill()) this.problem = errorText(error);
    } finally {
      if (work !== null) importProgress.end(work);
      if (isStill()) this.busy = null;
    }
  }

  async #setAside() {
    await importGrid.finish();
    const { session, isChanged } = this;
    this.#leave();
    this.done = null;
    if (session === null) return;
    if (isChanged) toast.info(`${session.source} waits under Imports, with your changes.`);
    else await this.#drop(session.id);
  }

  #show(session: ImportSession) {
    this.session = session;
    this.#summaries += 1;
    importGrid.source = session.columns;
    importRows.found = session.summary.by_code;
    void this.#compareTexts();
  }

  /** Looks for texts that are nearly the same, some at a time, while the rows are shown already. */
  async #compareTexts() {
    if (this.#isComparing) return;
    this.#isComparing = true;
    try {
      let wasComparing = false;
      while (this.busy !== "importing" && this.session?.summary.texts_compared === false) {
        wasComparing = true;
        const { id } = this.session;
        const summaries = this.#summaries;
        const summary = await api.compare_import_texts({ session: id });
        // What was judged meanwhile is newer, and may be answered first.
        if (this.session?.id === id && summaries === this.#summaries) this.#takeSummary(summary, 0);
      }
      // Rows that were mended stay where they are shown, as after every change.
      if (wasComparing && (!this.isChanged || sameShown(importRows.shown, ALL)))
        await importRows.refresh();
    } catch (error) {
      this.problem = errorText(error);
    } finally {
      this.#isComparing = false;
    }
  }

  /** Reads the rows anew; all of them where the filter would show none any more. */
  async #showRows(summary: ImportSummary) {
    await importRows.show(hasRows(importRows.shown, summary) ? importRows.shown : ALL);
  }

  /** Takes what would come of the import after cells were changed. */
  #takeSummary(summary: ImportSummary, changed: number) {
    if (this.session === null) return;
    this.#summaries += 1;
    const cells_changed = this.session.cells_changed + changed;
    this.session = { ...this.session, summary, cells_changed };
    importRows.found = summary.by_code;
    void this.#compareTexts();
  }

  #leave() {
    this.#opened += 1;
    if (this.busy === "reading") importProgress.giveUp();
    this.session = null;
    this.isSourceChanged = false;
    this.part = null;
    this.another = null;
    this.name = "";
    this.problem = null;
    this.busy = null;
    importGrid.open(null, () => undefined);
    importRows.open(null, []);
  }

  async #drop(session: string) {
    try {
      await api.drop_import({ session });
    } catch (error) {
      toast.error(errorText(error));
    }
  }
}

/** Returns what the file of left-out rows is called: "plan-left-out.csv" for "plan.csv". */
/** What the rows of formats are given back as that Roost does not write. */
const GIVEN_BACK: Partial<Record<ImportSession["format"], string>> = {
  ods: ".xlsx",
  text: ".json",
  markdown: ".json",
  x_archive: ".json",
};

function leftOutName({ source, format }: Pick<ImportSession, "source" | "format">): string {
  const dot = source.lastIndexOf(".");
  const [name, own] =
    dot > 0
      ? [source.slice(0, dot), source.slice(dot)]
      : [source, format === "json_lines" ? ".jsonl" : `.${format}`];
  return `${name}-left-out${GIVEN_BACK[format] ?? own}`;
}

const ERRORS = { kind: "pill", pill: "errors" } as const;

export const importing = new Importing();
