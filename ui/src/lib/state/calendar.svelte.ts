import { dayAndTime, distance, shortDay, timeOfDay } from "../format";
import { api, errorText } from "../ipc";
import type { AgendaDay, PostRow } from "../ipc";
import { instantOf, moved, placeOf, wallIn } from "../calendar/place";
import type { Place } from "../calendar/place";
import { mondayOf, plusDays } from "../wall";
import { accounts } from "./accounts.svelte";
import { app } from "./app.svelte";
import { clock } from "./clock.svelte";
import { history } from "./history.svelte";
import { posts } from "./posts.svelte";
import { toast } from "./toast.svelte";

/** What the calendar shows at once. */
export type Mode = "week" | "month";

/** A post that is being moved, by the pointer or by keys. */
export interface Drag {
  row: PostRow;
  /** Where it would stand; null over the tray. */
  to: Place | null;
  by: "pointer" | "keys";
}

const MODE = "roost.calendar.mode";
const WEEK_DAYS = 7;
const MONTH_DAYS = 42;
/** Posts of a day that the week shows; further ones stand in the list. */
const WEEK_ROWS = 200;
const MONTH_ROWS = 3;
const TRAY_ROWS = 100;
/** Only these can be moved: others are out, or being sent. */
const MOVABLE: ReadonlySet<string> = new Set(["draft", "pending", "queued", "held", "missed"]);

/** Returns whether a post can be given another time in the calendar. */
export function isMovable(row: PostRow): boolean {
  return MOVABLE.has(row.status) && row.waiting_for !== "cancel";
}

/** The calendar: which days it shows, what stands on them, and what is being moved. */
class Calendar {
  mode = $state<Mode>(localStorage.getItem(MODE) === "month" ? "month" : "week");
  /** A day of what is shown. */
  anchor = $state("");
  days = $state.raw<AgendaDay[]>([]);
  /** Drafts without a time. */
  tray = $state.raw<PostRow[]>([]);
  error = $state<string | null>(null);
  drag = $state.raw<Drag | null>(null);
  /** What a screen reader is told of a move. */
  said = $state("");
  #asked = 0;

  readonly first = $derived(
    this.mode === "week" ? mondayOf(this.anchor) : mondayOf(`${this.anchor.slice(0, 8)}01`),
  );
  /** The first day of the week or the month, and the day after its last. */
  readonly span = $derived.by<[string, string]>(() => {
    if (this.mode === "week") return [this.first, plusDays(this.first, WEEK_DAYS)];
    const first = (day: string) => `${day.slice(0, 8)}01`;
    return [first(this.anchor), first(monthAfter(this.anchor, 1))];
  });
  readonly title = $derived.by(() => {
    if (this.anchor === "") return "";
    if (this.mode === "month") {
      const at = Date.parse(`${this.anchor.slice(0, 8)}01T12:00:00Z`);
      return new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric" }).format(at);
    }
    const last = plusDays(this.first, WEEK_DAYS - 1);
    const day = (key: string) => shortDay(key).replace(/^\w+ /, "");
    return `${day(this.first)} – ${day(last)} ${last.slice(0, 4)}`;
  });

  /** Shows the days around today, or those that were shown last. */
  async open() {
    if (this.anchor === "") this.anchor = app.today;
    await this.read();
  }

  /** Shows a week or a month. */
  async show(mode: Mode) {
    this.mode = mode;
    localStorage.setItem(MODE, mode);
    await this.read();
  }

  /** Goes to a day. */
  async go(day: string) {
    this.anchor = day;
    await this.read();
  }

  /** Goes a week or a month on, or back. */
  async turn(by: 1 | -1) {
    if (this.mode === "week") await this.go(plusDays(this.anchor, by * WEEK_DAYS));
    else await this.go(monthAfter(this.anchor, by));
  }

  /** Reads what is shown. */
  async read() {
    const asked = ++this.#asked;
    const isWeek = this.mode === "week";
    try {
      const [agenda, drafts] = await Promise.all([
        api.get_agenda({
          from: this.first,
          days: isWeek ? WEEK_DAYS : MONTH_DAYS,
          zone: app.zone,
          account: accounts.shown,
          rows_per_day: isWeek ? WEEK_ROWS : MONTH_ROWS,
          free_slots: isWeek,
        }),
        api.list_posts({ view: "drafts", account: accounts.shown, limit: TRAY_ROWS }),
      ]);
      if (asked !== this.#asked) return;
      this.days = agenda.days;
      this.tray = drafts.posts.filter((row) => row.scheduled_at === null);
      this.error = null;
    } catch (error) {
      if (asked === this.#asked) this.error = errorText(error);
    }
  }

  /** Chooses a post: the inspector shows it. */
  select(row: PostRow) {
    posts.currentId = row.id;
    void app.refreshDetail();
  }

  /** Begins to move a post. */
  lift(row: PostRow, by: Drag["by"]) {
    if (!isMovable(row)) return;
    const to = row.scheduled_at === null ? this.#nextPlace() : placeOf(row.scheduled_at, app.zone);
    this.drag = { row, to, by };
    if (by === "keys")
      this.said = `Moving. Arrows choose a time, Enter drops, Escape leaves it. ${this.label}`;
  }

  /** Shows where it would stand. */
  over(to: Place | null) {
    if (this.drag) this.drag = { ...this.drag, to };
  }

  /** Moves what was lifted by so many minutes. */
  step(minutes: number) {
    if (!this.drag?.to) return;
    this.over(moved(this.drag.to, minutes));
    this.said = this.label;
    const { to } = this.drag;
    if (!this.days.some(({ date }) => date === to.day)) void this.go(to.day);
  }

  /** Leaves it where it was. */
  leave() {
    if (this.drag?.by === "keys") this.said = "It stays where it was.";
    this.drag = null;
  }

  /** What the label beside the pointer says. */
  get label(): string {
    const { drag } = this;
    if (!drag) return "";
    if (!drag.to) return "No time: back to the drafts";
    const at = instantOf(drag.to, app.zone);
    const refused = this.refusal(at);
    const when = dayAndTime(at, app.zone, clock.now);
    if (refused !== null) return `${when}: ${refused}`;
    return drag.row.status === "queued" ? `${when}, queued again` : when;
  }

  /** Returns why nothing can be put at an instant; null where it can. */
  refusal(at: number): string | null {
    return at <= clock.now ? "that time has passed" : null;
  }

  /** Puts down what was lifted. */
  async drop() {
    const { drag } = this;
    this.drag = null;
    if (drag) await this.move(drag.row, drag.to);
  }

  /** Gives a post another time, or none. A time that has passed is refused. */
  async move(row: PostRow, to: Place | null) {
    const at = to === null ? null : instantOf(to, app.zone);
    if (at === row.scheduled_at) return;
    if (at !== null && this.refusal(at) !== null) {
      const text = `Not moved: ${timeOfDay(at, app.zone)} on that day has passed.`;
      this.said = text;
      toast.error(text);
      return;
    }
    // It keeps its own zone: there it is this wall time.
    const wall_time = at === null ? "" : wallIn(at, row.zone);
    const isDraft = row.status === "draft";
    this.#showMoved(row, at, wall_time);
    try {
      const change = { wall_time, zone: row.zone, based_on: row.version, keep_draft: isDraft };
      await api.edit_post({ id: row.id, change });
      const when = at === null ? "" : dayAndTime(at, app.zone, clock.now);
      const before = row.scheduled_at;
      const by = at === null || before === null ? "" : `, ${distance(at - before)}`;
      const text =
        at === null
          ? "Taken off the calendar: it is a draft without a time."
          : isDraft
            ? `Planned for ${when}. It stays a draft until it is scheduled.`
            : `Moved to ${when}${by}.`;
      this.said = text;
      await history.offer(text);
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      await this.read();
      await app.refreshDetail();
    }
  }

  /** Shows the move before the engine has answered. */
  #showMoved(row: PostRow, at: number | null, wall: string) {
    const now = { ...row, scheduled_at: at, wall_time: wall === "" ? null : wall };
    const others = (rows: PostRow[]) => rows.filter(({ id }) => id !== row.id);
    this.tray = at === null ? [now, ...others(this.tray)] : others(this.tray);
    this.days = this.days.map((day) => {
      const stays = others(day.rows);
      const isHere = at !== null && at >= day.from && at < day.until;
      if (!isHere && stays.length === day.rows.length) return day;
      const rows = isHere ? [...stays, now].sort(byTime) : stays;
      return { ...day, rows, posts: day.posts + rows.length - day.rows.length };
    });
  }

  /** Where a draft begins that has no time: the next quarter of an hour in what is shown. */
  #nextPlace(): Place {
    const quarter = 15 * 60_000;
    const soon = placeOf(Math.ceil((clock.now + quarter) / quarter) * quarter, app.zone);
    return this.days.some(({ date }) => date === soon.day) || this.first < soon.day
      ? soon
      : { day: this.first, minute: 9 * 60 };
  }
}

const byTime = (one: PostRow, other: PostRow) =>
  (one.scheduled_at ?? 0) - (other.scheduled_at ?? 0);

/** Returns the first day of the month after, or before, a day's. */
function monthAfter(day: string, by: number): string {
  const [year = 0, month = 1] = day.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1 + by, 1)).toISOString().slice(0, 10);
}

export const calendar = new Calendar();
