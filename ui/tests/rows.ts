import type { PostRow } from "../src/lib/ipc";

/** Returns a scheduled post, for what is pure arithmetic over rows. */
export function row(change: Partial<PostRow> = {}): PostRow {
  return {
    id: "01900000-0000-7000-8000-000000000001",
    status: "pending",
    revision: 1,
    version: 1,
    account: "1",
    username: "ada",
    text: "Good morning",
    parts: 1,
    tags: [],
    scheduled_at: Date.UTC(2027, 2, 1, 3, 30),
    wall_time: "2027-03-01 09:00",
    zone: "Asia/Kolkata",
    cost_micros: 15_000,
    has_link: false,
    waiting_for: null,
    reason: null,
    until: null,
    tweet_id: null,
    tweet_url: null,
    posted_at: null,
    import_id: null,
    updated_at: 0,
    late_edit_of: null,
    gone_from_x_at: null,
    ...change,
  };
}
