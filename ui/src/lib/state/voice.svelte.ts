/** One thing said at the bottom of the window, and to screen readers. */
export interface Said {
  words: string;
  tone: "calm" | "bad";
  /** What can be done about it. */
  action: { label: string; run: () => void } | null;
}

/**
 * Speaks about what the person just did. Errors about a post are not said here: they stay on the
 * post's row.
 */
class Voice {
  said = $state<Said | null>(null);

  /** Says it until the next thing is said or the person sends it away. */
  say(words: string, action: Said["action"] = null) {
    this.said = { words, tone: "calm", action };
  }

  /** Says that something was refused. */
  complain(words: string) {
    this.said = { words, tone: "bad", action: null };
  }

  /** Says no more. */
  hush() {
    this.said = null;
  }
}

export const voice = new Voice();
