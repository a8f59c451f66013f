import { setZoom } from "../ipc";

/** How large everything is shown, in percent. A preference of this window alone. */
export const ZOOMS = [80, 90, 100, 110, 125, 150, 175, 200, 250, 300];

const KEY = "roost.zoom";
const OWN_SIZE = 100;

class Zoom {
  percent = $state(kept());

  /** Shows everything as large as was chosen. */
  apply() {
    if (this.percent !== OWN_SIZE) void setZoom(this.percent);
  }

  choose(percent: number) {
    this.percent = percent;
    localStorage.setItem(KEY, String(percent));
    void setZoom(percent);
  }

  /** One step larger, or smaller. */
  step(by: 1 | -1) {
    const next = ZOOMS[ZOOMS.indexOf(this.percent) + by];
    if (next !== undefined) this.choose(next);
  }

  reset() {
    this.choose(OWN_SIZE);
  }
}

function kept(): number {
  const percent = Number(localStorage.getItem(KEY));
  return ZOOMS.includes(percent) ? percent : OWN_SIZE;
}

export const zoom = new Zoom();
