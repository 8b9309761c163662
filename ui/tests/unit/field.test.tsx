import { act, cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Applied, Block, Commands, KindView, Op, QuestionView, Span } from "../../src/ipc";
import { fakeBackend } from "../../src/ipc/fake";
import { FormContext } from "../../src/form/context";
import { Field } from "../../src/form/Field";
import { focusField } from "../../src/parts/focus";
import { setLocale } from "../../src/messages/runtime.js";
import { WorkspaceProvider } from "../../src/store/context";
import { Form } from "../../src/store/form";
import { Workspace } from "../../src/store/workspace";
import { NO_FILE, answered, question as shown } from "./question";

const CHOICES = [
  { id: "a", label: "Första" },
  { id: "b", label: "Andra" },
];

function question(kind: KindView, changes: Partial<QuestionView> = {}): QuestionView {
  return shown("q", "Frågan", kind, changes);
}

function plain(text: string): Span {
  return { text, strong: false, stress: false };
}

function paragraph(text: string): Block {
  return { block: "paragraph", text: [plain(text)] };
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
    return { delta: { ...outline, changed: [current] }, saved_at: "2026-11-22T10:00:00Z", confirmed: false, ...NO_FILE };
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
  return { sent, form, workspace };
}

beforeEach(() => setLocale("sv", { reload: false }));

describe("a question", () => {
  it.each<KindView>([
    { kind: "text", max_length: null, covered: false },
    { kind: "text", max_length: null, covered: true },
    { kind: "note" },
    { kind: "text_area", max_length: null },
    { kind: "number", unit: null },
    { kind: "money" },
    { kind: "date" },
    { kind: "time" },
    { kind: "personal_identity_number" },
    { kind: "other_identity_number", domain: "LMA-nummer" },
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
    const { sent } = await draw(question({ kind: "confirm", statement: "Uppgifterna stämmer.", text: [] }));
    expect(screen.getByText("Uppgifterna stämmer.")).toBeVisible();
    await userEvent.click(screen.getByRole("checkbox"));
    await waitFor(() => expect(sent).toMatchObject([{ op: "set", answer: { type: "confirmed" } }]));
  });

  it("of files says its rules and takes a file away by its id", async () => {
    const file = { id: "f1", name: "ritning.pdf", size: 1_500_000, media_type: "application/pdf", sha256: "" };
    const { sent } = await draw(
      question(
        { kind: "files", max_count: 3, max_size: 5 * 1024 * 1024, max_total: 8 * 1024 * 1024, types: ["pdf", "png"] },
        { answer: { shown: "plain", answer: { type: "files", files: [file] } } },
      ),
    );
    expect(document.body).toHaveTextContent("5 MB");
    expect(document.body).toHaveTextContent("Tillsammans högst 8 MB.");
    expect(document.body).toHaveTextContent("pdf");
    await userEvent.click(screen.getByRole("button", { name: "Ta bort ritning.pdf" }));
    await waitFor(() => expect(sent).toMatchObject([{ op: "detach", question: "q", file: "f1" }]));
  });

  it("of a kind that this version does not know is kept for the case officer, with room for what the caller says", async () => {
    const { sent } = await draw(question({ kind: "unknown" }));
    expect(screen.getByText("Frågan")).toBeVisible();
    expect(screen.getByText("Fylls i av handläggaren")).toBeVisible();
    await userEvent.type(screen.getByRole("textbox", { name: "Frågan Anteckna vad den som ringer säger" }), "Vid porten");
    await waitFor(() => expect(sent.at(-1)).toMatchObject({ op: "set", answer: { type: "text", text: "Vid porten" } }));
    expect(screen.queryByText("(frivilligt)", { exact: false })).toBeNull();
    expect(screen.queryByRole("button", { name: /^Fråga senare/ })).toBeNull();
  });

  it("of note says that it is not read aloud, and nobody is asked for it", async () => {
    await draw(question({ kind: "note" }, { help: [paragraph("Till exempel en portkod.")] }));
    const field = screen.getByRole("textbox", { name: "Frågan" });
    expect(field).toHaveAccessibleDescription("Till exempel en portkod. Anteckning till handläggaren. Läses inte upp.");
    expect(screen.queryByRole("button", { name: /^Fråga senare/ })).toBeNull();
  });

  it("of another identity number says whose number it is, whatever the definition's help", async () => {
    const help = [paragraph("Står på kortet.")];
    await draw(question({ kind: "other_identity_number", domain: "LMA-nummer" }, { help }));
    expect(screen.getByRole("textbox")).toHaveAccessibleDescription(/Står på kortet.*LMA-nummer/);
  });

  it("of files says its rules beside the definition's help", async () => {
    const kind: KindView = { kind: "files", max_count: 3, max_size: 1_048_576, max_total: null, types: ["pdf"] };
    await draw(question(kind, { help: [paragraph("Till exempel ett intyg.")] }));
    expect(screen.getByText("Till exempel ett intyg.")).toBeVisible();
    expect(screen.getByText("Högst 3 filer, högst 1 MB per fil. Filtyper: PDF.")).toBeVisible();
  });

  it("to confirm shows in full what it is about", async () => {
    const text: Block[] = [paragraph("Nämnden är ansvarig."), { block: "list", ordered: false, items: [[plain("få rättat")]] }];
    await draw(question({ kind: "confirm", statement: "Jag har fått veta det.", text }));
    expect(screen.getByText("Nämnden är ansvarig.")).toBeVisible();
    expect(screen.getByRole("listitem")).toHaveTextContent("få rättat");
    expect(screen.getByRole("checkbox")).toHaveAccessibleDescription("Jag har fått veta det.");
  });

  it("that stops the case says so at once", async () => {
    await draw(question({ kind: "stop", text: [paragraph("Ring Trafikverket.")] }));
    expect(screen.getByRole("alert")).toHaveTextContent("Ring Trafikverket.");
    // Where the error summary and F7 lead.
    focusField("q");
    await waitFor(() => expect(screen.getByRole("alert")).toHaveFocus());
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
    await draw(question({ kind: "phone" }, { help: [paragraph("Riktnummer först.")], faults: [{ code: "phone_length" }] }));
    const field = screen.getByLabelText("Frågan", { exact: true });
    expect(field).toBeInvalid();
    expect(field).toHaveAccessibleDescription(expect.stringContaining("Riktnummer först."));
    expect(field).toHaveAccessibleDescription(expect.stringContaining("för få eller för många siffror"));
  });

  it("says which birth year ten digits are taken to mean, tied to the field", async () => {
    await draw(question({ kind: "personal_identity_number" }, { ...answered("8501012382"), inferred_year: 1985 }));
    expect(screen.getByRole("textbox", { name: "Frågan" })).toHaveAccessibleDescription(/Född 1985\?/);
    cleanup();
    await draw(question({ kind: "personal_identity_number" }, answered("850101-2382")));
    expect(screen.queryByText(/Född/)).not.toBeInTheDocument();
  });

  it("can be marked to be asked later", async () => {
    const { sent } = await draw(question({ kind: "money" }));
    await userEvent.click(screen.getByRole("button", { name: /^Fråga senare\s*:\s*Frågan$/ }));
    await waitFor(() => expect(sent).toMatchObject([{ op: "later", question: "q", on: true }]));
  });

  it("says in ask view which answer it follows from, and otherwise not", async () => {
    const { workspace } = await draw(question({ kind: "money" }, { asked_because: "Boendeform" }));
    expect(screen.getByText("Boendeform").parentElement).toHaveTextContent("Frågas på grund av: Boendeform");
    act(() => workspace.askView.set(false));
    expect(screen.queryByText("Boendeform")).toBeNull();
  });

  it.each<[QuestionView["role"], string]>([
    ["applicant", "Sökande"],
    ["co_applicant", "Medsökande"],
    ["guardian", "Vårdnadshavare"],
    ["child", "Barn"],
    [{ proxy: { basis: "grund" } }, "Ombud"],
    ["company_representative", "Firmatecknare"],
    ["organisation", "Organisation"],
    ["signing_party", "Undertecknare"],
  ])("about %o says whom in its name", async (role, words) => {
    await draw(question({ kind: "phone" }, { role }));
    expect(screen.getByRole("textbox", { name: `Frågan ${words}` })).toBeVisible();
  });

  it("does not say twice whom it is about", async () => {
    await draw(question({ kind: "phone" }, { role: "child", label: "Barnets telefon" }));
    expect(screen.getByRole("textbox", { name: "Barnets telefon" })).toBeVisible();
    expect(screen.queryByText("Barn")).toBeNull();
  });

  it("folds help that is long, and none that is short", async () => {
    const long = [paragraph("Det viktigaste."), paragraph("Mer om det. ".repeat(30))];
    await draw(question({ kind: "money" }, { help: long }));
    expect(screen.getByRole("textbox")).toHaveAccessibleDescription("Det viktigaste.");
    await userEvent.click(screen.getByText("Mer om frågan", { exact: false }));
    expect(screen.getByText(/^Mer om det\./)).toBeVisible();
    cleanup();
    await draw(question({ kind: "money" }, { help: [paragraph("Kort."), paragraph("Också kort.")] }));
    expect(screen.queryByText("Mer om frågan", { exact: false })).toBeNull();
    expect(screen.getByRole("textbox")).toHaveAccessibleDescription(/Kort\..*Också kort\./);
  });
});

describe("covered text", () => {
  const covered: KindView = { kind: "text", max_length: null, covered: true };
  const field = () => screen.getByLabelText("Frågan", { exact: true });

  it("is no password field, which the webview would offer to keep, and nothing can be copied out of it", async () => {
    await draw(question(covered, answered("4711")));
    expect(field()).toHaveAttribute("type", "text");
    expect(field()).toHaveAttribute("autocomplete", "off");
    expect(field()).toHaveClass("covered");
    expect(fireEvent.copy(field())).toBe(false);
  });

  it("is shown and covered again by a button that says which", async () => {
    await draw(question(covered, answered("4711")));
    await userEvent.click(screen.getByRole("button", { name: /^Visa\s*:\s*Frågan$/ }));
    expect(field()).not.toHaveClass("covered");
    expect(fireEvent.copy(field())).toBe(true);
    await userEvent.click(screen.getByRole("button", { name: /^Dölj\s*:\s*Frågan$/ }));
    expect(field()).toHaveClass("covered");
  });

  it("is covered again when it is left, and when the window is", async () => {
    await draw(question(covered, answered("4711")));
    const show = () => userEvent.click(screen.getByRole("button", { name: /^Visa/ }));
    await userEvent.click(field());
    await show();
    expect(field()).not.toHaveClass("covered");
    await userEvent.tab();
    await userEvent.tab();
    expect(field()).toHaveClass("covered");
    await show();
    fireEvent.blur(window);
    expect(field()).toHaveClass("covered");
  });
});

describe("rich text", () => {
  const text: Block[] = [
    { block: "heading", text: [plain("Så går det till")] },
    { block: "paragraph", text: [plain("Ha "), { text: "alltid", strong: true, stress: false }, plain(" "), { text: "ditt", strong: false, stress: true }, plain(" beslut.")] },
    { block: "list", ordered: true, items: [[plain("ring")], [{ text: "vänta", strong: true, stress: true }]] },
    paragraph("<img src=x onerror=alert(1)> <b>fet</b> & ![x](y)"),
  ];

  it("is drawn as paragraphs, bold lines, lists and stress, in Swedish", async () => {
    await draw(question({ kind: "information", text }));
    expect(screen.getByText("Så går det till")).toBeVisible();
    expect(screen.queryByRole("heading")).toBeNull();
    expect(document.querySelector("strong")).toHaveTextContent("alltid");
    expect(document.querySelector("em")).toHaveTextContent("ditt");
    expect(within(screen.getByRole("list")).getAllByRole("listitem").map(({ textContent }) => textContent)).toEqual(["ring", "vänta"]);
    expect(document.querySelector("ol li strong em")).toHaveTextContent("vänta");
    expect(document.querySelector(".rich")).toHaveAttribute("lang", "sv");
  });

  it("is never read as HTML", async () => {
    await draw(question({ kind: "information", text }));
    expect(screen.getByText("<img src=x onerror=alert(1)> <b>fet</b> & ![x](y)")).toBeVisible();
    expect(document.querySelector("img, b, script")).toBeNull();
  });
});
