import { STATUS_WORDS } from "./ipc";
import type { Status, WaitingFor } from "./ipc";
import type { IconName } from "./icons";

/** How a status looks: colour, icon and word always come together. */
export interface StatusLook {
  label: string;
  icon: IconName;
  /** The token that colours it. */
  colour: string;
  /** What it means, for the tooltip. */
  meaning: string;
}

/** The one map of statuses: list, chip, filter and inspector read it. The words are the engine's own. */
export const STATUS: Record<Status, StatusLook> = {
  draft: look("draft", "dashed"),
  pending: look("pending", "clock"),
  queued: look("queued", "clock-filled"),
  held: look("held", "pause"),
  sending: look("sending", "sending"),
  posted: look("posted", "check"),
  partial: look("partial", "half"),
  unknown: look("unknown", "question"),
  failed: look("failed", "alert"),
  missed: look("missed", "missed"),
  cancelled: look("cancelled", "minus"),
};

/** Statuses in the order of a post's life. */
export const STATUSES = Object.keys(STATUS) as Status[];

/** What a row says while an intention of the person waits for the relay's word. */
export const WAITING: Record<WaitingFor, string> = {
  cancel: "Cancelling: relay not reached yet",
  edit: "Saving the change: relay not reached yet",
  result: "Queued: relay not reached",
};

function look(status: Status, icon: IconName): StatusLook {
  return { ...STATUS_WORDS[status], icon, colour: `var(--${status})` };
}
