import { errorText, onCaptureAsked, setQuickCapture } from "../ipc";
import type { CaptureKey } from "../ipc";
import { composer } from "./composer.svelte";

/** Whether the person wants the key. A preference of this computer alone. */
const KEY = "roost.capture";

/** The key that opens an empty post from every program. */
class Capture {
  /** Whether it is taken; null until that was asked. */
  key = $state.raw<CaptureKey | null>(null);
  problem = $state<string | null>(null);

  readonly wanted = $derived(this.key?.is_on ?? false);

  /** Takes the key again, where it was chosen. */
  start() {
    onCaptureAsked(() => void composer.openNew());
    if (localStorage.getItem(KEY) === "on") void this.turn(true);
  }

  /** Takes the key, or lets it go; what can't be had is said and not remembered. */
  async turn(on: boolean) {
    try {
      this.key = await setQuickCapture(on);
      this.problem = this.key.problem;
      localStorage.setItem(KEY, this.key.is_on ? "on" : "off");
    } catch (error) {
      this.problem = errorText(error);
    }
  }
}

export const capture = new Capture();
