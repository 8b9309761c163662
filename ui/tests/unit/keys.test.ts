import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chordWords, pressed } from "../../src/commands/chord";
import type { Chord } from "../../src/commands/chord";
import { listenToKeys } from "../../src/commands/listen";
import { command, commands } from "../../src/commands/table";
import { fakeBackend } from "../../src/ipc/fake";
import { Workspace } from "../../src/store/workspace";

function chord(id: string): Chord {
  const keys = command(id)?.keys;
  if (!keys) throw new Error(`${id} has no key`);
  return keys;
}

function press(init: KeyboardEventInit, target: EventTarget = document.body): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init });
  target.dispatchEvent(event);
  return event;
}

describe("the table of keys", () => {
  it.each<[string, string]>([
    ["palette", "Ctrl+K"],
    ["new_call", "Ctrl+N"],
    ["step_1", "Alt+1"],
    ["step_9", "Alt+9"],
    ["next_step", "Ctrl+Enter"],
    ["save", "Ctrl+S"],
    ["next_pane", "F6"],
    ["next_error", "F7"],
    ["call_pane", "F8"],
    ["lock", "Ctrl+L"],
    ["protect", "Ctrl+Shift+P"],
    ["keys", "?"],
    ["search", "Ctrl+F"],
    ["history", "Ctrl+H"],
    ["undo", "Ctrl+Alt+Z"],
  ])("%s is %s", (id, keys) => {
    expect(chordWords(chord(id))).toBe(keys);
  });

  it("gives no key to two commands, and Esc to none", () => {
    const keys = commands.flatMap((each) => (each.keys ? [chordWords(each.keys)] : []));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.join()).not.toMatch(/esc/i);
  });

  it.each<[string, KeyboardEventInit, boolean]>([
    ["palette", { key: "k", ctrlKey: true }, true],
    ["palette", { key: "k", metaKey: true }, true],
    ["palette", { key: "K", ctrlKey: true }, true],
    ["palette", { key: "k" }, false],
    ["palette", { key: "k", ctrlKey: true, altKey: true }, false],
    ["protect", { key: "P", ctrlKey: true, shiftKey: true }, true],
    ["protect", { key: "p", ctrlKey: true }, false],
    // The Swedish layout needs Shift for ?.
    ["keys", { key: "?", shiftKey: true }, true],
    // Alt may turn a digit into another character; its place on the keyboard counts.
    ["step_2", { key: "€", code: "Digit2", altKey: true }, true],
    ["step_2", { key: "2", code: "Digit2" }, false],
    ["undo", { key: "Ω", code: "KeyZ", ctrlKey: true, altKey: true }, true],
    // The text field's own.
    ["undo", { key: "z", code: "KeyZ", ctrlKey: true }, false],
    ["next_step", { key: "Enter", ctrlKey: true }, true],
    ["next_step", { key: "Enter", ctrlKey: true, shiftKey: true }, false],
    ["next_error", { key: "F7" }, true],
  ])("%s by %o: %s", (id, init, expected) => {
    expect(pressed(new KeyboardEvent("keydown", init), chord(id))).toBe(expected);
  });
});

describe("keys in the window", () => {
  let workspace: Workspace;
  let stop: () => void;

  beforeEach(async () => {
    workspace = await Workspace.open(fakeBackend("?scene=form"));
    stop = listenToKeys(workspace);
  });
  afterEach(() => {
    stop();
    document.body.replaceChildren();
  });

  function input(): HTMLInputElement {
    return document.body.appendChild(document.createElement("input"));
  }

  it("open the palette from inside a field, and keep the browser's own meaning away", () => {
    const event = press({ key: "k", ctrlKey: true }, input());
    expect(workspace.dialog.value).toBe("palette");
    expect(event.defaultPrevented).toBe(true);
  });

  it("leave ? to a field that is being typed in", () => {
    const event = press({ key: "?", shiftKey: true }, input());
    expect(workspace.dialog.value).toBeNull();
    expect(event.defaultPrevented).toBe(false);
    press({ key: "?", shiftKey: true });
    expect(workspace.dialog.value).toBe("keys");
  });

  it("do not put one dialog on another", () => {
    press({ key: "k", ctrlKey: true });
    press({ key: ",", ctrlKey: true });
    expect(workspace.dialog.value).toBe("palette");
  });

  it("lock even from a dialog", async () => {
    press({ key: "k", ctrlKey: true });
    press({ key: "l", ctrlKey: true });
    await vi.waitUntil(() => workspace.session.value.state === "locked");
  });

  it("turn protected mode on at once, and ask before they turn it off", async () => {
    press({ key: "P", ctrlKey: true, shiftKey: true });
    expect(workspace.call.value?.head.value.protected).toBe(true);
    await vi.waitUntil(() => workspace.call.value?.head.value.name.shown === "masked");
    press({ key: "P", ctrlKey: true, shiftKey: true });
    expect(workspace.dialog.value).toBe("lower_protection");
    expect(workspace.call.value?.head.value.protected).toBe(true);
  });

  it("never discard anything with Esc", () => {
    workspace.call.value?.type("note", "Viktigt");
    press({ key: "Escape" });
    expect(workspace.call.value?.typed.value.note).toBe("Viktigt");
  });

  it("mean nothing while the window is locked", async () => {
    await workspace.lock();
    press({ key: "n", ctrlKey: true });
    expect(workspace.call.value).toBeNull();
    expect(workspace.dialog.value).toBeNull();
  });

  it("mean nothing while a letter is being composed", () => {
    press({ key: "k", ctrlKey: true, isComposing: true });
    expect(workspace.dialog.value).toBeNull();
  });
});
