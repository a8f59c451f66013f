import { dayKey } from "./format";
import type { BlockerKind, Overview } from "./ipc";

/** These follow from the posts themselves, whose own changes are told one by one. */
const OF_POSTS: ReadonlySet<BlockerKind> = new Set<BlockerKind>([
  "not_handed_over",
  "withdrawing",
  "without_account",
]);
/** While the relay is not reached, posts pass their time without a change that tells of it. */
const NOT_REACHED_MS = 60_000;

/**
 * Returns what rows and details say beside their own post, as one key: the day, the reach of relay
 * and scheduler, what is in the way, and the accounts. When it is another, all that is shown is
 * to be read anew, since no change names the posts that it concerns.
 */
export function sceneOf({ now, settings, sync, accounts }: Overview): string {
  const isReached = sync.relay.state !== "not_reached";
  const blockers = sync.blockers.filter(({ kind }) => !OF_POSTS.has(kind));
  return JSON.stringify([
    settings.zone,
    dayKey(now, settings.zone),
    isReached ? null : Math.floor(now / NOT_REACHED_MS),
    sync.scheduler.state === "not_reached",
    sync.paused,
    sync.trouble && [sync.trouble.code, sync.trouble.message],
    blockers.map(({ kind, code, account, said, posts }) => [
      kind,
      code,
      account,
      said,
      // Which posts will be missed is told with the others that wait, not by changes of them.
      kind === "will_be_missed" ? posts : null,
    ]),
    accounts.map(({ x_user_id, username, name, health }) => [x_user_id, username, name, health]),
  ]);
}
