import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";
import { bundleBudget } from "./bundle-budget.ts";

/** What the first view runs on, and every other part too. */
const BASE = [
  "node_modules/(svelte|clsx|esm-env|devalue|@tauri-apps)/",
  "src/lib/",
  "components/(Icon|Sheet|Skeleton|Avatar|StatusMark|Steps|TimeField|ui/Button)\\.svelte",
];
/** Small sheets and dialogs, none of which is in the first view. */
const SHEETS = [
  "components/(Duplicates|Export|History|Notice|Quit|Shortcut|SignIn|Trash)\\w+\\.svelte",
  "components/(PairDialog|Palette|import/OpenAnother)\\.svelte",
];
/** What shows and changes one post. */
const POST = [
  "components/(Composer|Inspector|Preview|Receipt|Versions|LateEdit|UnsavedEdit|Counter)\\w*\\.svelte",
  "components/(EmojiPicker|RowMenu)\\.svelte",
  "components/(composer|series|media)/",
];
/** What acts on many posts at once. */
const MANY = ["components/(bulk|causes)/"];
/** Controls over bits-ui, which come with it. */
const CONTROLS = ["node_modules/", "components/ui/(Select|Menu|Pill|Popover|Tooltip|Dialog)\\."];
const anyOf = (paths: string[]) => new RegExp(paths.join("|"));

export default defineConfig({
  plugins: [svelte(), svelteTesting(), bundleBudget()],
  clearScreen: false,
  // The port is named in tauri.conf.json too.
  server: { port: 5317, strictPort: true },
  build: {
    // WebKitGTK 2.40 and WKWebView of macOS 13.
    target: "safari16",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // One file of styles is compressed far better than forty small ones.
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        // What is loaded together lies together: a file of many small ones is compressed better.
        codeSplitting: {
          groups: [
            { name: "base", priority: 2, test: anyOf(BASE) },
            { name: "controls", priority: 1, test: anyOf(CONTROLS) },
            { name: "sheets", test: anyOf(SHEETS) },
            { name: "post", test: anyOf(POST) },
            { name: "many", test: anyOf(MANY) },
            { name: "settings", test: /components\/(SettingsSheet|settings\/\w+)\.svelte/ },
          ],
        },
      },
    },
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
