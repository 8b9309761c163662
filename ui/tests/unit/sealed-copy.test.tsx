import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { beforeEach, describe, expect, it } from "vitest";

import { Health } from "../../src/app/Health";
import type { Commands, CopyView } from "../../src/ipc";
import { fakeBackend } from "../../src/ipc/fake";
import { setLocale } from "../../src/messages/runtime.js";
import { WorkspaceProvider } from "../../src/store/context";
import { Workspace } from "../../src/store/workspace";

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

const KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

async function health(recipient: string | null, save_copy: Commands["save_copy"]) {
  const backend = fakeBackend("?scene=form");
  const commands: Commands = {
    ...backend.commands,
    health: async () => {
      const health = await backend.commands.health();
      return { ...health, policy: { ...health.policy, recovery_recipient: recipient } };
    },
    save_copy,
  };
  const workspace = await Workspace.open({ ...backend, commands });
  render(
    <WorkspaceProvider value={workspace}>
      <Health />
    </WorkspaceProvider>,
  );
  return screen.findByRole("button", { name: "Spara en förseglad kopia" });
}

const copied = (drafts: number) => async (): Promise<CopyView | null> => ({ calls: 1, drafts });

describe("a sealed copy", () => {
  it("says who can open it, and how much is in it once it is saved", async () => {
    const button = await health(KEY, copied(3));
    expect(button).toHaveAttribute("aria-disabled", "false");
    expect(button).toHaveAccessibleDescription(/Bara den som har kommunens återställningsnyckel.*age1ql3z7hjy…mcac8p/);
    await userEvent.click(button);
    expect(await screen.findByText("Kopian är sparad, med 3 ärenden.")).toBeVisible();
  });

  it("cannot be made, and says why, when nobody may open it", async () => {
    let asked = 0;
    const button = await health(null, async () => {
      asked += 1;
      return null;
    });
    expect(button).toHaveAttribute("aria-disabled", "true");
    expect(button).toHaveAccessibleDescription(/kommunen har inte bestämt vem som får öppna den/);
    await userEvent.click(button);
    expect(asked).toBe(0);
  });

  it("is made once at a time", async () => {
    let asked = 0;
    let finish: (copy: CopyView) => void = () => undefined;
    const button = await health(KEY, () => {
      asked += 1;
      return new Promise((resolve) => (finish = resolve));
    });
    await userEvent.click(button);
    expect(screen.getByText("Kopian sparas. Du kan arbeta under tiden.")).toBeVisible();
    await userEvent.click(button);
    expect(asked).toBe(1);
    finish({ calls: 1, drafts: 1 });
    expect(await screen.findByText("Kopian är sparad, med 1 ärende.")).toBeVisible();
  });

  it("says what went wrong, and nothing when the worker changed their mind", async () => {
    const button = await health(KEY, async () => Promise.reject({ code: "copy_disk_full", message: "", retryable: false }));
    await userEvent.click(button);
    expect(await screen.findByRole("alert")).toHaveTextContent("Ingen kopia är gjord: disken är full");
    expect(screen.queryByText(/Kopian är sparad/)).toBeNull();
  });

  it("leaves no word behind when no place is chosen", async () => {
    await userEvent.click(await health(KEY, async () => null));
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.queryByText(/Kopian s/)).toBeNull();
  });

  it.each([KEY, null])("can be reached by everybody (%s)", async (recipient) => {
    await health(recipient, copied(1));
    const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
});
