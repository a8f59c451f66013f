import type { IconName } from "../icons";
import type { Outcome } from "../ipc";

/** How what becomes of a row looks: colour, icon and word always come together. */
export const OUTCOMES: Record<Outcome, { label: string; icon: IconName; colour: string }> = {
  ready: { label: "Ready", icon: "check", colour: "var(--posted)" },
  draft: { label: "Becomes a draft", icon: "dashed", colour: "var(--draft)" },
  skipped: { label: "Left out", icon: "minus", colour: "var(--held)" },
  refused: { label: "Has an error", icon: "alert", colour: "var(--failed)" },
};
