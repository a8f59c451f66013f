import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import ImportView from "../src/components/ImportView.svelte";
import Toast from "../src/components/Toast.svelte";
import { importing } from "../src/lib/state/importing.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { report } from "./fixtures";

const { shell } = await vi.hoisted(async () => {
  const { spiedShell } = await import("./ipc");
  return { shell: spiedShell() };
});
vi.mock("../src/lib/ipc", async () => (await import("./ipc")).ipcWith(shell));

const tooLong = {
  row: 2,
  field: "content",
  code: "text_too_long",
  message: "The post is longer than X allows.",
  remedy: "Shorten it.",
};

describe("an import", () => {
  beforeEach(() => {
    vi.clearAllMocks();
    importing.close();
    toast.dismiss();
    // jsdom lays nothing out, and a grid without height draws little.
    vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
  });

  it("tells cost and number before it does anything", async () => {
    await importing.openFile("/home/me/week.json");
    render(ImportView);
    expect(screen.getByText("$0.23")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Import 3 posts" })).toBeTruthy();
    expect(shell.importFile).not.toHaveBeenCalled();
  });

  it("with an error shows the row, the field and the remedy, and can't be committed", async () => {
    shell.rehearseImport.mockResolvedValueOnce(
      report({ errors: [tooLong], errorCount: 1, scheduled: 0 }),
    );
    await importing.openFile("/home/me/week.json");
    render(ImportView);
    const button = screen.getByRole<HTMLButtonElement>("button", { name: "Mend the errors first" });
    expect(button.disabled).toBe(true);
    expect(importing.pill).toBe("errors");
    await importing.commit();
    expect(shell.importFile).not.toHaveBeenCalled();
  });

  it("of a broken file says what is wrong and what to do, and never that it has no errors", async () => {
    const zone = {
      row: null,
      field: "timezone",
      code: "unknown_zone",
      message: '"Mars" is no time zone.',
      remedy: "Use an IANA name.",
    };
    shell.rehearseImport.mockResolvedValueOnce(
      report({ errors: [zone], errorCount: 1, rows: 0, scheduled: 0, preview: [] }),
    );
    await importing.openFile("/home/me/week.json");
    render(ImportView);
    const said = screen.getByRole("alert").textContent.trim();
    expect(said).toBe('"Mars" is no time zone. Use an IANA name.');
    expect(screen.queryByText("No errors.")).toBeNull();
  });

  it("keeps message and remedy of a row apart", async () => {
    shell.rehearseImport.mockResolvedValueOnce(report({ errors: [tooLong], errorCount: 1 }));
    await importing.openFile("/home/me/week.json");
    const { container } = render(ImportView);
    const said = container.querySelector("[data-row-error]")?.textContent ?? "";
    expect(said.replace(/\s+/g, " ")).toContain("The post is longer than X allows. Shorten it.");
  });

  it("can be taken back at once", async () => {
    await importing.openFile("/home/me/week.json");
    await importing.commit();
    render(Toast);
    expect(screen.getByText("Imported 3 posts from week.json.")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Undo" }));
    expect(shell.undoImport).toHaveBeenCalledWith("import");
    expect(await screen.findByText("Import undone: 3 posts removed.")).toBeTruthy();
  });

  it("that the store refuses after all shows why", async () => {
    await importing.openFile("/home/me/week.json");
    shell.importFile.mockResolvedValueOnce(report({ errors: [tooLong], errorCount: 1 }));
    await importing.commit();
    expect(importing.open).toBe(true);
    expect(importing.issues.get(2)?.[0]?.isError).toBe(true);
  });
});
