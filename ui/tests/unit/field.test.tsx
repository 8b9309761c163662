import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Applied, Commands, KindView, Op, QuestionView } from "../../src/ipc";
import { fakeBackend } from "../../src/ipc/fake";
import { FormContext } from "../../src/form/context";
import { Field } from "../../src/form/Field";
import { setLocale } from "../../src/messages/runtime.js";
import { WorkspaceProvider } from "../../src/store/context";
import { Form } from "../../src/store/form";
import { Workspace } from "../../src/store/workspace";

const CHOICES = [
  { id: "a", label: "Första" },
  { id: "b", label: "Andra" },
];

function question(kind: KindView, changes: Partial<QuestionView> = {}): QuestionView {
  return {
    path: "q",
    step: "one",
    label: "Frågan",
    help: null,
    ask: null,
    state: "visible_required",
    sensitivity: "ordinary",
    via_forwarding: false,
    kind,
    answer: { shown: "none" },
    faults: [],
    later: false,
    rows: [],
    ...changes,
  };
}

/** Draws one question, and notes what is sent to the core. */
async function draw(asked: QuestionView) {
  const sent: Op[] = [];
  const steps = [{ id: "one", title: "Ett", remaining: 0, faults: 0, visited: false, later: 0 }];
  const outline = { rev: 1, position: "one", steps, remaining: [], sendable: true, complete: true };
  let current = asked;
  const apply = vi.fn(async ({ ops }: { ops: Op[] }): Promise<Applied> => {
    sent.push(...ops);
    for (const op of ops) {
      if (op.op === "set") current = { ...current, answer: { shown: "plain", answer: op.answer } };
    }
    return { delta: { ...outline, changed: [current] }, saved_at: "2026-11-22T10:00:00Z", confirmed: false };
  });
  const workspace = await Workspace.open(fakeBackend("?scene=empty"));
  const form = new Form("draft", { apply } as unknown as Commands, { ...outline, questions: [asked] }, {
    at: "2026-11-22T10:00:00Z",
    confirmed: false,
  });
  render(
    <WorkspaceProvider value={workspace}>
      <FormContext value={{ form }}>
        <Field path="q" />
      </FormContext>
    </WorkspaceProvider>,
  );
  return { sent, form };
}

beforeEach(() => setLocale("sv", { reload: false }));

describe("a question", () => {
  it.each<KindView>([
    { kind: "text", max_length: null },
    { kind: "text_area", max_length: null },
    { kind: "number", unit: null },
    { kind: "money" },
    { kind: "date" },
    { kind: "time" },
    { kind: "personal_identity_number" },
    { kind: "organisation_number" },
    { kind: "phone" },
    { kind: "email" },
    { kind: "postcode" },
    { kind: "address" },
  ])("of $kind is a text field with its label, sent as typed", async (kind) => {
    const { sent } = await draw(question(kind));
    const field = screen.getByLabelText("Frågan", { exact: true });
    await userEvent.type(field, "12 å");
    await userEvent.tab();
    await waitFor(() => expect(sent.map(({ op }) => op)).toContain("leave"));
    expect(sent.findLast(({ op }) => op === "set")).toMatchObject({
      question: "q",
      answer: { type: "text", text: "12 å" },
    });
  });

  it("of radio is a group of that name, answered with the choice's id", async () => {
    const { sent } = await draw(question({ kind: "radio", choices: CHOICES, other: null }));
    const group = screen.getByRole("radiogroup", { name: "Frågan" });
    await userEvent.click(within(group).getByLabelText("Andra"));
    await waitFor(() => expect(sent).toMatchObject([{ op: "set", answer: { type: "choice", choices: ["b"] } }]));
  });

  it("of checkbox keeps the definition's order whatever the order of ticking", async () => {
    const { sent } = await draw(question({ kind: "checkbox", choices: CHOICES, other: null }));
    const group = screen.getByRole("group", { name: "Frågan" });
    await userEvent.click(within(group).getByLabelText("Andra"));
    await userEvent.click(within(group).getByLabelText("Första"));
    await waitFor(() => expect(sent.at(-1)).toMatchObject({ answer: { choices: ["a", "b"] } }));
  });

  it("with a free alternative asks what it is", async () => {
    const { sent } = await draw(question({ kind: "radio", choices: CHOICES, other: "Något annat" }));
    await userEvent.click(screen.getByLabelText("Något annat"));
    await userEvent.type(screen.getByRole("textbox"), "Gård");
    await waitFor(() =>
      expect(sent.at(-1)).toMatchObject({ answer: { type: "choice", choices: ["other"], other: "Gård" } }),
    );
  });

  it("to confirm shows what is read out, and is answered by a tick", async () => {
    const { sent } = await draw(question({ kind: "confirm", statement: "Uppgifterna stämmer." }));
    expect(screen.getByText("Uppgifterna stämmer.")).toBeVisible();
    await userEvent.click(screen.getByRole("checkbox"));
    await waitFor(() => expect(sent).toMatchObject([{ op: "set", answer: { type: "confirmed" } }]));
  });

  it("of files says its rules and takes a file away by its id", async () => {
    const file = { id: "f1", name: "ritning.pdf", size: 1_500_000, media_type: "application/pdf", sha256: "" };
    const { sent } = await draw(
      question(
        { kind: "files", max_count: 3, max_size: 5 * 1024 * 1024, types: ["pdf", "png"] },
        { answer: { shown: "plain", answer: { type: "files", files: [file] } } },
      ),
    );
    expect(document.body).toHaveTextContent("5 MB");
    expect(document.body).toHaveTextContent("pdf");
    await userEvent.click(screen.getByRole("button", { name: "Ta bort ritning.pdf" }));
    await waitFor(() => expect(sent).toMatchObject([{ op: "detach", question: "q", file: "f1" }]));
  });

  it("of a kind that this version does not know is kept for the case officer", async () => {
    await draw(question({ kind: "unknown" }));
    expect(screen.getByText("Frågan")).toBeVisible();
    expect(screen.getByText("Fylls i av handläggaren")).toBeVisible();
  });

  it("that stops the case says so at once", async () => {
    await draw(question({ kind: "stop", text: "Ring Trafikverket." }));
    expect(screen.getByRole("alert")).toHaveTextContent("Ring Trafikverket.");
  });

  it("that is hidden is not drawn", async () => {
    await draw(question({ kind: "money" }, { state: "hidden" }));
    expect(screen.queryByText("Frågan")).toBeNull();
  });

  it("that is optional says so, and a required one says nothing", async () => {
    await draw(question({ kind: "money" }, { state: "visible" }));
    expect(screen.getByText("(frivilligt)", { exact: false })).toBeVisible();
  });

  it("that goes by forwarding has no field at all", async () => {
    await draw(question({ kind: "address" }, { via_forwarding: true }));
    expect(screen.queryByRole("textbox")).toBeNull();
    expect(screen.getByText("Via Skatteverkets förmedling", { exact: false })).toBeVisible();
  });

  it("ties its fault and its help to the field", async () => {
    await draw(question({ kind: "phone" }, { help: "Riktnummer först.", faults: [{ code: "phone_length" }] }));
    const field = screen.getByLabelText("Frågan", { exact: true });
    expect(field).toBeInvalid();
    expect(field).toHaveAccessibleDescription(expect.stringContaining("Riktnummer först."));
    expect(field).toHaveAccessibleDescription(expect.stringContaining("för få eller för många siffror"));
  });

  it("can be marked to be asked later", async () => {
    const { sent } = await draw(question({ kind: "money" }));
    await userEvent.click(screen.getByRole("button", { name: /^Fråga senare\s*:\s*Frågan$/ }));
    await waitFor(() => expect(sent).toMatchObject([{ op: "later", question: "q", on: true }]));
  });
});
