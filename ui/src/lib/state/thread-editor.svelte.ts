import { api, errorText } from "../ipc";
import { disclosedBy, hasAttached, isBlank } from "../parts";
import type { Attached, Part, RemovedPart } from "../parts";

/** The parts of a post that is being written: how they are typed, added, split, merged and moved. */
export abstract class ThreadEditor {
  parts = $state<Part[]>([]);
  problem = $state<string | null>(null);
  removed = $state.raw<RemovedPart | null>(null);
  /** The parts as they were before they were split, until something else changes. */
  unsplit = $state.raw<Part[] | null>(null);
  /** The part that gets the focus next, and where its caret goes. */
  focus = $state.raw<{ key: number; caret: number | null } | null>(null);

  /** The X user id of the account whose limits count. */
  abstract account: string | null;

  #counts = 0;
  #keys = 0;

  readonly texts = $derived(this.parts.map((part) => part.text));
  readonly isBlank = $derived(this.parts.every(isBlank));
  readonly isThread = $derived(this.parts.length > 1);
  readonly hasLink = $derived(this.parts.some(({ count }) => (count?.links ?? 0) > 0));

  /** What the parts say is no longer what it was. */
  protected abstract contentChanged(): void;

  /** Takes the text of a part as it is typed. */
  setText(index: number, text: string) {
    const part = this.parts[index];
    if (!part) return;
    part.text = text;
    this.contentChanged();
  }

  /** Takes what a part has beside its text. */
  setAttached(key: number, attached: Attached) {
    const part = this.parts.find((each) => each.key === key);
    if (!part) return;
    part.attached = attached;
    this.contentChanged();
  }

  /** Adds an empty part behind another one. */
  addPart(after: number) {
    this.parts.splice(after + 1, 0, this.part("", disclosedBy(this.parts)));
    this.contentChanged();
    this.focusPart(after + 1);
  }

  /** Makes two parts of one, at the caret. */
  splitPart(index: number, caret: number) {
    const part = this.parts[index];
    if (!part) return;
    const rest = part.text.slice(caret).trimStart();
    part.text = part.text.slice(0, caret).trimEnd();
    this.parts.splice(index + 1, 0, this.part(rest, disclosedBy(this.parts)));
    this.contentChanged();
    this.focusPart(index + 1, 0);
  }

  /** Splits what is too long for the account into parts, where sentences end. */
  async splitLong(numbered: boolean) {
    const { parts, texts, account } = this;
    try {
      const split = await api.split_text({ parts: texts, account, numbered });
      // What was typed meanwhile stays.
      if (parts !== this.parts || texts.join("\n") !== this.texts.join("\n")) return;
      const added = disclosedBy(parts);
      const before = $state.snapshot(parts) as Part[];
      this.parts = before.flatMap(({ attached }, index) =>
        (split.parts[index] ?? []).map((text, at) => this.part(text, at === 0 ? attached : added)),
      );
      this.contentChanged();
      this.unsplit = before;
      this.focusPart(0);
    } catch (error) {
      this.problem = errorText(error);
    }
  }

  /** Puts the parts back that were split. */
  takeSplitBack() {
    if (this.unsplit) this.parts = this.unsplit;
    this.contentChanged();
    this.focusPart(0);
  }

  /** Makes one part of this one and the one before it. */
  mergePart(index: number) {
    const [before, part] = [this.parts[index - 1], this.parts[index]];
    if (!before || !part) return;
    const caret = before.text.length;
    before.text = [before.text, part.text].filter((text) => text !== "").join("\n");
    before.attached = {
      ...part.attached,
      ...before.attached,
      media: [...(before.attached.media ?? []), ...(part.attached.media ?? [])],
      ...disclosedBy([before, part]),
      poll: before.attached.poll ?? part.attached.poll ?? null,
    };
    this.parts.splice(index, 1);
    this.contentChanged();
    this.focusPart(index - 1, caret);
  }

  /** Moves a part up (-1) or down (1). */
  movePart(index: number, by: number) {
    const to = index + by;
    const [part, other] = [this.parts[index], this.parts[to]];
    if (!part || !other) return;
    this.parts[index] = other;
    this.parts[to] = part;
    this.contentChanged();
    this.focusPart(to);
  }

  /** Removes a part. One that says something can be put back. */
  removePart(index: number) {
    const part = this.parts[index];
    if (!part || !this.isThread) return;
    this.parts.splice(index, 1);
    const { text, attached } = part;
    if (text.trim() !== "" || hasAttached(part)) this.removed = { index, text, attached };
    this.contentChanged();
    this.focusPart(Math.max(0, index - 1));
  }

  /** Puts the part back that was removed last. */
  restorePart() {
    const { removed } = this;
    if (!removed) return;
    this.removed = null;
    const index = Math.min(removed.index, this.parts.length);
    this.parts.splice(index, 0, this.part(removed.text, removed.attached));
    this.contentChanged();
    this.focusPart(index);
  }

  /** Counts every part as X does, for the account that is to post it. */
  async countTexts() {
    const asked = ++this.#counts;
    const keys = this.parts.map(({ key }) => key);
    try {
      const { parts } = await api.count_text({ parts: this.texts, account: this.account });
      if (asked !== this.#counts) return;
      for (const part of this.parts) part.count = parts[keys.indexOf(part.key)] ?? part.count;
    } catch (error) {
      if (asked === this.#counts) this.problem = errorText(error);
    }
  }

  /** Starts over, for another post. */
  protected forget() {
    this.parts = [];
    this.removed = null;
    this.unsplit = null;
    this.focus = null;
    this.#counts += 1;
  }

  protected part(text: string, attached: Attached = {}): Part {
    this.#keys += 1;
    return { key: this.#keys, text, attached, count: null };
  }

  protected focusPart(index: number, caret: number | null = null) {
    const part = this.parts[index];
    if (part) this.focus = { key: part.key, caret };
  }
}
