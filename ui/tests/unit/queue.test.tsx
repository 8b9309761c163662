import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CaseStatus, Commands, DeskView, Found, QueueRow } from "../../src/ipc";
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
    on_its_way: null,
    updated_at: AT,
    ...changes,
  };
}

/** The queue with these rows in it. */
async function queue(...rows: QueueRow[]): Promise<Workspace> {
  return desk({ queue: rows });
}

async function desk(changes: Partial<DeskView>, replaced: Partial<Commands> = {}): Promise<Workspace> {
  const backend = fakeBackend("?scene=empty");
  const shown: DeskView = { ...(await backend.commands.desk()), ...changes };
  const commands = { ...backend.commands, desk: async () => shown, ...replaced };
  const workspace = await Workspace.open({ ...backend, commands });
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
    ["Skickas, inget svar än", { state: "sending", at: AT }],
    ["Kontrolleras", { state: "unknown", at: AT }],
    ["Tas tillbaka", { state: "withdrawing", at: AT }],
    ["Inkommen", { state: "received", case_number: "EXB-1", at: AT, to_supplement: [], standing: null }],
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
      { state: "withdrawing", at: AT },
      { state: "received", case_number: "EXB-1", at: AT, to_supplement: [], standing: null },
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

  it("says with words and a mark of its own that little time is left, and nothing while there is more", async () => {
    const keeping = (days_left: number, warn: boolean) => ({ through: "2026-11-24", days_left, warn });
    await queue(row({ draft: "1", keeping: keeping(0, true) }), row({ draft: "2", keeping: keeping(9, false) }));
    const [last, more] = screen.getAllByTestId("queue-row");
    expect(last).toHaveTextContent("Raderas i morgon");
    expect(last?.querySelector(".icon-hourglass")).not.toBeNull();
    expect(more).not.toHaveTextContent("Raderas");
  });

  it("says how much of the files has arrived, and nothing once they have", async () => {
    const way = (sent: number) => ({ sent, total: 3 * 1_024 * 1_024, late: false, withdrawable: true });
    await queue(row({ draft: "1", on_its_way: way(1_024 * 1_024) }), row({ draft: "2", on_its_way: way(3 * 1_024 * 1_024) }));
    const [half, whole] = screen.getAllByTestId("queue-row");
    expect(half).toHaveTextContent("Filer: 1 MB av 3 MB framme");
    expect(whole).not.toHaveTextContent("Filer");
  });

  it("says when a case has waited for more than a day", async () => {
    await queue(row({ on_its_way: { sent: 0, total: 0, late: true, withdrawable: true } }));
    expect(screen.getByTestId("queue-row")).toHaveTextContent("Mer än ett dygn");
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

  it("says how many it does not show, and how to find them", async () => {
    await desk({ queue: [row({})], more: 12_900 });
    expect(screen.getByText(/och 12.900 till: sök för att hitta dem/)).toBeVisible();
  });

  it("keeps thrown away drafts under it, each with its way back and the last step", async () => {
    const workspace = await desk({ discarded: [row({ keeping: { through: "2026-12-08", days_left: 14, warn: false } })] });
    await userEvent.click(screen.getByText("Kastade utkast (1)"));
    expect(screen.getByText(/Kan tas tillbaka till och med 8 december/)).toBeVisible();
    expect(screen.getByRole("button", { name: "Ta tillbaka Färdtjänst, samtal A" })).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Radera för gott: Färdtjänst, samtal A" }));
    expect(workspace.dialog.value).toEqual({ about: "erase", draft: "draft", service: "Färdtjänst", code: "A" });
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

describe("the search", () => {
  const none: Found = { rows: [], indexed: 100 };

  it("asks once for what is typed in one go, from two letters on, and among all calls", async () => {
    const search = vi.fn(async () => none);
    await desk({ queue: [row({})] }, { search });
    const field = screen.getByRole("textbox", { name: "Sök bland samtal och ärenden" });
    await userEvent.type(field, "a");
    expect(search).not.toHaveBeenCalled();
    await userEvent.type(field, "nt");
    await vi.waitFor(() => expect(search).toHaveBeenCalledWith({ query: "ant", within: null }));
    expect(search).toHaveBeenCalledOnce();
  });

  it("stands instead of the list while something is asked for, and says where each was found", async () => {
    const found = row({ draft: "found", who: { who: "named", name: "Leila Norén" } });
    await desk({ queue: [row({})] }, { search: async () => ({ rows: [{ row: found, field: "note" }], indexed: 43 }) });
    await userEvent.type(screen.getByRole("textbox"), "intyg");
    expect(await screen.findByText("Hittat i anteckningen")).toBeVisible();
    expect(screen.getByText("Söker i 43 % av utkasten än så länge.")).toBeVisible();
    expect(screen.queryByText("Astrid Ekvall")).toBeNull();
    await userEvent.keyboard("{Escape}");
    expect(screen.getByText("Astrid Ekvall")).toBeVisible();
    expect(screen.getByRole("textbox")).toHaveValue("");
  });

  it("asks again as the desk changes only until everything can be found", async () => {
    const search = vi.fn(async () => none).mockResolvedValueOnce({ rows: [], indexed: 43 });
    const workspace = await desk({ queue: [row({})] }, { search });
    await userEvent.type(screen.getByRole("textbox"), "intyg");
    await screen.findByText(/43 %/);
    const change = (more: number) => act(() => workspace.desk.set({ ...workspace.desk.value!, more }));
    change(1);
    await vi.waitUntil(() => search.mock.calls.length === 2);
    await vi.waitUntil(() => screen.queryByText(/43 %/) === null);
    vi.useFakeTimers();
    change(2);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("says where protected cases are found when it finds nothing", async () => {
    await desk({ queue: [row({})] }, { search: async () => none });
    await userEvent.type(screen.getByRole("textbox"), "vera");
    expect(await screen.findByText("Inget hittades.")).toBeVisible();
    expect(screen.getByText(/skyddade personuppgifter hittas bara inne i sitt eget samtal/)).toBeVisible();
  });

  it("never shows an earlier answer that comes late", async () => {
    const answers: ((found: Found) => void)[] = [];
    await desk({ queue: [row({})] }, { search: () => new Promise((resolve) => answers.push(resolve)) });
    await userEvent.type(screen.getByRole("textbox"), "ab");
    await vi.waitUntil(() => answers.length === 1);
    await userEvent.type(screen.getByRole("textbox"), "c");
    await vi.waitUntil(() => answers.length === 2);
    const hit = (name: string): Found => ({ rows: [{ row: row({ who: { who: "named", name } }), field: "name" }], indexed: 100 });
    answers[1]?.(hit("Sent Svar"));
    expect(await screen.findByText("Sent Svar")).toBeVisible();
    answers[0]?.(hit("Gammalt Svar"));
    await Promise.resolve();
    expect(screen.queryByText("Gammalt Svar")).toBeNull();
  });
});
