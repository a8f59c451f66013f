import { configure } from "@testing-library/svelte";
import { vi } from "vitest";

// Longer than anything takes on a loaded machine.
configure({ asyncUtilTimeout: 30_000 });

// The real engine answers, over HTTP.
vi.mock("../src/lib/ipc/host", () => import("./host"));

// What jsdom lacks.
window.matchMedia = vi.fn().mockReturnValue({ matches: true, addEventListener: vi.fn() });
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
  // As a browser does: what asks for the focus gets it, else the first control inside.
  const controls = [...this.querySelectorAll<HTMLElement>("button, input, select, textarea")];
  (controls.find(({ autofocus }) => autofocus) ?? controls[0])?.focus();
};
HTMLElement.prototype.scrollIntoView = function scrollIntoView() {
  // It lays nothing out.
};
HTMLElement.prototype.hasPointerCapture = () => false;
HTMLElement.prototype.releasePointerCapture = () => undefined;
window.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
