import { describe, expect, it, vi } from "vitest";
import type { Backend, Changed, Commands } from "../../src/ipc";
import { fakeBackend } from "../../src/ipc/fake";
import { FAKE_PIN } from "../../src/ipc/fake-session";
import { Workspace } from "../../src/store/workspace";

/** A workspace on the fake core, with some commands replaced by the test's own. */
async function open(scene: string, replaced: (commands: Commands) => Partial<Commands> = () => ({})) {
  const core = fakeBackend(`?scene=${scene}`);
  const changed: ((what: Changed) => void)[] = [];
  const flush: (() => void)[] = [];
  const backend: Backend = {
    commands: { ...core.commands, ...replaced(core.commands) },
    onChanged: (tell) => {
      changed.push(tell);
      return core.onChanged(tell);
    },
    onFlush: (tell) => {
      flush.push(tell);
      return core.onFlush(tell);
    },
  };
  return {
    workspace: await Workspace.open(backend),
    backend,
    tell: (what: Changed) => changed.forEach((each) => each(what)),
    closeWindow: () => flush.forEach((each) => each()),
  };
}

function call(workspace: Workspace) {
  const { value } = workspace.call;
  if (!value) throw new Error("no call is on screen");
  return value;
}

const diskFull = async () => {
  throw { code: "disk_full", message: "", retryable: true };
};

describe("the workspace", () => {
  it("comes back to the call that was on screen", async () => {
    const { workspace } = await open("form");
    expect(call(workspace).head.value.name).toEqual({ shown: "plain", text: "Astrid Ekvall" });
    expect(workspace.place.value).toMatchObject({ at: "case" });
  });

  it("keeps each call's own text when calls are switched", async () => {
    const { workspace } = await open("form");
    const first = call(workspace);
    first.type("note", "Ringer från jobbet");
    await workspace.startCall();
    expect(call(workspace).id).not.toBe(first.id);
    call(workspace).type("note", "Ny anteckning");
    await workspace.openCall(first.id);
    await call(workspace).flush();
    expect(call(workspace).text("note")).toEqual({ shown: "plain", text: "Ringer från jobbet" });
  });

  it("locks only after everything typed is saved", async () => {
    const order: string[] = [];
    const { workspace } = await open("form", (core) => ({
      change_call: (args) => {
        order.push("change_call");
        return core.change_call(args);
      },
      flushed: () => {
        order.push("flushed");
        return core.flushed();
      },
    }));
    call(workspace).type("note", "Sista ordet");
    await workspace.lock();
    expect(order).toEqual(["change_call", "flushed"]);
    expect(workspace.session.value.state).toBe("locked");
  });

  it("is out of sight before the core has answered", async () => {
    const { workspace } = await open("form");
    const locking = workspace.lock();
    expect(workspace.session.value.covered).toBe(true);
    await locking;
  });

  it("covers what cannot be saved, keeps it, and locks as soon as it is saved", async () => {
    vi.useFakeTimers();
    try {
      let full = true;
      const saved: string[] = [];
      const { workspace } = await open("form", (core) => ({
        change_call: async (args) => {
          if (full) return diskFull();
          saved.push(JSON.stringify(args.changes));
          return core.change_call(args);
        },
      }));
      call(workspace).type("note", "Sista ordet");
      await workspace.lock();
      expect(workspace.session.value).toMatchObject({ state: "open", covered: true });
      expect(workspace.unsaved.value).toBe("disk_full");
      expect(call(workspace).text("note")).not.toEqual({ shown: "plain", text: "Sista ordet" });
      await vi.advanceTimersByTimeAsync(10_000);
      expect(workspace.session.value.covered, "as long as the disk is full").toBe(true);
      full = false;
      await vi.advanceTimersByTimeAsync(10_000);
      expect(saved.join()).toContain("Sista ordet");
      expect(workspace.session.value).toMatchObject({ state: "locked", covered: false });
      expect(workspace.calls).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("covers what the core refuses too, so that a lock never throws it away", async () => {
    const { workspace } = await open("form", () => ({
      change_call: async () => {
        throw { code: "too_long", message: "", retryable: false };
      },
    }));
    call(workspace).type("note", "Alldeles för långt");
    await workspace.lock();
    expect(workspace.session.value.covered).toBe(true);
    expect(workspace.unsaved.value).toBe("too_long");
  });

  it("has nothing to hand over after a reload under a cover, so that the lock becomes full", async () => {
    const flushed = vi.fn(async () => null);
    await open("form", (core) => ({
      session: async () => ({ ...(await core.session()), covered: true }),
      flushed,
    }));
    await vi.waitUntil(() => flushed.mock.calls.length > 0);
  });

  it("uncovers with the PIN, and everything typed is still there", async () => {
    const { workspace } = await open("pin-set", () => ({ change_call: diskFull }));
    await workspace.startCall();
    const shown = call(workspace);
    shown.type("note", "Sista ordet");
    await workspace.lock();
    expect(workspace.session.value.covered).toBe(true);
    await workspace.unlock("000000");
    expect(workspace.session.value).toMatchObject({ covered: true, problem: "wrong_pin" });
    await workspace.unlock(FAKE_PIN);
    expect(workspace.session.value).toMatchObject({ state: "open", covered: false });
    expect(call(workspace)).toBe(shown);
    expect(shown.typed.value.note).toBe("Sista ordet");
    shown.saver.stop();
  });

  it("remembers nothing of the callers once it is locked", async () => {
    const { workspace } = await open("form");
    await workspace.lock();
    expect(workspace.call.value).toBeNull();
    expect(workspace.calls).toEqual([]);
    expect(workspace.desk.value).toBeNull();
  });

  it("lets the window close only when everything typed is with the core", async () => {
    const flushed = vi.fn(async () => null);
    const { workspace, closeWindow } = await open("form", () => ({ flushed }));
    call(workspace).type("note", "Sista ordet");
    closeWindow();
    await vi.waitUntil(() => flushed.mock.calls.length > 0);
    expect(call(workspace).saver.idle).toBe(true);
  });

  it("shows protected mode at once, before the core has answered", async () => {
    let answer = () => {};
    const { workspace } = await open("form", (core) => ({
      protect: async (args) => {
        await new Promise<void>((resolve) => (answer = resolve));
        return core.protect(args);
      },
    }));
    const protecting = workspace.protect();
    expect(call(workspace).head.value.protected).toBe(true);
    answer();
    await protecting;
    expect(call(workspace).head.value.name).toMatchObject({ shown: "masked" });
  });

  it("lowers protection only with a reason", async () => {
    const { workspace } = await open("protected");
    expect(await workspace.lowerProtection("")).toBe(false);
    expect(workspace.problem.value).toBe("reason_needed");
    expect(call(workspace).head.value.protected).toBe(true);
    expect(await workspace.lowerProtection("Fel person")).toBe(true);
    expect(call(workspace).head.value.protected).toBe(false);
  });

  it("shows a case as received only when the municipality has answered", async () => {
    const { workspace, backend } = await open("read-back");
    const shown = call(workspace);
    const [sent] = shown.cases.value;
    if (!sent) throw new Error("the call has no case");
    await backend.commands.confirm_read_back({ draft: sent.draft, language: "sv" });
    await workspace.submit(sent.draft);
    expect(shown.cases.value[0]?.status.state).toBe("queued");
    await vi.waitUntil(() => shown.cases.value[0]?.status.state === "received", { timeout: 5_000 });
  });

  it("does not send what the caller has not confirmed", async () => {
    const { workspace } = await open("read-back");
    const [draft] = call(workspace).cases.value;
    await workspace.submit(draft?.draft ?? "");
    expect(workspace.problem.value).toBe("not_confirmed");
    expect(call(workspace).cases.value[0]?.status.state).toBe("editing");
  });

  it("says why something did not succeed until the worker does something else", async () => {
    const { workspace } = await open("form", () => ({ start_call: diskFull }));
    await workspace.startCall();
    expect(workspace.problem.value).toBe("disk_full");
    await workspace.refreshDesk();
    expect(workspace.problem.value).toBe("disk_full");
    await workspace.retryNow();
    expect(workspace.problem.value).toBeNull();
  });

  it("asks again when the core says that something changed", async () => {
    const desk = vi.fn();
    const { tell } = await open("form", (core) => ({
      desk: () => {
        desk();
        return core.desk();
      },
    }));
    const before = desk.mock.calls.length;
    tell({ what: "desk" });
    await vi.waitUntil(() => desk.mock.calls.length > before);
  });

  it("goes one step back and forward again, after what is typed is saved", async () => {
    const { workspace } = await open("form");
    const [draft] = call(workspace).cases.value;
    if (!draft) throw new Error("the call has no case");
    const form = call(workspace).form(draft.draft);
    const street = () => form?.field("adress")?.value.question.answer;
    form?.type("adress", "Blåbärsgatan 3");
    expect((await workspace.undo(draft.draft))?.question).toBe("Bostadens gatuadress");
    expect(street()).toMatchObject({ answer: { text: "Lingongatan 12" } });
    await workspace.undo(draft.draft);
    expect(street()).toMatchObject({ answer: { text: "Blåbärsgatan 3" } });
  });

  it("leaves the read-back when it goes back, for its script is not true any more", async () => {
    const { workspace } = await open("history");
    const draft = call(workspace).cases.value[0]?.draft ?? "";
    for (const go of [() => workspace.undo(draft), async () => workspace.restore(draft, (await workspace.revisions(draft))?.[0]?.id ?? "")]) {
      workspace.place.set({ at: "case", draft, reading: true });
      await go();
      expect(workspace.place.value).toEqual({ at: "case", draft, reading: false });
    }
  });

  it("does not go back over what cannot be saved", async () => {
    const { workspace } = await open("history", () => ({ apply: diskFull }));
    const draft = call(workspace).cases.value[0]?.draft ?? "";
    const form = call(workspace).form(draft);
    form?.type("namn", "Nytt namn");
    expect(await workspace.undo(draft)).toBeNull();
    expect(workspace.problem.value).toBe("disk_full");
    expect(form?.field("namn")?.value.typed).toEqual({ type: "text", text: "Nytt namn" });
    form?.saver.stop();
  });

  it("says what was just done until the worker does something else", async () => {
    const { workspace } = await open("form");
    workspace.say("Gjort");
    await workspace.refreshDesk();
    expect(workspace.done.value).toEqual({ text: "Gjort" });
    await workspace.startCall();
    expect(workspace.done.value).toBeNull();
  });

  it("forgets an erased draft and its form, and only one that was thrown away first", async () => {
    const { workspace } = await open("form");
    const shown = call(workspace);
    const draft = shown.cases.value[0]?.draft ?? "";
    expect(await workspace.erase(draft)).toBe(false);
    expect(workspace.problem.value).toBe("not_discarded");
    await workspace.discard(draft);
    expect(shown.cases.value[0]?.discarded).toBe(true);
    expect(await workspace.erase(draft)).toBe(true);
    expect(shown.cases.value).toEqual([]);
    expect(shown.form(draft)).toBeUndefined();
    expect(workspace.place.value).toEqual({ at: "catalogue" });
  });

  it("takes a draft of another call back on screen", async () => {
    const { workspace } = await open("discarded");
    const first = call(workspace);
    const draft = first.cases.value[0]?.draft ?? "";
    await workspace.startCall();
    expect(await workspace.takeBack(draft)).toBe(true);
    expect(call(workspace).id).toBe(first.id);
    expect(workspace.place.value).toMatchObject({ at: "case", draft });
    expect(first.cases.value[0]?.discarded).toBe(false);
  });

  it("asks for the call again when the time of one of its drafts has changed", async () => {
    const { workspace, backend } = await open("last-day");
    const shown = call(workspace);
    expect(shown.cases.value[0]?.keeping?.days_left).toBe(0);
    await backend.commands.extend({ draft: shown.cases.value[0]?.draft ?? "", reason: "Väntar på intyg" });
    await workspace.refreshDesk();
    expect(shown.cases.value[0]?.keeping?.days_left).toBeGreaterThan(1);
  });

  it("remembers what was taken out of a file when it was attached", async () => {
    const { workspace } = await open("files-protected");
    const form = call(workspace).form(call(workspace).cases.value[0]?.draft ?? "");
    expect(await form?.attach("ritningar_fil")).toBe("ritning.pdf");
    expect(Object.values(form?.cleaned.value ?? {})).toEqual([{ removed: ["place", "author", "time"], kept: null }]);
  });
});
