import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CaseStatus, DeskView, QueueRow } from "../../src/ipc";
import { fakeBackend } from "../../src/ipc/fake";
import { setLocale } from "../../src/messages/runtime.js";
import { Queue } from "../../src/queue/Queue";
import { WorkspaceProvider } from "../../src/store/context";
import { Workspace } from "../../src/store/workspace";

const AT = "2026-11-22T13:05:00Z";

function row(changes: Partial<QueueRow>): QueueRow {
  return {
    call: "call",
    draft: "draft",
    code: "A",
    colour: 0,
    service: "Färdtjänst",
    who: { who: "named", name: "Astrid Ekvall" },
    case: { state: "editing" },
    open: false,
    keeping: null,
    updated_at: AT,
    ...changes,
  };
}

/** The queue with these rows in it. */
async function queue(...rows: QueueRow[]): Promise<Workspace> {
  const backend = fakeBackend("?scene=empty");
  const desk: DeskView = { ...(await backend.commands.desk()), queue: rows };
  const workspace = await Workspace.open({ ...backend, commands: { ...backend.commands, desk: async () => desk } });
  render(
    <WorkspaceProvider value={workspace}>
      <Queue />
    </WorkspaceProvider>,
  );
  return workspace;
}

beforeEach(() => setLocale("sv", { reload: false }));

describe("a row of the queue", () => {
  it.each<[string, CaseStatus]>([
    ["Utkast, ej inkommet", { state: "editing" }],
    ["I kö, ej inkommet ännu", { state: "queued", at: AT }],
    ["Kontrolleras", { state: "unknown", at: AT }],
    ["Inkommen", { state: "received", case_number: "EXB-1", at: AT, to_supplement: [] }],
    ["Kräver åtgärd", { state: "needs_action", reason: { code: "forbidden", questions: [] }, reopenable: true }],
  ])("says %s", async (words, status) => {
    await queue(row({ case: status }));
    expect(screen.getByText(words)).toBeVisible();
  });

  it("has a mark of its own shape for every state, so that colour is never alone", async () => {
    const states: CaseStatus[] = [
      { state: "editing" },
      { state: "queued", at: AT },
      { state: "unknown", at: AT },
      { state: "received", case_number: "EXB-1", at: AT, to_supplement: [] },
      { state: "needs_action", reason: { code: "forbidden", questions: [] }, reopenable: true },
    ];
    await queue(...states.map((status, index) => row({ draft: String(index), case: status })));
    const shapes = screen
      .getAllByTestId("queue-row")
      .map((each) => [...each.querySelectorAll("svg")].map((icon) => icon.innerHTML).join());
    expect(shapes.every((shape) => shape !== "")).toBe(true);
    expect(new Set(shapes).size).toBe(states.length);
  });

  it("names the caller and the e-service", async () => {
    await queue(row({}));
    const shown = within(screen.getByTestId("queue-row"));
    expect(shown.getByText("Astrid Ekvall")).toBeVisible();
    expect(shown.getByText("Färdtjänst")).toBeVisible();
  });

  it("says Skyddad uppgift instead of a protected caller's name", async () => {
    await queue(row({ who: { who: "protected" } }));
    expect(screen.getByText("Skyddad uppgift")).toBeVisible();
  });

  it("says what is missing of a call that has neither name nor e-service yet", async () => {
    await queue(row({ who: { who: "nobody" }, service: null, case: null, draft: null, open: true }));
    expect(screen.getByText("Ingen namngiven")).toBeVisible();
    expect(screen.getByText("Ingen e-tjänst vald")).toBeVisible();
    expect(screen.getByText("Pågår")).toBeVisible();
  });

  it("opens its call", async () => {
    const workspace = await queue(row({ call: "this one", draft: "and this" }));
    const opened = vi.spyOn(workspace, "openCall").mockResolvedValue();
    await userEvent.click(screen.getByTestId("queue-row"));
    expect(opened).toHaveBeenCalledWith("this one", "and this");
  });
});

describe("the queue", () => {
  it("says how to begin when it is empty", async () => {
    await queue();
    expect(screen.getByText("Tryck Ctrl+N när någon ringer.")).toBeVisible();
  });

  it("moves with J and K and the arrows while a row has focus", async () => {
    await queue(row({ draft: "1" }), row({ draft: "2" }), row({ draft: "3" }));
    const rows = screen.getAllByTestId("queue-row");
    rows[0]?.focus();
    await userEvent.keyboard("j{ArrowDown}j");
    expect(rows[2]).toHaveFocus();
    await userEvent.keyboard("k");
    expect(rows[1]).toHaveFocus();
  });
});
