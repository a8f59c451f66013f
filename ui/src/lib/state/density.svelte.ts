import { ROW, ROW_COMPACT } from "../virtual";

/** How close rows stand. A preference of this window alone. */
export type Density = "comfortable" | "compact";

const KEY = "roost.density";

class DensityState {
  chosen = $state<Density>(localStorage.getItem(KEY) === "compact" ? "compact" : "comfortable");
  /** The height of a row of a list, in pixels. */
  readonly row = $derived(this.chosen === "compact" ? ROW_COMPACT : ROW);

  /** Puts it on the page. */
  apply() {
    document.documentElement.dataset.density = this.chosen;
  }

  choose(density: Density) {
    this.chosen = density;
    localStorage.setItem(KEY, density);
    this.apply();
  }
}

export const density = new DensityState();
