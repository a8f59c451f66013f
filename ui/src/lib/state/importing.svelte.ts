import { dayKey, plural } from "../format";
import { api, errorText, pickFile } from "../ipc";
import type {
  DuplicatePolicy,
  ImportFile,
  ImportPreview,
  FileReport,
  PastPolicy,
  PreviewRow,
} from "../ipc";
import { byRow } from "../issues";
import { undoneText } from "../messages";
import { accounts } from "./accounts.svelte";
import { app } from "./app.svelte";
import { toast } from "./toast.svelte";

/** Which rows of the preview are shown. */
export type Pill = "all" | "errors" | "warnings";

/** An import before it happens: the file, how to take it, and what it would do. */
class Importing {
  path = $state<string | null>(null);
  report = $state.raw<FileReport | null>(null);
  rows = $state.raw<PreviewRow[]>([]);
  problem = $state<string | null>(null);
  busy = $state(false);
  hovering = $state(false);
  /** The X user id of the account for posts that name none; null until the person has chosen. */
  account = $state<string | null>(null);
  past = $state<PastPolicy>("error");
  duplicates = $state<DuplicatePolicy>("skip");
  pill = $state<Pill>("all");

  #asked = 0;

  readonly open = $derived(this.path !== null);
  readonly name = $derived(this.path?.split(/[\\/]/).at(-1) ?? "");
  /** The issues by row; those of the file itself stand under 0. */
  readonly issues = $derived(byRow(this.report));
  readonly takes = $derived((this.report?.scheduled ?? 0) + (this.report?.drafts ?? 0));
  readonly possible = $derived(
    !this.busy && this.report !== null && this.report.errors.total === 0 && this.takes > 0,
  );

  /** Asks for a file and shows what importing it would do. */
  async pick() {
    const path = await pickFile();
    if (path !== null) await this.openFile(path);
  }

  /** Shows what importing a file would do. */
  async openFile(path: string) {
    this.path = path;
    this.report = null;
    this.rows = [];
    this.account = accounts.preferred;
    this.past = "error";
    this.duplicates = "skip";
    this.pill = "all";
    await this.preview();
  }

  /** Looks at the file again, with the options as they stand. Writes nothing. */
  async preview() {
    const request = this.#request();
    if (request === null) return;
    const asked = ++this.#asked;
    this.problem = null;
    this.busy = true;
    try {
      const preview = await api.preview_import(request);
      if (asked === this.#asked) this.#show(preview);
    } catch (error) {
      if (asked !== this.#asked) return;
      this.report = null;
      this.problem = errorText(error);
    } finally {
      if (asked === this.#asked) this.busy = false;
    }
  }

  /** Imports. What the preview showed may have changed since: the answer counts. */
  async commit() {
    const request = this.#request();
    if (request === null || !this.possible) return;
    this.busy = true;
    try {
      const report = await api.import_posts(request);
      if (report.import_id === null) {
        this.report = report;
        return;
      }
      accounts.used(this.account);
      this.#announce(report.import_id, report);
      this.close();
      // Where one sees what happens next.
      const first = report.first_at === null ? null : dayKey(report.first_at, app.zone);
      await app.go(first === app.today ? "today" : "upcoming");
    } catch (error) {
      this.problem = errorText(error);
    } finally {
      this.busy = false;
    }
  }

  /** Takes an import back, and tells what that did. */
  async undo(id: string) {
    try {
      toast.info(undoneText(await api.undo_import({ id })));
    } catch (error) {
      toast.error(errorText(error));
    }
  }

  /** Closes the preview without importing. */
  close() {
    this.path = null;
    this.report = null;
    this.rows = [];
    this.problem = null;
    this.busy = false;
    this.#asked += 1;
  }

  #request(): ImportFile | null {
    if (this.path === null) return null;
    const { name: source, account, past, duplicates } = this;
    return { from: { path: this.path }, options: { source, account, past, duplicates } };
  }

  #show({ report, rows }: ImportPreview) {
    this.report = report;
    this.rows = rows;
    if (report.errors.total > 0) this.pill = "errors";
    else if (this.pill === "errors") this.pill = "all";
  }

  #announce(id: string, report: FileReport) {
    const took = plural(report.scheduled + report.drafts, "post");
    const left = report.skipped > 0 ? `, ${plural(report.skipped, "row")} left out` : "";
    toast.info(`Imported ${took} from ${report.source}${left}.`, {
      label: "Undo",
      run: () => void this.undo(id),
    });
  }
}

export const importing = new Importing();
