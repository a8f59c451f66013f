/** A piece of a text, and whether a search looks for it. */
export interface Piece {
  text: string;
  isHit: boolean;
}

/** Returns a text in pieces: those that begin like a word of the search are hits. */
export function marked(text: string, words: string[]): Piece[] {
  if (words.length === 0 || text === "") return [{ text, isHit: false }];
  const any = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  // As the search does: a word may be the beginning of a longer one, signs may stand anywhere.
  const hits = new RegExp(`(?<![\\p{L}\\p{N}])(?:${any})`, "giu");
  const pieces: Piece[] = [];
  let end = 0;
  for (const hit of text.matchAll(hits)) {
    if (hit.index > end) pieces.push({ text: text.slice(end, hit.index), isHit: false });
    pieces.push({ text: hit[0], isHit: true });
    end = hit.index + hit[0].length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), isHit: false });
  return pieces;
}
