/** Dragging with the pointer: a press becomes a drag only after it moved, so that a click stays one. */

/** How far the pointer moves before a press is a drag, in pixels. */
const ACTIVATION_PX = 4;
/** So near to an edge the calendar scrolls, and so far at once, in pixels. */
const EDGE_PX = 36;
const SCROLL_PX = 12;

interface Handlers {
  /** The press has become a drag. */
  onlift: () => void;
  onmove: (event: PointerEvent) => void;
  ondrop: () => void;
  onleave: () => void;
}

/** Follows one press until it is let go, given up with Escape, or taken away by the system. */
export function follow(start: PointerEvent, { onlift, onmove, ondrop, onleave }: Handlers): void {
  let lifted = false;
  const end = () => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", up);
    window.removeEventListener("pointercancel", cancel);
    window.removeEventListener("keydown", key, true);
  };
  const move = (event: PointerEvent) => {
    const far = Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY);
    if (!lifted && far < ACTIVATION_PX) return;
    if (!lifted) {
      lifted = true;
      onlift();
    }
    onmove(event);
  };
  const up = () => {
    end();
    if (!lifted) return;
    // The click that ends a drag chooses nothing.
    window.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => window.removeEventListener("click", swallow, true), 0);
    ondrop();
  };
  const cancel = () => {
    end();
    if (lifted) onleave();
  };
  const key = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    cancel();
  };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", up);
  window.addEventListener("pointercancel", cancel);
  window.addEventListener("keydown", key, true);
}

/** Scrolls an area while the pointer is near its upper or lower edge. */
export function scrollNear(area: HTMLElement, event: PointerEvent): void {
  const box = area.getBoundingClientRect();
  if (event.clientX < box.left || event.clientX > box.right) return;
  if (event.clientY < box.top + EDGE_PX) area.scrollTop -= SCROLL_PX;
  else if (event.clientY > box.bottom - EDGE_PX) area.scrollTop += SCROLL_PX;
}

function swallow(event: Event): void {
  event.stopPropagation();
  event.preventDefault();
}
