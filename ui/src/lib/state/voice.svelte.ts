/** One thing said at the bottom of the window, and to screen readers. */
export interface Said {
  words: string;
  tone: "calm" | "bad";
  /** What can be done about it. */
  action: { label: string; run: () => void } | null;
}

/** How long calm words stay that ask for nothing, in milliseconds. */
const CALM = 6000;

/**
 * Speaks about what the person just did. Errors about a post are not said here: they stay on the
 * post's row.
 */
class Voice {
  said = $state.raw<Said | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Says it for a while; with something to do, until the person sends it away. */
  say(words: string, action: Said["action"] = null) {
    this.#set({ words, tone: "calm", action });
    if (!action) this.#timer = setTimeout(() => this.hush(), CALM);
  }

  /** Says that something was refused. */
  complain(words: string) {
    this.#set({ words, tone: "bad", action: null });
  }

  /** Says no more. */
  hush() {
    this.#set(null);
  }

  #set(said: Said | null) {
    clearTimeout(this.#timer);
    this.said = said;
  }
}

export const voice = new Voice();
