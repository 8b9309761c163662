// The read-back: lines of a row under its heading, in the window's language.
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReadBackLine } from "../../src/ipc";
import { fakeBackend } from "../../src/ipc/fake";
import { setLocale } from "../../src/messages/runtime.js";
import { ReadBackScreen } from "../../src/readback/ReadBackScreen";
import { Section } from "../../src/readback/Section";
import { WorkspaceProvider } from "../../src/store/context";
import { Workspace } from "../../src/store/workspace";

beforeEach(() => setLocale("sv", { reload: false }));
afterEach(() => setLocale("sv", { reload: false }));

function line(question: string, heading: string | null, label: string, spoken: string): ReadBackLine {
  return { question, heading, label, spoken, spell: null };
}

async function draw(lines: ReadBackLine[]): Promise<HTMLElement> {
  const workspace = await Workspace.open(fakeBackend("?scene=form"));
  const { container } = render(
    <WorkspaceProvider value={workspace}>
      <Section section={{ title: "Barn", lines }} read={false} tick={() => {}} />
    </WorkspaceProvider>,
  );
  return container;
}

describe("a section of the read-back", () => {
  it("says the heading of a row once, before the row's lines", async () => {
    const container = await draw([
      line("skola", null, "Skola", "Exempelskolan"),
      line("klass", null, "Klass", "3B"),
      line("barn/r1/namn", "Barn 1", "Namn", "Bo Ek"),
      line("barn/r1/fodd", "Barn 1", "Född", "den 3 maj 2019"),
      line("barn/r2/namn", "Barn 2", "Namn", "Li Ek"),
      line("slut", null, "Övrigt", "Inget"),
    ]);
    expect(screen.getAllByRole("heading", { level: 4 }).map(({ textContent }) => textContent)).toEqual(["Barn 1", "Barn 2"]);
    const lists = [...container.querySelectorAll("dl")].map((list) =>
      [...list.querySelectorAll(".spoken")].map(({ textContent }) => textContent),
    );
    expect(lists).toEqual([["Exempelskolan", "3B"], ["Bo Ek", "den 3 maj 2019"], ["Li Ek"], ["Inget"]]);
  });

  it("keeps two questions of several fields apart although they are called the same", async () => {
    await draw([
      line("a/r1/namn", "Vårdnadshavare", "Namn", "Bo Ek"),
      line("b/r1/namn", "Vårdnadshavare", "Namn", "Li Ek"),
    ]);
    expect(screen.getAllByRole("heading", { level: 4 })).toHaveLength(2);
  });
});

describe("the read-back", () => {
  it.each(["sv", "en"] as const)("asks for the script and confirms it in the window's language, %s", async (language) => {
    setLocale(language, { reload: false });
    const asked: string[] = [];
    const backend = fakeBackend("?scene=read-back");
    const { read_back, confirm_read_back } = backend.commands;
    const workspace = await Workspace.open({
      ...backend,
      commands: {
        ...backend.commands,
        read_back: (args) => (asked.push(`read ${args.language}`), read_back(args)),
        confirm_read_back: (args) => (asked.push(`confirm ${args.language}`), confirm_read_back(args)),
      },
    });
    const call = workspace.call.value;
    const [shown] = call?.cases.value ?? [];
    const form = shown && call?.form(shown.draft);
    if (!shown || !form) throw new Error("no form is on screen");
    const { container } = render(
      <WorkspaceProvider value={workspace}>
        <ReadBackScreen shown={shown} form={form} />
      </WorkspaceProvider>,
    );
    for (const tick of await screen.findAllByRole("checkbox", { checked: false })) {
      if (tick.getAttribute("name") === "read_back.section") await userEvent.click(tick);
    }
    const bar = container.querySelector<HTMLElement>(".send-bar");
    if (!bar) throw new Error("there is no way on");
    await userEvent.click(within(bar).getAllByRole("button")[1]!);
    expect(asked).toEqual([`read ${language}`, `confirm ${language}`]);
    expect(container.querySelector(".spoken")).toHaveAttribute("lang", language);
  });
});
