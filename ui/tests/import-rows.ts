/** Rows and sessions of an import, for what is pure arithmetic over them. */
import type {
  Code,
  Field,
  ImportColumn,
  ImportFinding,
  ImportRowView,
  ImportSession,
  ImportSummary,
  Severity,
} from "../src/lib/ipc";

export function column(field: Field | null, index = 0): ImportColumn {
  return {
    index,
    name: field ?? "Campaign",
    samples: [],
    field,
    date_order: null,
    recognised_by: field === null ? "nothing" : "name",
    question: null,
    numbers: null,
    asks: null,
  };
}

export function finding(code: Code, severity: Severity, field: string): ImportFinding {
  return { code, severity, row: 1, line: 1, field, message: "", remedy: "", fixes: [] };
}

export function importRow(change: Partial<ImportRowView> = {}): ImportRowView {
  return {
    row: 1,
    line: 1,
    outcome: "ready",
    reason: null,
    cells: {},
    changed: [],
    parts: [],
    when_wall: null,
    when_at: null,
    zone: null,
    account: null,
    username: null,
    cost_micros: 0,
    weighted_length: 0,
    length_limit: 280,
    has_link: false,
    updates: null,
    findings: [],
    ...change,
  };
}

export function summary(change: Partial<ImportSummary> = {}): ImportSummary {
  return {
    rows: 0,
    ready: 0,
    drafts: 0,
    skipped: 0,
    refused: 0,
    with_error: 0,
    with_warning: 0,
    updated: 0,
    duplicates: 0,
    past: 0,
    importable: 0,
    cost_micros: 0,
    with_link: 0,
    first_at: null,
    last_at: null,
    zone: "Asia/Kolkata",
    by_code: [],
    texts_compared: true,
    days: [],
    months: [],
    ...change,
  };
}

export function session(change: Partial<ImportSummary> = {}): ImportSession {
  return {
    id: "01900000-0000-7000-8000-000000000001",
    source: "plan.csv",
    format: "csv",
    sheets: [],
    lists: [],
    list: null,
    sheet: null,
    plan: null,
    columns: [],
    choices: {},
    summary: summary(change),
    file_findings: [],
    cells_changed: 0,
    opened_at: 0,
  };
}
