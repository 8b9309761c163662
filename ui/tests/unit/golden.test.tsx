// The forms crate's own golden files: what Rust computes is what is drawn, no more and no less.
import { render, screen, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import type { CaseView, FormView, QuestionView } from "../../src/ipc";
import { fakeBackend } from "../../src/ipc/fake";
import { FormScreen } from "../../src/form/FormScreen";
import { setLocale } from "../../src/messages/runtime.js";
import { WorkspaceProvider } from "../../src/store/context";
import { Workspace } from "../../src/store/workspace";
import { faultWords } from "../../src/words/codes";

type Golden = { about: string; view: FormView };

const goldens = Object.entries(
  import.meta.glob<Golden>("../../../crates/forms/tests/golden/*.json", { eager: true, import: "default" }),
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

describe("golden views", () => {
  it("are there", () => {
    expect(goldens.length).toBeGreaterThan(0);
  });

  it.each(goldens)("%s is drawn as it says", async (_, { view }) => {
    const container = await draw(view);
    const field = (path: string) => container.querySelector<HTMLElement>(`[data-field="${path}"]`);
    const onStep = all(view.questions).filter(({ step }) => step === view.position);
    expect(onStep.length).toBeGreaterThan(0);
    for (const question of onStep) {
      const drawn = field(question.path);
      if (question.state === "hidden") {
        expect(drawn, question.path).toBeNull();
      } else if (!["information", "stop"].includes(question.kind.kind)) {
        if (drawn === null) throw new Error(`${question.path} is not drawn`);
        expect(within(drawn).getAllByText(question.label, { exact: false })[0]).toBeVisible();
        const [first] = question.faults;
        if (first) expect(within(drawn).getByText(faultWords(first))).toBeVisible();
        if (question.answer.shown === "plain" && question.answer.answer.type === "text") {
          expect(drawn.querySelector("input, textarea")).toHaveValue(question.answer.answer.text);
        }
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
