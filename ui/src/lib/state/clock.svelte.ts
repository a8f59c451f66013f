const TICK_MS = 1000;

/**
 * The wall clock, once a second: what shows seconds counts down, and nothing else on the page changes. It
 * stands still while the window is hidden, and is right again when it is shown.
 */
class Clock {
  now = $state(Date.now());

  /** Ticks until the returned function is called. */
  start(): () => void {
    let timer: ReturnType<typeof setInterval> | undefined;
    const follow = () => {
      clearInterval(timer);
      this.now = Date.now();
      if (document.hidden) return;
      timer = setInterval(() => (this.now = Date.now()), TICK_MS);
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", follow);
    };
  }
}

export const clock = new Clock();
