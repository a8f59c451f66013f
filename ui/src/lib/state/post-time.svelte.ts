import { wallTimeParts } from "../format";
import { api, errorText } from "../ipc";
import type { PostRow, Suggestion } from "../ipc";
import { plusMinutes } from "../wall";

/** Date, time of day and zone of the post that is being written, typed as people say them. */
export class PostTime {
  date = $state("");
  time = $state("");
  zone = $state("");
  /** What stands in the field while it is being typed; null shows the time itself. */
  typed = $state<string | null>(null);
  /** Why what was typed is no time. */
  problem = $state<string | null>(null);
  suggestions = $state.raw<Suggestion[]>([]);
  /** Whether the time is the person's choice, and not the first that was suggested. */
  isChosen = $state(false);

  readonly wallTime = $derived(this.date && this.time ? `${this.date} ${this.time}` : null);

  readonly #account: () => string | null;
  readonly #changed: () => void;
  /** The time before something was typed: its time of day is that of a day which is named alone. */
  #before: { wall: string | null; isChosen: boolean } | null = null;
  #asked = 0;
  /** The person left the field while its words were being read. */
  #isLeft = false;
  #reading: Promise<void> = Promise.resolve();

  /** `changed` is called when the post has another time by the person's choice. */
  constructor(account: () => string | null, changed: () => void) {
    this.#account = account;
    this.#changed = changed;
  }

  /** Shows the time of a post. */
  take(row: PostRow) {
    this.#show(row.wall_time);
    this.zone = row.zone;
    this.isChosen = row.wall_time !== null;
  }

  /** Returns the time that is shown, as a post takes it. */
  shown() {
    return { wall_time: this.wallTime, zone: this.zone };
  }

  /** Takes a suggested time. */
  pick({ wall_time }: Suggestion) {
    this.#choose(wall_time);
  }

  /** Takes a wall time: `2027-03-01 09:00`. */
  set(wall: string) {
    this.#choose(wall);
  }

  /** Reads what is being typed. */
  type(text: string): Promise<void> {
    this.#before ??= { wall: this.wallTime, isChosen: this.isChosen };
    this.typed = text;
    this.#isLeft = false;
    this.#reading = this.#read(text, ++this.#asked);
    return this.#reading;
  }

  /** Waits until what was typed is understood, or told to be no time. */
  settled(): Promise<void> {
    return this.#reading;
  }

  /** Shows the time that was understood; what was not stays there to be mended. */
  leave() {
    this.#isLeft = true;
    void this.#reading.then(() => {
      if (this.#isLeft && this.problem === null) this.#end();
    });
  }

  /** Takes the time again that was there before something was typed. */
  giveUp() {
    this.#asked += 1;
    const before = this.#before;
    this.#end();
    if (before === null) return;
    this.#show(before.wall);
    this.isChosen = before.isChosen;
    this.#changed();
  }

  /** Moves the time by so many minutes. */
  step(minutes: number) {
    if (this.wallTime !== null) this.#choose(plusMinutes(this.wallTime, minutes));
  }

  /** Another zone: the same wall time means another instant, and other times are suggested. */
  async setZone(zone: string) {
    this.zone = zone;
    this.isChosen = this.wallTime !== null;
    this.#changed();
    await this.suggest(false);
  }

  /** Asks for times to offer, and takes the first where that is wanted. */
  async suggest(takeFirst: boolean) {
    try {
      const wanted = { zone: this.zone, account: this.#account() };
      this.suggestions = (await api.suggest_times(wanted)).times;
    } catch {
      // A zone that is still being typed has no suggestions.
      this.suggestions = [];
    }
    const first = this.suggestions[0];
    if (takeFirst && first && !this.isChosen) this.#show(first.wall_time);
  }

  /** Forgets everything. */
  reset(zone: string) {
    this.#show(null);
    this.zone = zone;
    this.suggestions = [];
    this.isChosen = false;
    this.#asked += 1;
    this.#end();
  }

  async #read(text: string, asked: number): Promise<void> {
    if (text.trim() === "") {
      this.problem = null;
      this.#choose(null, true);
      return;
    }
    const usual = this.#before?.wall ? wallTimeParts(this.#before.wall)[1] : null;
    try {
      const wanted = { text, zone: this.zone, account: this.#account(), usual };
      const { wall_time, problem } = await api.read_time(wanted);
      if (asked !== this.#asked) return;
      this.problem = problem === null ? null : [problem.message, problem.remedy].join(" ").trim();
      if (wall_time !== null) this.#choose(wall_time, true);
    } catch (error) {
      if (asked === this.#asked) this.problem = errorText(error);
    }
  }

  #end() {
    this.typed = null;
    this.problem = null;
    this.#before = null;
    this.#isLeft = false;
  }

  #choose(wall: string | null, isTyped = false) {
    if (!isTyped) {
      this.#asked += 1;
      this.#end();
    }
    this.#show(wall);
    this.isChosen = true;
    this.#changed();
  }

  #show(wall: string | null) {
    [this.date, this.time] = wall === null ? ["", ""] : wallTimeParts(wall);
  }
}
