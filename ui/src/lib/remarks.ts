import type { ImportRemark, ImportReport } from "./ipc";

/** A remark, and whether it keeps the file from being imported. */
export interface Judged {
  bad: boolean;
  remark: ImportRemark;
}

/** Remarks by row, errors first; those about the file itself stand under 0. */
export function byRow(report: ImportReport | null): Map<number, Judged[]> {
  const map = new Map<number, Judged[]>();
  const put = (bad: boolean) => (remark: ImportRemark) => {
    const row = remark.row ?? 0;
    const there = map.get(row);
    if (there) there.push({ bad, remark });
    else map.set(row, [{ bad, remark }]);
  };
  report?.errors.forEach(put(true));
  report?.warnings.forEach(put(false));
  return map;
}
