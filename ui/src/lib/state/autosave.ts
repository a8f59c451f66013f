/** How long the person must rest before what was written is saved, in milliseconds. */
const AUTOSAVE_MS = 250;
/** Who types on and on has it saved all the same, this often. */
const AUTOSAVE_MAX_MS = 1000;

/** Saves what is written once typing rests; one saving after the other. */
export class Autosave {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unsavedSince: number | null = null;
  #saving: Promise<void> = Promise.resolve();
  readonly #write: () => Promise<void>;

  constructor(write: () => Promise<void>) {
    this.#write = write;
  }

  /** Saves soon. */
  soon() {
    const now = Date.now();
    this.#unsavedSince ??= now;
    const left = this.#unsavedSince + AUTOSAVE_MAX_MS - now;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.now(), Math.max(0, Math.min(AUTOSAVE_MS, left)));
  }

  /** Saves at once, behind the saving that is under way. */
  now(): Promise<void> {
    this.forget();
    this.#saving = this.#saving.then(() => this.#write());
    return this.#saving;
  }

  /** Saves nothing any more of itself; what is under way has ended afterwards. */
  async stop() {
    clearTimeout(this.#timer);
    await this.#saving;
  }

  /** Starts over, for another post. */
  forget() {
    clearTimeout(this.#timer);
    this.#unsavedSince = null;
  }
}
