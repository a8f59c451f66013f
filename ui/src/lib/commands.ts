/**
 * Every command of the window, once: the keys, the sheet of shortcuts and the palette read it. Keys are
 * written as they are shown; `keys.ts` says when they count.
 */
import { actFirst } from "./actions";
import { moveBy } from "./move-by";
import type { IconName } from "./icons";
import { api, errorText } from "./ipc";
import type { Action } from "./ipc";
import { app } from "./state/app.svelte";
import type { Place } from "./state/app.svelte";
import { bulk } from "./state/bulk.svelte";
import { calendar } from "./state/calendar.svelte";
import { composer } from "./state/composer.svelte";
import { duplicates } from "./state/duplicates.svelte";
import { exporting } from "./state/exporting.svelte";
import { health } from "./state/health.svelte";
import { history } from "./state/history.svelte";
import { importing } from "./state/importing.svelte";
import { notices } from "./state/notices.svelte";
import { palette } from "./state/palette.svelte";
import { posts } from "./state/posts.svelte";
import { selection } from "./state/selection.svelte";
import { signIn } from "./state/sign-in.svelte";
import { theme } from "./state/theme.svelte";
import { toast } from "./state/toast.svelte";
import { trash } from "./state/trash.svelte";
import { zoom } from "./state/zoom.svelte";

/** Where the keys of a command count: anywhere, or where rows, the calendar or either of them is shown. */
export type Where = "anywhere" | "list" | "calendar" | "posts";

/** Something that the person can have done. */
export interface Command {
  id: string;
  title: string;
  /** Under which heading the sheet of shortcuts lists it. */
  group: string;
  where: Where;
  /** The keys that do it, as they are shown: "N", "Ctrl K", "G then U". The first one is told. */
  keys: string[];
  icon: IconName;
  /** Further words by which the palette finds it. */
  words?: string;
  /** Whether it can be done now; always where it is left out. */
  isPossible?: () => boolean;
  run: () => void;
}

const ANYWHERE = "Anywhere";
const LIST = "In the list";
const CALENDAR = "In the calendar";

/** The keys, as the shortcut sheet lists them, of what is no command: they belong to a field or a grid. */
const OF_FIELDS: { group: string; keys: [string, string][] }[] = [
  {
    group: ANYWHERE,
    keys: [["Esc", "Close what is open"]],
  },
  {
    group: LIST,
    keys: [
      ["Shift ↑ ↓", "Select to the next, previous post"],
      ["Ctrl A", "Select all of the list"],
    ],
  },
  {
    group: CALENDAR,
    keys: [
      ["← ↑ ↓ →", "From post to post"],
      ["Space", "Move the post: arrows choose, Enter drops, Esc leaves it"],
      ["Shift ↑ ↓", "While moving: by an hour; with Alt by a minute"],
    ],
  },
  {
    group: "In an import",
    keys: [
      ["Ctrl ↵", "Import, when nothing is in the way"],
      ["↓", "Go into the rows"],
      ["↵  F2", "Change the cell, or show its findings"],
      ["↵  Tab", "While changing: done, and on to the next"],
      ["Esc", "While changing: as it was"],
      ["⌫", "Empty the cell"],
      ["Ctrl Z", "Take the last change back"],
      ["Ctrl C  V", "Copy a cell, paste cells of a spreadsheet"],
    ],
  },
  {
    group: "In the composer",
    keys: [
      ["Ctrl ↵", "Schedule"],
      ["Alt ↵", "Add a part below"],
      ["Alt ↑ ↓", "Move the part up, down"],
      ["Ctrl Shift S", "Split the part at the caret"],
      ["Ctrl Shift M", "Merge the part into the one above"],
      ["Ctrl Shift ⌫", "Remove the part"],
      ["Ctrl Shift E", "Emoji"],
      ["Ctrl Shift P", "As X shows it"],
      ["Ctrl Z", "Paste as it was, right after a paste was cleaned"],
      ["↑ ↓", "In the time: 15 minutes; with Shift a day"],
      ["Esc", "Close; the text stays in Drafts"],
    ],
  },
];

const PLACES: [place: Place, letter: string, title: string, icon: IconName][] = [
  ["today", "T", "Today", "today"],
  ["upcoming", "U", "Upcoming", "upcoming"],
  ["calendar", "C", "Calendar", "calendar"],
  ["drafts", "D", "Drafts", "drafts"],
  ["needs_you", "N", "Needs you", "needs-you"],
  ["posted", "P", "Posted", "posted"],
  ["all", "A", "All posts", "all"],
  ["imports", "I", "Imports", "imports"],
  ["media", "M", "Media", "image"],
];

/** Returns whether one of these can be done with the current post. */
const allows = (...actions: Action[]) => actions.some((it) => app.detail?.actions.includes(it));
const chosen = () => selection.any || posts.currentId !== null;

/** Every command, in the order in which the palette shows them. */
export const COMMANDS: Command[] = [
  anywhere("new", "New post", ["N"], "plus", () => void composer.openNew(), "write compose tweet"),
  anywhere("import", "Import", ["Ctrl I"], "imports", beginImport, "csv file spreadsheet"),
  anywhere("search", "Search", ["/"], "search", focusSearch, "find"),
  anywhere("palette", "All commands", ["Ctrl K"], "keyboard", () => (palette.open = true)),
  ...PLACES.map(([place, letter, title, icon]) =>
    anywhere(`go_${place}`, `Go to ${title}`, [`G then ${letter}`], icon, () => void app.go(place)),
  ),
  anywhere("undo", "Undo the last step", ["Ctrl Z"], "undo", () => void history.go("undo")),
  anywhere("redo", "Redo", ["Ctrl Shift Z"], "undo", () => void history.go("redo")),
  anywhere("history", "History", ["H"], "undo", () => void history.show()),
  anywhere(
    "duplicates",
    "Find duplicates in everything planned",
    ["G then 2"],
    "copy",
    () => void duplicates.show(),
    "twice same repeats repeated",
  ),
  anywhere(
    "trash",
    "Trash: deleted posts",
    ["G then X"],
    "trash",
    () => void trash.show(),
    "restore",
  ),
  anywhere("notices", "Notices", ["B"], "bell", () => void notices.show(), "notifications unread"),
  anywhere(
    "health",
    "Health",
    ["G then H"],
    "check",
    () => health.show(),
    "relay runs windows quota dead letters deliveries self-test pause",
  ),
  anywhere(
    "settings",
    "Settings",
    [","],
    "settings",
    () => (app.settingsOpen = true),
    "zone prices",
  ),
  anywhere("shortcuts", "Keyboard shortcuts", ["?"], "keyboard", toggleShortcuts, "keys help"),
  anywhere("larger", "Show everything larger", ["Ctrl +", "Ctrl Shift +", "Ctrl ="], "plus", () =>
    zoom.step(1),
  ),
  anywhere("smaller", "Show everything smaller", ["Ctrl -"], "minus", () => zoom.step(-1)),
  anywhere("own_size", "Show everything in its own size", ["Ctrl 0"], "theme", () => zoom.reset()),
  anywhere("theme", "Another theme", [], "theme", () => theme.turn(), "dark light colour"),
  {
    ...anywhere("pause", "Pause everything", [], "pause", () => void pause(true), "stop hold"),
    isPossible: () => app.overview?.sync.paused === false,
  },
  {
    ...anywhere("resume", "Go on: posts go out again", [], "play", () => void pause(false)),
    isPossible: () => app.overview?.sync.paused === true,
  },
  anywhere("sync", "Sync now", [], "sending", () => void sync(), "hand over refresh"),
  anywhere("connect", "Connect an account of X", [], "plus", () => signIn.openFor(null), "sign in"),

  of(LIST, "list", "next", "Next post", ["J", "ArrowDown"], "down", () => step(1)),
  of(LIST, "list", "previous", "Previous post", ["K", "ArrowUp"], "up", () => step(-1)),
  possible(of(LIST, "list", "select", "Select, or no longer", ["X"], "tick", toggle), chosen),
  bulkOf("shift", "Shift by hours or days", "S"),
  bulkOf("move", "Move to a day or time", "M"),
  bulkOf("next_slots", "Next free slots", "Q"),
  bulkOf("tags", "Tags", "T"),
  onPost("edit", "Edit", ["Enter"], "drafts", ["edit"]),
  onPost("retry", "Retry, or check again", ["R"], "sending", ["retry", "verify"]),
  onPost("open_on_x", "Open on X", ["O"], "external", ["open_on_x"]),
  possible(
    of(LIST, "posts", "duplicate", "Duplicate", ["D"], "copy", duplicate),
    () => posts.currentId !== null,
  ),
  possible(
    of(LIST, "list", "earlier_by_15", "15 minutes earlier", ["["], "left", () => void nudge(-15)),
    chosen,
  ),
  possible(
    of(LIST, "list", "later_by_15", "15 minutes later", ["]"], "right", () => void nudge(15)),
    chosen,
  ),
  possible(
    of(LIST, "list", "peek", "Show or hide the post", ["Space"], "all", peek),
    () => posts.currentId !== null,
  ),
  of(LIST, "list", "first", "To the first post", ["Home"], "up", () => edge("first")),
  of(LIST, "list", "last", "To the last post", ["End"], "down", () => edge("last")),
  anywhere("export", "Export posts…", [], "save", () => exporting.show(), "save file csv backup"),
  possible(
    of(LIST, "posts", "withdraw", "Cancel, or delete a draft", ["⌫", "Delete"], "trash", withdraw),
    () => selection.any || allows("cancel", "delete"),
  ),

  of(CALENDAR, "calendar", "week", "Week", ["W"], "calendar", () => void calendar.show("week")),
  of(CALENDAR, "calendar", "month", "Month", ["M"], "calendar", () => void calendar.show("month")),
  of(CALENDAR, "calendar", "today", "To today", ["T"], "today", () => void calendar.go(app.today)),
  of(CALENDAR, "calendar", "earlier", "Earlier", ["PageUp"], "left", () => void calendar.turn(-1)),
  of(CALENDAR, "calendar", "later", "Later", ["PageDown"], "right", () => void calendar.turn(1)),
];

/** Returns the keys by groups, as the sheet of shortcuts lists them. */
export function shortcuts(): { group: string; keys: [string, string][] }[] {
  const groups = new Map<string, [string, string][]>();
  const add = (group: string, key: string, does: string) => {
    groups.set(group, [...(groups.get(group) ?? []), [key, does]]);
  };
  for (const { group, keys, title } of COMMANDS)
    if (keys[0] !== undefined) add(group, shown(keys[0]), title);
  for (const { group, keys } of OF_FIELDS) for (const [key, does] of keys) add(group, key, does);
  return [...groups].map(([group, keys]) => ({ group, keys }));
}

/** Returns a key as it stands on a keyboard. */
export function shown(key: string): string {
  const signs: Record<string, string> = { Enter: "↵", PageUp: "PgUp", PageDown: "PgDn" };
  return signs[key] ?? key;
}

/** Returns whether a command can be done where the person is. */
export function isPossible({ where, isPossible = () => true }: Command): boolean {
  return isHere(where) && isPossible();
}

/** Returns whether the keys of a place count where the person is. */
export function isHere(where: Where): boolean {
  const isCalendar = app.place === "calendar";
  // Places without a list of posts.
  const isOther = app.place === "imports" || app.place === "media";
  switch (where) {
    case "anywhere":
      return true;
    case "calendar":
      return isCalendar;
    case "list":
      return !isCalendar && !isOther;
    case "posts":
      return !isOther;
  }
}

/** Goes to the next post; with Shift held, the posts on the way are chosen. */
export function step(by: number, isExtending = false) {
  const from = posts.currentId;
  if (isExtending && from !== null && !selection.any) selection.extendTo(from);
  posts.step(by);
  if (isExtending && posts.currentId !== null) selection.extendTo(posts.currentId);
  void app.refreshDetail();
}

function of(
  group: string,
  where: Where,
  id: string,
  title: string,
  keys: string[],
  icon: IconName,
  run: () => void,
): Command {
  return { id, title, group, where, keys, icon, run };
}

function anywhere(
  id: string,
  title: string,
  keys: string[],
  icon: IconName,
  run: () => void,
  words = "",
): Command {
  return { ...of(ANYWHERE, "anywhere", id, title, keys, icon, run), words };
}

function possible(command: Command, isPossible: () => boolean): Command {
  return { ...command, isPossible };
}

function bulkOf(kind: Parameters<typeof bulk.open>[0], title: string, key: string): Command {
  return possible(
    of(LIST, "list", `bulk_${kind}`, title, [key], "clock", () => bulk.open(kind)),
    chosen,
  );
}

function onPost(
  id: string,
  title: string,
  keys: string[],
  icon: IconName,
  actions: Action[],
): Command {
  const run = () => void actFirst(app.detail, actions);
  return possible(of(LIST, "posts", id, title, keys, icon, run), () => allows(...actions));
}

/** Goes where an import begins, or to the one that is open; there it asks for files. */
function beginImport() {
  if (app.place === "imports" && !importing.open) void importing.pick();
  else void app.go("imports");
}

function focusSearch() {
  const field = () => document.querySelector<HTMLInputElement>("[data-search]");
  if (field()) field()?.focus();
  // Where nothing can be searched, all posts are.
  else void app.go("all").then(() => field()?.focus());
}

function toggleShortcuts() {
  app.shortcutsOpen = !app.shortcutsOpen;
}

function toggle() {
  if (posts.currentId !== null) selection.toggle(posts.currentId);
}

/** Goes to the first or the last post of the list. */
async function toEdge(edge: "first" | "last") {
  if (edge === "first") posts.goToFirst();
  else await posts.goToLast();
  await app.refreshDetail();
}

const edge = (which: "first" | "last") => void toEdge(which);

function duplicate() {
  if (posts.currentId !== null) void composer.openCopy(posts.currentId);
}

/** Moves what is chosen, or the current post, by so many minutes. */
async function nudge(minutes: number) {
  const current = posts.rows.filter(({ id }) => id === posts.currentId);
  if (selection.isWhole) bulk.open("shift");
  else await moveBy(selection.any ? selection.rows : current, minutes);
}

/** Hides the inspector, or shows it again; the current post stays. */
function peek() {
  if (app.detail) app.detail = null;
  else void app.refreshDetail();
}

/** Cancels what is chosen, or deletes it where all of it are drafts; else the current post. */
function withdraw() {
  // What was chosen in a list that is not shown is not meant.
  if (!selection.any || app.place === "calendar")
    return void actFirst(app.detail, ["cancel", "delete"]);
  bulk.open(selection.rows.every(({ status }) => status === "draft") ? "delete" : "cancel");
}

async function pause(paused: boolean) {
  try {
    await api.set_paused({ paused });
    toast.info(paused ? "Everything is paused: nothing goes out." : "Posts go out again.");
  } catch (error) {
    toast.error(errorText(error));
  }
}

async function sync() {
  try {
    await api.sync_now();
    toast.info("Synced.");
  } catch (error) {
    toast.error(errorText(error));
  }
}
