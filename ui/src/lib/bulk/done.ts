/** What a change of many posts did, in words. */
import { distance, plural } from "../format";
import type { BulkEdit } from "../ipc";
import { BULK } from "./kinds";
import type { BulkKind } from "./kinds";

/** Returns what was done, in a sentence or two; of a move by how much, where all went as far. */
export function doneText(kind: BulkKind, edit: BulkEdit): string {
  const { changed, refused, posts: rows } = edit;
  const by = movedBy(edit);
  const said = [
    `${BULK[kind].done} ${plural(changed, "post")}${by === null ? "" : `: ${distance(by)}`}.`,
  ];
  const asked = rows.filter(({ handover }) => handover === "withdrawn").length;
  if ((kind === "cancel" || kind === "delete") && asked > 0)
    said.push(`${plural(asked, "post")} count once the relay has acknowledged it.`);
  if (refused > 0) said.push(`${plural(refused, "post")} stay as they were.`);
  return said.join(" ");
}

/** Returns by how many milliseconds all changed posts moved; null where they did not move alike. */
function movedBy({ posts }: BulkEdit): number | null {
  const moves = new Set(
    posts.flatMap(({ before, after }) => {
      const [from, to] = [before.time?.at ?? null, after?.time?.at ?? null];
      return from === null || to === null || from === to ? [] : [to - from];
    }),
  );
  const [first] = moves;
  return moves.size === 1 && first !== undefined ? first : null;
}
