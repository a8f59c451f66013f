import { FIELD_LABELS } from "../ipc";
import type { Field, Format, RecognisedBy } from "../ipc";

/** The fields in the order in which the menu of the mapping offers them, with what a label does not tell. */
const HINTS: Record<Field, string | null> = {
  content: null,
  thread: "Several texts, one below the other",
  scheduled_at: null,
  date: null,
  time: null,
  timezone: null,
  account: null,
  link: "Appended to the text, where you choose so",
  hashtags: "Appended to the text, where you choose so",
  tags: "To find the post by, in Roost",
  media: null,
  alt_text: null,
  poll_options: null,
  poll_duration: null,
  reply_settings: null,
  made_with_ai: "X shows it with the post",
  paid_partnership: "X shows it with the post",
  community_id: null,
  follow_up: null,
  follow_up_after: null,
  draft: null,
  status: null,
  network: "Rows for other networks are left out",
  own_id: null,
  plan: "Where the ids of rows are of several plans",
  note: "Stays in Roost",
  tweet_id: "Of what went out already",
};

/** What a field is called, and what it does, in the order of that menu. */
export const FIELDS = (Object.keys(HINTS) as Field[]).map((field) => ({
  field,
  label: FIELD_LABELS[field],
  hint: HINTS[field],
}));

/** Returns what a field is called. */
export function fieldLabel(field: Field): string {
  return FIELD_LABELS[field];
}

/**
 * Returns the field that a finding names: a finding says `scheduledAt` or `thread[2]`, as the file
 * writes it. Null where it names none that a column can be.
 */
export function fieldOf(named: string | null): Field | null {
  if (named === null) return null;
  const plain = named.replace(/[[.].*$/, "");
  const snake = plain.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) as Field;
  return snake in FIELD_LABELS ? snake : null;
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
