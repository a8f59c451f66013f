import type { Field, Format, RecognisedBy } from "../ipc";

/** What a field is called, and what it does, for the menus of the mapping. */
export interface FieldLook {
  field: Field;
  label: string;
  hint?: string;
}

/** The fields in the order in which a menu offers them. */
export const FIELDS: readonly FieldLook[] = [
  { field: "content", label: "Text" },
  { field: "thread", label: "Thread", hint: "Several texts, one below the other" },
  { field: "scheduled_at", label: "Date and time" },
  { field: "date", label: "Date" },
  { field: "time", label: "Time" },
  { field: "timezone", label: "Time zone" },
  { field: "account", label: "Account" },
  { field: "link", label: "Link", hint: "Appended to the text, where you choose so" },
  { field: "hashtags", label: "Hashtags", hint: "Appended to the text, where you choose so" },
  { field: "tags", label: "Tags", hint: "To find the post by, in Roost" },
  { field: "media", label: "Media" },
  { field: "alt_text", label: "Alt text" },
  { field: "poll_options", label: "Poll answers" },
  { field: "poll_duration", label: "Poll length" },
  { field: "reply_settings", label: "Who may reply" },
  { field: "draft", label: "Is a draft" },
  { field: "status", label: "Status" },
  { field: "network", label: "Network", hint: "Rows for other networks are left out" },
  { field: "own_id", label: "Your own id" },
  { field: "note", label: "Note", hint: "Stays in Roost" },
  { field: "tweet_id", label: "Id on X", hint: "Of what went out already" },
];

const LABELS = new Map(FIELDS.map(({ field, label }) => [field, label]));

/** Returns what a field is called. */
export function fieldLabel(field: Field): string {
  return LABELS.get(field) ?? field;
}

/**
 * Returns the field that a finding names: a finding says `scheduledAt` or `thread[2]`, as the file
 * writes it. Null where it names none that a column can be.
 */
export function fieldOf(named: string | null): Field | null {
  if (named === null) return null;
  const plain = named.replace(/[[.].*$/, "");
  const snake = plain.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) as Field;
  return LABELS.has(snake) ? snake : null;
}

/** Returns by what a column was recognised, in a few words. */
export function recognisedText(by: RecognisedBy): string {
  switch (by) {
    case "name":
      return "by its name";
    case "layout":
      return "by a known layout";
    case "contents":
      return "by what it holds";
    case "remembered":
      return "as last time";
    case "person":
      return "by you";
    case "nothing":
      return "not recognised";
  }
}

/** What the formats are called. */
export const FORMATS: Record<Format, string> = {
  json: "JSON",
  json_lines: "JSON Lines",
  csv: "CSV",
  tsv: "TSV",
  xlsx: "Excel workbook",
  ods: "OpenDocument sheet",
  text: "Plain text",
  markdown: "Markdown",
  x_archive: "X archive",
};

/** The endings of files that the dialog offers. */
export const EXTENSIONS = [
  ..."csv tsv tab xlsx xlsm ods json jsonl ndjson json5 txt md markdown js zip".split(" "),
];
