import { shell, errorText } from "../ipc";
import type { Count, Row, Suggestion, Verdict } from "../ipc";
import { app } from "./app.svelte";
import { toast } from "./toast.svelte";

/** How long the person must rest before the draft is saved, in milliseconds. */
const AUTOSAVE_MS = 250;
const LAST_ZONE = "roost.composer.zone";

/** Whether what is on the screen is on the disk. */
export type SaveState = "empty" | "unsaved" | "saving" | "saved" | "failed";

/** The post being written. A new one is a draft in the store from its first letter on. */
class Composer {
  open = $state(false);
  text = $state("");
  date = $state("");
  time = $state("");
  zone = $state("");
  count = $state.raw<Count | null>(null);
  checked = $state.raw<Verdict | null>(null);
  suggestions = $state.raw<Suggestion[]>([]);
  saveState = $state<SaveState>("empty");
  problem = $state<string | null>(null);
  busy = $state(false);
  /** The scheduled post being changed: saved only when the person says so. */
  editing = $state.raw<Row | null>(null);
  confirmDiscard = $state(false);

  #draftId: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> = Promise.resolve();
  #checks = 0;
  #counts = 0;

  readonly wallTime = $derived(this.date && this.time ? `${this.date} ${this.time}` : null);
  readonly changed = $derived(
    this.editing !== null &&
      (this.text !== this.editing.text ||
        this.wallTime !== shortWall(this.editing.wallTime) ||
        this.zone !== this.editing.zone),
  );
  /** Whether the post being changed had ended: saving it schedules it again, and says so. */
  readonly ended = $derived(["failed", "missed", "cancelled"].includes(this.editing?.status ?? ""));
  readonly ready = $derived(
    !this.busy &&
      this.text.trim() !== "" &&
      this.wallTime !== null &&
      (this.count === null || this.count.weighted <= this.count.limit) &&
      (this.checked === null || this.checked.errors.length === 0),
  );

  /** Opens an empty composer. */
  async openNew() {
    if (this.open) return;
    this.#reset();
    this.zone = localStorage.getItem(LAST_ZONE) ?? app.zone;
    this.open = true;
    await this.#suggest(true);
  }

  /** Opens a post to change it; a draft goes on being saved by itself. */
  async openFor(row: Row) {
    this.#reset();
    this.text = row.text;
    this.zone = row.zone;
    const wall = shortWall(row.wallTime);
    this.date = wall?.slice(0, 10) ?? "";
    this.time = wall?.slice(11) ?? "";
    if (row.status === "draft") {
      this.#draftId = row.id;
      this.saveState = "saved";
    } else {
      this.editing = row;
    }
    this.open = true;
    await Promise.all([this.#suggest(wall === null), this.countText(), this.check()]);
  }

  /** The text changed. */
  typed() {
    this.problem = null;
    void this.countText();
    void this.check();
    if (this.editing) return;
    this.saveState = "unsaved";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void this.save();
    }, AUTOSAVE_MS);
  }

  /** Date, time or zone changed. */
  timeChanged() {
    this.problem = null;
    void this.check();
  }

  /** Takes a suggested time. */
  setTime(suggestion: Suggestion) {
    this.date = suggestion.wallTime.slice(0, 10);
    this.time = suggestion.wallTime.slice(11, 16);
    this.timeChanged();
  }

  /** Another zone: the same wall time means another instant, and other suggestions. */
  async setZone(zone: string) {
    this.zone = zone;
    this.timeChanged();
    await this.#suggest(false);
  }

  /** Counts the text as X does. */
  async countText() {
    const asked = ++this.#counts;
    const count = await shell.count(this.text);
    if (asked === this.#counts) this.count = count;
  }

  /** Asks what there is to say of the post as it stands. */
  async check() {
    const asked = ++this.#checks;
    try {
      const found = await shell.judge({
        text: this.text,
        wallTime: this.wallTime,
        zone: this.zone,
        draft: false,
      });
      if (asked === this.#checks) this.checked = found;
    } catch (error) {
      if (asked === this.#checks) this.problem = errorText(error);
    }
  }

  /** Saves the draft; one saving after the other. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#saveOnce());
    return this.#saving;
  }

  /** Schedules the post, or saves the change of a scheduled one. */
  async schedule() {
    if (!this.ready) return;
    this.busy = true;
    clearTimeout(this.#timer);
    await this.#saving;
    try {
      const when = { text: this.text, wallTime: this.wallTime, zone: this.zone };
      const id = this.editing?.id ?? this.#draftId;
      const saved = id
        ? await shell.edit(id, { ...when, restore: this.ended })
        : await shell.create({ ...when, draft: false });
      localStorage.setItem(LAST_ZONE, this.zone);
      const { day, time } = saved.post;
      const said = this.ended ? "Scheduled again" : this.editing ? "Changed" : "Scheduled";
      toast.info(day && time ? `${said}: goes out ${day} at ${time}.` : `${said}.`);
      this.#end();
    } catch (error) {
      this.problem = errorText(error);
    } finally {
      this.busy = false;
    }
  }

  /**
   * Closes without losing a letter: a new text stays a draft, a change is asked about. Leaving
   * once more, while that is asked, goes back to the text: only `discard` throws a change away.
   */
  async close() {
    if (this.editing) {
      if (this.changed) this.confirmDiscard = !this.confirmDiscard;
      else this.#end();
      return;
    }
    clearTimeout(this.#timer);
    if (this.saveState !== "saved" && this.saveState !== "empty") await this.save();
    if (this.saveState === "failed") return;
    if (this.#draftId && this.text.trim() !== "") toast.info("Kept in Drafts.");
    this.#end();
  }

  /** Throws the change of a scheduled post away. */
  discard() {
    if (this.editing) this.#end();
  }

  async #saveOnce() {
    const text = this.text;
    this.saveState = "saving";
    try {
      if (text.trim() === "") {
        if (this.#draftId) await shell.remove([this.#draftId]);
        this.#draftId = null;
        this.saveState = "empty";
      } else {
        await this.#write(text);
        this.saveState = this.text === text ? "saved" : "unsaved";
      }
    } catch (error) {
      this.saveState = "failed";
      this.problem = errorText(error);
    }
  }

  async #write(text: string) {
    if (this.#draftId) {
      await shell.edit(this.#draftId, {
        text,
        wallTime: null,
        zone: null,
        restore: false,
      });
      return;
    }
    const made = await shell.create({ text, wallTime: null, zone: this.zone, draft: true });
    this.#draftId = made.post.id;
  }

  async #suggest(takeFirst: boolean) {
    try {
      this.suggestions = await shell.suggestTimes(this.zone);
    } catch {
      // A zone that is still being typed has no suggestions.
      this.suggestions = [];
    }
    const first = this.suggestions[0];
    if (takeFirst && first) this.setTime(first);
  }

  #end() {
    this.open = false;
    this.#reset();
    app.refreshSoon();
  }

  #reset() {
    clearTimeout(this.#timer);
    this.text = "";
    this.date = "";
    this.time = "";
    this.count = null;
    this.checked = null;
    this.saveState = "empty";
    this.problem = null;
    this.editing = null;
    this.confirmDiscard = false;
    this.#draftId = null;
    this.#checks += 1;
    this.#counts += 1;
  }
}

/** `2027-03-01 00:20[:00]` or with a T, as `2027-03-01 00:20`. */
function shortWall(wall: string | null): string | null {
  return wall === null ? null : wall.replace("T", " ").slice(0, 16);
}

export const composer = new Composer();
