import { COMMANDS, isHere, step } from "./commands";
import type { Command } from "./commands";
import { app } from "./state/app.svelte";
import { bulk } from "./state/bulk.svelte";
import { causes } from "./state/causes.svelte";
import { composer } from "./state/composer.svelte";
import { duplicates } from "./state/duplicates.svelte";
import { exporting } from "./state/exporting.svelte";
import { health } from "./state/health.svelte";
import { history } from "./state/history.svelte";
import { importing } from "./state/importing.svelte";
import { notices } from "./state/notices.svelte";
import { pairing } from "./state/pairing.svelte";
import { palette } from "./state/palette.svelte";
import { posts } from "./state/posts.svelte";
import { selection } from "./state/selection.svelte";
import { signIn } from "./state/sign-in.svelte";
import { toast } from "./state/toast.svelte";
import { trash } from "./state/trash.svelte";

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
  const isAsked =
    importing.another !== null || bulk.kind !== null || causes.asked !== null || exporting.open;
  if (isAsked || pairing.step !== "closed") return;
  const command = event.ctrlKey || event.metaKey;
  const chord = command ? commandOf(chordOf(event)) : undefined;
  // These two lead away from wherever the person is, a field too.
  if (chord?.id === "import" || chord?.id === "palette") {
    handle(event, () => {
      const isCovered = composer.open || (sheetOpen() && !palette.open);
      palette.open = false;
      if (chord.id === "import" || !isCovered) chord.run();
    });
  } else if (chord && ZOOMS.has(chord.id)) handle(event, chord.run);
  else if (event.key === "Escape") escape(event);
  else if (confirmsImport(event)) handle(event, () => void importing.commit());
  else if (command && undoes(event))
    handle(event, () => void history.go(event.shiftKey ? "redo" : "undo"));
  else if (selectsAll(event)) handle(event, () => selection.all());
  else if (command || event.altKey || isTyping(event.target)) return;
  else if (!composer.open && !sheetOpen()) plainKey(event);
  else if (event.key === "?" && app.shortcutsOpen) handle(event, () => (app.shortcutsOpen = false));
}

/** These change nothing but the size of what is shown: they count in a field and over a sheet too. */
const ZOOMS: ReadonlySet<string> = new Set(["larger", "smaller", "own_size"]);

function sheetOpen(): boolean {
  const isPanel = palette.open || health.open || history.open || notices.open || signIn.open;
  return isPanel || trash.open || duplicates.open || app.shortcutsOpen || app.settingsOpen;
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
  const isList = isHere("list");
  return !composer.open && !sheetOpen() && isList;
}

function confirmsImport(event: KeyboardEvent): boolean {
  // A key held since the view before this one confirms nothing.
  if (event.key !== "Enter" || event.repeat || event.altKey || event.shiftKey) return false;
  if (!(event.ctrlKey || event.metaKey)) return false;
  return importing.possible && app.place === "imports" && !composer.open && !sheetOpen();
}

function plainKey(event: KeyboardEvent) {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const place = commandOf(`G then ${key}`);
  if (place && event.timeStamp - prefixAt < GO_WITHIN_MS) {
    prefixAt = Number.NEGATIVE_INFINITY;
    handle(event, place.run);
    return;
  }
  // No list is shown there, and no post of it is changed unseen; an arrow goes into the rows of a file.
  if (app.place === "imports" && key.startsWith("Arrow")) {
    const grid = document.querySelector<HTMLElement>("[data-import-grid]");
    if (grid && event.target === document.body) handle(event, () => grid.focus());
    return;
  }
  const by = STEPS[key];
  if (event.shiftKey && by !== undefined && isHere("list")) {
    handle(event, () => step(by, true));
    return;
  }
  if (key === "G") {
    handle(event, () => (prefixAt = event.timeStamp));
    return;
  }
  const command = commandOf(NAMES[key] ?? key);
  // Enter and Space belong to the button that has the focus.
  if (!command || ((key === "Enter" || key === " ") && isButton(event.target))) return;
  handle(event, command.run);
}

/** Keys that the registry calls otherwise than the web engine. */
const NAMES: Record<string, string> = { Backspace: "⌫", " ": "Space" };

/** The keys that go to another post, by how far. */
const STEPS: Record<string, number> = { J: 1, ArrowDown: 1, K: -1, ArrowUp: -1 };

/** Returns the command of a key where the person is; that of the place itself before one of anywhere. */
function commandOf(keys: string): Command | undefined {
  const found = COMMANDS.filter((each) => each.keys.includes(keys) && isHere(each.where));
  return found.find(({ where }) => where !== "anywhere") ?? found[0];
}

/** Returns a key with the ones that are held beside it, as commands name it. */
function chordOf(event: KeyboardEvent): string {
  const shift = event.shiftKey ? "Shift " : "";
  return `Ctrl ${shift}${event.key.length === 1 ? event.key.toUpperCase() : event.key}`;
}

function escape(event: KeyboardEvent) {
  if (palette.open) handle(event, () => (palette.open = false));
  else if (app.shortcutsOpen) handle(event, () => (app.shortcutsOpen = false));
  else if (app.settingsOpen) handle(event, () => (app.settingsOpen = false));
  else if (health.open) handle(event, () => (health.open = false));
  else if (notices.open) handle(event, () => void notices.close());
  else if (history.open) handle(event, () => history.close());
  else if (trash.open) handle(event, () => (trash.open = false));
  else if (duplicates.open) handle(event, () => (duplicates.open = false));
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
