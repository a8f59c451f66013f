/** The parts of a post that is being written. */
import type { Part as ContentPart, PartCount, Problem } from "./ipc";

/** One part of the post: a single tweet has one, a thread several. */
export interface Part {
  /** Stays with the part wherever it is moved. */
  key: number;
  text: string;
  /** Its media and poll, which stay with it wherever it is moved. */
  attached: Attached;
  count: PartCount | null;
}

/** What a part has beside its text. */
export type Attached = Omit<ContentPart, "text">;

/** Returns whether a part has media or a poll. */
export function hasAttached({ attached }: Part): boolean {
  return (attached.media ?? []).length > 0 || (attached.poll ?? null) !== null;
}

/** Returns whether a part says nothing yet. */
export function isBlank(part: Part): boolean {
  return part.text.trim() === "" && !hasAttached(part);
}

/** Returns the index of the part that a problem is about: "content" is the first. */
export function partOf({ field }: Problem): number | null {
  if (field === "content") return 0;
  const number = /^thread\[(\d+)\]/.exec(field ?? "")?.[1];
  return number === undefined ? null : Number(number) - 1;
}
