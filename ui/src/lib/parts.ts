/** A post that is being written: its parts, and what is said of them. */
import type { Part as ContentPart, PartCount, Problem, Verdict } from "./ipc";

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

/** Whether what is on the screen is on the disk. */
export type SaveState = "empty" | "unsaved" | "saving" | "saved" | "failed";

/** A part that the person removed: it can be put back until the composer closes. */
export interface RemovedPart {
  index: number;
  text: string;
  attached: Attached;
}

/** What the engine finds wrong with a post, or warns of. */
export interface Issue {
  isError: boolean;
  problem: Problem;
}

/** Returns whether a part has media or a poll. */
export function hasAttached({ attached }: Part): boolean {
  const files = (attached.media ?? []).length + (attached.media_sources ?? []).length;
  return files > 0 || (attached.poll ?? null) !== null;
}

/** Returns whether parts say the same as a post, media and polls included. */
export function saySame(parts: Part[], known: ContentPart[]): boolean {
  return sameContent(
    parts.map(({ text, attached }) => ({ ...attached, text })),
    known,
  );
}

/** Returns whether two contents say the same. */
export function sameContent(one: ContentPart[], other: ContentPart[]): boolean {
  return JSON.stringify(one.map(inOrder)) === JSON.stringify(other.map(inOrder));
}

/** What says nothing is left out, and the rest has one order. */
function inOrder(part: ContentPart) {
  const { text, media, media_sources, poll, reply_settings } = part;
  const described = (media ?? []).map(({ media_id, alt_text }) => [media_id, alt_text ?? ""]);
  const named = (media_sources ?? []).map(({ source, alt_text }) => [source, alt_text ?? ""]);
  const asked = poll ? [poll.options, poll.duration_minutes] : null;
  const disclosed = [part.made_with_ai ?? false, part.paid_partnership ?? false];
  return [
    text,
    described,
    named,
    asked,
    reply_settings ?? null,
    disclosed,
    part.community_id ?? "",
  ];
}

/** Returns what parts disclose: what one of them does, each that is added does too. */
export function disclosedBy(parts: Pick<Part, "attached">[]): Attached {
  const does = (field: "made_with_ai" | "paid_partnership") =>
    parts.some(({ attached }) => attached[field]) ? { [field]: true } : {};
  return { ...does("made_with_ai"), ...does("paid_partnership") };
}

/** Returns the id of a community: digits, or what its address on X ends in. Else what was written. */
export function communityIdOf(written: string): string {
  const address = written.trim().replace(/\/+$/, "");
  return /\/communities\/(\d+)$/.exec(address)?.[1] ?? written.trim();
}

/** Returns whether a part says nothing yet. */
export function isBlank(part: Part): boolean {
  return part.text.trim() === "" && !hasAttached(part);
}

/** Returns what posting the parts costs. Descriptions of pictures cost too, which the check counts. */
export function costOf(parts: Part[], checked: Verdict | null): number {
  const hasMedia = parts.some(({ attached }) => (attached.media ?? []).length > 0);
  if (hasMedia && checked) return checked.cost_micros;
  return parts.reduce((sum, part) => sum + (isBlank(part) ? 0 : (part.count?.cost_micros ?? 0)), 0);
}

/** Returns the index of the part that a problem is about: "content" is the first. */
export function partOf({ field }: Problem): number | null {
  if (field === "content") return 0;
  const number = /^thread\[(\d+)\]/.exec(field ?? "")?.[1];
  return number === undefined ? null : Number(number) - 1;
}

/** Returns what was found about one part, or about the post as a whole where no index is given. */
export function issuesOf(checked: Verdict | null, index: number | null): Issue[] {
  const all = [
    ...(checked?.errors ?? []).map((problem) => ({ isError: true, problem })),
    ...(checked?.warnings ?? []).map((problem) => ({ isError: false, problem })),
  ];
  // An empty text says itself that it is empty.
  const told = all.filter(({ problem }) => problem.code !== "text_missing");
  return told.filter(({ problem }) => partOf(problem) === index);
}
