import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CaseView } from "../../src/ipc";
import { fakeBackend } from "../../src/ipc/fake";
import { SetAside } from "../../src/form/SetAside";
import { setLocale } from "../../src/messages/runtime.js";
import { WorkspaceProvider } from "../../src/store/context";
import { Workspace } from "../../src/store/workspace";

beforeEach(() => setLocale("sv", { reload: false }));

/** The resumed call's case, with what a newer version means for it; `take` is the worker's choice to follow it. */
async function draw(changes: Partial<CaseView>) {
  const backend = fakeBackend("?scene=form");
  const { open_call, take_newer_version } = backend.commands;
  const take = vi.fn(take_newer_version);
  const workspace = await Workspace.open({
    ...backend,
    commands: {
      ...backend.commands,
      take_newer_version: take,
      open_call: async (args) => {
        const call = await open_call(args);
        return { ...call, cases: call.cases.map((each): CaseView => ({ ...each, ...changes })) };
      },
    },
  });
  const [shown] = workspace.call.value?.cases.value ?? [];
  if (!shown) throw new Error("no case is on screen");
  render(
    <WorkspaceProvider value={workspace}>
      <SetAside shown={shown} />
    </WorkspaceProvider>,
  );
  return { take };
}

describe("a newer version of the e-service", () => {
  it("is taken only after the worker has seen what it would change", async () => {
    const { take } = await draw({ newer_version: true });
    expect(screen.queryByRole("button", { name: "Byt till den nya versionen" })).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Se vad som ändras" }));
    expect(await screen.findByText("Svar som står kvar: 4")).toBeVisible();
    expect(screen.getByText("Skola eller förskola")).toBeVisible();
    expect(take).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("button", { name: "Byt till den nya versionen" }));
    expect(take).toHaveBeenCalledOnce();
  });

  it("may be left alone", async () => {
    const { take } = await draw({ newer_version: true });
    await userEvent.click(screen.getByRole("button", { name: "Se vad som ändras" }));
    await userEvent.click(await screen.findByRole("button", { name: "Stanna på den här versionen" }));
    expect(screen.getByRole("button", { name: "Se vad som ändras" })).toBeVisible();
    expect(take).not.toHaveBeenCalled();
  });

  it("leaves the answers that it does not ask for to be read", async () => {
    await draw({ set_aside: [["Andrahandsval", "Exempelskolan"]] });
    expect(screen.getByText("Andrahandsval")).toBeVisible();
    expect(screen.getByText("Exempelskolan")).toBeVisible();
  });
});
