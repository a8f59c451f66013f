import { plural } from "../format";
import { api, copyText, errorText } from "../ipc";
import type { Checks, DayCost, DeadLetterRow, MessagesNeeded, PostRow, SyncRunRow } from "../ipc";
import { toast } from "./toast.svelte";

/** Runs that are read: those of about two days. */
const RUNS = 60;
const DELIVERIES = 10;
const WEEK_MS = 7 * 24 * 3600 * 1000;

/** What became of the posts of the last week. */
export interface WeekOfPosts {
  posted: number;
  failed: number;
  missed: number;
}

/** How delivery does, and has done: what the Health view shows. */
class Health {
  open = $state(false);
  /** Whether runs, deliveries and costs were read; until then it is not known that there are none. */
  isRead = $state(false);
  areLettersRead = $state(false);
  runs = $state.raw<SyncRunRow[]>([]);
  letters = $state.raw<DeadLetterRow[]>([]);
  /** Why the dead letters can't be read, as when the scheduler is away. */
  lettersProblem = $state<string | null>(null);
  moreLetters = $state<string | null>(null);
  week = $state.raw<WeekOfPosts | null>(null);
  messages = $state.raw<MessagesNeeded | null>(null);
  deliveries = $state.raw<PostRow[]>([]);
  /** What X charged, the newest day first. */
  costs = $state.raw<DayCost[]>([]);
  checks = $state.raw<Checks | null>(null);
  checking = $state(false);
  busy = $state(false);
  problem = $state<string | null>(null);

  /** Opens the view. */
  show() {
    this.open = true;
    this.checks = null;
    void this.read();
    void this.readLetters();
  }

  /** Reads anew what is here; what the scheduler holds is asked for by itself. */
  async read() {
    try {
      const until = Date.now();
      const week = { from: until - WEEK_MS, until, limit: 1 };
      const [runs, posted, failed, missed, quota, deliveries, costs] = await Promise.all([
        api.list_sync_runs({ limit: RUNS }),
        api.list_posts({ ...week, statuses: ["posted"] }),
        api.list_posts({ ...week, statuses: ["failed"] }),
        api.list_posts({ ...week, statuses: ["missed"] }),
        // A change of no posts takes no messages, and says how many the day has left.
        api.preview_rewrite({ selection: {}, change: { kind: "to_draft" } }),
        api.list_posts({ view: "posted", limit: DELIVERIES }),
        api.list_daily_costs({}),
      ]);
      this.runs = runs.runs;
      this.week = { posted: posted.total, failed: failed.total, missed: missed.total };
      this.messages = quota.messages;
      this.deliveries = deliveries.posts;
      this.costs = costs.days;
      this.isRead = true;
      this.problem = null;
    } catch (error) {
      this.problem = errorText(error);
    }
  }

  /** Reads the dead letters, or the next page of them. */
  async readLetters(after: string | null = null) {
    try {
      const page = await api.list_dead_letters({ after });
      this.letters = after === null ? page.letters : [...this.letters, ...page.letters];
      this.moreLetters = page.next;
      this.areLettersRead = true;
      this.lettersProblem = null;
    } catch (error) {
      this.lettersProblem = errorText(error);
    }
  }

  /** Publishes dead letters anew, or deletes them. */
  async settleLetters(act: "retry" | "delete", ids: string[]) {
    this.busy = true;
    try {
      const ask = act === "retry" ? api.retry_dead_letters : api.delete_dead_letters;
      const { done, gone } = await ask({ ids });
      const what = act === "retry" ? "published anew" : "deleted";
      const missing =
        gone.length > 0 ? ` ${plural(gone.length, "message")} was there no more.` : "";
      toast.info(`${plural(done.length, "message")} ${what}.${missing}`);
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      this.busy = false;
      await this.readLetters();
    }
  }

  /** Looks at everything that could be wrong, and sends a test delivery the whole way. */
  async check() {
    this.checking = true;
    try {
      this.checks = await api.check_health({ live: true });
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      this.checking = false;
    }
  }

  /** Puts on the clipboard what a developer asks for first; no texts, handles or secrets are in it. */
  async copyDiagnostics() {
    try {
      const display = `${innerWidth} × ${innerHeight}, scale ${devicePixelRatio}, ${document.documentElement.dataset.theme ?? "no theme"}`;
      const { markdown } = await api.get_diagnostics({ host: "window", display });
      await copyText(markdown);
      toast.info("Diagnostics copied: no texts, handles or secrets are in them.");
    } catch (error) {
      toast.error(errorText(error));
    }
  }

  /** Pauses an account, or lets its posts go out again. */
  async pause(account: string, paused: boolean) {
    try {
      await api.set_paused({ paused, account });
    } catch (error) {
      toast.error(errorText(error));
    }
  }

  /** Hands over now what is due soon. */
  async sync() {
    this.busy = true;
    try {
      await api.sync_now();
      await this.read();
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      this.busy = false;
    }
  }
}

export const health = new Health();
