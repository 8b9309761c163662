import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { Middle } from "../../src/app/Middle";
import { command } from "../../src/commands/table";
import type { CaseStatus, CaseView, Commands, OnItsWay } from "../../src/ipc";
import { fakeBackend } from "../../src/ipc/fake";
import { setLocale } from "../../src/messages/runtime.js";
import { WorkspaceProvider } from "../../src/store/context";
import { useObservable } from "../../src/store/observable";
import { Workspace } from "../../src/store/workspace";

const AT = "2026-11-22T13:05:00Z";
const WAY: OnItsWay = { sent: 0, total: 0, late: false, withdrawable: true };

function Shown({ workspace }: { workspace: Workspace }) {
  return <Middle call={useObservable(workspace.call)} />;
}

/** The case of a scene on screen. */
async function show(scene: string, replaced: (commands: Commands) => Partial<Commands> = () => ({})): Promise<Workspace> {
  const backend = fakeBackend(`?scene=${scene}`);
  const commands = { ...backend.commands, ...replaced(backend.commands) };
  const workspace = await Workspace.open({ ...backend, commands });
  render(
    <WorkspaceProvider value={workspace}>
      <Shown workspace={workspace} />
    </WorkspaceProvider>,
  );
  return workspace;
}

/** The call of a scene, its case changed. */
function changed(commands: Commands, changes: Partial<CaseView>): Partial<Commands> {
  return {
    desk: async () => ({ ...(await commands.desk()), queue: [] }),
    open_call: async (args) => {
      const call = await commands.open_call(args);
      return { ...call, cases: call.cases.map((each) => ({ ...each, ...changes })) };
    },
  };
}

beforeEach(() => setLocale("sv", { reload: false }));

describe("taking a case back", () => {
  it("makes one that never left a draft again, and says so", async () => {
    const workspace = await show("queued");
    await userEvent.click(await screen.findByRole("button", { name: "Ta tillbaka" }));
    expect(workspace.call.value?.cases.value[0]?.status.state).toBe("editing");
    expect(screen.getByText(/är ett utkast igen. Det är inte inkommet/)).toBeVisible();
  });

  it("says that the answer is open while it is, and offers neither changing nor taking back", async () => {
    const workspace = await show("unknown");
    await userEvent.click(await screen.findByRole("button", { name: "Ta tillbaka" }));
    expect(await screen.findByTestId("case-state")).toHaveTextContent("Tas tillbaka");
    expect(screen.getByText(/Det kan redan ha kommit in/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Ta tillbaka" })).toBeNull();
    expect(command("withdraw")?.available(workspace)).toBe(false);
  });

  it("shows the receipt when it came too late", async () => {
    const status: CaseStatus = { state: "received", case_number: "EXB-2026-7K3M-9Q", at: AT, to_supplement: [], standing: null };
    await show("unknown", (commands) => ({
      desk: async () => ({ ...(await commands.desk()), queue: [] }),
      withdraw: async ({ draft }) => {
        const { queue } = await commands.desk();
        const view = await commands.open_call({ call: queue.find((row) => row.draft === draft)?.call ?? "" });
        return { ...view, cases: view.cases.map((each) => ({ ...each, status, on_its_way: null })) };
      },
    }));
    await userEvent.click(await screen.findByRole("button", { name: "Ta tillbaka" }));
    expect(await screen.findByTestId("case-number")).toHaveTextContent("EXB-2026-7K3M-9Q");
    expect(screen.queryByText(/utkast igen/)).toBeNull();
  });

  it("has a key and is in the palette only where it makes sense", async () => {
    const workspace = await show("queued");
    expect(command("withdraw")?.keys).toBeDefined();
    expect(command("withdraw")?.available(workspace)).toBe(true);
    await act(async () => command("withdraw")?.run(workspace));
    expect(command("withdraw")?.available(workspace)).toBe(false);
  });

  it("is the way out when the outcome is open, beside trying again", async () => {
    const status: CaseStatus = { state: "needs_action", reason: { code: "no_success", questions: [] }, reopenable: false };
    await show("queued", (commands) => changed(commands, { status, on_its_way: WAY }));
    expect(await screen.findByText(/försökt många gånger utan att få svar/)).toBeVisible();
    expect(screen.getByText(/Det är inte säkert om ärendet har kommit in/)).toBeVisible();
    expect(screen.getByRole("button", { name: "Ta tillbaka" })).toBeVisible();
    expect(screen.queryByRole("button", { name: "Öppna för ändring" })).toBeNull();
  });
});

describe("files on their way", () => {
  it("are shown as a bar with words, for the screen reader too", async () => {
    const way = { ...WAY, sent: 1_048_576, total: 4_194_304 };
    await show("queued", (commands) => changed(commands, { on_its_way: way }));
    const bar = await screen.findByRole("progressbar", { name: "Bifogade filer" });
    expect(bar).toHaveAttribute("value", "1048576");
    expect(bar).toHaveAttribute("max", "4194304");
    expect(screen.getByText("Filer: 1 MB av 4 MB framme")).toBeVisible();
  });

  it("a case that has waited for a day says so and what to do", async () => {
    await show("queued", (commands) => changed(commands, { on_its_way: { ...WAY, late: true } }));
    expect(await screen.findByText(/väntat i mer än ett dygn/)).toBeVisible();
  });
});
