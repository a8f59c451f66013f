import { actFirst } from "./actions";
import { app } from "./state/app.svelte";
import { bulk } from "./state/bulk.svelte";
import type { Place } from "./state/app.svelte";
import { composer } from "./state/composer.svelte";
import { history } from "./state/history.svelte";
import { importing } from "./state/importing.svelte";
import { pairing } from "./state/pairing.svelte";
import { posts } from "./state/posts.svelte";
import { selection } from "./state/selection.svelte";
import { signIn } from "./state/sign-in.svelte";
import { toast } from "./state/toast.svelte";

/** The keys, as the shortcut sheet lists them. */
export const SHORTCUTS: { group: string; keys: [string, string][] }[] = [
  {
    group: "Anywhere",
    keys: [
      ["N", "New post"],
      ["Ctrl I", "Import"],
      ["/", "Search"],
      [",", "Settings"],
      ["H", "History"],
      ["Ctrl Z", "Undo the last step"],
      ["Ctrl Shift Z", "Redo"],
      ["G then T U D N P I", "Go to a place of the rail"],
      ["Esc", "Close what is open"],
      ["?", "This sheet"],
    ],
  },
  {
    group: "In the list",
    keys: [
      ["J  K", "Next, previous post"],
      ["X", "Select, or no longer"],
      ["Shift ↑ ↓", "Select to the next, previous post"],
      ["Ctrl A", "Select all of the list"],
      ["S", "Shift by hours or days"],
      ["M", "Move to a day or time"],
      ["Q", "Next free slots"],
      ["T", "Tags"],
      ["Enter", "Edit"],
      ["R", "Retry, or check again"],
      ["O", "Open on X"],
      ["⌫", "Cancel, or delete a draft"],
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
      ["Esc", "Close; the text stays in Drafts"],
    ],
  },
];

const GO: Record<string, Place> = {
  t: "today",
  u: "upcoming",
  d: "drafts",
  n: "needs_you",
  p: "posted",
  i: "imports",
};

/** How long after G the next letter still names a place, in milliseconds. */
const GO_WITHIN_MS = 1200;

let prefixAt = Number.NEGATIVE_INFINITY;

/** Handles a key of the whole window. */
export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  if (app.quitWarning !== null) {
    // Nothing behind the question may happen; Tab and Enter belong to its buttons.
    if (event.key === "Escape") handle(event, () => (app.quitWarning = null));
    return;
  }
  if (app.cancelOf !== null) {
    if (event.key === "Escape") handle(event, () => (app.cancelOf = null));
    return;
  }
  // The question in front of everything has the keys.
  if (importing.another !== null || bulk.kind !== null || pairing.step !== "closed") return;
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === "i") handle(event, beginImport);
  else if (event.key === "Escape") escape(event);
  else if (confirmsImport(event)) handle(event, () => void importing.commit());
  else if (command && undoes(event))
    handle(event, () => void history.go(event.shiftKey ? "redo" : "undo"));
  else if (selectsAll(event)) handle(event, () => selection.all());
  else if (command || event.altKey || isTyping(event.target)) return;
  else if (!composer.open && !sheetOpen()) plainKey(event);
  else if (event.key === "?" && app.shortcutsOpen) handle(event, () => (app.shortcutsOpen = false));
}

function sheetOpen(): boolean {
  return app.shortcutsOpen || app.settingsOpen || history.open || signIn.open;
}

/** Whether a key undoes or redoes a step of history, rather than what was typed or changed in an import. */
function undoes(event: KeyboardEvent): boolean {
  if (event.key.toLowerCase() !== "z" || event.altKey || isTyping(event.target)) return false;
  if (importing.open && app.place === "imports") return false;
  return !composer.open && !(sheetOpen() && !history.open) && history.asked === null;
}

/** Whether a key selects all of the list, rather than the text of a field or of a sheet. */
function selectsAll(event: KeyboardEvent): boolean {
  const isKey = event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey);
  if (!isKey || event.altKey || event.shiftKey || isTyping(event.target)) return false;
  return !composer.open && !sheetOpen() && app.place !== "imports";
}

/** Goes where an import begins, or to the one that is open; there it asks for files. */
function beginImport() {
  if (app.place === "imports" && !importing.open) void importing.pick();
  else void app.go("imports");
}

function confirmsImport(event: KeyboardEvent): boolean {
  // A key held since the view before this one confirms nothing.
  if (event.key !== "Enter" || event.repeat || event.altKey || event.shiftKey) return false;
  if (!(event.ctrlKey || event.metaKey)) return false;
  return importing.possible && app.place === "imports" && !composer.open && !sheetOpen();
}

function plainKey(event: KeyboardEvent) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const place = GO[key];
  if (place && event.timeStamp - prefixAt < GO_WITHIN_MS) {
    prefixAt = Number.NEGATIVE_INFINITY;
    handle(event, () => void app.go(place));
    return;
  }
  // No list is shown there, and no post of it is changed unseen; an arrow goes into the rows of a file.
  if (app.place === "imports" && OF_LIST.has(key)) {
    const grid = document.querySelector<HTMLElement>("[data-import-grid]");
    if (key.startsWith("Arrow") && grid && event.target === document.body)
      handle(event, () => grid.focus());
    return;
  }
  const by = STEPS[key];
  if (event.shiftKey && by !== undefined) {
    handle(event, () => step(by, true));
    return;
  }
  const run = PLAIN[key];
  // Enter and Space belong to the button that has the focus.
  if (!run || (key === "Enter" && isButton(event.target))) return;
  handle(event, run);
  if (key === "g") prefixAt = event.timeStamp;
}

/** The keys that go to another post, by how far. */
const STEPS: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

const PLAIN: Record<string, () => void> = {
  n: () => void composer.openNew(),
  "/": () => document.querySelector<HTMLInputElement>("[data-search]")?.focus(),
  "?": () => (app.shortcutsOpen = true),
  ",": () => (app.settingsOpen = true),
  h: () => void history.show(),
  g: () => undefined,
  j: () => step(1),
  ArrowDown: () => step(1),
  k: () => step(-1),
  ArrowUp: () => step(-1),
  x: () => {
    if (posts.currentId !== null) selection.toggle(posts.currentId);
  },
  s: () => bulk.open("shift"),
  m: () => bulk.open("move"),
  q: () => bulk.open("next_slots"),
  t: () => bulk.open("tags"),
  Enter: () => void actFirst(app.detail, ["edit"]),
  r: () => void actFirst(app.detail, ["retry", "verify"]),
  o: () => void actFirst(app.detail, ["open_on_x"]),
  Backspace: withdraw,
  Delete: withdraw,
};

/** The keys of a list and its current post. */
const OF_LIST = new Set("j k r o x s m q t Enter Backspace Delete ArrowDown ArrowUp".split(" "));

/** Goes to the next post; with Shift held, the posts on the way are chosen. */
function step(by: number, isExtending = false) {
  const from = posts.currentId;
  if (isExtending && from !== null && !selection.any) selection.extendTo(from);
  posts.step(by);
  if (isExtending && posts.currentId !== null) selection.extendTo(posts.currentId);
  void app.refreshDetail();
}

/** Cancels what is chosen, or deletes it where all of it are drafts; else the current post. */
function withdraw() {
  if (!selection.any) return void actFirst(app.detail, ["cancel", "delete"]);
  bulk.open(selection.rows.every(({ status }) => status === "draft") ? "delete" : "cancel");
}

function escape(event: KeyboardEvent) {
  if (app.shortcutsOpen) handle(event, () => (app.shortcutsOpen = false));
  else if (app.settingsOpen) handle(event, () => (app.settingsOpen = false));
  else if (history.open) handle(event, () => history.close());
  else if (signIn.open) handle(event, () => signIn.close());
  else if (composer.open) handle(event, () => void composer.close());
  else if (isTyping(event.target) && app.place === "imports") leaveField(event);
  else if (importing.open && app.place === "imports") handle(event, () => void importing.close());
  else if (isSearch(event.target) && posts.search !== "") handle(event, clearSearch);
  else if (isTyping(event.target)) handle(event, () => (event.target as HTMLElement).blur());
  else if (toast.current) handle(event, () => toast.dismiss());
  else if (selection.any) handle(event, () => selection.clear());
  else if (posts.currentId) {
    handle(event, () => {
      posts.currentId = null;
      app.detail = null;
    });
  }
}

function leaveField(event: KeyboardEvent) {
  handle(event, () => (event.target as HTMLElement).blur());
}

function clearSearch() {
  posts.search = "";
  void posts.reload(true);
}

function handle(event: KeyboardEvent, run: () => void) {
  event.preventDefault();
  run();
}

function isSearch(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("[data-search]");
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

function isButton(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && ["BUTTON", "A", "SUMMARY"].includes(target.tagName);
}
