import { cleaned } from "../pasted";
import type { Part } from "../parts";
import { composer } from "./composer.svelte";

/** Something that was done to a text, and the text as it would be without it. */
interface Taken {
  key: number;
  after: string;
  before: string;
  said: string;
}

/** What helps with the text that is being written: where the caret is, and what can be taken back. */
class Writing {
  /** What was done last, for as long as the text stands as it was left. */
  taken = $state.raw<Taken | null>(null);
  emojiOpen = $state(false);
  previewOpen = $state(false);
  #caret: { key: number; from: number; to: number } | null = null;

  /** Remembers where the caret is. */
  at(part: Part, area: HTMLTextAreaElement) {
    this.#caret = { key: part.key, from: area.selectionStart, to: area.selectionEnd };
  }

  /**
   * Takes a paste over: what does not show, and what follows visitors, is left out. Returns whether
   * there was something of that kind.
   */
  paste(part: Part, area: HTMLTextAreaElement, pasted: string): boolean {
    const { text, done } = cleaned(pasted);
    if (done.length === 0) return false;
    this.at(part, area);
    const before = this.#with(part, pasted);
    this.#put(part, text);
    this.taken = { key: part.key, after: part.text, before, said: `Left out: ${done.join(", ")}.` };
    return true;
  }

  /** Puts an emoji where the caret is, or was. */
  insert(sign: string) {
    const part =
      composer.parts.find(({ key }) => key === this.#caret?.key) ?? composer.parts.at(-1);
    if (!part) return;
    if (this.#caret?.key !== part.key)
      this.#caret = { key: part.key, from: part.text.length, to: part.text.length };
    this.emojiOpen = false;
    this.#put(part, sign);
  }

  /** Takes a link out of a text. */
  removeLink(part: Part, link: string) {
    const at = part.text.indexOf(link);
    if (at < 0) return;
    const before = part.text;
    const rest = `${before.slice(0, at).trimEnd()} ${before.slice(at + link.length).trimStart()}`;
    composer.setText(composer.parts.indexOf(part), rest.trim());
    this.taken = { key: part.key, after: part.text, before, said: "The link was removed." };
  }

  /** Returns what can be taken back of a part. */
  of(part: Part): Taken | null {
    const { taken } = this;
    return taken?.key === part.key && taken.after === part.text ? taken : null;
  }

  /** Takes it back. */
  takeBack(part: Part) {
    const taken = this.of(part);
    if (!taken) return;
    this.taken = null;
    composer.setText(composer.parts.indexOf(part), taken.before);
    composer.focus = { key: part.key, caret: null };
  }

  /** Returns the text with something put in the place of what is selected. */
  #with(part: Part, text: string): string {
    const { from, to } = this.#caret ?? { from: part.text.length, to: part.text.length };
    return part.text.slice(0, from) + text + part.text.slice(to);
  }

  #put(part: Part, text: string) {
    const from = this.#caret?.from ?? part.text.length;
    composer.setText(composer.parts.indexOf(part), this.#with(part, text));
    composer.focus = { key: part.key, caret: from + text.length };
  }
}

export const writing = new Writing();
