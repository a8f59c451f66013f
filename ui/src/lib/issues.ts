import type { FileReport, Problem } from "./ipc";

/** One thing that the check of a file found, and whether it keeps the file from being imported. */
export interface Issue {
  isError: boolean;
  problem: Problem;
}

/** Returns the issues by row, errors first; those of the file itself stand under 0. */
export function byRow(report: FileReport | null): Map<number, Issue[]> {
  const map = new Map<number, Issue[]>();
  const put = (isError: boolean) => (problem: Problem) => {
    const row = problem.row ?? 0;
    const there = map.get(row);
    if (there) there.push({ isError, problem });
    else map.set(row, [{ isError, problem }]);
  };
  report?.errors.listed.forEach(put(true));
  report?.warnings.listed.forEach(put(false));
  return map;
}
