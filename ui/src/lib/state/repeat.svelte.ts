import { api, errorText } from "../ipc";
import type { Content, NewSeries, SeriesPreview } from "../ipc";
import { ruleOf } from "../series";
import type { Choice, DayCode, Every, Scope } from "../series";

/** Typing rests for so long before the engine is asked, in milliseconds. */
const ASK_MS = 150;

/** The post as it is written, as far as a series needs it. */
export interface Written {
  content: Content;
  account: string | null;
  wallTime: string | null;
  zone: string;
}

/** How the post that is being written repeats; of one that repeats already, what a change is of. */
class Repeat {
  every = $state<Every>("never");
  days = $state<DayCode[]>([]);
  lastDay = $state(false);
  rule = $state("");
  ends = $state<Choice["ends"]>("never");
  until = $state("");
  times = $state(10);
  /** Further texts, which take turns with the first. */
  variants = $state<string[]>([]);
  scope = $state<Scope>("one");
  preview = $state.raw<SeriesPreview | null>(null);
  problem = $state<string | null>(null);

  readonly isOn = $derived(this.every !== "never");

  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Starts over, for another post. */
  reset() {
    clearTimeout(this.#timer);
    this.every = "never";
    this.days = [];
    this.lastDay = false;
    this.rule = "";
    this.ends = "never";
    this.until = "";
    this.times = 10;
    this.variants = [];
    this.scope = "one";
    this.preview = null;
    this.problem = null;
    this.#asked += 1;
  }

  /** Returns the series as it stands. */
  of({ content, account, wallTime, zone }: Written): NewSeries {
    const further = this.variants.filter((text) => text.trim() !== "");
    // Each variant discloses what the post does, and goes where it goes.
    const { made_with_ai, paid_partnership, community_id } = content.parts[0] ?? { text: "" };
    const kept = {
      ...(made_with_ai ? { made_with_ai } : {}),
      ...(paid_partnership ? { paid_partnership } : {}),
      ...(community_id ? { community_id } : {}),
    };
    const variants = [content, ...further.map((text) => ({ parts: [{ text, ...kept }] }))];
    const rule = ruleOf(this, wallTime ?? "");
    return { variants, rule, first: wallTime ?? "", zone, account };
  }

  /** Asks, once typing rests, what the series would do. */
  ask(written: Written) {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    if (!this.isOn || written.wallTime === null) {
      this.preview = null;
      return;
    }
    const series = this.of(written);
    this.#timer = setTimeout(() => void this.#ask(series, asked), ASK_MS);
  }

  async #ask(series: NewSeries, asked: number) {
    try {
      const preview = await api.preview_series(series);
      if (asked !== this.#asked) return;
      this.preview = preview;
      this.problem = null;
    } catch (error) {
      if (asked === this.#asked) this.problem = errorText(error);
    }
  }

  /** Adds or takes away a day of the week. */
  toggle(day: DayCode) {
    this.days = this.days.includes(day)
      ? this.days.filter((each) => each !== day)
      : [...this.days, day];
  }
}

export const repeat = new Repeat();
