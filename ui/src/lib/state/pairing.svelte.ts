import { describePairingLink, errorText, pair, pairingState, startAgain, unpair } from "../ipc";
import type { PairedWith, PairingOffer, PairingState } from "../ipc";

/** What the dialog of pairing shows. */
type Step = "closed" | "link" | "confirm" | "done" | "leave";

/**
 * Pairing with a relay, and leaving one. A link fills the dialog and does nothing by itself: the person
 * sees which relay it names first.
 */
class Pairing {
  step = $state<Step>("closed");
  link = $state("");
  /** What the link names, once it was read. */
  offer = $state.raw<PairingOffer | null>(null);
  computerName = $state("");
  qstashToken = $state("");
  keyInFile = $state(false);
  /** The person says that the relay which was used so far will never run again. */
  oldRelayIsGone = $state(false);
  paired = $state.raw<PairedWith | null>(null);
  /** How this computer is paired; null until it was asked. */
  now = $state.raw<PairingState | null>(null);
  busy = $state(false);
  problem = $state<string | null>(null);

  /** Opens the dialog, with a link that the system handed over where there is one. */
  async open(link = "") {
    this.#reset();
    this.step = "link";
    this.link = link;
    if (link !== "") await this.read();
  }

  /** Asks before the relay is left. */
  leave() {
    this.#reset();
    this.step = "leave";
  }

  /** Looks how this computer is paired. */
  async look() {
    this.now = await pairingState();
  }

  /** Reads the link, and shows what it names. */
  async read() {
    await this.#work(async () => {
      this.offer = await describePairingLink(this.link.trim());
      this.computerName = this.offer.computer_name;
      this.step = "confirm";
    });
  }

  /** Pairs, as the person confirmed it. */
  async confirm() {
    await this.#work(async () => {
      const token = this.qstashToken.trim();
      this.paired = await pair({
        link: this.link.trim(),
        computer_name: this.computerName.trim(),
        key_in_file: this.keyInFile,
        old_relay_is_gone: this.oldRelayIsGone,
        qstash_token: token === "" ? null : token,
      });
      this.link = "";
      this.qstashToken = "";
      this.step = "done";
    });
  }

  /** Leaves the relay; posts go out from this computer after it. */
  async confirmLeaving() {
    await this.#work(async () => {
      await unpair(this.oldRelayIsGone);
      await startAgain();
    });
  }

  /** Starts Roost again, so that posts go out from the new place. */
  async startAgain() {
    await this.#work(startAgain);
  }

  /** Closes the dialog. After a pairing it stays: nothing is handed over before Roost starts again. */
  close() {
    if (this.step !== "done" && !this.busy) this.#reset();
  }

  async #work(work: () => Promise<void>) {
    this.busy = true;
    this.problem = null;
    try {
      await work();
    } catch (error) {
      this.problem = errorText(error);
    } finally {
      this.busy = false;
    }
  }

  #reset() {
    this.step = "closed";
    this.link = "";
    this.offer = null;
    this.computerName = "";
    this.qstashToken = "";
    this.keyInFile = false;
    this.oldRelayIsGone = false;
    this.paired = null;
    this.busy = false;
    this.problem = null;
  }
}

export const pairing = new Pairing();
