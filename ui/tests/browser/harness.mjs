// The counter-tests: what the other tests rely on must be noticed when it happens.
import { accessibilityFaults } from "./axe.mjs";
import { openPage, stored } from "./browser.mjs";
import { focused } from "./focus.mjs";
import { holds, test } from "./suite.mjs";

export function checkHarness({ browser, origin }) {
  const noticed = (name, provoke, look) =>
    test(`the tests notice ${name}`, async () => {
      const opened = await openPage(browser, origin);
      try {
        await opened.show("scene=form");
        await opened.page.evaluate(provoke);
        // Reports come as events of their own.
        const limit = performance.now() + 30_000;
        while ((await look(opened)).length === 0) holds(performance.now() < limit, "nothing was noticed");
      } finally {
        await opened.close();
      }
    });

  const fault =
    (part) =>
    async ({ faults }) =>
      (await faults()).filter((line) => line.includes(part));

  noticed("an inline style", () => document.head.append(Object.assign(document.createElement("style"), { textContent: "b{}" })), fault("style-src"));
  noticed("an inline script", () => document.head.append(Object.assign(document.createElement("script"), { textContent: "0" })), fault("script-src"));
  noticed("eval", () => void setTimeout("0", 0), fault("script-src"));
  noticed("a picture from an address of its own", () => document.body.append(Object.assign(new Image(), { src: "data:image/gif;base64,R0lGODlhAQABAAAAACw=" })), fault("img-src"));
  noticed("a picture from the outside", () => document.body.append(Object.assign(new Image(), { src: "https://example.com/a.png" })), fault("img-src"));
  noticed("an error in the console", () => console.error("oh"), fault("console: oh"));
  noticed("a request to the outside", () => void fetch("https://example.com/").catch(() => undefined), fault("connect-src"));
  noticed("something left in the browser's stores", () => localStorage.setItem("draft", "1"), ({ page }) => stored(page));
  noticed("a field without a name", () => document.body.append(document.createElement("input")), ({ page }) => accessibilityFaults(page));

  const focusFault = (fault) => async ({ page }) => ((await focused(page))[fault] ? [fault] : []);
  noticed("focus under something else", () => {
    const over = document.body.appendChild(document.createElement("div"));
    Object.assign(over.style, { position: "fixed", inset: "0", zIndex: "9" });
    document.querySelector(".queue-row").focus();
  }, focusFault("covered"));
  noticed("focus without a ring", () => {
    const row = document.querySelector(".queue-row");
    row.style.outline = "none";
    row.focus();
  }, async ({ page }) => ((await focused(page)).ring ? [] : ["no ring"]));
}
