import type { Status } from "../ipc";
import { STATUS } from "../status";
import { app } from "./app.svelte";
import type { Place } from "./app.svelte";
import { posts } from "./posts.svelte";

const SAVED = "roost.filters.saved";
const SAVED_MAX = 20;

/** A filter that the person keeps: a place, statuses and a search. */
export interface SavedFilter {
  name: string;
  place: Place;
  statuses: Status[];
  search: string;
}

/** The filters that stand in the rail. */
class Saved {
  all = $state.raw<SavedFilter[]>(read());

  /** What the list shows now, as a filter; null where it is not narrowed. */
  readonly current = $derived.by<SavedFilter | null>(() => {
    const [search, statuses] = [posts.search.trim(), posts.statuses];
    if (search === "" && statuses.length === 0) return null;
    const labels = statuses.map((status) => STATUS[status].label);
    const name = [...labels, search].filter((word) => word !== "").join(" ");
    return { name, place: app.place, statuses, search };
  });
  readonly isKept = $derived(
    this.current !== null && this.all.some((each) => same(each, this.current)),
  );

  /** Keeps what the list shows. */
  keep() {
    const { current } = this;
    if (current === null || this.isKept) return;
    this.#write([...this.all, current].slice(-SAVED_MAX));
  }

  /** Forgets a filter. */
  forget(filter: SavedFilter) {
    this.#write(this.all.filter((each) => !same(each, filter)));
  }

  /** Shows what a filter finds. */
  async show({ place, statuses, search }: SavedFilter) {
    await app.go(place);
    posts.statuses = statuses;
    posts.search = search;
    await posts.reload(true);
  }

  #write(all: SavedFilter[]) {
    this.all = all;
    localStorage.setItem(SAVED, JSON.stringify(all));
  }
}

function same(one: SavedFilter, other: SavedFilter | null): boolean {
  return (
    one.place === other?.place &&
    one.search === other.search &&
    one.statuses.join() === other.statuses.join()
  );
}

/** Returns the filters that were kept; what another version wrote is left out. */
function read(): SavedFilter[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(SAVED) ?? "[]");
    if (!Array.isArray(kept)) return [];
    return kept.filter(
      (each: Partial<SavedFilter>): each is SavedFilter =>
        typeof each.name === "string" &&
        typeof each.place === "string" &&
        typeof each.search === "string" &&
        Array.isArray(each.statuses) &&
        each.statuses.every((status) => status in STATUS),
    );
  } catch {
    return [];
  }
}

export const saved = new Saved();
