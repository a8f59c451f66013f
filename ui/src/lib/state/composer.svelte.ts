import { plural, wallTimeParts } from "../format";
import { ApiError, api, errorText } from "../ipc";
import type { Edit, PostDetail, PostRow, Saved, UnsavedEdit, Verdict } from "../ipc";
import { scheduledText } from "../messages";
import { changeSeries, changedText } from "../series";
import { costOf, isBlank, issuesOf, saySame } from "../parts";
import type { Issue, SaveState } from "../parts";
import { isInSameState, sameParts, target, unlessGone } from "../versions";
import type { ReadPost } from "../versions";
import { accounts } from "./accounts.svelte";
import { app } from "./app.svelte";
import { Autosave } from "./autosave";
import { FollowUp } from "./follow-up.svelte";
import { history } from "./history.svelte";
import { PostTime } from "./post-time.svelte";
import { repeat } from "./repeat.svelte";
import type { Written } from "./repeat.svelte";
import { ThreadEditor } from "./thread-editor.svelte";
import { toast } from "./toast.svelte";

/** The post being written. A new one is a draft in the store from its first letter on. */
class Composer extends ThreadEditor {
  open = $state(false);
  /** The X user id of the account that is to post it; null until the person has chosen. */
  account = $state<string | null>(null);
  /** When it is to go out. */
  readonly when = new PostTime(
    () => this.account,
    () => this.#timeChanged(),
  );
  /** The reply that follows it. */
  readonly followUp = new FollowUp(
    () => this.account,
    () => this.contentChanged(),
  );
  checked = $state.raw<Verdict | null>(null);
  saveState = $state<SaveState>("empty");
  busy = $state(false);
  /** The scheduled post being changed: saved only when the person says so. */
  editing = $state.raw<PostDetail | null>(null);
  confirmDiscard = $state(false);
  /** The change of this post that was found unsaved when it was opened, and is shown. */
  found = $state.raw<UnsavedEdit | null>(null);
  /** What the post says now, where another window or program changed it meanwhile. */
  conflict = $state.raw<PostDetail | null>(null);

  #draftId: string | null = null;
  /** The post as it was read or saved last: what a change of it is based on. */
  #base: ReadPost | null = null;
  readonly #autosave = new Autosave(() => this.#saveOnce());
  #opened = 0;
  #checks = 0;

  /** What is still blank is not posted, and costs nothing. */
  readonly costMicros = $derived(costOf(this.parts, this.checked) + this.followUp.costMicros);
  readonly changed = $derived(this.editing !== null && this.#differsFrom(this.editing));
  /** Whether the post being changed had ended: saving it schedules it again, and says so. */
  readonly ended = $derived(
    ["failed", "missed", "cancelled"].includes(this.editing?.row.status ?? ""),
  );
  readonly ready = $derived(
    !this.busy &&
      !this.parts.some(isBlank) &&
      this.when.wallTime !== null &&
      this.when.problem === null &&
      this.parts.every(({ count }) => count === null || count.weighted <= count.limit) &&
      this.conflict === null &&
      this.followUp.fits &&
      (!repeat.isOn || (repeat.preview?.errors.length === 0 && !this.followUp.says)) &&
      (this.checked === null || this.checked.errors.length === 0),
  );

  /** Opens an empty composer. */
  async openNew() {
    if (this.open) return;
    this.#reset();
    this.account = accounts.preferred;
    this.parts = [this.part("")];
    this.open = true;
    this.focusPart(0);
    await this.#suggest(true);
  }

  /** Opens a new post that says what another one says; it is a draft at once. */
  async openCopy(id: string) {
    if (this.open) return;
    const opened = ++this.#opened;
    const { row, content, parts, follow_ups } = await api.get_post({ id });
    if (opened !== this.#opened || this.open) return;
    this.#reset();
    const said = content?.parts ?? parts.map((text) => ({ text }));
    this.parts = said.map(({ text, ...attached }) => this.part(text, attached));
    this.account = row.account ?? accounts.preferred;
    this.followUp.take(follow_ups ?? []);
    this.open = true;
    this.focusPart(0);
    await this.#suggest(true);
    this.contentChanged();
  }

  /** Opens a post, with all its parts, to change it; a draft goes on being saved by itself. */
  async openFor(id: string) {
    if (this.open) return;
    const opened = ++this.#opened;
    const detail = await api.get_post({ id });
    if (opened !== this.#opened || this.open) return;
    await this.#show(detail);
  }

  /** Another account: it may have other limits, and other times are free. */
  async setAccount(id: string | null) {
    this.account = id;
    this.contentChanged();
    await this.when.suggest(false);
  }

  /** Asks what there is to say of the post as it stands. */
  async check() {
    const asked = ++this.#checks;
    try {
      const editing = this.#base?.row.id ?? null;
      const content = { ...this.#content(), ...this.when.shown() };
      const found = await api.check_post({ ...content, draft: false, editing });
      if (asked === this.#checks) this.checked = found;
    } catch (error) {
      if (asked === this.#checks) this.problem = errorText(error);
    }
  }

  /** Saves the draft; one saving after the other. */
  save(): Promise<void> {
    return this.#autosave.now();
  }

  /** Schedules the post, or saves the change of a scheduled one. */
  async schedule() {
    // What was typed last may still be on its way to be understood.
    await this.when.settled();
    if (!this.ready) return;
    this.busy = true;
    await this.#autosave.stop();
    try {
      const repeated = await this.#scheduleSeries();
      if (repeated !== null) {
        this.#end();
        await history.offer(repeated);
        return;
      }
      const content = { ...this.#content(), ...this.followUp.asked(), ...this.when.shown() };
      const edited = this.#base
        ? this.#edit(this.#base, {
            ...content,
            restore: this.ended,
            ends_unsaved: this.editing !== null,
          })
        : Promise.resolve(null);
      // A draft that is gone is made anew; a scheduled post that is gone is told.
      let saved = await (this.editing ? edited : unlessGone(edited));
      if (this.conflict) return;
      if (saved === null) saved = await api.create_post({ ...content, draft: false });
      accounts.used(this.account);
      const done = this.ended ? "Scheduled again" : this.editing ? "Changed" : "Scheduled";
      const text = scheduledText(done, saved.post, app.zone, Date.now());
      this.#end();
      await history.offer(text);
    } catch (error) {
      this.problem = errorText(error);
    } finally {
      this.busy = false;
    }
  }

  /** Returns the post as it stands, as far as a series needs it. */
  written(): Written {
    const { content, account } = this.#content();
    return { content, account, wallTime: this.when.wallTime, zone: this.when.zone };
  }

  /** Makes a series of the post, or changes that of a post that repeats. Null: neither is meant. */
  async #scheduleSeries(): Promise<string | null> {
    const { editing } = this;
    const written = this.written();
    if (editing === null && repeat.isOn) {
      const { series, made } = await api.create_series(repeat.of(written));
      // What was kept as a draft while it was written is in the series now.
      if (this.#base) await this.#deleteDraft(this.#base);
      accounts.used(this.account);
      return `Repeats ${series.description}: ${plural(made, "post")} planned.`;
    }
    if (editing === null || repeat.scope === "one" || !editing.row.series) return null;
    const { row, content, parts } = editing;
    const said = content?.parts ?? parts.map((text) => ({ text }));
    const wall = row.wall_time === null ? null : wallTimeParts(row.wall_time).join(" ");
    const saved = await changeSeries(editing, repeat.scope, {
      content: saySame(this.parts, said) ? null : written.content,
      wallTime: written.wallTime === wall ? null : written.wallTime,
      zone: written.zone === row.zone ? null : written.zone,
      account: written.account === row.account ? null : written.account,
    });
    await api.drop_unsaved_edit({ id: row.id });
    return changedText(saved);
  }

  /**
   * Closes without losing a letter: a new text stays a draft, a change is kept beside its post and
   * asked about. Closing once more, while that is asked, goes back to the text: only `discard`
   * throws a change away.
   */
  async close() {
    if (this.editing) {
      if (this.changed) this.confirmDiscard = !this.confirmDiscard;
      else this.#end();
      return;
    }
    if (this.saveState !== "saved" && this.saveState !== "empty") await this.save();
    if (this.saveState === "failed" || this.conflict) return;
    if (this.#draftId && !this.isBlank) toast.info("Kept in Drafts.");
    this.#end();
  }

  /**
   * Keeps what stands here over what another window or program wrote. It is saved at once only where
   * the post stands as before: one that was scheduled, cancelled or sent meanwhile is not saved by
   * itself, and the person says so once more.
   */
  async keepMine() {
    const { conflict, editing } = this;
    if (!conflict) return;
    await this.#autosave.stop();
    this.#base = conflict;
    this.conflict = null;
    if (editing === null && conflict.row.status === "draft") {
      await this.save();
      return;
    }
    this.#draftId = null;
    this.editing = conflict;
    if (editing && isInSameState(editing.row, conflict.row)) {
      await this.schedule();
      return;
    }
    if (editing === null && !this.when.isChosen) this.when.take(conflict.row);
    await this.check();
  }

  /** Takes what another window or program wrote; what stands here is thrown away. */
  async takeTheirs() {
    const { conflict, editing } = this;
    if (!conflict) return;
    await this.#autosave.stop();
    await this.#show(
      editing && conflict.unsaved_edit
        ? await api.drop_unsaved_edit({ id: conflict.row.id })
        : conflict,
    );
  }

  /** Closes; the change stays beside its post, and is there when the post is opened again. */
  async finishLater() {
    if (this.saveState !== "saved") await this.save();
    if (this.saveState === "failed" || !this.editing) return;
    toast.info("The change is kept. The post goes out as it was, until you save it.");
    this.#end();
  }

  /** Throws the change of a scheduled post away. */
  discard() {
    const { editing } = this;
    if (!editing) return;
    const dropped = this.#autosave.stop().then(() => api.drop_unsaved_edit({ id: editing.row.id }));
    this.#end();
    // Gone with its post, or out of reach: then it is offered again when the post is opened.
    dropped.catch(() => undefined);
  }

  /** Shows again what the post says, in place of a change that was found unsaved. */
  async startOver() {
    const { editing } = this;
    if (!editing) return;
    try {
      await this.#autosave.stop();
      await this.#show(await api.drop_unsaved_edit({ id: editing.row.id }));
    } catch (error) {
      this.problem = errorText(error);
    }
  }

  /** Returns what the check found about one part, or with null about the post as a whole. */
  issuesOf(index: number | null): Issue[] {
    return issuesOf(this.checked, index);
  }

  async #show(detail: PostDetail) {
    const { row } = detail;
    this.#reset();
    this.#base = detail;
    const unsaved = row.status === "draft" ? null : (detail.unsaved_edit ?? null);
    const said = unsaved?.content.parts ?? detail.content?.parts;
    const known = said ?? detail.parts.map((text) => ({ text }));
    this.parts = known.map(({ text, ...attached }) => this.part(text, attached));
    this.account =
      unsaved?.account ?? row.account ?? (row.status === "draft" ? accounts.preferred : null);
    this.when.take(row);
    if (unsaved) {
      this.found = unsaved;
      this.saveState = "saved";
      const { wall_time, zone } = unsaved;
      if (wall_time !== null) this.when.take({ ...row, wall_time, zone: zone ?? row.zone });
    }
    this.followUp.show(detail);
    if (row.status === "draft") {
      this.#draftId = row.id;
      this.saveState = "saved";
    } else {
      this.editing = detail;
    }
    this.open = true;
    this.focusPart(0);
    await Promise.all([this.#suggest(row.wall_time === null), this.countTexts(), this.check()]);
  }

  /** The person chose another time, which a draft keeps too. */
  #timeChanged() {
    this.problem = null;
    void this.check();
    if (!this.isBlank) this.#saveSoon();
  }

  protected override contentChanged() {
    this.problem = null;
    this.unsplit = null;
    void this.countTexts();
    void this.followUp.recount();
    void this.check();
    this.#saveSoon();
  }

  #saveSoon() {
    this.saveState = "unsaved";
    this.#autosave.soon();
  }

  async #saveOnce() {
    if (this.editing) return this.#keepChange(this.editing);
    const written = JSON.stringify(this.#draft());
    this.saveState = "saving";
    try {
      if (this.isBlank) {
        if (this.#draftId && this.#base) await this.#deleteDraft(this.#base);
        this.saveState = this.conflict ? "failed" : "empty";
      } else {
        await this.#writeDraft();
        if (this.conflict) this.saveState = "failed";
        else this.saveState = JSON.stringify(this.#draft()) === written ? "saved" : "unsaved";
      }
    } catch (error) {
      this.saveState = "failed";
      this.problem = errorText(error);
    }
  }

  /** Keeps a change beside its post, which goes out as it was; one that is taken back is dropped. */
  async #keepChange({ row }: PostDetail) {
    const change = { id: row.id, ...this.#content(), ...this.when.shown() };
    const { changed } = this;
    this.saveState = "saving";
    try {
      if (changed) {
        const { draft } = await api.keep_unsaved_edit(change);
        if (draft) return await this.#becameDraft(draft);
      } else {
        await api.drop_unsaved_edit({ id: row.id });
      }
      const now = { id: row.id, ...this.#content(), ...this.when.shown() };
      const isWhole = JSON.stringify(now) === JSON.stringify(change);
      this.saveState = !isWhole ? "unsaved" : changed ? "saved" : "empty";
    } catch (error) {
      this.saveState = "failed";
      this.problem = errorText(error);
    }
  }

  /** The post went out while its change was being written: what is typed on goes to a draft. */
  async #becameDraft(draft: PostRow) {
    const { row, parts } = await api.get_post({ id: draft.id });
    this.editing = null;
    this.found = null;
    this.#draftId = row.id;
    this.#base = { row, parts };
    toast.info("The post went out as it was. Your change is a draft now.");
    await this.#writeDraft();
    this.saveState = this.conflict ? "failed" : "saved";
  }

  /** Deletes the draft as it was when it was read; what another wrote since is not thrown away. */
  async #deleteDraft(base: ReadPost): Promise<void> {
    const removed = await unlessGone(api.delete_posts({ posts: [target(base.row)] }));
    if (removed === null || removed.deleted.length + removed.deleting.length > 0) {
      this.#draftId = null;
      this.#base = null;
      return;
    }
    const now = await api.get_post({ id: base.row.id });
    if (removed.stale.length > 0 && sameParts(base, now)) return this.#deleteDraft(now);
    this.conflict = now;
  }

  /** Writes the draft; one that another program deleted meanwhile is made anew. */
  async #writeDraft() {
    if (this.#base) {
      const kept = { ...this.#draft(), keep_draft: true };
      const edited = await unlessGone(this.#edit(this.#base, kept));
      if (edited !== null || this.conflict) return;
      this.#draftId = null;
      this.#base = null;
    }
    const said = this.#said();
    const { post } = await api.create_post({ ...this.#draft(), draft: true });
    this.#draftId = post.id;
    this.#base = { row: post, ...said };
  }

  /**
   * Changes the post as it was when it was read. Where it only went on by itself meanwhile, the
   * change is made all the same; where it was changed, the person decides, and null is returned.
   */
  async #edit(base: ReadPost, change: Edit): Promise<Saved | null> {
    const { id } = base.row;
    const said = this.#said();
    try {
      const saved = await api.edit_post({
        id,
        change: { ...change, based_on: base.row.version },
      });
      this.#base = { row: saved.post, ...said };
      return saved;
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "stale") throw error;
      const now = await api.get_post({ id });
      if (sameParts(base, now)) return this.#edit(now, change);
      this.conflict = now;
      return null;
    }
  }

  #said() {
    return { parts: this.texts, content: this.#content().content };
  }

  #content() {
    const parts = this.parts.map(({ text, attached }) => ({ ...attached, text }));
    return { content: { parts }, account: this.account };
  }

  /** What a draft keeps: a time only where the person chose it. */
  #draft() {
    const content = { ...this.#content(), ...this.followUp.asked() };
    if (!this.when.isChosen) return content;
    return { ...content, wall_time: this.when.wallTime ?? "", zone: this.when.zone };
  }

  #differsFrom({ row, parts, content }: PostDetail): boolean {
    const wall = row.wall_time === null ? null : wallTimeParts(row.wall_time).join(" ");
    return (
      !saySame(this.parts, content?.parts ?? parts.map((text) => ({ text }))) ||
      this.when.wallTime !== wall ||
      this.when.zone !== row.zone ||
      this.account !== row.account
    );
  }

  async #suggest(takeFirst: boolean) {
    await this.when.suggest(takeFirst);
    if (takeFirst) await this.check();
  }

  #end() {
    this.open = false;
    this.#reset();
  }

  #reset() {
    this.#autosave.forget();
    this.forget();
    this.account = null;
    this.when.reset(app.zone);
    this.followUp.reset();
    this.checked = null;
    repeat.reset();
    this.saveState = "empty";
    this.problem = null;
    this.editing = null;
    this.confirmDiscard = false;
    this.found = null;
    this.#draftId = null;
    this.#base = null;
    this.conflict = null;
    this.#checks += 1;
  }
}

export const composer = new Composer();
