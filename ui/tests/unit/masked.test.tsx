import { act, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { setLocale } from "../../src/messages/runtime.js";
import { Masked } from "../../src/parts/Masked";

const SECRET = "19850101-2382";

beforeEach(() => {
  setLocale("sv", { reload: false });
  // jsdom captures no pointers.
  HTMLElement.prototype.setPointerCapture = () => undefined;
});

function masked(reveal: () => Promise<string | null> = async () => SECRET) {
  const asked = vi.fn(reveal);
  const edit = vi.fn();
  const { unmount } = render(<Masked label="Personnummer" length={13} reveal={asked} edit={edit} />);
  return { asked, edit, unmount, button: screen.getByRole("button", { name: "Håll in för att visa personnummer" }) };
}

function visible(): boolean {
  return document.body.textContent?.includes(SECRET) ?? false;
}

async function settle(): Promise<void> {
  await act(async () => undefined);
}

describe("a masked value", () => {
  it("says that it is hidden and how long it is, and is not in the page", () => {
    masked();
    expect(screen.getByText("Dold, 13 tecken")).toBeInTheDocument();
    expect(document.body.innerHTML).not.toContain("2382");
  });

  it("looks the same whatever its length", () => {
    const { unmount } = render(<Masked label="Namn" length={3} reveal={async () => ""} edit={() => undefined} />);
    const short = document.querySelector("[aria-hidden=true]")?.textContent;
    unmount();
    masked();
    expect(document.querySelector("[aria-hidden=true]")?.textContent).toBe(short);
  });

  it("shows while the button is held with a pointer, and hides when it is let go", async () => {
    const { button } = masked();
    fireEvent.pointerDown(button);
    await settle();
    expect(visible()).toBe(true);
    fireEvent.pointerUp(button);
    expect(visible()).toBe(false);
  });

  it.each([" ", "Enter"])("shows while %o is held, asking once, and hides when it is let go", async (key) => {
    const { button, asked } = masked();
    fireEvent.keyDown(button, { key });
    fireEvent.keyDown(button, { key, repeat: true });
    await settle();
    expect(visible()).toBe(true);
    expect(asked).toHaveBeenCalledOnce();
    fireEvent.keyUp(button, { key });
    expect(visible()).toBe(false);
  });

  it("hides when the window loses focus", async () => {
    const { button } = masked();
    fireEvent.pointerDown(button);
    await settle();
    fireEvent.blur(window);
    expect(visible()).toBe(false);
  });

  it("hides when the button loses focus", async () => {
    const { button } = masked();
    fireEvent.keyDown(button, { key: " " });
    await settle();
    fireEvent.blur(button);
    expect(visible()).toBe(false);
  });

  it("hides after 30 seconds even if it is still held", async () => {
    vi.useFakeTimers();
    try {
      const { button } = masked();
      fireEvent.pointerDown(button);
      await settle();
      expect(visible()).toBe(true);
      act(() => vi.advanceTimersByTime(30_000));
      expect(visible()).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it("does not show an answer that comes after the button was let go", async () => {
    let answer: (text: string) => void = () => undefined;
    const { button } = masked(() => new Promise((resolve) => (answer = resolve)));
    fireEvent.pointerDown(button);
    fireEvent.pointerUp(button);
    answer(SECRET);
    await settle();
    expect(visible()).toBe(false);
  });

  it("stays hidden when it may not be revealed", async () => {
    const { button } = masked(async () => null);
    fireEvent.pointerDown(button);
    await settle();
    expect(screen.getByText("Dold, 13 tecken")).toBeInTheDocument();
  });

  it("cannot be copied", async () => {
    const { button } = masked();
    fireEvent.pointerDown(button);
    await settle();
    expect(fireEvent.copy(screen.getByText(SECRET))).toBe(false);
  });

  it("is uncovered for editing only on request", async () => {
    const { edit } = masked();
    await userEvent.click(screen.getByRole("button", { name: "Ändra personnummer" }));
    expect(edit).toHaveBeenCalledWith(SECRET);
  });
});
