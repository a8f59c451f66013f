import { plural } from "../format";
import { api, errorText } from "../ipc";
import type { Cause, CauseAct, CauseDone, CauseStep } from "../ipc";
import { history } from "./history.svelte";
import { posts } from "./posts.svelte";
import { toast } from "./toast.svelte";

/** What a cause is asked about before it is done. */
export type AskedAct = Exclude<CauseAct, "retry">;

/** What failed, waits or was missed, each reason with what settles all of its posts. */
class Causes {
  all = $state.raw<Cause[]>([]);
  /** What the person is asked about. */
  asked = $state.raw<{ cause: Cause; act: AskedAct } | null>(null);
  busy = $state(false);
  #reads = 0;

  /** Reads them anew; a cause that is gone no longer narrows the list. */
  async read() {
    const read = ++this.#reads;
    try {
      const { causes } = await api.list_causes();
      if (read !== this.#reads) return;
      this.all = causes;
      if (posts.cause !== null && !causes.some(({ id }) => id === posts.cause)) this.show(null);
    } catch (error) {
      toast.error(errorText(error));
    }
  }

  /** Has the list show the posts of one cause, or all. */
  show(id: string | null) {
    posts.cause = id;
    void posts.reload(true);
  }

  /** Does one thing with all posts of a cause, as many as the person saw. */
  async act(cause: Cause, step: CauseStep) {
    this.asked = null;
    this.busy = true;
    try {
      const done = await api.act_on_cause({ cause: cause.id, step, posts: cause.posts });
      const text = doneText(cause, step.act, done);
      // What waits is only tried, and what needs a check only looked for.
      const isStep =
        done.done.length > 0 &&
        (step.act !== "retry" || cause.state === "failed" || cause.state === "missed");
      if (isStep) await history.offer(text);
      else toast.info(text);
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      this.busy = false;
      await this.read();
    }
  }
}

/** Returns what the button of a cause's one action says. */
export function retryLabel({ state, posts }: Cause): string {
  if (state === "waiting") return "Try now";
  if (state === "needs_check") return posts === 1 ? "Check X again" : "Check all on X again";
  return posts === 1 ? "Schedule again" : "Schedule all again";
}

/** Returns what became of the posts of a cause. */
export function doneText(cause: Cause, act: CauseAct, { done, refused }: CauseDone): string {
  const said = [whatWasDone(cause, act, done.length)];
  const first = refused[0];
  if (first && refused.length === 1) said.push(`1 post stays: ${first.message}`);
  else if (first)
    said.push(`${plural(refused.length, "post")} stay, the first of them: ${first.message}`);
  return said.join(" ");
}

function whatWasDone({ state }: Cause, act: CauseAct, count: number): string {
  const many = plural(count, "post");
  if (act === "cancel") return `Cancelled ${many}.`;
  if (act === "reschedule") return `Gave ${many} new times.`;
  if (state === "waiting") return "Tried: what still waits stays here.";
  if (state === "needs_check") return `Looking for ${many} on X.`;
  return `Scheduled ${many} again.`;
}

export const causes = new Causes();
