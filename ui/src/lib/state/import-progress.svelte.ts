import { api } from "../ipc";
import type { ImportProgressNow } from "../ipc";

/** What is over sooner is not worth a word. */
const QUIET_MS = 500;
/** How often the engine is asked how far it is. */
const ASKED_EVERY_MS = 150;

/** How far the engine is with what takes its time: opening, judging or writing an import. */
class ImportProgress {
  /** Null while there is nothing to say. */
  now = $state.raw<ImportProgressNow | null>(null);

  #work: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Follows what is done under a name, until {@link end} is called with it. */
  follow(work: string) {
    this.#stop();
    this.#work = work;
    this.#timer = setTimeout(() => void this.#ask(work), QUIET_MS);
  }

  /** Follows it no longer. */
  end(work: string) {
    if (this.#work === work) this.#stop();
  }

  /** Has what is followed end without a result. */
  giveUp() {
    // One that is over can't be given up, and one that can't be told is not waited for.
    if (this.#work !== null) void api.give_up_import({ work: this.#work }).catch(() => undefined);
  }

  async #ask(work: string) {
    try {
      const now = await api.get_import_progress({ work });
      if (this.#work === work) this.now = now;
    } catch {
      // The work itself tells what is wrong.
    }
    if (this.#work === work) this.#timer = setTimeout(() => void this.#ask(work), ASKED_EVERY_MS);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#work = null;
    this.now = null;
  }
}

export const importProgress = new ImportProgress();
