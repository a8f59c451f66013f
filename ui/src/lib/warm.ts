/**
 * What the first view does without is loaded once that view stands, one part after the other, so that
 * each is there before a person can ask for it.
 */

/** So long after the first view the loading begins, and so long it rests between two parts. */
const REST_MS = 120;

const PARTS: (() => Promise<unknown>)[] = [
  () => import("../components/Inspector.svelte"),
  () => import("../components/Composer.svelte"),
  () => import("../components/bulk/SelectionBar.svelte"),
  () => import("../components/Palette.svelte"),
  () => import("../components/causes/CauseList.svelte"),
  () => import("../components/calendar/CalendarView.svelte"),
  () => import("../components/RowMenu.svelte"),
  () => import("../components/Imports.svelte"),
  () => import("../components/health/HealthSheet.svelte"),
];

/** Loads the parts in the order in which people use them first. */
export async function loadTheRest(): Promise<void> {
  for (const part of PARTS) {
    await new Promise((resume) => setTimeout(resume, REST_MS));
    // A part that can't be loaded now is asked for again by the view that needs it.
    await part().catch(() => undefined);
  }
}
