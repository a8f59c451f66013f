/** What helps to write a file that Roost reads: a template to fill in, words for a language model. */
import { api, copyText, errorText, pickPlace } from "../ipc";
import type { Format } from "../ipc";
import { accounts } from "../state/accounts.svelte";
import { app } from "../state/app.svelte";
import { importing } from "../state/importing.svelte";
import { toast } from "../state/toast.svelte";

/** A format that has a template. */
export interface TemplateFormat {
  id: Format;
  label: string;
  hint?: string;
  fileName: string;
}

/** The formats that have a template. */
export const TEMPLATES: TemplateFormat[] = [
  { id: "csv", label: "CSV", hint: "For any spreadsheet", fileName: "posts.csv" },
  { id: "xlsx", label: "Excel", fileName: "posts.xlsx" },
  { id: "json", label: "JSON", fileName: "posts.json" },
  { id: "markdown", label: "Markdown", fileName: "posts.md" },
];

/** Returns the handle of the account that a new post is for; null where the engine is to choose. */
const handle = () => accounts.find(accounts.preferred)?.username ?? null;

/** Saves a file to fill in, where the person says. */
export async function saveTemplate({ id, fileName }: TemplateFormat): Promise<void> {
  await told(async () => {
    const path = await pickPlace("Save a template", fileName);
    if (path === null) return null;
    await api.get_import_template({ format: id, path, account: handle() });
    return `The template is saved as ${path}.`;
  });
}

/**
 * Returns rows of the sample in which something is to be mended, as in most calendars that people have; `at`
 * is the time of its first post.
 */
const toMend = (at: string) => [
  {
    content: `This one is too long for X: ${"it goes on, as drafts do, ".repeat(11)}and ends here.`,
    scheduledAt: at.replace(/\S+$/, "15:00"),
  },
  {
    content: "No month has this day: write another one.",
    scheduledAt: at.replace(/\d+ \S+$/, "32 09:00"),
  },
];

/**
 * Opens a sample calendar as an import, to look at: the file that a sandbox names, else a template whose
 * times lie ahead, with rows to mend. Nothing of it is imported before the person says so.
 */
export async function openSample(): Promise<void> {
  const { sample } = app;
  if (sample !== null) return importing.openFiles([sample]);
  await told(async () => {
    const { text } = await api.get_import_template({ format: "json", account: handle() });
    if (text === null) return null;
    const sample = JSON.parse(text) as { posts: { scheduledAt?: string }[] };
    sample.posts.push(...toMend(sample.posts[0]?.scheduledAt ?? ""));
    await importing.openText(JSON.stringify(sample), "Sample calendar");
    return null;
  });
}

/** Puts words on the clipboard that make a language model write a file which Roost imports. */
export async function copyPrompt(): Promise<void> {
  await told(async () => {
    const { text } = await api.get_import_prompt({ account: handle() });
    await copyText(text);
    return "The prompt is on the clipboard. Paste it into the chat, and say what the posts are to be about.";
  });
}

/** Does something and tells what came of it; nothing where the person chose not to. */
async function told(run: () => Promise<string | null>): Promise<void> {
  try {
    const text = await run();
    if (text !== null) toast.info(text);
  } catch (error) {
    toast.error(errorText(error));
  }
}
