import { number } from "../format";
import type { ImportProgressNow } from "../ipc";

const MEGABYTE = 1_000_000;

/** Returns how far something is, in words; null while that is not known. */
export function progressText(now: ImportProgressNow | null): string | null {
  if (now === null || now.of === 0) return null;
  switch (now.step) {
    case "reading":
      if (now.done >= now.of) return "Finding the rows…";
      return `Read ${megabytes(now.done)} of ${megabytes(now.of)} MB`;
    case "judging":
      return `Checked ${number(now.done)} of ${number(now.of)} rows`;
    case "writing":
      return `Imported ${number(now.done)} of ${number(now.of)} posts`;
    case null:
      return null;
  }
}

/** Returns how far something is, from 0 to 1; null while that is not known. */
export function fraction(now: ImportProgressNow | null): number | null {
  if (now === null || now.step === null || now.of === 0) return null;
  // How far the rows are found in what was read is not known.
  return now.step === "reading" && now.done >= now.of ? null : now.done / now.of;
}

const megabytes = (bytes: number) => (bytes / MEGABYTE).toFixed(1);
