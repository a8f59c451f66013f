import type { Field, ImportColumn, ImportRowView } from "../ipc";
import { FIELDS, fieldLabel, fieldOf } from "./fields";

/** What a column of the grid shows, and so how a cell of it is drawn. */
export type CellKind = "when" | "text" | "account" | "plain" | "cost";

/** A column of the grid: a field of the posts, or what Roost makes of them. */
export interface GridColumn {
  key: string;
  kind: CellKind;
  label: string;
  /** The field that typing changes; null where there is nothing to change. */
  field: Field | null;
  /** The fields whose findings are marked here. */
  marks: readonly Field[];
  /** The least width in pixels, and how much of what is left it takes. */
  width: number;
  grow: number;
}

const WIDTHS: Partial<Record<Field, number>> = {
  date: 96,
  time: 72,
  timezone: 100,
  account: 96,
  tags: 104,
  link: 160,
  media: 150,
  note: 150,
  poll_options: 160,
};
const WIDTH = 116;

/** These stand in the two columns that every grid has: the time and the text. */
const OWN_COLUMNS: readonly Field[] = ["content", "thread", "scheduled_at"];
/** Their place in the grid does not depend on the file: time first, then the text, as everywhere. */
const ORDER: readonly Field[] = FIELDS.map(({ field }) => field).filter(
  (field) => !OWN_COLUMNS.includes(field),
);
const EARLY: readonly Field[] = ["date", "time", "timezone"];

/** Returns the columns of the grid for what a source's columns are taken as. */
export function gridColumns(columns: ImportColumn[], severalAccounts: boolean): GridColumn[] {
  const used = new Set(columns.flatMap(({ field }) => (field === null ? [] : [field])));
  if (severalAccounts) used.add("account");
  const isSplit = !used.has("scheduled_at") && (used.has("date") || used.has("time"));
  const when: GridColumn = {
    key: "when",
    kind: "when",
    label: "Goes out",
    field: isSplit ? null : "scheduled_at",
    marks: isSplit ? [] : ["scheduled_at", "timezone"],
    width: 126,
    grow: 0,
  };
  const text: GridColumn = {
    key: "text",
    kind: "text",
    label: "Text",
    field: "content",
    marks: ["content", "thread"],
    width: 230,
    grow: 1,
  };
  const cost: GridColumn = {
    key: "cost",
    kind: "cost",
    label: "Cost",
    field: null,
    marks: [],
    width: 62,
    grow: 0,
  };
  const plain = ORDER.filter((field) => used.has(field)).map(plainColumn);
  const early = plain.filter(({ field }) => field !== null && EARLY.includes(field));
  const late = plain.filter((column) => !early.includes(column));
  return [when, ...early, text, ...late, cost];
}

function plainColumn(field: Field): GridColumn {
  return {
    key: field,
    kind: field === "account" ? "account" : "plain",
    label: fieldLabel(field),
    field,
    marks: [field],
    width: WIDTHS[field] ?? WIDTH,
    grow: 0,
  };
}

/** Returns the field that typing into a cell changes: a thread's text stands in its own field. */
export function editedField(column: GridColumn, row: ImportRowView): Field | null {
  if (column.kind !== "text") return column.field;
  return row.cells.thread !== undefined && !row.cells.content ? "thread" : "content";
}

/** Returns what a cell says as the person would change it. */
export function cellText(column: GridColumn, row: ImportRowView): string {
  const field = editedField(column, row);
  const text = field === null ? "" : (row.cells[field] ?? "");
  return field === "tags" ? listed(text) : text;
}

/** Returns a list of JSON as a person writes one, `launch, story`, where that is read as the same list. */
function listed(text: string): string {
  try {
    const list: unknown = text.startsWith("[") ? JSON.parse(text) : null;
    const isPlain = (each: unknown) => typeof each === "string" && !/[,;\n]/.test(each);
    return Array.isArray(list) && list.every(isPlain) ? list.join(", ") : text;
  } catch {
    return text;
  }
}

/** Returns the worst that was found in a cell: an error, a warning, or nothing. */
export function cellMark(column: GridColumn, row: ImportRowView): "error" | "warning" | null {
  let mark: "error" | "warning" | null = null;
  for (const { field, severity } of row.findings) {
    const named = fieldOf(field);
    if (named === null || !column.marks.includes(named)) continue;
    if (severity === "error") return "error";
    mark = "warning";
  }
  return mark;
}
