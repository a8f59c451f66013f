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

/** The one map of statuses: list, chip, filter and inspector read it. */
export const STATUS: Record<Status, StatusLook> = {
  draft: look("Draft", "dashed", "draft", "No time yet, or not scheduled"),
  pending: look("Pending", "clock", "pending", "Scheduled, on this computer only so far"),
  queued: look("Queued", "clock-filled", "queued", "Relay and scheduler hold it"),
  held: look("Waiting", "pause", "held", "The relay waits"),
  sending: look("Sending", "sending", "sending", "The relay is talking to X"),
  posted: look("Posted", "check", "posted", "On X"),
  partial: look("Partly posted", "half", "partial", "Some parts are on X, others are not"),
  unknown: look("Needs check", "question", "unknown", "May be on X or not: please check"),
  failed: look("Failed", "alert", "failed", "X or the relay refused it"),
  missed: look("Missed", "missed", "missed", "Its time passed before it could go out"),
  cancelled: look("Cancelled", "minus", "cancelled", "Withdrawn: it will not go out"),
};

/** Statuses in the order of a post's life. */
export const STATUSES = Object.keys(STATUS) as Status[];

/** What a row says while an intention of the person waits for the relay's word. */
export const WAITING: Record<WaitingFor, string> = {
  cancel: "Cancelling: relay not reached yet",
  edit: "Saving the change: relay not reached yet",
  result: "Queued: relay not reached",
};

function look(label: string, icon: IconName, token: string, meaning: string): StatusLook {
  return { label, icon, colour: `var(--${token})`, meaning };
}
