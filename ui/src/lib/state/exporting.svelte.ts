import { number, plural } from "../format";
import { api, errorText, pickPlace } from "../ipc";
import type { ExportFormat, PostQuery } from "../ipc";
import { accounts } from "./accounts.svelte";
import { app } from "./app.svelte";
import { posts } from "./posts.svelte";
import { selection } from "./selection.svelte";
import { toast } from "./toast.svelte";

/** Which posts are exported: all, those that the list shows, or those that are chosen in it. */
export type ExportScope = "everything" | "shown" | "selected";

/** The formats, as the person chooses them. */
export const FORMATS: { value: ExportFormat; label: string; hint: string }[] = [
  { value: "csv", label: "CSV", hint: "For every spreadsheet; comes back with an import." },
  { value: "xlsx", label: "Excel", hint: "A workbook; comes back with an import." },
  {
    value: "json",
    label: "JSON",
    hint: "With everything that a post has; comes back with an import.",
  },
  { value: "ics", label: "Calendar", hint: "For a calendar program: only posts with a time." },
];

/** Posts that become a file where the person says. */
class Exporting {
  open = $state(false);
  scope = $state<ExportScope>("everything");
  format = $state<ExportFormat>("csv");
  busy = $state(false);
  problem = $state<string | null>(null);

  /** What can be exported here, each with its number of posts. */
  readonly scopes = $derived.by<{ value: ExportScope; label: string }[]>(() => {
    const total = app.overview?.counts.total ?? 0;
    const all = { value: "everything" as const, label: `Everything: ${plural(total, "post")}` };
    if (!this.#isList) return [all];
    const least = posts.totalIsAtLeast ? "at least " : "";
    const shown = `What the list shows: ${least}${plural(posts.total, "post")}`;
    const chosen = `What is selected: ${number(selection.count)}`;
    return [
      ...(selection.any ? [{ value: "selected" as const, label: chosen }] : []),
      { value: "shown", label: shown },
      all,
    ];
  });

  /** Asks what is to be exported, and as what: at first what is chosen, or what the list shows. */
  show(scope?: ExportScope) {
    const usual = selection.any ? "selected" : posts.filtered ? "shown" : "everything";
    const wanted = scope ?? usual;
    this.scope = this.scopes.some(({ value }) => value === wanted) ? wanted : "everything";
    this.problem = null;
    this.open = true;
  }

  /** Asks where, and writes the file. */
  async run() {
    this.busy = true;
    this.problem = null;
    try {
      const [query, format] = [this.#query(), this.format];
      const path = await pickPlace("Export posts", `roost-posts.${format}`);
      if (path === null) return;
      const done = await api.export_posts({ format, query, path });
      this.open = false;
      const out =
        done.left_out > 0 ? ` ${plural(done.left_out, "post")} without a time left out.` : "";
      toast.info(`${plural(done.posts, "post")} written to ${done.path}.${out}`);
    } catch (error) {
      this.problem = errorText(error);
    } finally {
      this.busy = false;
    }
  }

  #query(): PostQuery | null {
    if (this.scope === "everything") return null;
    if (this.scope === "shown" || selection.isWhole) return posts.query;
    return { view: "all", account: accounts.shown, ids: selection.rows.map(({ id }) => id) };
  }

  get #isList(): boolean {
    return !["imports", "calendar", "media"].includes(app.place);
  }
}

export const exporting = new Exporting();
