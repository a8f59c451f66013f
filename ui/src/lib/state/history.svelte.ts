import { plural } from "../format";
import { api, errorText } from "../ipc";
import type { HistoryStep, Reversal } from "../ipc";
import { toast } from "./toast.svelte";

/** Steps that the panel reads at once. */
const PAGE = 50;

/** Returns what undoing or redoing did, in one sentence or two. */
export function reversalText(done: Reversal, verb: "Undone" | "Redone"): string {
  const [only] = done.steps;
  const what =
    done.steps.length === 1 && only ? only.step.title : plural(done.steps.length, "step");
  const said = [`${verb}: ${what}.`];
  const first = done.posts[0];
  if (done.kept === 1 && first) said.push(`1 post stays. ${first.message}`);
  else if (done.kept > 0) said.push(`${plural(done.kept, "post")} stay as now.`);
  if (done.drafts > 0)
    said.push(`${plural(done.drafts, "post")} became a draft: the time has passed.`);
  if (done.asked > 0) said.push("The relay has yet to confirm it.");
  said.push(...done.steps.flatMap(({ message }) => (message === null ? [] : [message])));
  return said.join(" ");
}

/** What the person did, step by step, and the way back. */
class History {
  open = $state(false);
  steps = $state.raw<HistoryStep[]>([]);
  isRead = $state(false);
  /** Why the steps can't be read. */
  problem = $state<string | null>(null);
  /** Where the next page begins; null on the last. */
  next = $state.raw<number | null>(null);
  /** What "Undo to here" or "Redo to here" would do, while the person is asked. */
  asked = $state.raw<{ verb: "undo" | "redo"; to: number; told: Reversal } | null>(null);
  #newest = 0;
  #moving = false;

  /** Opens the panel. */
  async show() {
    this.open = true;
    this.asked = null;
    await this.#read(null);
  }

  /** Closes the question, or the panel. */
  close() {
    if (this.asked !== null) this.asked = null;
    else this.open = false;
  }

  /** Reads the next page. */
  async more() {
    if (this.next !== null) await this.#read(this.next);
  }

  /** Says what going to a step would do, and asks. */
  async ask(verb: "undo" | "redo", to: number) {
    try {
      const wanted = { to, based_on: this.#newest };
      const told = await (verb === "undo" ? api.preview_undo(wanted) : api.preview_redo(wanted));
      this.asked = { verb, to, told };
    } catch (error) {
      toast.error(errorText(error));
      await this.#read(null);
    }
  }

  /** Does what was asked. */
  async agree() {
    const asked = this.asked;
    if (asked === null) return;
    this.asked = null;
    await this.#move(asked.verb, { to: asked.to, based_on: this.#newest });
    await this.#read(null);
  }

  /** Undoes or redoes one step, whichever is next. */
  async go(verb: "undo" | "redo") {
    await this.#move(verb, {});
    if (this.open) await this.#read(null);
  }

  /** Says what was just done, and offers to undo it as long as nothing else was done since. */
  async offer(text: string) {
    try {
      const { newest } = await api.list_history({ limit: 1 });
      const run = () => void this.#move("undo", { based_on: newest });
      toast.info(text, { label: "Undo", run });
    } catch {
      // It is done all the same; the panel may undo it later.
      toast.info(text);
    }
  }

  async #move(verb: "undo" | "redo", wanted: { to?: number; based_on?: number }) {
    // A key that is held does one step after the other.
    if (this.#moving) return;
    this.#moving = true;
    try {
      const undoes = verb === "undo";
      const done = await (undoes ? api.undo(wanted) : api.redo(wanted));
      const text = reversalText(done, undoes ? "Undone" : "Redone");
      const back = undoes ? "redo" : "undo";
      const run = () => void this.#move(back, { based_on: done.newest });
      if (done.steps.length === 1) toast.info(text, { label: undoes ? "Redo" : "Undo", run });
      else toast.info(text);
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      this.#moving = false;
    }
  }

  async #read(before: number | null) {
    try {
      const page = await api.list_history({ before, limit: PAGE });
      this.steps = before === null ? page.steps : [...this.steps, ...page.steps];
      this.next = page.next;
      this.#newest = page.newest;
      this.isRead = true;
      this.problem = null;
    } catch (error) {
      this.problem = errorText(error);
    }
  }
}

export const history = new History();
