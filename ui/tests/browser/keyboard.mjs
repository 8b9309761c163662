import { openPage } from "./browser.mjs";
import { focused, tabTo } from "./focus.mjs";
import { holds, same, test } from "./suite.mjs";

const ORDER = ["header", "queue", "form", "call", "footer"];

export function checkKeyboard({ browser, origin }) {
  const onPage = (name, query, run, options) =>
    test(name, async () => {
      const opened = await openPage(browser, origin, options);
      try {
        await opened.show(query);
        await run(opened.page);
        same(await opened.faults(), []);
      } finally {
        await opened.close();
      }
    });

  for (const theme of ["light", "contrast"]) {
    for (const scene of ["form", "kinds-table", "protected", "catalogue", "receipt", "last-day", "discarded"]) {
      onPage(`tab order in ${scene}, ${theme}: through the panes in order, always in sight`, `scene=${scene}&theme=${theme}`, async (page) => {
        await page.locator("[data-pane=queue] button").first().waitFor();
        await page.evaluate(() => document.activeElement?.blur());
        const stops = [];
        for (let count = 0; count < 120; count += 1) {
          await page.keyboard.press("Tab");
          const here = await focused(page);
          if (here === null) break;
          stops.push(here);
        }
        holds(stops.length > 10 && stops.length < 120, `${stops.length} stops: focus is trapped or lost`);
        same(stops.filter(({ ring }) => !ring).map(({ name }) => name), [], "no focus ring");
        same(stops.filter(({ onScreen }) => !onScreen).map(({ name }) => name), [], "focus out of sight");
        same(stops.filter(({ covered }) => covered).map(({ name }) => name), [], "focus under something else");
        const regions = stops.map(({ region }) => ORDER.indexOf(region)).filter((region) => region >= 0);
        same(regions, [...regions].sort((a, b) => a - b), "order of the panes");
      }, { viewport: { width: 1280, height: 720 } });
    }
  }

  onPage("no element jumps the tab order", "scene=form", async (page) => {
    same(await page.locator("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").count(), 0);
  });

  onPage("Ctrl+N: a new call with the notes in focus", "scene=workspace", async (page) => {
    await page.keyboard.press("Control+n");
    await page.waitForFunction(() => document.activeElement?.getAttribute("name") === "call.note");
    await page.keyboard.type("Frågar om sopor");
    await page.getByText("Sparad").first().waitFor();
  });

  onPage("F6 goes around the panes, Shift+F6 back", "scene=form", async (page) => {
    const panes = [];
    for (const key of ["F6", "F6", "F6", "Shift+F6"]) {
      await page.keyboard.press(key);
      panes.push((await focused(page))?.region);
    }
    same(new Set(panes.slice(0, 3)).size, 3, "each pane once");
    same(panes[3], panes[1], "back");
  });

  onPage("Alt+2 and Ctrl+Enter go to steps", "scene=form", async (page) => {
    await page.keyboard.press("Alt+2");
    await page.getByRole("radiogroup", { name: "Boendeform" }).waitFor();
    await page.keyboard.press("Control+Enter");
    await page.getByLabel("Funktionsnedsättning", { exact: true }).waitFor();
  });

  onPage("F7 goes from fault to fault", "scene=form-errors", async (page) => {
    for (const name of ["personnummer", "namn", "telefon"]) {
      await page.keyboard.press("F7");
      await page.waitForFunction((wanted) => document.activeElement?.getAttribute("name") === wanted, name);
    }
  });

  onPage("Esc closes the palette, gives focus back and discards nothing", "scene=form", async (page) => {
    await tabTo(page, "namn");
    await page.keyboard.type("X");
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.type("färd");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    same((await focused(page))?.name, "namn");
    await page.keyboard.press("Escape");
    holds((await page.locator("input[name=namn]").inputValue()).includes("X"), "what was typed is gone");
  });

  onPage("a line of a table is added, filled in and taken away by keyboard", "scene=kinds-table", async (page) => {
    const keys = page.keyboard;
    await tabTo(page, "hushall");
    await keys.press("Enter");
    await page.waitForFunction(() => document.activeElement?.closest("tr")?.textContent.startsWith("Person 3"));
    await keys.type("Bo Lindmark");
    await keys.press("Tab");
    await keys.type("1980-01-01");
    await keys.press("Tab");
    same((await focused(page)).name.endsWith("/p_inkomst"), true, "the next cell");
    await tabTo(page, "Ta bort person 3");
    await keys.press("Enter");
    await page.getByText("Person 3").first().waitFor({ state: "detached" });
    await page.waitForFunction(() => document.activeElement?.getAttribute("name")?.startsWith("hushall/"));
  });

  onPage("? lists every key, but is a letter in a field", "scene=form", async (page) => {
    await page.keyboard.press("?");
    const sheet = page.getByRole("dialog");
    await sheet.waitFor();
    for (const key of ["Ctrl+K", "Ctrl+N", "Ctrl+Enter", "Ctrl+S", "F6", "F7", "F8", "Ctrl+L", "Ctrl+Shift+P", "Ctrl+F", "Ctrl+H", "Ctrl+Alt+Z"]) {
      holds((await sheet.innerText()).replaceAll(/\s*\+\s*/g, "+").includes(key), `${key} is not in the sheet`);
    }
    await page.keyboard.press("Escape");
    await tabTo(page, "namn");
    await page.keyboard.press("?");
    same(await page.getByRole("dialog").count(), 0);
  });

  onPage("F8 shows the call where the window is narrow, and the banner stays", "scene=protected", async (page) => {
    const pane = page.locator("[data-pane=call]");
    const before = await pane.isVisible();
    await page.keyboard.press("F8");
    same(await pane.isVisible(), !before, "F8 did nothing");
    await page.keyboard.press("F8");
    same(await pane.isVisible(), before, "F8 did not toggle back");
    holds(await page.getByText("Skyddade personuppgifter").first().isVisible(), "the banner went away");
  }, { viewport: { width: 1100, height: 800 } });

  onPage("Ctrl+L locks and leaves nothing of the callers in the page", "scene=form", async (page) => {
    await page.keyboard.press("Control+l");
    await page.getByText("Ledsaga är låst").waitFor();
    const html = await page.content();
    holds(!html.includes("Astrid") && !html.includes("1864"), "a caller is still in the page");
  });

  onPage("Ctrl+S says that it is saved", "scene=form", async (page) => {
    await tabTo(page, "namn");
    await page.keyboard.type("a");
    await page.keyboard.press("Control+s");
    await page.waitForFunction(() =>
      [...document.querySelectorAll("[aria-live]")].some((region) => region.textContent.includes("Sparad")),
    );
  });
}
