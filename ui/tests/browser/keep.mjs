// What was, what is thrown away, how long it stays, and how it is found again: by keyboard.
import { openPage, stored } from "./browser.mjs";
import { focused, tabTo } from "./focus.mjs";
import { holds, same, test } from "./suite.mjs";

export function checkKeep({ browser, origin }) {
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

  const hasFocus = (page, name) =>
    page.waitForFunction(
      (wanted) => [document.activeElement?.getAttribute("name"), document.activeElement?.textContent].includes(wanted),
      name,
    );
  const value = (page, name) => page.locator(`[name="${name}"]`).inputValue();
  const becomes = (page, name, words) =>
    page.waitForFunction(([field, wanted]) => document.querySelector(`[name="${field}"]`)?.value === wanted, [name, words]);
  const command = async (page, words) => {
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.type(words);
    await page.getByRole("option", { selected: true, name: new RegExp(words, "i") }).waitFor();
    await page.keyboard.press("Enter");
  };

  onPage("history: compared, gone back to, and today's state is kept too", "scene=history", async (page) => {
    const keys = page.keyboard;
    await page.locator(".step-fields").waitFor();
    await keys.press("Control+h");
    await hasFocus(page, "history.state");
    const comparison = page.getByRole("row", { name: "Bostadens gatuadress Lingonstigen 21 Lingongatan 12" });
    await comparison.waitFor();
    await keys.press("Tab");
    await keys.press("Enter");
    await page.getByRole("row", { name: /^Telefon Inget svar/ }).waitFor();
    await keys.press("Shift+Tab");
    await keys.press("Enter");
    await comparison.waitFor();
    await tabTo(page, "Gå tillbaka hit");
    await keys.press("Enter");
    await becomes(page, "adress", "Lingonstigen 21");
    await page.getByText("Det som stod nyss finns kvar i historiken.").first().waitFor();
    await keys.press("Control+h");
    await page.getByRole("row", { name: "Bostadens gatuadress Lingongatan 12 Lingonstigen 21" }).waitFor();
    await keys.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    same(await value(page, "adress"), "Lingonstigen 21", "Esc changed something");
  });

  onPage("the draft's undo is its own key; the text field's stays with the field", "scene=form", async (page) => {
    const keys = page.keyboard;
    await tabTo(page, "adress");
    await keys.press("End");
    await keys.type(" A");
    await page.getByText("Sparad").first().waitFor();
    await keys.press("Control+z");
    same(await page.locator(".done-line").count(), 0, "Ctrl+Z was taken from the field");
    await keys.press("Control+a");
    await keys.type("Blåbärsgatan 3");
    await keys.press("Control+Alt+z");
    await becomes(page, "adress", "Lingongatan 12");
    await page.waitForFunction(() =>
      [...document.querySelectorAll("[aria-live=polite]")].some((region) => region.textContent.includes("Ångrat: ”Bostadens gatuadress”.")),
    );
    await keys.press("Control+Alt+z");
    await becomes(page, "adress", "Blåbärsgatan 3");
  });

  onPage("with nothing to undo it says so", "scene=form", async (page) => {
    await page.locator(".step-fields").waitFor();
    await page.keyboard.press("Control+Alt+z");
    await page.getByText("Det finns inget att ångra i utkastet.").first().waitFor();
  });

  onPage("a draft is thrown away only after it was said what that means, and is back with one key", "scene=form", async (page) => {
    const keys = page.keyboard;
    await page.locator(".step-fields").waitFor();
    await command(page, "kasta");
    await hasFocus(page, "Behåll utkastet");
    const dialog = page.getByRole("dialog");
    holds((await dialog.innerText()).includes("till och med 7 december"), "the date is not said");
    await keys.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.locator(".step-fields").waitFor();

    await command(page, "kasta");
    await hasFocus(page, "Behåll utkastet");
    await keys.press("Tab");
    await keys.press("Enter");
    await hasFocus(page, "done.undo");
    same(await page.getByTestId("case-state").innerText(), "Kastat utkast, ej inkommet");
    same(await page.locator(".middle input").count(), 0, "something can be filled in");
    await keys.press("Enter");
    await page.locator(".step-fields").waitFor();
    same(await value(page, "namn"), "Astrid Ekvall");
    await page.getByText("Utkastet är tillbaka.").first().waitFor();
    same(await page.getByText("Kastade utkast").count(), 0, "it is still among the thrown away");
  });

  onPage("deleting for good asks again with the way out in focus, then leaves no answer in the page", "scene=discarded", async (page) => {
    const keys = page.keyboard;
    await tabTo(page, "Radera för gott");
    await keys.press("Enter");
    await hasFocus(page, "Avbryt");
    await keys.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    same((await focused(page)).name, "Radera för gott", "focus goes back");
    await page.getByText("Lingongatan 12").waitFor();
    await keys.press("Enter");
    await hasFocus(page, "Avbryt");
    await keys.press("Tab");
    await keys.press("Enter");
    await page.getByText("Utkastet är raderat.").first().waitFor();
    same((await focused(page)).region, "form", "focus was lost");
    same(await page.getByText("Kastade utkast").count(), 0);
    holds(!(await page.content()).includes("Lingongatan"), "an answer is still in the page");
    await command(page, "gallringsintyg");
    await page.getByRole("row", { name: /Raderat för gott Medarbetarens beslut/ }).first().waitFor();
  });

  onPage("a thrown away draft is taken back from the list", "scene=discarded", async (page) => {
    await page.locator(".discarded-list summary").focus();
    await page.keyboard.press("Enter");
    await tabTo(page, "Ta tillbaka Bostadsanpassningsbidrag, samtal A");
    await page.keyboard.press("Enter");
    await page.locator(".step-fields").waitFor();
  });

  onPage("time is prolonged only for a reason", "scene=last-day", async (page) => {
    const keys = page.keyboard;
    await page.locator(".queue-row", { hasText: "Raderas i morgon" }).waitFor();
    await tabTo(page, "Förläng tiden");
    await keys.press("Enter");
    await hasFocus(page, "extend.reason");
    await keys.press("Enter");
    await page.getByText("Skriv ett skäl. Det loggas.").waitFor();
    await keys.type("Väntar på intyg");
    await keys.press("Enter");
    await page.getByText("Utkastet sparas nu till och med 7 december.").first().waitFor();
    same(await page.getByText("Raderas i morgon").count(), 0, "the warning stays");
  });

  onPage("time that is out says when the draft goes", "scene=time-up", async (page) => {
    const words = "Tiden är ute; utkastet tas bort när kommunen har kvitterat kontaktnoteringen.";
    await page.locator(".keeping-notice").getByText(words).waitFor();
    await page.locator("[data-pane=call]").getByText(words).waitFor();
  });

  onPage("search: two letters are enough, arrows go to the hits, Esc goes back", "scene=form", async (page) => {
    const keys = page.keyboard;
    await tabTo(page, "namn");
    await keys.press("Control+f");
    await hasFocus(page, "search");
    await keys.type("n");
    same(await page.locator(".queue-found").count(), 0, "one letter finds nothing");
    await keys.type("o");
    await page.getByText("1 träff").waitFor();
    same(await page.locator(".queue-row").count(), 1, "hits stand instead of the list");
    await keys.press("ArrowDown");
    await page.waitForFunction(() => document.activeElement?.matches(".queue-row"));
    await keys.press("Escape");
    await hasFocus(page, "search");
    await keys.press("Control+f");
    await keys.press("Escape");
    await page.waitForFunction(() => document.querySelectorAll(".queue-row").length > 5);

    await tabTo(page, "namn");
    await keys.press("Control+f");
    await hasFocus(page, "search");
    await keys.type("norén");
    await page.getByText("Hittat i namnet").waitFor();
    await keys.press("Escape");
    await hasFocus(page, "namn");
    await keys.press("Control+f");
    await hasFocus(page, "search");
    await keys.type("exb-2026-7k");
    await page.getByText("Hittat i ärendenumret").waitFor();
    await keys.press("Enter");
    await keys.press("Enter");
    await page.getByTestId("case-number").getByText("EXB-2026-7K3M-9Q").waitFor();
  });

  onPage("a protected call is found only from inside it", "scene=protected", async (page) => {
    const keys = page.keyboard;
    await keys.press("Control+f");
    await hasFocus(page, "search");
    await keys.type("december");
    await page.getByText("Inget hittades.").waitFor();
    await keys.press("Escape");
    await command(page, "sök i samtalet");
    await hasFocus(page, "search.within");
    await keys.type("december");
    await page.getByText("Hittat i vad det gäller").waitFor();
    await keys.press("Escape");
    await page.getByText("Hittat i vad det gäller").waitFor({ state: "detached" });
  });

  onPage("a draft that cannot be read is started over in the same call, and stays", "scene=unreadable", async (page) => {
    await tabTo(page, "Börja om ärendet");
    await page.keyboard.press("Enter");
    await page.locator(".step-fields").waitFor();
    await page.waitForFunction(() => document.querySelectorAll(".call-cases li").length === 2);
  });

  /** Notes which pictures are alive, from now on. */
  const watchPictures = (page) =>
    page.evaluate(() => {
      const { createObjectURL, revokeObjectURL } = URL;
      globalThis.pictures = new Set();
      URL.createObjectURL = (blob) => {
        const address = createObjectURL.call(URL, blob);
        globalThis.pictures.add(address);
        return address;
      };
      URL.revokeObjectURL = (address) => {
        globalThis.pictures.delete(address);
        revokeObjectURL.call(URL, address);
      };
    });
  const alive = (page) => page.evaluate(() => globalThis.pictures.size);
  const openFile = async (page) => {
    await watchPictures(page);
    await tabTo(page, "Visa situationsplan.pdf");
    await page.keyboard.press("Enter");
    await page.getByRole("img", { name: "situationsplan.pdf, sida 1 av 3, som bild" }).waitFor();
  };

  onPage("pages of a file are turned by keys and buttons, and none is left when it is closed", "scene=files", async (page) => {
    const keys = page.keyboard;
    const at = (number) => page.getByRole("img", { name: `situationsplan.pdf, sida ${number} av 3, som bild` }).waitFor();
    await openFile(page);
    const drawn = await page.locator(".preview-page img").evaluate((image) => image.decode().then(() => image.naturalWidth));
    holds(drawn > 0, "nothing is drawn");
    await hasFocus(page, "Nästa sida");
    await keys.press("Enter");
    await at(2);
    await keys.press("PageDown");
    await at(3);
    await keys.press("ArrowRight");
    await keys.press("ArrowLeft");
    await at(2);
    same(await alive(page), 1, "pages that were turned are alive");
    await page.getByRole("button", { name: "Verklig storlek" }).click();
    await page.getByRole("button", { name: "Anpassa till rutan" }).waitFor();
    await page.evaluate(() => window.dispatchEvent(new Event("blur")));
    await at(2);
    await keys.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    same(await alive(page), 0, "a page is alive after closing");
    same((await focused(page)).name, "Visa situationsplan.pdf");
  });

  onPage("a page of a protected caller's file goes when the window loses focus", "scene=files-protected", async (page) => {
    await openFile(page);
    await page.evaluate(() => window.dispatchEvent(new Event("blur")));
    await page.getByText("Filen är dold, eftersom du lämnade fönstret.").waitFor();
    same([await alive(page), await page.locator(".preview-page img").count()], [0, 0]);
    await page.getByRole("button", { name: "Visa igen" }).click();
    await page.getByRole("img", { name: "situationsplan.pdf, sida 1 av 3, som bild" }).waitFor();
  });

  onPage("a page of a file goes when the window locks", "scene=files", async (page) => {
    await openFile(page);
    await page.keyboard.press("Control+l");
    await page.getByText("Ledsaga är låst").waitFor();
    same(await alive(page), 0);
  });
}
