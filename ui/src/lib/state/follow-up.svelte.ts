import { api } from "../ipc";
import type { FollowUpChange, PartCount, PostDetail, TiedPost } from "../ipc";

/** So many minutes after its post a reply goes out, where the person says nothing else. */
const USUAL_MINUTES = 10;

/** The reply that is to follow the post that is being written. */
export class FollowUp {
  /** Whether the post may have one: a reply has none, and a scheduled post keeps what it has. */
  isOffered = $state(true);
  /** Whether it is written: its fields are shown. */
  isOpen = $state(false);
  text = $state("");
  minutes = $state(USUAL_MINUTES);
  count = $state.raw<PartCount | null>(null);

  readonly #account: () => string | null;
  readonly #changed: () => void;
  #counts = 0;
  /** Whether the post in the store may have one, which an empty text removes. */
  #isKnown = false;

  readonly says = $derived(this.text.trim() !== "");
  readonly costMicros = $derived(this.says ? (this.count?.cost_micros ?? 0) : 0);
  readonly fits = $derived(
    !this.says || this.count === null || this.count.weighted <= this.count.limit,
  );

  constructor(account: () => string | null, changed: () => void) {
    this.#account = account;
    this.#changed = changed;
  }

  /** Takes what a post has already. */
  take(found: TiedPost[]) {
    const first = found.find(({ status }) => status !== "cancelled");
    if (!first) return;
    this.isOpen = true;
    this.#isKnown = true;
    this.text = first.text;
    this.minutes = first.after_minutes;
    void this.recount();
  }

  /** Takes the reply of a post that is opened to be changed. A scheduled one has it opened by itself. */
  show({ row, parent, follow_ups }: PostDetail) {
    this.isOffered = row.status === "draft" && !parent;
    if (this.isOffered) this.take(follow_ups ?? []);
  }

  setText(text: string) {
    this.text = text;
    this.#changed();
  }

  setMinutes(minutes: number) {
    this.minutes = minutes;
    this.#changed();
  }

  /** Takes the reply away. */
  remove() {
    this.isOpen = false;
    this.setText("");
  }

  /** Returns what a post that is written has to be told of it; nothing where there never was one. */
  asked(): { follow_up?: FollowUpChange } {
    if (!this.says && !this.#isKnown) return {};
    this.#isKnown = true;
    return { follow_up: { text: this.text, after_minutes: this.minutes } };
  }

  /** Counts it as X does. */
  async recount() {
    const asked = ++this.#counts;
    if (!this.says) return;
    try {
      const { parts } = await api.count_text({ parts: [this.text], account: this.#account() });
      if (asked === this.#counts) this.count = parts[0] ?? null;
    } catch {
      // The count of the post itself says why.
    }
  }

  reset() {
    this.#counts += 1;
    this.#isKnown = false;
    this.isOffered = true;
    this.isOpen = false;
    this.text = "";
    this.minutes = USUAL_MINUTES;
    this.count = null;
  }
}
