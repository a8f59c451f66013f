import { api, errorText } from "./ipc";
import type { NextStep } from "./ipc";
import { app } from "./state/app.svelte";
import { pairing } from "./state/pairing.svelte";
import { signIn } from "./state/sign-in.svelte";
import { toast } from "./state/toast.svelte";

/** What the window does for each step that it has a place for. */
const RUN: Partial<{
  [Step in NextStep["step"]]: (step: Extract<NextStep, { step: Step }>) => Promise<void>;
}> = {
  sign_in: ({ username }) => Promise.resolve(signIn.openFor(username)),
  choose_account: () => app.go("upcoming"),
  show_needs_you: () => app.go("needs_you"),
  show_upcoming: () => app.go("upcoming"),
  retry_post: async ({ post }) => {
    await api.retry_post({ id: post });
  },
  try_now: async () => {
    await api.try_now();
    toast.info("Tried: what still waits is told above.");
  },
  sync_now: async () => {
    await api.sync_now();
    toast.info("Synced.");
  },
  resume: async () => {
    await api.set_paused({ paused: false });
    toast.info("Posts go out again.");
  },
  resume_account: async ({ username }) => {
    await api.set_paused({ paused: false, account: username });
    toast.info(`Posts of @${username} go out again.`);
  },
  pair: () => pairing.open(),
  // Each asks once more there, with what it is about beside it.
  forget_relay: () => Promise.resolve(void (app.settingsOpen = true)),
  come_back: () => {
    app.settingsAt = "move";
    return Promise.resolve(void (app.settingsOpen = true));
  },
  keep_scheduler_token: () => Promise.resolve(void (app.settingsOpen = true)),
  keep_times_of_day: async () => {
    await api.settle_moved_times({ keep_instant: false });
    toast.info("The posts keep their times of day.");
  },
  keep_instants: async () => {
    await api.settle_moved_times({ keep_instant: true });
    toast.info("The posts keep their instants.");
  },
  take_over: async () => {
    await api.take_over();
    toast.info("Posts go out from this computer now.");
  },
};

/** What is said of the steps that have no place in the window. */
const TOLD: Partial<Record<NextStep["step"], string>> = {
  restore_backup:
    "In a terminal, roost backups lists them, and roost restore BACKUP puts one back.",
};

/** Returns what to say of the steps that the window has no button for. */
export function told(steps: NextStep[]): string {
  return steps.flatMap(({ step }) => TOLD[step] ?? []).join(" ");
}

/** Returns the steps that the window has a button for. */
export function offered(steps: NextStep[]): NextStep[] {
  return steps.filter(({ step }) => RUN[step] !== undefined);
}

/** Takes a step; what was refused is a toast. */
export async function takeStep(step: NextStep): Promise<void> {
  try {
    await (RUN[step.step] as ((step: NextStep) => Promise<void>) | undefined)?.(step);
  } catch (error) {
    toast.error(errorText(error));
  }
}
