import { plural } from "../format";
import type { ColumnChoice, DateOrder, ImportColumn, NumberDates, Question } from "../ipc";
import { fieldLabel } from "./fields";

/** An answer to what is asked of a column: a button, and what it has the column be. */
export interface Answer {
  id: string;
  label: string;
  hint: string;
  choice: ColumnChoice;
}

/** What the numbers of a column may count. */
export const NUMBERS: { value: NumberDates; label: string; hint: string }[] = [
  { value: "serial_1900", label: "Days since 1900", hint: "As spreadsheets count" },
  { value: "serial_1904", label: "Days since 1904", hint: "As old spreadsheets of a Mac count" },
  { value: "epoch_seconds", label: "Seconds since 1970", hint: "UTC" },
  { value: "epoch_millis", label: "Milliseconds since 1970", hint: "UTC" },
];

/** Returns whether the person is to decide something about a column. */
export function isAsked(column: ImportColumn): boolean {
  return column.asks !== null || column.date_order === "unclear";
}

/** Returns how many questions there are, and about what where they are all of one kind. */
export function questionsText(columns: ImportColumn[]): string {
  const areDates = columns.every(
    ({ asks }) => asks === null || asks.kind === "date_order" || asks.kind === "number_dates",
  );
  return plural(columns.length, "question") + (areDates ? " about dates" : " about columns");
}

/** Returns the answers that a question may have, the likelier first. */
export function answersTo(column: ImportColumn): Answer[] {
  const { asks, index, field } = column;
  const leaveOut = { column: index, field: null };
  switch (asks?.kind) {
    case "number_dates": {
      const choice = { column: index, field: field ?? "scheduled_at", numbers: asks.counts };
      return [
        { id: "yes", label: "Yes", hint: `${asks.text} is ${asks.means}`, choice },
        { id: "no", label: "No, leave out", hint: "This column is not imported", choice: leaveOut },
      ];
    }
    case "did_you_mean":
    case "instead_of":
      return [yes(index, asks), { ...NO, choice: { column: index, field } }];
    default:
      return [
        order(column, "day_month_year", "Day first", dayHint(asks)),
        order(column, "month_day_year", "Month first", monthHint(asks)),
      ];
  }
}

const NO = { id: "no", label: "No", hint: "It stays as it is" };

function yes(column: number, { field }: Question & { field: ImportColumn["field"] }): Answer {
  const label = field === null ? "" : fieldLabel(field);
  return { id: "yes", label: "Yes", hint: `It is ${label}`, choice: { column, field } };
}

function order(
  { index, field }: ImportColumn,
  date_order: DateOrder,
  label: string,
  hint: string,
): Answer {
  return { id: date_order, label, hint, choice: { column: index, field, date_order } };
}

const dayHint = (asks: Question | null) =>
  asks?.kind === "date_order" ? `${asks.text} is ${asks.day_first}` : "3/4 is 3 April";
const monthHint = (asks: Question | null) =>
  asks?.kind === "date_order" ? `${asks.text} is ${asks.month_first}` : "3/4 is 4 March";
