// Groups: one question of several fields, rows, and rows as lines of a table.
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { Applied, Commands, KindView, Op, QuestionView } from "../../src/ipc";
import { fakeBackend } from "../../src/ipc/fake";
import { FormContext } from "../../src/form/context";
import { Field } from "../../src/form/Field";
import { setLocale } from "../../src/messages/runtime.js";
import { WorkspaceProvider } from "../../src/store/context";
import { Form } from "../../src/store/form";
import { Workspace } from "../../src/store/workspace";
import { NO_FILE, TEXT, answered, question } from "./question";

type Group = Extract<KindView, { kind: "group" }>;

const GROUP: Group = { kind: "group", row_label: "Person", layout: "rows", single: false, can_add: true, can_remove: true };

/** Rows of a name and a birth date; the changes are to the second row's date. */
function household(kind: Partial<Group>, changes: Partial<QuestionView> = {}, group: Partial<QuestionView> = {}): QuestionView {
  const row = (id: string, more: Partial<QuestionView>) => ({
    id,
    questions: [
      question(`q/${id}/namn`, "Namn", TEXT, answered(id)),
      question(`q/${id}/fodd`, "Född", { kind: "date" }, more),
    ],
  });
  return question("q", "Hushållet", { ...GROUP, ...kind }, { rows: [row("a", answered("1990-01-01")), row("b", changes)], ...group });
}

async function draw(asked: QuestionView, scene = "empty") {
  const sent: Op[] = [];
  const steps = [{ id: "one", title: "Ett", remaining: 0, faults: 0, visited: false, later: 0 }];
  const outline = { rev: 1, position: "one", steps, remaining: [], sendable: true, complete: true };
  const apply = async ({ ops }: { ops: Op[] }): Promise<Applied> => {
    sent.push(...ops);
    return { delta: { ...outline, changed: [asked] }, saved_at: "2026-11-22T10:00:00Z", confirmed: false, ...NO_FILE };
  };
  const workspace = await Workspace.open(fakeBackend(`?scene=${scene}`));
  const saved = { at: "2026-11-22T10:00:00Z", confirmed: false };
  const form = new Form("draft", { apply } as unknown as Commands, { ...outline, questions: [asked] }, saved);
  render(
    <WorkspaceProvider value={workspace}>
      <FormContext value={{ form }}>
        <Field path="q" />
      </FormContext>
    </WorkspaceProvider>,
  );
  return { sent };
}

beforeEach(() => setLocale("sv", { reload: false }));

describe("a group that is one question", () => {
  const contact = (changes: Partial<QuestionView> = {}, kind: Partial<Group> = {}): QuestionView => {
    const rows = [{ id: "r1", questions: [question("q/r1/namn", "Namn", TEXT), question("q/r1/mobil", "Mobil", { kind: "phone" })] }];
    return question("q", "Kontaktuppgifter", { ...GROUP, single: true, can_add: false, ...kind }, { rows, ...changes });
  };

  it("is a fieldset without row numbers and without a way to take it away", async () => {
    await draw(contact());
    const group = screen.getByRole("group", { name: "Kontaktuppgifter" });
    expect(within(group).getAllByRole("textbox")).toHaveLength(2);
    expect(within(group).getByRole("textbox", { name: "Mobil" })).toBeVisible();
    expect(group).not.toHaveTextContent(/1|Person/);
    expect(screen.queryByRole("button", { name: /ta bort|lägg till/i })).toBeNull();
  });

  it("says whom it is about and whether it is optional", async () => {
    await draw(contact({ role: "co_applicant", state: "visible" }));
    expect(screen.getByRole("group", { name: "Kontaktuppgifter (frivilligt) Medsökande" })).toBeVisible();
  });

  it("can be begun when it is empty", async () => {
    const { sent } = await draw(contact({ rows: [] }, { can_add: true }));
    await userEvent.click(screen.getByRole("button", { name: "Lägg till person" }));
    await waitFor(() => expect(sent).toMatchObject([{ op: "add_row", question: "q" }]));
  });

  it("says what is wrong with the whole of it", async () => {
    const faults = [{ code: "rows_none" }];
    await draw(contact({ faults }));
    expect(screen.getByRole("group", { name: "Kontaktuppgifter" })).toHaveAccessibleDescription(
      "Lägg till minst en och fyll i den.",
    );
  });
});

describe("a group of rows", () => {
  it("numbers them, and takes the right one away", async () => {
    const { sent } = await draw(household({}));
    expect(screen.getByRole("region", { name: "Person 2" })).toBeVisible();
    expect(screen.queryByRole("table")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Ta bort person 2" }));
    await waitFor(() => expect(sent).toMatchObject([{ op: "remove_row", question: "q", row: "b" }]));
  });
});

describe("a group in a table", () => {
  const table = { layout: "table" } as const;

  it("has a header for each column and a line for each row", async () => {
    await draw(household(table));
    const drawn = screen.getByRole("table", { name: "Hushållet" });
    expect(within(drawn).getAllByRole("columnheader").map(({ textContent }) => textContent)).toEqual([
      "Person",
      "Namn",
      "Född",
      "Det som kan göras med raden",
    ]);
    expect(within(drawn).getAllByRole("rowheader").map(({ textContent }) => textContent)).toEqual(["Person 1", "Person 2"]);
    const [, , second] = within(drawn).getAllByRole("row");
    if (!second) throw new Error("no second row");
    expect(within(second).getByRole("textbox", { name: "Namn (Person 2)" })).toHaveValue("b");
    expect(within(second).getByRole("button", { name: "Ta bort person 2" })).toBeVisible();
  });

  it("is drawn as rows when it has none, or a field that does not fit on a line", async () => {
    const long = question("q/a/om", "Om", { kind: "text_area", max_length: null });
    await draw(question("q", "Hushållet", { ...GROUP, ...table }, { rows: [{ id: "a", questions: [long] }] }));
    expect(screen.queryByRole("table")).toBeNull();
    expect(screen.getByRole("region", { name: "Person 1" })).toBeVisible();
  });

  it("is drawn as rows where answers are masked, whether answered or not", async () => {
    await draw(household(table, { sensitivity: "protected" }), "protected");
    expect(screen.queryByRole("table")).toBeNull();
  });

  it("sends what is typed in a cell to that row", async () => {
    const { sent } = await draw(household(table));
    await userEvent.type(screen.getByRole("textbox", { name: "Född (Person 2)" }), "1991");
    await waitFor(() => expect(sent.at(-1)).toMatchObject({ question: "q/b/fodd", answer: { text: "1991" } }));
  });

  it("says a cell's fault beside it, and how the column is written once", async () => {
    await draw(household(table, { faults: [{ code: "required" }] }));
    const cell = screen.getByRole("textbox", { name: "Född (Person 2)" });
    expect(cell).toBeInvalid();
    expect(cell).toHaveAccessibleDescription("Till exempel 2026-11-22 eller 22/11 2026 Svar saknas.");
    expect(screen.getAllByText(/Till exempel/)).toHaveLength(1);
  });

  it("has a dash where another answer in the row hides the question, and no column that nobody is asked", async () => {
    await draw(household(table, { state: "hidden" }));
    expect(screen.queryByRole("textbox", { name: "Född (Person 2)" })).toBeNull();
    expect(screen.getByText("Frågas inte")).toBeInTheDocument();
  });

  it("marks what is open in a row to be asked later, and takes the marks away", async () => {
    const { sent } = await draw(household(table));
    expect(screen.queryByRole("button", { name: /^Fråga senare\s*:\s*Person 1$/ })).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: /^Fråga senare\s*:\s*Person 2$/ }));
    await waitFor(() => expect(sent).toMatchObject([{ op: "later", question: "q/b/fodd", on: true }]));
  });

  it("says which cell is marked, and each mark can be taken away", async () => {
    const { sent } = await draw(household(table, { later: true }));
    await userEvent.click(screen.getByRole("button", { name: /^Frågas senare\s*:\s*Person 2$/ }));
    await waitFor(() => expect(sent).toMatchObject([{ op: "later", question: "q/b/fodd", on: false }]));
  });

  it("says what is wrong with the whole of it", async () => {
    await draw(household(table, {}, { faults: [{ code: "row_twice" }] }));
    expect(screen.getByText("Samma uppgift står på två ställen. Ta bort den ena.")).toBeVisible();
  });
});
