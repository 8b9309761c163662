import { describe, expect, it, vi } from "vitest";
import type { Applied, Commands, FormView, Op, QuestionView } from "../../src/ipc";
import { Form } from "../../src/store/form";
import { NO_FILE, TEXT, answered, question as shown } from "./question";

function question(path: string, changes: Partial<QuestionView> = {}): QuestionView {
  return shown(path, path, TEXT, changes);
}

const STEPS = [{ id: "one", title: "One", remaining: 0, faults: 0, visited: false, later: 0 }];

function view(rev: number, ...questions: QuestionView[]): FormView {
  return { rev, position: "one", steps: STEPS, questions, remaining: [], sendable: true, complete: true };
}

function applied(rev: number, ...changed: QuestionView[]): Applied {
  const delta = { rev, position: "one", changed, steps: STEPS, remaining: [], sendable: true, complete: true };
  return { delta, saved_at: `2026-11-22T10:00:0${rev}Z`, confirmed: false, ...NO_FILE };
}

/** A form whose core answers when the test says so. */
function form(start: FormView) {
  const requests: { ops: Op[]; answer: (applied: Applied) => void; fail: (error: unknown) => void }[] = [];
  const apply = vi.fn(
    ({ ops }: { draft: string; ops: Op[] }) =>
      new Promise<Applied>((resolve, reject) => requests.push({ ops, answer: resolve, fail: reject })),
  );
  const made = new Form("draft", { apply } as unknown as Commands, start, { at: "before", confirmed: false });
  const request = async (index: number) => {
    await vi.waitUntil(() => requests.length > index);
    const found = requests[index];
    if (!found) throw new Error("no such request");
    return found;
  };
  const field = (path: string) => {
    const found = made.field(path);
    if (!found) throw new Error("no such field");
    return found.value;
  };
  return { form: made, field, request };
}

describe("a form on screen", () => {
  it("echoes what is typed at once and sends it as an operation of its own id", async () => {
    const { form: made, field, request } = form(view(1, question("namn")));
    made.type("namn", "Astrid");
    expect(field("namn").typed).toEqual({ type: "text", text: "Astrid" });
    const { ops } = await request(0);
    expect(ops).toMatchObject([{ op: "set", question: "namn", answer: { type: "text", text: "Astrid" } }]);
    expect(ops[0]?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("clears an answer when the field is emptied", async () => {
    const { form: made, request } = form(view(1, question("namn", answered("Astrid"))));
    made.type("namn", "");
    expect((await request(0)).ops).toMatchObject([{ op: "clear", question: "namn" }]);
  });

  it("shows the time of saving only from the core's answer", async () => {
    const { form: made, request } = form(view(1, question("namn")));
    made.type("namn", "Astrid");
    const first = await request(0);
    expect(made.saved.value.at).toBe("before");
    first.answer(applied(2, question("namn", answered("Astrid"))));
    await vi.waitUntil(() => made.saver.idle);
    expect(made.saved.value.at).toBe("2026-11-22T10:00:02Z");
  });

  it("keeps what was typed since an answer was on its way", async () => {
    const { form: made, field, request } = form(view(1, question("namn")));
    made.type("namn", "Ast");
    const first = await request(0);
    made.type("namn", "Astrid");
    first.answer(applied(2, question("namn", answered("Ast"))));
    const second = await request(1);
    expect(field("namn").typed).toEqual({ type: "text", text: "Astrid" });
    second.answer(applied(3, question("namn", answered("Astrid"))));
    await vi.waitUntil(() => made.saver.idle);
    expect(field("namn").question.answer).toEqual({ shown: "plain", answer: { type: "text", text: "Astrid" } });
  });

  it("ignores a view that is older than what it shows", () => {
    const { form: made, field } = form(view(5, question("namn", answered("new"))));
    made.take(view(4, question("namn", answered("old"))));
    expect(field("namn").question.answer).toEqual({ shown: "plain", answer: { type: "text", text: "new" } });
    made.take(view(6, question("namn", answered("newest"))));
    expect(field("namn").question.answer).toEqual({ shown: "plain", answer: { type: "text", text: "newest" } });
  });

  it("shows a question that an earlier answer brings, and takes away one that it hides", async () => {
    const { form: made, request } = form(view(1, question("vem"), question("ombud", { state: "hidden" })));
    expect(made.outline.value.asked).toEqual({ one: ["vem"] });
    made.answer("vem", { type: "choice", choices: ["annan"] });
    (await request(0)).answer(applied(2, question("ombud")));
    await vi.waitUntil(() => made.saver.idle);
    expect(made.outline.value.asked).toEqual({ one: ["vem", "ombud"] });
    made.answer("vem", { type: "choice", choices: ["sjalv"] });
    (await request(1)).answer(applied(3, question("ombud", { state: "hidden" })));
    await vi.waitUntil(() => made.saver.idle);
    expect(made.outline.value.asked).toEqual({ one: ["vem"] });
  });

  it("redraws only the field that changed", async () => {
    const { form: made, request } = form(view(1, question("namn"), question("ort")));
    const redrawn = vi.fn();
    made.field("ort")?.subscribe(redrawn);
    made.type("namn", "Astrid");
    (await request(0)).answer(applied(2, question("namn", answered("Astrid")), question("ort")));
    await vi.waitUntil(() => made.saver.idle);
    expect(redrawn).not.toHaveBeenCalled();
  });

  it("says beside the field why the core will not keep what is on screen, and keeps it there", async () => {
    const { form: made, field, request } = form(view(1, question("namn")));
    made.type("namn", "x".repeat(20_000));
    (await request(0)).fail({ code: "too_long", message: "", retryable: false });
    await vi.waitUntil(() => made.saver.idle);
    expect(field("namn").refused).toBe("too_long");
    expect(field("namn").typed).toMatchObject({ type: "text" });
    made.type("namn", "Astrid");
    expect(field("namn").refused).toBeNull();
    (await request(1)).answer(applied(2, question("namn", answered("Astrid"))));
    await vi.waitUntil(() => made.saver.idle);
  });

  it("takes a typed value off the screen when the core has masked it and the field is left", async () => {
    const { form: made, field, request } = form(view(1, question("pnr")));
    const masked = question("pnr", { answer: { shown: "masked", length: 13 } });
    made.entered("pnr");
    made.type("pnr", "19850101-2382");
    (await request(0)).answer(applied(2, masked));
    await vi.waitUntil(() => made.saver.idle);
    expect(field("pnr").typed).toMatchObject({ text: "19850101-2382" });
    made.left("pnr");
    (await request(1)).answer(applied(3));
    await vi.waitUntil(() => made.saver.idle);
    expect(field("pnr").typed).toBeUndefined();
    expect(JSON.stringify(field("pnr"))).not.toContain("2382");
  });

  it("masks everything saved when the window loses focus", async () => {
    const { form: made, field, request } = form(view(1, question("pnr")));
    made.entered("pnr");
    made.type("pnr", "19850101-2382");
    (await request(0)).answer(applied(2, question("pnr", { answer: { shown: "masked", length: 13 } })));
    await vi.waitUntil(() => made.saver.idle);
    made.mask();
    expect(field("pnr").typed).toBeUndefined();
  });

  it("adds rows under ids that the form makes, and removes them by the same", async () => {
    const { form: made, request } = form(
      view(1, question("barn", { kind: { kind: "group", row_label: "Barn", layout: "rows", single: false, can_add: true, can_remove: true } })),
    );
    made.addRow("barn");
    const first = await request(0);
    const [added] = first.ops;
    if (added?.op !== "add_row") throw new Error("no row was added");
    const row = { id: added.row, questions: [question(`barn/${added.row}/namn`)] };
    first.answer(applied(2, question("barn", { rows: [row] })));
    await vi.waitUntil(() => made.saver.idle);
    expect(made.field(`barn/${added.row}/namn`)).toBeDefined();
    made.removeRow("barn", added.row);
    expect((await request(1)).ops).toMatchObject([{ op: "remove_row", question: "barn", row: added.row }]);
  });

  it("opens the file dialog only after what was typed is saved", async () => {
    const requests: string[] = [];
    const commands = {
      apply: async () => {
        requests.push("apply");
        return applied(2, question("namn", answered("Astrid")));
      },
      attach: async () => {
        requests.push("attach");
        return null;
      },
    };
    const made = new Form("draft", commands as unknown as Commands, view(1, question("namn"), question("bild")), {
      at: "before",
      confirmed: false,
    });
    made.type("namn", "Astrid");
    await made.attach("bild");
    expect(requests).toEqual(["apply", "attach"]);
  });
});
