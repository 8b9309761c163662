import { openPage, stored } from "./browser.mjs";
import { tabTo } from "./focus.mjs";
import { holds, same, test } from "./suite.mjs";

const SECRET = "Vera Holm";

export function checkMasking({ browser, origin }) {
  const onPage = (name, query, run) =>
    test(name, async () => {
      const opened = await openPage(browser, origin);
      try {
        await opened.show(query);
        await run(opened.page);
        same(await opened.faults(), []);
        same(await stored(opened.page), []);
      } finally {
        await opened.close();
      }
    });

  const inPage = async (page, words = SECRET) => (await page.content()).includes(words);
  const hidden = (page, words = SECRET) =>
    page.waitForFunction((secret) => !document.documentElement.outerHTML.includes(secret), words);
  const shown = (page, words = SECRET) => page.getByText(words, { exact: true }).first().waitFor();
  const button = (page) => page.locator(".middle").getByRole("button", { name: "Håll in för att visa namn" });

  onPage("a masked value shows only while a pointer holds its button", "scene=protected", async (page) => {
    await button(page).waitFor();
    holds(!(await inPage(page)), "it was in the page before");
    await button(page).hover();
    await page.mouse.down();
    await shown(page);
    await page.mouse.up();
    await hidden(page);
  });

  onPage("a masked value shows only while a key holds its button", "scene=protected", async (page) => {
    await button(page).focus();
    await page.keyboard.down("Space");
    await shown(page);
    await page.keyboard.up("Space");
    await hidden(page);
  });

  onPage("a masked value hides when the window loses focus", "scene=protected", async (page) => {
    await button(page).hover();
    await page.mouse.down();
    await shown(page);
    await page.evaluate(() => window.dispatchEvent(new Event("blur")));
    await hidden(page);
  });

  onPage("a masked value cannot be selected or copied while it shows", "scene=protected", async (page) => {
    await button(page).hover();
    await page.mouse.down();
    await shown(page);
    const [selectable, copied] = await page.evaluate((secret) => {
      const value = [...document.querySelectorAll(".masked-value")].find((each) => each.textContent.includes(secret));
      const copy = new ClipboardEvent("copy", { bubbles: true, cancelable: true });
      return [getComputedStyle(value).userSelect !== "none", value.dispatchEvent(copy)];
    }, SECRET);
    same([selectable, copied], [false, false]);
    await page.mouse.up();
  });

  onPage("a value being changed is masked again when its field is left", "scene=protected", async (page) => {
    await page.locator(".middle").getByRole("button", { name: "Ändra namn" }).click();
    const field = page.locator("input[name=namn]");
    await field.waitFor();
    same(await field.inputValue(), SECRET);
    await field.press("End");
    await page.keyboard.type("-Lund");
    await page.keyboard.press("Tab");
    await field.waitFor({ state: "detached" });
    holds(!(await inPage(page, "Vera")), "the name is still in the page");
  });

  onPage("Ctrl+Shift+P masks the caller everywhere, in one press", "scene=form", async (page) => {
    await shown(page, "Astrid Ekvall");
    await page.keyboard.press("Control+Shift+P");
    await page.getByText("Skyddad uppgift").nth(1).waitFor();
    await page.waitForFunction(() =>
      ["Astrid", "1864", "Lingongatan"].every(
        (secret) =>
          !document.body.innerText.includes(secret) &&
          [...document.querySelectorAll("input, textarea")].every((field) => !field.value.includes(secret)),
      ),
    );
    same(await page.title(), "Ledsaga");
    holds(await page.locator("[data-protected=true]").isVisible(), "nothing is violet");
    holds((await page.getByText("Via Skatteverkets förmedling").count()) > 0, "an address is still asked for");
  });

  onPage("protected mode goes off only with a reason", "scene=protected", async (page) => {
    await page.keyboard.press("Control+Shift+P");
    await page.getByLabel("Skäl").waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("Skriv ett skäl").waitFor();
    holds(await page.locator("[data-protected=true]").isVisible(), "it went off without a reason");
    await page.keyboard.type("Fel samtal");
    await page.keyboard.press("Enter");
    await page.locator("[data-protected=false]").waitFor();
  });

  onPage("rows of protected and other callers are equally high", "scene=form", async (page) => {
    const heights = await page.evaluate(() =>
      [...document.querySelectorAll(".queue-row")].map((row) => Math.round(row.getBoundingClientRect().height)),
    );
    same(new Set(heights).size, 1, `heights ${heights}`);
  });

  onPage("covered text shows as dots until it is asked for, and again when it is left", "scene=kinds-table", async (page) => {
    const field = page.locator("input[name=kod]");
    const dots = () => field.evaluate((element) => getComputedStyle(element).webkitTextSecurity);
    same([await dots(), await field.getAttribute("type")], ["disc", "text"]);
    await field.focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    same(await dots(), "none", "it is shown");
    await page.getByRole("button", { name: "Dölj : Portkod" }).waitFor();
    await page.keyboard.press("Tab");
    same(await dots(), "disc", "it was left open");
    await page.getByRole("button", { name: "Visa : Portkod" }).click();
    same(await dots(), "none", "by pointer");
    await page.evaluate(() => window.dispatchEvent(new Event("blur")));
    await page.waitForFunction(() => document.querySelector("input[name=kod]").matches(".covered"));
  });

  onPage("fields of the caller are left alone by the browser's memory and spelling", "scene=form", async (page) => {
    await tabTo(page, "namn");
    const careless = await page.evaluate(() =>
      [...document.querySelectorAll("input[type=text], textarea")]
        .filter((field) => field.autocomplete !== "off" || (field.localName === "input" && field.spellcheck))
        .map((field) => field.name),
    );
    same(careless, []);
  });
}
