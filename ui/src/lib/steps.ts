import { api, errorText } from "./ipc";
import type { NextStep } from "./ipc";
import { app } from "./state/app.svelte";
import { signIn } from "./state/sign-in.svelte";
import { toast } from "./state/toast.svelte";

/** What the window does for each step that it has a place for; the others are told in words. */
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
  take_over: async () => {
    await api.take_over();
    toast.info("Posts go out from this computer now.");
  },
};

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
