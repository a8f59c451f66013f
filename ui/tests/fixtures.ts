import type { Detail, ImportReport, Overview, Row, Saved } from "../src/lib/ipc";

/** A scheduled post; change what the test is about. */
export function row(change: Partial<Row> = {}): Row {
  return {
    id: "01900000-0000-7000-8000-000000000001",
    status: "pending",
    username: "roost",
    text: "Good morning",
    parts: 1,
    at: Date.UTC(2027, 2, 1, 3, 30),
    day: "2027-03-01",
    time: "09:00",
    wallTime: "2027-03-01 09:00",
    zone: "Asia/Kolkata",
    cost: 15_000,
    hasLink: false,
    waitingFor: null,
    reason: null,
    until: null,
    tweetUrl: null,
    postedAt: null,
    postedDay: null,
    postedTime: null,
    importId: null,
    updatedAt: 0,
    ...change,
  };
}

/** Rows of one day each, numbered. */
export function rows(days: string[]): Row[] {
  return days.map((day, index) => row({ id: `post ${index}`, day }));
}

/** A post as the inspector shows it. */
export function detail(change: Partial<Detail> = {}): Detail {
  return {
    row: row(),
    weighted: 12,
    limit: 280,
    utc: "2027-03-01 03:30 UTC",
    messageId: null,
    live: [],
    lateEdit: null,
    receipt: [],
    actions: ["edit", "cancel"],
    ...change,
  };
}

/** What saving answers. */
export function saved(change: Partial<Row> = {}): Saved {
  return { post: row(change), warnings: [] };
}

/** An empty Roost. */
export function overview(change: Partial<Overview> = {}): Overview {
  return {
    today: "2027-03-01",
    zone: "Asia/Kolkata",
    counts: { today: 0, upcoming: 0, drafts: 0, needsYou: 0, posted: 0, open: 0, total: 0 },
    accounts: [],
    relay: { state: "not_asked" },
    lastSyncAt: null,
    syncing: false,
    paused: false,
    sandbox: false,
    trouble: null,
    blockers: [],
    coverage: "This computer: posts go out while it is awake",
    coverageHint: "",
    month: "Mar",
    monthCost: 0,
    monthForecast: 0,
    sample: null,
    ...change,
  };
}

/** A rehearsal of three good rows. */
export function report(change: Partial<ImportReport> = {}): ImportReport {
  return {
    importId: null,
    name: "week.json",
    rows: 3,
    scheduled: 3,
    drafts: 0,
    skipped: 0,
    duplicates: 0,
    withLink: 1,
    cost: 230_000,
    firstDay: "2027-03-01",
    lastDay: "2027-03-02",
    zone: "Asia/Kolkata",
    errors: [],
    errorCount: 0,
    warnings: [],
    warningCount: 0,
    preview: [1, 2, 3].map((number) => ({
      row: number,
      text: `Post ${number}`,
      parts: 1,
      when: "2027-03-01 09:00",
      cost: 15_000,
      hasLink: false,
    })),
    ...change,
  };
}
