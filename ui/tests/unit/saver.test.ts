import { describe, expect, it, vi } from "vitest";
import { Saver } from "../../src/store/saver";
import type { IpcError } from "../../src/ipc";

type Item = { key: string | null; value: string };

const typed = (key: string | null, value: string): Item => ({ key, value });
const failure = (code: string, retryable: boolean): IpcError => ({ code, message: "", retryable });

/** A core whose answers the test gives by hand, in the order of the requests. */
function core() {
  const requests: { items: Item[]; answer: () => void; fail: (error: unknown) => void }[] = [];
  const saved: string[][] = [];
  const refused: [string, string][] = [];
  const saver = new Saver<Item, string>({
    send: (items) =>
      new Promise((resolve, reject) => {
        requests.push({ items, answer: () => resolve("ok"), fail: reject });
      }),
    key: (item) => item.key,
    saved: (_, items) => saved.push(items.map(({ value }) => value)),
    refused: (item, error) => refused.push([item.value, error.code]),
  });
  const sent = () => requests.map(({ items }) => items.map(({ value }) => value));
  const request = async (index: number) => {
    await vi.waitUntil(() => requests.length > index);
    const found = requests[index];
    if (!found) throw new Error("no such request");
    return found;
  };
  return { saver, sent, saved, refused, request };
}

describe("the saver", () => {
  it("says saved only after the core has answered", async () => {
    const { saver, request } = core();
    saver.now(typed("name", "Astrid"));
    const first = await request(0);
    expect(saver.saving.value).toEqual({ state: "saving" });
    first.answer();
    await vi.waitUntil(() => saver.saving.value.state === "saved");
    expect(saver.idle).toBe(true);
  });

  it("sends one batch at a time, in the order typed", async () => {
    const { saver, sent, request } = core();
    saver.now(typed("a", "1"));
    const first = await request(0);
    saver.now(typed("b", "2"));
    saver.now(typed("c", "3"));
    expect(sent()).toEqual([["1"]]);
    first.answer();
    (await request(1)).answer();
    await vi.waitUntil(() => saver.idle);
    expect(sent()).toEqual([["1"], ["2", "3"]]);
  });

  it("saves what is typed without a pause within two seconds", async () => {
    vi.useFakeTimers();
    try {
      const { saver, sent } = core();
      // A key every 50 ms never leaves the pause that a save waits for.
      for (let key = 0; key < 40; key += 1) {
        saver.later(typed("note", "z".repeat(key + 1)));
        await vi.advanceTimersByTimeAsync(50);
      }
      expect(sent().length).toBeGreaterThan(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("sends only the latest of what is typed into one field", async () => {
    const { saver, sent, request } = core();
    for (const value of ["A", "As", "Ast"]) saver.later(typed("name", value));
    saver.later(typed("phone", "070"));
    void saver.flush();
    (await request(0)).answer();
    await vi.waitUntil(() => saver.idle);
    expect(sent()).toEqual([["Ast", "070"]]);
  });

  it("keeps every item that has no key", async () => {
    const { saver, sent, request } = core();
    saver.later(typed(null, "row 1"));
    saver.later(typed(null, "row 2"));
    void saver.flush();
    (await request(0)).answer();
    await vi.waitUntil(() => saver.idle);
    expect(sent()).toEqual([["row 1", "row 2"]]);
  });

  it("tries again what could not be saved, with what was typed since, and loses nothing", async () => {
    vi.useFakeTimers();
    try {
      const { saver, sent, request, saved } = core();
      saver.now(typed("name", "Astrid"), typed("phone", "070"));
      (await request(0)).fail(failure("disk_full", true));
      await vi.advanceTimersByTimeAsync(0);
      expect(saver.saving.value).toEqual({ state: "failed", code: "disk_full" });
      saver.later(typed("name", "Astrid Ekvall"));
      expect(saver.saving.value).toEqual({ state: "failed", code: "disk_full" });
      await vi.advanceTimersByTimeAsync(10_000);
      (await request(1)).answer();
      await vi.advanceTimersByTimeAsync(0);
      expect(sent()).toEqual([
        ["Astrid", "070"],
        ["Astrid Ekvall", "070"],
      ]);
      expect(saved).toEqual([["Astrid Ekvall", "070"]]);
      expect(saver.saving.value).toEqual({ state: "saved" });
    } finally {
      vi.useRealTimers();
    }
  });

  it("tries again when the core does not answer at all", async () => {
    vi.useFakeTimers();
    try {
      const { saver, sent, request } = core();
      saver.now(typed("name", "Astrid"));
      (await request(0)).fail(new Error("the window lost its core"));
      await vi.advanceTimersByTimeAsync(0);
      expect(saver.saving.value).toEqual({ state: "failed", code: "no_answer" });
      await vi.advanceTimersByTimeAsync(10_000);
      (await request(1)).answer();
      await vi.advanceTimersByTimeAsync(0);
      expect(sent()).toEqual([["Astrid"], ["Astrid"]]);
      expect(saver.idle).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it("drops only what the core refuses for good, and saves the rest", async () => {
    const { saver, request, saved, refused } = core();
    saver.now(typed("a", "good"), typed("b", "bad"), typed("c", "also good"));
    (await request(0)).fail(failure("question_hidden", false));
    (await request(1)).answer();
    (await request(2)).fail(failure("question_hidden", false));
    (await request(3)).answer();
    await vi.waitUntil(() => saver.idle);
    expect(refused).toEqual([["bad", "question_hidden"]]);
    expect(saved).toEqual([["good"], ["also good"]]);
    expect(saver.saving.value).toEqual({ state: "saved" });
  });

  it("does not say saved while something typed since is still waiting", async () => {
    const { saver, request } = core();
    saver.now(typed("name", "A"));
    const first = await request(0);
    saver.later(typed("name", "As"));
    first.answer();
    await request(1);
    expect(saver.saving.value).toEqual({ state: "saving" });
  });

  it("hands over everything before something that must come after it", async () => {
    const { saver, request } = core();
    saver.later(typed("name", "Astrid"));
    const submit = vi.fn(async () => "submitted");
    const submitted = saver.between(submit);
    const first = await request(0);
    expect(submit).not.toHaveBeenCalled();
    first.answer();
    await expect(submitted).resolves.toBe("submitted");
  });

  it("does not go on while something typed cannot be saved", async () => {
    const { saver, request } = core();
    saver.later(typed("name", "Astrid"));
    const submit = vi.fn(async () => "submitted");
    const submitted = saver.between(submit);
    const outcome = expect(submitted).rejects.toMatchObject({ code: "disk_full" });
    (await request(0)).fail(failure("disk_full", true));
    await outcome;
    expect(submit).not.toHaveBeenCalled();
    expect(saver.idle).toBe(false);
    saver.stop();
  });

  it("tells a lock or a closing window whether everything is saved", async () => {
    const { saver, request } = core();
    saver.later(typed("name", "Astrid"));
    const flushed = saver.flush();
    (await request(0)).answer();
    await expect(flushed).resolves.toBe(true);

    saver.later(typed("name", "Astrid E"));
    const failing = saver.flush();
    (await request(1)).fail(failure("store_failed", true));
    await expect(failing).resolves.toBe(false);
    saver.stop();
  });
});
