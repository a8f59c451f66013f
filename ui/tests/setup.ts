import { vi } from "vitest";

// jsdom has neither.
window.matchMedia = vi.fn().mockReturnValue({ matches: true, addEventListener: vi.fn() });
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};
window.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
