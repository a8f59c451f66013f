/** A short message at the bottom of the window, read to screen readers too. */
export interface ToastMessage {
  text: string;
  tone: "info" | "error";
  /** What the person can do about it. */
  action: { label: string; run: () => void } | null;
}

/** How long a message stays that offers no action. */
const INFO_MS = 6000;

/**
 * Tells what became of what the person just did. Errors of a post are not shown here: they stay on
 * the post's row.
 */
class Toast {
  current = $state.raw<ToastMessage | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Shows a message for a while; with an action, until the person dismisses it. */
  info(text: string, action: ToastMessage["action"] = null) {
    this.#show({ text, tone: "info", action });
    if (!action) this.#timer = setTimeout(() => this.dismiss(), INFO_MS);
  }

  /** Shows that something was refused, until the person dismisses it. */
  error(text: string) {
    this.#show({ text, tone: "error", action: null });
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
