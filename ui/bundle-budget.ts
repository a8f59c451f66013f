/** Keeps the window's JavaScript and CSS small: a build that is larger than its budget fails. */
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** The sum of all files, each as it is compressed with gzip, in bytes. */
const WHOLE_BYTES_MAX = 250_000;
/** What the window loads before it shows anything: the entry with all that it imports, and their styles. */
const FIRST_VIEW_BYTES_MAX = 130_000;

/** A file of the build, as far as its size matters. */
export interface BuiltFile {
  bytes: number;
  isEntry: boolean;
  /** The files that it can't run without. */
  imports: string[];
}

/** Returns the bytes of all files, and of those that the entry can't run without. */
export function bundleSizes(files: ReadonlyMap<string, BuiltFile>): {
  whole: number;
  firstView: number;
} {
  const first = new Set([...files].filter(([, { isEntry }]) => isEntry).map(([name]) => name));
  // A set is walked with what is added on the way.
  for (const name of first) for (const other of files.get(name)?.imports ?? []) first.add(other);
  const sum = (names: Iterable<string>) =>
    [...names].reduce((total, name) => total + (files.get(name)?.bytes ?? 0), 0);
  return { whole: sum(files.keys()), firstView: sum(first) };
}

/** Returns why a build is too large; null where it is not. */
export function overBudget({ whole, firstView }: ReturnType<typeof bundleSizes>): string | null {
  const over = [
    { name: "the first view", bytes: firstView, most: FIRST_VIEW_BYTES_MAX },
    { name: "the whole window", bytes: whole, most: WHOLE_BYTES_MAX },
  ].filter(({ bytes, most }) => bytes > most);
  if (over.length === 0) return null;
  const told = over.map(({ name, bytes, most }) => `${name} has ${bytes} bytes of ${most}`);
  return `JavaScript and CSS are too large: ${told.join(", ")} (gzip).`;
}

/** Measures each build, tells the sizes, and fails the build that is over the budget. */
export function bundleBudget(): Plugin {
  return {
    name: "bundle-budget",
    apply: "build",
    writeBundle(_, bundle) {
      const files = new Map<string, BuiltFile>();
      for (const [name, file] of Object.entries(bundle)) {
        if (!/\.(js|css)$/.test(name)) continue;
        const content = file.type === "chunk" ? file.code : file.source;
        const styles = file.type === "chunk" ? [...(file.viteMetadata?.importedCss ?? [])] : [];
        files.set(name, {
          bytes: gzipSync(content, { level: 9 }).length,
          isEntry: file.type === "chunk" && file.isEntry,
          imports: file.type === "chunk" ? [...file.imports, ...styles] : [],
        });
      }
      // Styles that belong to no part of their own are loaded with the page.
      const owned = new Set([...files.values()].flatMap(({ imports }) => imports));
      const ofPage = [...files.keys()].filter((name) => name.endsWith(".css") && !owned.has(name));
      for (const file of files.values()) if (file.isEntry) file.imports.push(...ofPage);
      const sizes = bundleSizes(files);
      const told = `${sizes.firstView} bytes in the first view, ${sizes.whole} in all (gzip)`;
      this.info(told);
      const problem = overBudget(sizes);
      if (problem !== null) this.error(problem);
    },
  };
}
