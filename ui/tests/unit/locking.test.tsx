import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

// The test's browser has no media queries.
vi.hoisted(() => {
  const none = { matches: false, addEventListener: () => undefined, removeEventListener: () => undefined };
  window.matchMedia = () => none as unknown as MediaQueryList;
});

import { App } from "../../src/app/App";
import { reportActivity } from "../../src/app/activity";
import { FAKE_PIN } from "../../src/ipc/fake-session";
import { fakeBackend } from "../../src/ipc/fake";
import { Workspace } from "../../src/store/workspace";

async function open(scene: string): Promise<Workspace> {
  const workspace = await Workspace.open(fakeBackend(`?scene=${scene}`));
  render(<App workspace={workspace} />);
  return workspace;
}

describe("the lock screen with a PIN", () => {
  it("opens with the PIN and asks for no browser", async () => {
    const workspace = await open("locked-pin");
    const user = userEvent.setup();
    expect(screen.queryByTestId("sign-in")).toBeNull();
    await user.type(screen.getByLabelText("PIN-kod"), `${FAKE_PIN}{Enter}`);
    expect(workspace.session.value.state).toBe("open");
  });

  it("forgets what was typed with each attempt, and says how long to wait", async () => {
    const workspace = await open("locked-pin");
    const user = userEvent.setup();
    const field = screen.getByLabelText<HTMLInputElement>("PIN-kod");
    for (const _ of [1, 2, 3]) await user.type(field, "000000{Enter}");
    expect(field.value).toBe("");
    expect(field.readOnly).toBe(true);
    expect(screen.getByText(/^Vänta 00:(30|29) innan/)).toBeVisible();
    // The right one is not even tried.
    await user.type(field, `${FAKE_PIN}{Enter}`);
    expect(workspace.session.value.state).toBe("locked");
  });

  it("asks for a sign-in first when the last one is too long ago", async () => {
    await open("locked-pin-first");
    expect(screen.queryByLabelText("PIN-kod")).toBeNull();
    expect(screen.getByTestId("sign-in")).toBeVisible();
  });

  it("says what a forgotten PIN means", async () => {
    await open("locked-pin");
    await userEvent.setup().click(screen.getByRole("button", { name: "Glömt PIN-koden?" }));
    expect(screen.getByText(/Ingen kan ta fram eller nollställa/)).toBeVisible();
  });
});

describe("a PIN that the municipality demands", () => {
  it("is chosen before anything else, twice", async () => {
    const workspace = await open("pin-required");
    const user = userEvent.setup();
    expect(screen.queryByText("Nytt samtal")).toBeNull();
    const before = workspace.calls.length;
    await user.keyboard("{Control>}n{/Control}");
    expect(workspace.calls.length).toBe(before);
    await user.type(screen.getByLabelText("Ny PIN-kod"), "739184");
    await user.type(screen.getByLabelText("Samma PIN-kod en gång till"), "739185{Enter}");
    expect(screen.getByText(/inte samma PIN-kod båda gångerna/)).toBeVisible();
    await user.clear(screen.getByLabelText("Samma PIN-kod en gång till"));
    await user.type(screen.getByLabelText("Samma PIN-kod en gång till"), "739184{Enter}");
    expect(await screen.findByText("Nytt samtal")).toBeVisible();
  });
});

describe("the idle lock", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const key = (): void => void window.dispatchEvent(new KeyboardEvent("keydown", { key: "a" }));

  it("hears of the worker at once and then at most every fifteen seconds, the last time included", async () => {
    const workspace = await Workspace.open(fakeBackend("?scene=form"));
    const active = vi.spyOn(workspace, "active").mockResolvedValue();
    const stop = reportActivity(workspace);
    for (let second = 0; second < 20; second += 1) {
      key();
      vi.advanceTimersByTime(1_000);
    }
    expect(active).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(60_000);
    expect(active).toHaveBeenCalledTimes(3);
    stop();
  });

  it("hears at once of a key after the warning, and the warning is gone", async () => {
    const workspace = await open("form");
    key();
    act(() => workspace.idleWarning.set(true));
    expect(screen.getByText(/låser sig om en halv minut/)).toBeVisible();
    act(key);
    expect(screen.queryByText(/låser sig om en halv minut/)).toBeNull();
  });
});

describe("under a cover", () => {
  it("nothing of the desk is drawn, and no key reaches it", async () => {
    const workspace = await open("form");
    expect(document.body.textContent).toContain("Astrid");
    act(() => workspace.session.set({ ...workspace.session.value, covered: true }));
    expect(document.body.innerHTML).not.toContain("Astrid");
    const before = workspace.calls.length;
    await userEvent.setup().keyboard("{Control>}n{/Control}{Control>}k{/Control}");
    expect(workspace.calls.length).toBe(before);
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});
