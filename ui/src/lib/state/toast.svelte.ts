/** A short message at the bottom of the window, read to screen readers too. */
export interface ToastMessage {
  text: string;
  tone: "info" | "error";
  /** What the person can do about it. */
  action: { label: string; run: () => void } | null;
}

/** How long a message stays that offers no action. */
const INFO_MS = 6000;
/** How long one stays that offers one; what it offers stands in the history too. */
const ACTION_MS = 12_000;

/**
 * Tells what became of what the person just did. Errors of a post are not shown here: they stay on
 * the post's row.
 */
class Toast {
  current = $state.raw<ToastMessage | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Shows a message for a while, longer where it offers an action. */
  info(text: string, action: ToastMessage["action"] = null) {
    this.#show({ text, tone: "info", action });
    this.resume();
  }

  /** Shows that something was refused, until the person dismisses it. */
  error(text: string) {
    this.#show({ text, tone: "error", action: null });
  }

  /** Lets it stay for as long as the person looks at it. */
  pause() {
    clearTimeout(this.#timer);
  }

  /** Lets it go after a while. */
  resume() {
    const { current } = this;
    if (current?.tone !== "info") return;
    clearTimeout(this.#timer);
    const after = current.action === null ? INFO_MS : ACTION_MS;
    this.#timer = setTimeout(() => this.dismiss(), after);
  }

  /** Removes the message. */
  dismiss() {
    this.#show(null);
  }

  #show(message: ToastMessage | null) {
    clearTimeout(this.#timer);
    this.current = message;
  }
}

export const toast = new Toast();
