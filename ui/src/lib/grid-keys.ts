import { importGrid } from "./state/import-grid.svelte";
import { importRows } from "./state/import-rows.svelte";

/** Handles a key of the grid, as spreadsheets do; `page` is how many rows are in view. */
export function gridKey(event: KeyboardEvent, page: number): void {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  // A control inside a cell has keys of its own.
  if (event.target instanceof HTMLElement && event.target.matches("button, textarea, a")) return;
  const command = event.ctrlKey || event.metaKey;
  if (command) {
    commandKey(event);
    return;
  }
  const run = keyOf(event, page);
  if (run !== null) {
    event.preventDefault();
    run();
  } else if (event.key.length === 1 && importGrid.edit(event.key)) event.preventDefault();
}

function commandKey(event: KeyboardEvent) {
  const run: Record<string, () => void> = {
    z: () => void importGrid.undo(),
    Home: () => importGrid.goTo(0, 0),
    End: () => importGrid.goTo(importRows.total - 1, importGrid.columns.length),
    ArrowUp: () => importGrid.goTo(0, importGrid.column),
    ArrowDown: () => importGrid.goTo(importRows.total - 1, importGrid.column),
  };
  const found = run[event.key];
  if (!found) return;
  event.preventDefault();
  found();
}

function keyOf(event: KeyboardEvent, page: number): (() => void) | null {
  switch (event.key) {
    case "ArrowUp":
      return () => importGrid.move(-1, 0);
    case "ArrowDown":
      return () => importGrid.move(1, 0);
    case "ArrowLeft":
      return () => importGrid.move(0, -1);
    case "ArrowRight":
      return () => importGrid.move(0, 1);
    case "PageUp":
      return () => importGrid.move(-page, 0);
    case "PageDown":
      return () => importGrid.move(page, 0);
    case "Home":
      return () => importGrid.goTo(importGrid.index, 0);
    case "End":
      return () => importGrid.goTo(importGrid.index, importGrid.columns.length);
    case "Enter":
      return () => {
        if (!importGrid.edit()) importGrid.openFindings();
      };
    case "F2":
      return () => void importGrid.edit();
    case "Delete":
    case "Backspace":
      return () => void importGrid.clear();
    default:
      return null;
  }
}

/** Handles a key while a cell is changed. */
export function editorKey(event: KeyboardEvent): void {
  if (event.isComposing) return;
  const run = editorKeyOf(event);
  if (run === null) return;
  event.preventDefault();
  event.stopPropagation();
  run();
}

function editorKeyOf(event: KeyboardEvent): (() => void) | null {
  if (event.key === "Escape") return () => void importGrid.cancel();
  // Alt+Enter begins a line, as spreadsheets do; Ctrl+Enter belongs to the window.
  if (event.key === "Enter" && !event.altKey && !event.ctrlKey && !event.metaKey)
    return () => leaveTo(() => importGrid.move(event.shiftKey ? -1 : 1, 0), false);
  if (event.key === "Tab")
    return () => leaveTo(() => importGrid.step(event.shiftKey ? -1 : 1), true);
  return null;
}

/** Ends the change, goes on, and begins the next one where Tab was pressed. */
function leaveTo(move: () => void, edits: boolean) {
  void importGrid.finish();
  move();
  if (edits) importGrid.edit();
}
