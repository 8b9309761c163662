// The forms crate's own golden files: what Rust computes is what is drawn, no more and no less.
import { render, screen, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import type { Applied, Block, CaseView, Commands, Delta, FormView, Op, QuestionView } from "../../src/ipc";
import { fakeBackend } from "../../src/ipc/fake";
import { FormScreen } from "../../src/form/FormScreen";
import { setLocale } from "../../src/messages/runtime.js";
import { plainWords } from "../../src/parts/RichText";
import { WorkspaceProvider } from "../../src/store/context";
import { Form } from "../../src/store/form";
import { Workspace } from "../../src/store/workspace";
import { faultWords } from "../../src/words/codes";
import { roleWords } from "../../src/words/roles";
import { NO_FILE } from "./question";

type Golden = { about: string; operations: Op[]; before: FormView; deltas: Delta[]; view: FormView };

const goldens = Object.entries(
  import.meta.glob<Golden>("../../../crates/forms/tests/golden/*.json", { eager: true, import: "default" }),
);

/** Every step of every golden, as the worker sees it who goes there. */
const steps = goldens.flatMap(([name, { view }]) =>
  view.steps.map(({ id }): [string, FormView] => [`${name}, step ${id}`, { ...view, position: id }]),
);

beforeEach(() => setLocale("sv", { reload: false }));

/** The form of the resumed call, with another view in it. */
async function draw(view: FormView): Promise<HTMLElement> {
  const backend = fakeBackend("?scene=form");
  const { open_call } = backend.commands;
  const workspace = await Workspace.open({
    ...backend,
    commands: {
      ...backend.commands,
      open_call: async (args) => {
        const call = await open_call(args);
        return { ...call, cases: call.cases.map((each): CaseView => ({ ...each, form: view })) };
      },
    },
  });
  const call = workspace.call.value;
  const [shown] = call?.cases.value ?? [];
  const form = shown && call?.form(shown.draft);
  if (!shown || !form) throw new Error("no form is on screen");
  const { container } = render(
    <WorkspaceProvider value={workspace}>
      <FormScreen shown={shown} form={form} />
    </WorkspaceProvider>,
  );
  return container;
}

function all(questions: QuestionView[]): QuestionView[] {
  return questions.flatMap((question) => [question, ...question.rows.flatMap((row) => all(row.questions))]);
}

/** What is drawn says every line of the text, each in an element of its own. */
function says(drawn: HTMLElement, text: Block[]): void {
  const lines = [...drawn.querySelectorAll(".rich :is(p, li)")].map(({ textContent }) => textContent);
  for (const line of plainWords(text).split("\n").filter(Boolean)) expect(lines).toContain(line);
}

/** How a question that asks nothing, or something special, is drawn. */
function drawnAs(drawn: HTMLElement, question: QuestionView): void {
  const { kind } = question;
  switch (kind.kind) {
    case "confirm":
      expect(within(drawn).getByText(kind.statement)).toBeVisible();
      return says(drawn, kind.text);
    case "unknown":
      expect(within(drawn).getByText("Fylls i av handläggaren")).toBeVisible();
      expect(within(drawn).getByRole("textbox")).toBeVisible();
      return;
    case "note":
      expect(within(drawn).getByText(/Läses inte upp/)).toBeVisible();
      return;
    case "other_identity_number":
      expect(within(drawn).getByText(`${kind.domain}. Skriv numret som det sägs.`)).toBeVisible();
      return;
    case "text":
      expect(drawn.querySelector(".covered") !== null, question.path).toBe(kind.covered && question.answer.shown === "plain");
      return;
    case "group":
      return drawnGroup(drawn, question, kind.layout === "table" && !kind.single, kind.single);
    default:
  }
}

function drawnGroup(drawn: HTMLElement, { rows, path }: QuestionView, inTable: boolean, single: boolean): void {
  const tables = drawn.querySelectorAll("table");
  expect(tables.length, path).toBe(inTable ? 1 : 0);
  expect(drawn.querySelectorAll(inTable ? "tbody tr" : ".group-row").length, path).toBe(rows.length);
  const numbered = drawn.querySelectorAll("tbody th, .group-row > header").length;
  expect(numbered, path).toBe(single ? 0 : rows.length);
}

describe("golden views", () => {
  it("are there, with every kind of question", () => {
    const seen = new Set(goldens.flatMap(([, { view }]) => all(view.questions)).map(({ kind }) => kind.kind));
    expect([...seen].sort()).toEqual(
      [
        ...["address", "checkbox", "confirm", "date", "drop_down", "email", "files", "group", "information", "money"],
        ...["note", "number", "organisation_number", "other_identity_number", "personal_identity_number", "phone"],
        ...["postcode", "radio", "stop", "text", "text_area", "time", "unknown"],
      ].sort(),
    );
  });

  it.each(steps)("%s is drawn as it says", async (_, view) => {
    const container = await draw(view);
    const field = (path: string) => container.querySelector<HTMLElement>(`[data-field="${path}"]`);
    const onStep = all(view.questions).filter(({ step }) => step === view.position);
    expect(onStep.length).toBeGreaterThan(0);
    for (const question of onStep) {
      const { kind } = question;
      const drawn = field(question.path);
      if (question.state === "hidden") {
        expect(drawn, question.path).toBeNull();
        continue;
      }
      if (kind.kind === "information" || kind.kind === "stop") {
        says(container, kind.text);
        continue;
      }
      if (drawn === null) throw new Error(`${question.path} is not drawn`);
      const named = within(drawn).getAllByText(question.label, { exact: false })[0];
      expect(named).toBeVisible();
      if (!question.via_forwarding) {
        if (question.answer.shown !== "masked") drawnAs(drawn, question);
        says(drawn, question.help);
      }
      if (question.asked_because) expect(within(drawn).getAllByText(question.asked_because)[0]).toBeVisible();
      if (question.role) expect(named?.closest("legend, label, p")?.textContent?.toLowerCase()).toContain(roleWords(question.role).toLowerCase());
      const [first] = question.faults;
      if (first) expect(within(drawn).getByText(faultWords(first))).toBeVisible();
      if (question.answer.shown === "plain" && question.answer.answer.type === "text") {
        expect(drawn.querySelector("input, textarea")).toHaveValue(question.answer.answer.text);
      }
    }
    for (const question of all(view.questions).filter(({ step }) => step !== view.position)) {
      expect(field(question.path), question.path).toBeNull();
    }
  });

  it.each(goldens)("%s has a mark on every step that is not done", async (_, { view }) => {
    await draw(view);
    for (const step of view.steps) {
      const shown = screen.getAllByRole("button").find((button) => button.textContent?.includes(step.title));
      expect(shown, step.title).toBeDefined();
      if (step.faults > 0) expect(shown).toHaveTextContent(`${step.faults} fel`);
      else if (step.remaining > 0) expect(shown).toHaveTextContent(`${step.remaining} kvar`);
    }
  });
});

describe("golden deltas", () => {
  const SAVED = { at: "2026-11-22T10:00:00Z", confirmed: false };

  /** A form as it stands before any operation, whose core answers with the deltas in turn. */
  async function fed({ before, operations }: Golden, deltas: Delta[]): Promise<Form> {
    const waiting = [...deltas];
    const apply = async (): Promise<Applied> => {
      const delta = waiting.shift();
      if (!delta) throw new Error("more was sent than there are operations");
      return { delta, saved_at: SAVED.at, confirmed: SAVED.confirmed, ...NO_FILE };
    };
    const form = new Form("draft", { apply } as unknown as Commands, before, SAVED);
    for (const operation of operations) {
      form.saver.now(operation);
      await form.saver.flush();
    }
    return form;
  }

  /** Everything that the form draws. */
  function drawn(form: Form, view: FormView) {
    const questions = all(view.questions).map(({ path }) => form.field(path)?.value);
    return { outline: form.outline.value, questions };
  }

  it.each(goldens)("%s end in the same form as the view", async (_, golden) => {
    expect(golden.deltas).toHaveLength(golden.operations.length);
    const { view } = golden;
    const whole = new Form("draft", {} as Commands, view, SAVED);
    expect(drawn(await fed(golden, golden.deltas), view)).toEqual(drawn(whole, view));
  });

  it.each(goldens)("%s are all needed: without what the last changed it is another form", async (_, golden) => {
    const { view } = golden;
    const last = golden.deltas.findLastIndex(({ changed }) => changed.length > 0);
    const lost = golden.deltas.map((delta, index) => (index === last ? { ...delta, changed: [] } : delta));
    const whole = new Form("draft", {} as Commands, view, SAVED);
    expect(drawn(await fed(golden, lost), view)).not.toEqual(drawn(whole, view));
  });
});
