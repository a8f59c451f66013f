import { pickFile, shell, errorText } from "../ipc";
import type { Duplicates, ImportReport, Past } from "../ipc";
import { plural } from "../format";
import { byRow } from "../issues";
import { app } from "./app.svelte";
import { toast } from "./toast.svelte";

/** Which rows of the preview are shown. */
export type Pill = "all" | "errors" | "warnings";

/** An import before it happens: the file, how to take it, and what it would do. */
class Importing {
  path = $state<string | null>(null);
  report = $state.raw<ImportReport | null>(null);
  problem = $state<string | null>(null);
  busy = $state(false);
  hovering = $state(false);
  past = $state<Past>("error");
  duplicates = $state<Duplicates>("skip");
  pill = $state<Pill>("all");

  readonly open = $derived(this.path !== null);
  readonly name = $derived(this.path?.split(/[\\/]/).at(-1) ?? "");
  /** The issues by row; those of the file itself stand under 0. */
  readonly issues = $derived(byRow(this.report));
  readonly takes = $derived((this.report?.scheduled ?? 0) + (this.report?.drafts ?? 0));
  readonly possible = $derived(
    !this.busy && this.report !== null && this.report.errors.length === 0 && this.takes > 0,
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
    this.past = "error";
    this.duplicates = "skip";
    this.pill = "all";
    await this.preview();
  }

  /** Looks at the file again, with the options as they stand. Writes nothing. */
  async preview() {
    if (this.path === null) return;
    this.problem = null;
    this.busy = true;
    try {
      this.report = await shell.rehearseImport(this.path, this.#options());
      if (this.report.errors.length > 0) this.pill = "errors";
      else if (this.pill === "errors") this.pill = "all";
    } catch (error) {
      this.report = null;
      this.problem = errorText(error);
    } finally {
      this.busy = false;
    }
  }

  /** Imports. What the rehearsal showed may have changed since: the answer counts. */
  async commit() {
    if (this.path === null || !this.possible) return;
    this.busy = true;
    try {
      const report = await shell.importFile(this.path, this.#options());
      if (report.importId === null) {
        this.report = report;
        return;
      }
      this.#announce(report.importId, report);
      this.close();
      // Where one sees what happens next.
      await app.go(report.firstDay === app.today ? "today" : "upcoming");
    } catch (error) {
      this.problem = errorText(error);
    } finally {
      this.busy = false;
    }
  }

  /** Takes an import back, and says what that did. */
  async undo(id: string) {
    try {
      const undone = await shell.undoImport(id);
      const parts = [`${plural(undone.removed, "post")} removed`];
      if (undone.cancelling > 0) parts.push(`${plural(undone.cancelling, "post")} being withdrawn`);
      if (undone.kept > 0) parts.push(`${plural(undone.kept, "post")} kept, already on X`);
      toast.info(`Import undone: ${parts.join(", ")}.`);
      app.refreshSoon();
    } catch (error) {
      toast.error(errorText(error));
    }
  }

  /** Leaves without importing. */
  close() {
    this.path = null;
    this.report = null;
    this.problem = null;
  }

  #options() {
    return { past: this.past, duplicates: this.duplicates };
  }

  #announce(id: string, report: ImportReport) {
    const took = plural(report.scheduled + report.drafts, "post");
    const left = report.skipped > 0 ? `, ${plural(report.skipped, "row")} left out` : "";
    toast.info(`Imported ${took} from ${report.name}${left}.`, {
      label: "Undo",
      run: () => void this.undo(id),
    });
  }
}

export const importing = new Importing();
