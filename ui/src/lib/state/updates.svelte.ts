import {
  cancelUpdate,
  checkForUpdate,
  errorText,
  installUpdate,
  keepUpdateSource,
  onUpdateStage,
  startUpdated,
  updateState,
} from "../ipc";
import type { UpdateOffer, UpdateStage, UpdateState } from "../ipc";

/** Updates of the program itself. What is under way goes on while the settings are closed. */
class Updates {
  now = $state.raw<UpdateState | null>(null);
  /** What the address offers; null when it has nothing newer, undefined when it was not asked. */
  offer = $state.raw<UpdateOffer | null | undefined>(undefined);
  /** How far the update is that is under way; null when none is. */
  stage = $state.raw<UpdateStage | null>(null);
  /** Why the last thing did not come to its end. */
  problem = $state<string | null>(null);
  busy = $state(false);

  #listens = false;

  /** Reads how things stand. Nothing is asked of the address. */
  async open() {
    if (!this.#listens) onUpdateStage((stage) => (this.stage = stage));
    this.#listens = true;
    await this.#work(() => Promise.resolve());
  }

  async keepSource(address: string, key: string) {
    await this.#work(async () => {
      await keepUpdateSource(address, key);
      this.offer = undefined;
    });
  }

  async check() {
    await this.#work(async () => {
      this.offer = await checkForUpdate();
    });
  }

  async install() {
    await this.#work(async () => {
      await installUpdate();
      this.offer = undefined;
    });
  }

  /** Gives up what is under way. */
  async cancel() {
    await cancelUpdate();
  }

  async startNew() {
    await this.#work(startUpdated);
  }

  async #work(work: () => Promise<void>) {
    if (this.busy) return;
    this.busy = true;
    this.problem = null;
    try {
      await work();
    } catch (error) {
      this.problem = errorText(error);
    }
    this.stage = null;
    try {
      this.now = await updateState();
    } catch (error) {
      this.problem ??= errorText(error);
    }
    this.busy = false;
  }
}

export const updates = new Updates();
