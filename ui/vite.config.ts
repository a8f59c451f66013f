import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  clearScreen: false,
  // The port is named in tauri.conf.json too.
  server: { port: 5317, strictPort: true },
  build: {
    // WebKitGTK 2.40 and WKWebView of macOS 13.
    target: "safari16",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.ts"],
    setupFiles: ["tests/setup.ts"],
    globalSetup: ["tests/start-host.ts"],
    // What waits for relay and scheduler waits for conditions, with a deadline of its own.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    // The tokens are read by a test.
    css: true,
  },
});
