// Replaced by the generated file with the first build of the shell.
export type Status = "draft" | "pending" | "queued" | "held" | "sending" | "posted" | "partial" | "unknown" | "failed" | "missed" | "cancelled";
export type WaitingFor = "cancel" | "edit" | "result";
export type View = "all" | "today" | "upcoming" | "drafts" | "needs_you" | "posted";
export type Action = "edit" | "cancel" | "retry" | "post_now" | "verify" | "went_out" | "send_again" | "delete" | "open_on_x";
export type Failure = { code: string; message: string };
export type Reason = { code: string; message: string };
export type Row = {
  id: string; status: Status; username: string | null; text: string; parts: number;
  at: number | null; day: string | null; time: string | null; wallTime: string | null; zone: string;
  cost: number; hasLink: boolean; waitingFor: WaitingFor | null; reason: Reason | null; until: number | null;
  tweetUrl: string | null; postedAt: number | null; postedDay: string | null; postedTime: string | null; importId: string | null; updatedAt: number;
};
export type Page = { rows: Row[]; total: number };
export type Query = { view: View; statuses: Status[]; search: string | null; import: string | null; offset: number; limit: number };
export type ReceiptLine = { at: number; time: string; kind: string; title: string; detail: string | null; revision: number };
export type Detail = {
  row: Row; weighted: number; limit: number; utc: string | null; messageId: string | null;
  receipt: ReceiptLine[]; actions: Action[];
};
export type Counts = { today: number; upcoming: number; drafts: number; needsYou: number; posted: number; open: number; total: number };
export type AccountHealth = "connected" | "disconnected" | "suspended";
export type Account = { xUserId: string; username: string; name: string; health: AccountHealth; message: string | null };
export type Reach = { state: "not_configured" } | { state: "not_asked" } | { state: "reached"; at: number; latencyMs: number } | { state: "not_reached"; since: number; message: string };
export type Overview = {
  today: string; zone: string; counts: Counts; accounts: Account[]; relay: Reach; lastSyncAt: number | null;
  syncing: boolean; paused: boolean; sandbox: boolean; coverage: string; coverageHint: string; month: string; monthCost: number; monthForecast: number;
  sample: string | null;
};
export type Count = { weighted: number; limit: number; overflowAt: number | null; cost: number; hasLink: boolean };
export type PostInput = { text: string; wallTime: string | null; zone: string | null; draft: boolean };
export type EditInput = { text: string | null; wallTime: string | null; zone: string | null };
export type Remark = { field: string; code: string; message: string };
export type Verdict = { scheduledAt: number | null; utc: string | null; errors: Remark[]; warnings: Remark[] };
export type Suggestion = { label: string; wallTime: string };
export type Saved = { post: Row; warnings: Remark[] };
export type Withdrawn = { cancelled: number; cancelling: number; tooLate: number };
export type Past = "error" | "skip" | "draft" | "next-slot";
export type Duplicates = "skip" | "keep";
export type ImportOptions = { past: Past; duplicates: Duplicates };
export type ImportRemark = { row: number | null; field: string | null; code: string; message: string; remedy: string | null };
export type PreviewRow = { row: number; text: string; day: string | null; time: string | null; cost: number; hasLink: boolean };
export type ImportReport = {
  importId: string | null; name: string; rows: number; scheduled: number; drafts: number; skipped: number; duplicates: number; withLink: number;
  cost: number; firstDay: string | null; lastDay: string | null; zone: string; errors: ImportRemark[]; warnings: ImportRemark[]; preview: PreviewRow[];
};
export type ImportRow = { id: string; source: string; importedAt: number; posts: number; posted: number; open: number; undone: boolean };
export type Undone = { removed: number; cancelling: number; kept: number };
type R<T> = Promise<{ status: "ok"; data: T } | { status: "error"; error: Failure }>;
export const commands = {} as {
  zones: () => Promise<string[]>;
  overview: () => R<Overview>;
  posts: (query: Query) => R<Page>;
  post: (id: string) => R<Detail>;
  imports: () => R<ImportRow[]>;
  count: (text: string) => R<Count>;
  judge: (post: PostInput) => R<Verdict>;
  suggestTimes: (zone: string) => R<Suggestion[]>;
  create: (post: PostInput) => R<Saved>;
  edit: (id: string, edit: EditInput) => R<Saved>;
  cancel: (ids: string[]) => R<Withdrawn>;
  remove: (ids: string[]) => R<Withdrawn>;
  retry: (id: string) => R<Saved>;
  verify: (id: string) => R<null>;
  wentOut: (id: string, tweet: string) => R<null>;
  sendAgain: (id: string) => R<null>;
  pause: (paused: boolean) => R<null>;
  quit: () => R<null>;
  rehearseImport: (path: string, options: ImportOptions) => R<ImportReport>;
  importFile: (path: string, options: ImportOptions) => R<ImportReport>;
  undoImport: (id: string) => R<Undone>;
};
export const events = {} as {
  changed: { listen: (cb: (e: { payload: null }) => void) => Promise<() => void> };
  quitAsked: { listen: (cb: (e: { payload: { warning: string } }) => void) => Promise<() => void> };
};
