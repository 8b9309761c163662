import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";

import { AskCase } from "../../src/call/AskCase";
import type { CaseAnswer } from "../../src/ipc";
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

async function ask(typed: string, options: { address?: string; answer?: CaseAnswer } = {}) {
  const backend = fakeBackend(options.address ?? "?scene=form");
  const { answer } = options;
  if (answer) backend.commands.ask_case = async () => answer;
  const workspace = await Workspace.open(backend);
  render(
    <WorkspaceProvider value={workspace}>
      <AskCase call={null} />
    </WorkspaceProvider>,
  );
  const user = userEvent.setup();
  await user.type(screen.getByLabelText("Ärendenummer"), `${typed}{Enter}`);
  return user;
}

describe("asking how a case stands", () => {
  it("answers with a sentence to say, and the case officer's words", async () => {
    await ask("exb 2026 2w8d 4h");
    expect(await screen.findByTestId("stage")).toHaveTextContent("Komplettering begärd");
    expect(screen.getByTestId("say")).toHaveTextContent("Ditt ärende EXB-2026-2W8D-4H behöver kompletteras.");
    expect(screen.getByTestId("standing-message")).toHaveTextContent("Skicka in en bild på platsen");
  });

  it("says one thing of whatever may not be seen", async () => {
    await ask("EXB-2026-7777-77");
    expect(await screen.findByText("Det finns inget ärende med det numret som du kan se.")).toBeVisible();
    expect(screen.queryByTestId("stage")).toBeNull();
  });

  it("asks nobody about what is no case number, and says what to ask the caller", async () => {
    await ask("EXB-2026-7K3");
    expect((await screen.findAllByText(/inget helt ärendenummer/))[0]).toBeVisible();
    expect(screen.getByLabelText("Ärendenummer")).toBeInvalid();
  });

  it("says without contact what was known last, and not how it stands now", async () => {
    await ask("EXB-2026-2W8D-4H", { address: "?scene=form&link=unreachable" });
    const answer = within(screen.getByRole("status"));
    expect(await answer.findByText(/hur ärendet står just nu går inte att säga/)).toBeVisible();
    expect(answer.getByText(/Senast den här datorn fick veta något.*Komplettering begärd/)).toBeVisible();
    expect(answer.getByText(/Kommunens server går inte att nå/)).toBeVisible();
    expect(screen.queryByText(/Ditt ärende/)).toBeNull();
  });

  it("warns before anything is said of a case with a secrecy marking", async () => {
    const at = "2026-11-22T13:05:00Z";
    const found: CaseAnswer = {
      answer: "found",
      case: { case_number: "EXB-2026-7K3F-9Q", service: null, received_at: at, stage: "in_progress", at, message: null, secrecy_marking: true },
    };
    await ask("EXB-2026-7K3F-9Q", { answer: found });
    const warning = await screen.findByText(/sekretessmarkering/);
    expect(warning.compareDocumentPosition(screen.getByTestId("say")) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  });
});
