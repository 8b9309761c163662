import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CaseView, Commands, Keeping, QueueRow } from "../../src/ipc";
import { fakeBackend } from "../../src/ipc/fake";
import { Discarded } from "../../src/keep/Discarded";
import { Extend } from "../../src/keep/Extend";
import { History } from "../../src/keep/History";
import { KeepingFacts, KeepingNotice } from "../../src/keep/Keeping";
import { Preview } from "../../src/keep/Preview";
import { setLocale } from "../../src/messages/runtime.js";
import { WorkspaceProvider } from "../../src/store/context";
import { Workspace } from "../../src/store/workspace";
import { dayOfYear } from "../../src/words/time";

beforeEach(() => {
  setLocale("sv", { reload: false });
  // A native dialog that the test's document does not have.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
  };
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** The resumed call's first case and the workspace around it, with some commands replaced. */
async function open(scene: string, changes: Partial<CaseView> = {}, replaced: Partial<Commands> = {}) {
  const backend = fakeBackend(`?scene=${scene}`);
  const workspace = await Workspace.open({
    ...backend,
    commands: {
      ...backend.commands,
      open_call: async (args) => {
        const call = await backend.commands.open_call(args);
        return { ...call, cases: call.cases.map((each) => ({ ...each, ...changes })) };
      },
      ...replaced,
    },
  });
  const call = workspace.call.value;
  const shown = call?.cases.value[0];
  const form = shown && call.form(shown.draft);
  if (!call || !shown || !form) throw new Error("no case is on screen");
  return { workspace, call, shown, form };
}

function draw(workspace: Workspace, children: React.ReactNode) {
  return render(<WorkspaceProvider value={workspace}>{children}</WorkspaceProvider>);
}

const keeping = (days_left: number, warn = days_left <= 2): Keeping => ({ through: "2026-12-08", days_left, warn });

describe("how long a draft is kept", () => {
  it.each<[number, string, string | null]>([
    [14, "Sparas på den här datorn till och med 8 december (14 dagar kvar).", null],
    [2, "Sparas på den här datorn till och med 8 december (2 dagar kvar).", "Raderas om 3 dagar"],
    [1, "Sparas på den här datorn till och med 8 december (1 dag kvar).", "Raderas om 2 dagar"],
    // The last day is a whole day.
    [0, "Sparas på den här datorn till och med i dag.", "Raderas i morgon"],
    [-1, "Tiden är ute; utkastet tas bort när kommunen har kvitterat kontaktnoteringen.", "Tiden är ute"],
  ])("with %i days left: %s", async (days, words, warning) => {
    vi.useFakeTimers({ now: new Date("2026-11-24T09:00:00Z"), toFake: ["Date"] });
    const { workspace, shown } = await open("form", { keeping: keeping(days) });
    draw(workspace, <KeepingFacts shown={shown} />);
    expect(screen.getByText(words)).toBeVisible();
    draw(workspace, <KeepingNotice shown={shown} />);
    if (warning === null) expect(screen.queryByRole("region", { name: /Raderas|ute/ })).toBeNull();
    else expect(screen.getByText(warning)).toBeVisible();
    vi.useRealTimers();
  });

  it("warns with three ways out, and with two when the time cannot be prolonged", async () => {
    const { workspace, shown } = await open("form", { keeping: keeping(0) });
    const { unmount } = draw(workspace, <KeepingNotice shown={shown} />);
    const ways = () => screen.getAllByRole("button").map(({ textContent }) => textContent);
    expect(ways()).toEqual(["Läs upp och skicka", "Förläng tiden", "Kasta utkast"]);
    unmount();
    draw(workspace, <KeepingNotice shown={{ ...shown, extensions_left: 0 }} />);
    expect(ways()).toEqual(["Läs upp och skicka", "Kasta utkast"]);
    expect(screen.getByText(/tiden kan inte förlängas fler gånger/)).toBeVisible();
  });

  it("says the year only of another year", () => {
    const now = new Date("2026-12-30T12:00:00Z");
    expect(dayOfYear("2026-12-31", now)).toBe("31 december");
    expect(dayOfYear("2027-01-04", now)).toBe("4 januari 2027");
  });

  it("is prolonged only for a reason, and what the core refuses stands at the field", async () => {
    const extend = vi.fn(async () => {
      throw { code: "no_more_extensions", message: "", retryable: false };
    });
    const { workspace, shown } = await open("form", { extensions_left: 1 }, { extend });
    draw(workspace, <Extend shown={shown} />);
    expect(screen.getByText("Du kan förlänga 1 gång till.")).toBeVisible();
    const field = screen.getByLabelText("Skäl");
    expect(field).toHaveFocus();
    await userEvent.keyboard("  {Enter}");
    expect(screen.getByText("Skriv ett skäl. Det loggas.")).toBeVisible();
    expect(extend).not.toHaveBeenCalled();
    await userEvent.type(field, "Väntar på intyg{Enter}");
    expect(extend).toHaveBeenCalledWith({ draft: shown.draft, reason: "Väntar på intyg" });
    expect(await screen.findByText(/Tiden kan inte förlängas fler gånger/)).toBeVisible();
  });
});

describe("the history", () => {
  it("shows what was and what is, and says of a protected call only that something differs", async () => {
    const { workspace, shown } = await open("history");
    const { unmount } = draw(workspace, <History draft={shown.draft} />);
    expect(await screen.findByText("Lingonstigen 21")).toBeVisible();
    expect(screen.getByText("Lingongatan 12")).toBeVisible();
    unmount();
    const covered = await open("history-protected");
    draw(covered.workspace, <History draft={covered.shown.draft} />);
    expect(await screen.findAllByText("Dold")).toHaveLength(2);
    expect(screen.queryByText(/Lingon/)).toBeNull();
  });
});

describe("a thrown away draft", () => {
  it("is read, not filled in, with its two ways on", async () => {
    const { workspace, call, shown, form } = await open("discarded");
    draw(workspace, <Discarded call={call} shown={shown} form={form} />);
    expect(screen.getByText("Lingongatan 12")).toBeVisible();
    expect(screen.queryByRole("textbox")).toBeNull();
    expect(screen.getAllByRole("button").map(({ textContent }) => textContent)).toEqual(["Ta tillbaka", "Radera för gott"]);
  });

  it("keeps a protected caller's answers masked", async () => {
    const { workspace, call, shown, form } = await open("discarded-protected");
    draw(workspace, <Discarded call={call} shown={shown} form={form} />);
    expect(screen.getAllByText("Dold").length).toBeGreaterThan(0);
    expect(screen.queryByText("Vera Holm")).toBeNull();
  });
});

describe("a file's page", () => {
  const alive = new Set<string>();
  beforeEach(() => {
    alive.clear();
    URL.createObjectURL = () => {
      const address = `blob:page-${alive.size}-${Math.random()}`;
      alive.add(address);
      return address;
    };
    URL.revokeObjectURL = (address) => void alive.delete(address);
  });

  it("is let go of when the next is shown, and at the end", async () => {
    const { workspace, shown } = await open("files");
    const { unmount } = draw(workspace, <Preview draft={shown.draft} file="plan" name="plan.pdf" />);
    await screen.findByRole("img", { name: "plan.pdf, sida 1 av 3, som bild" });
    await userEvent.click(screen.getByRole("button", { name: "Nästa sida" }));
    await screen.findByRole("img", { name: "plan.pdf, sida 2 av 3, som bild" });
    expect(alive.size).toBe(1);
    unmount();
    expect(alive.size).toBe(0);
  });

  it("is never made when the window has been left before the core answers", async () => {
    let answer = () => {};
    const core = fakeBackend("?scene=files");
    const { workspace, shown } = await open("files-protected", {}, {
      preview: async (args) => {
        await new Promise<void>((resolve) => (answer = resolve));
        return core.commands.preview({ ...args, draft: await anyDraft(core.commands) });
      },
    });
    draw(workspace, <Preview draft={shown.draft} file="plan" name="plan.pdf" />);
    window.dispatchEvent(new Event("blur"));
    answer();
    expect(await screen.findByText("Filen är dold, eftersom du lämnade fönstret.")).toBeVisible();
    expect(alive.size).toBe(0);
  });

  it("says why it cannot be shown", async () => {
    const preview = async () => {
      throw { code: "preview_failed", message: "", retryable: false };
    };
    const { workspace, shown } = await open("files", {}, { preview });
    draw(workspace, <Preview draft={shown.draft} file="plan" name="plan.pdf" />);
    expect(await screen.findByText(/Filen kan inte visas/)).toBeVisible();
  });
});

async function anyDraft(commands: Commands): Promise<string> {
  const { queue } = await commands.desk();
  return queue.find((row): row is QueueRow & { draft: string } => row.draft !== null)?.draft ?? "";
}
