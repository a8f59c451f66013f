import { changeOf, blankForm } from "../bulk/form";
import type { BulkChange, BulkForm } from "../bulk/form";
import { doneText } from "../bulk/done";
import type { BulkKind } from "../bulk/kinds";
import { ApiError, api, errorText } from "../ipc";
import type { BulkEdit, BulkTerms, PostRow, Selection } from "../ipc";
import { target } from "../versions";
import { app } from "./app.svelte";
import { history } from "./history.svelte";
import { PostTime } from "./post-time.svelte";
import { posts } from "./posts.svelte";
import { selection } from "./selection.svelte";

/** How long the form has to rest before it is looked at anew, in milliseconds. */
const REST_MS = 120;

/** Kinds after which the posts stand elsewhere: nothing stays chosen. */
const LEAVING: BulkKind[] = ["to_draft", "schedule", "cancel", "delete"];

/** The change of many posts that the person is looking at before it is made. */
class Bulk {
  kind = $state<BulkKind | null>(null);
  form = $state<BulkForm>(blankForm(null, "2027-01-01", "UTC"));
  /** When the first post goes, typed as people say it. */
  readonly when = new PostTime(
    () => null,
    () => {
      if (this.when.wallTime === null) return;
      this.form.date = this.when.date;
      this.form.time = this.when.time;
    },
  );
  preview = $state.raw<BulkEdit | null>(null);
  /** Why nothing is shown, or why it was not applied. */
  problem = $state<string | null>(null);
  isApplying = $state(false);
  /** How many posts it was opened for, before the engine has looked at them. */
  count = $state(0);
  isAtLeast = $state(false);

  /** What the preview was made for: a form that says something else is looked at again. */
  #shownFor = $state<string | null>(null);
  #rows: PostRow[] = [];
  #isWhole = false;
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Words that are no time ask for nothing. */
  readonly #isUnread = $derived(
    this.kind === "move" && this.form.target === "first" && this.when.problem !== null,
  );
  readonly change = $derived<BulkChange | null>(
    this.kind === null || this.#isUnread ? null : changeOf(this.kind, this.form),
  );
  readonly #key = $derived(JSON.stringify([this.kind, this.change, this.form.restore]));
  /** Whether what is shown is what the form asks for. */
  readonly isCurrent = $derived(this.preview !== null && this.#shownFor === this.#key);
  readonly possible = $derived(
    this.isCurrent && !this.isApplying && (this.preview?.changed ?? 0) > 0,
  );

  /** Opens the dialog for what is chosen, or for the current post. */
  open(kind: BulkKind) {
    const current = posts.rows.find(({ id }) => id === posts.currentId);
    const rows = selection.any ? selection.rows : current ? [current] : [];
    if (rows.length === 0) return;
    this.#isWhole = selection.isWhole;
    this.#rows = rows;
    this.count = selection.any ? selection.count : 1;
    this.isAtLeast = this.#isWhole && posts.totalIsAtLeast;
    const first = rows.find(({ wall_time }) => wall_time !== null)?.wall_time ?? null;
    this.form = blankForm(first, app.today, app.zone);
    this.when.reset(app.zone);
    this.when.set(`${this.form.date} ${this.form.time}`);
    this.preview = null;
    this.problem = null;
    this.#shownFor = null;
    this.kind = kind;
  }

  /** Closes it; nothing was changed. */
  close() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.kind = null;
    this.preview = null;
  }

  /** Looks soon at what the form says now. */
  look() {
    clearTimeout(this.#timer);
    const rest = this.preview === null ? 0 : REST_MS;
    this.#timer = setTimeout(() => void this.#look(), rest);
  }

  /** Does what was shown, and nothing else. */
  async apply() {
    const { kind, preview, change } = this;
    if (!this.possible || kind === null || preview === null || change === null) return;
    this.isApplying = true;
    try {
      const done = await this.#send(change, { ...this.#terms(), token: preview.token }, true);
      this.close();
      if (LEAVING.includes(kind)) selection.clear();
      await history.offer(doneText(kind, done));
    } catch (error) {
      this.problem = errorText(error);
      if (error instanceof ApiError && error.code === "stale") {
        this.problem =
          "The posts changed meanwhile, so nothing was done. This is how it looks now.";
        await this.#look(true);
      }
    } finally {
      this.isApplying = false;
    }
  }

  async #look(keepsProblem = false) {
    const { change } = this;
    const [asked, key] = [++this.#asked, this.#key];
    if (!keepsProblem) this.problem = null;
    if (change === null) {
      this.preview = null;
      return;
    }
    try {
      const preview = await this.#send(change, this.#terms(), false);
      if (asked !== this.#asked) return;
      this.preview = preview;
      this.#shownFor = key;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.preview = null;
      this.problem = errorText(error);
    }
  }

  /** What can't be changed is named with its reason, and left out. */
  #terms(): BulkTerms {
    return { skip_refused: true, restore: this.form.restore };
  }

  #send(change: BulkChange, terms: BulkTerms, isApplied: boolean): Promise<BulkEdit> {
    const selected = this.#selection();
    if ("times" in change) {
      const asked = { selection: selected, change: change.times, terms };
      return isApplied ? api.reschedule_posts(asked) : api.preview_reschedule(asked);
    }
    const asked = { selection: selected, change: change.fields, terms };
    return isApplied ? api.rewrite_posts(asked) : api.preview_rewrite(asked);
  }

  /** The posts as the list knows them now: what went on by itself meanwhile is no other post. */
  #selection(): Selection {
    if (this.#isWhole) return { query: posts.query };
    const known = new Map(posts.rows.map((row) => [row.id, row]));
    return { posts: this.#rows.map((row) => target(known.get(row.id) ?? row)) };
  }
}

export const bulk = new Bulk();
