// Whole calls, by keyboard only.
import { openPage, stored } from "./browser.mjs";
import { focused, tabTo } from "./focus.mjs";
import { holds, same, test } from "./suite.mjs";

const CONFIRM = "Den som ringer bekräftar att uppgifterna stämmer";

export function checkJourney({ browser, origin }) {
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

  onPage("a whole call by keyboard: from the first ring to the case number", "scene=empty", async (page) => {
    const keys = page.keyboard;
    const type = async (field, text) => {
      await tabTo(page, field);
      await keys.type(text);
    };
    const choose = async (field, place = 0) => {
      await tabTo(page, field);
      await keys.press("Space");
      for (let count = 0; count < place; count += 1) await keys.press("ArrowDown");
    };
    const nextStep = async (first) => {
      await keys.press("Control+Enter");
      await page.waitForFunction((name) => document.activeElement?.getAttribute("name") === name, first);
    };

    await keys.press("Control+n");
    await page.waitForFunction(() => document.activeElement?.getAttribute("name") === "call.note");
    await keys.type("Behöver ramp vid entrén");

    await keys.press("Control+k");
    await page.getByRole("dialog").waitFor();
    await keys.type("bostadsanp");
    await page.getByRole("option", { name: "Bostadsanpassningsbidrag", selected: true }).waitFor();
    await keys.press("Enter");
    await page.waitForFunction(() => document.activeElement?.textContent === "Börja fylla i");
    await keys.press("Enter");
    await page.waitForFunction(() => document.activeElement?.getAttribute("name") === "vem");

    await choose("vem");
    await type("personnummer", "19480114-1865");
    await keys.press("Tab");
    await page.getByText("kontrollsiffran stämmer inte").first().waitFor();
    await keys.press("F7");
    await page.waitForFunction(() => document.activeElement?.getAttribute("name") === "personnummer");
    await keys.press("Control+a");
    await keys.type("19480114-1864");
    await type("namn", "Astrid Ekvall");
    await type("adress", "Lingongatan 12");
    await type("postnummer", "999 12");
    await type("postort", "Exempelby");

    await nextStep("boendeform");
    await choose("boendeform", 2);
    await choose("permanent");
    await nextStep("funktionsnedsattning");
    await keys.type("Svårt att gå i trappor");
    await choose("varaktighet");
    await choose("atgarder");
    await choose("hjalpmedel");
    await page.locator("[name=hjalpmedel_vilka]").waitFor();
    await type("hjalpmedel_vilka", "Rollator");
    await nextStep("intyg");
    await choose("intyg", 1);
    await choose("bekraftelse");
    await keys.press("Control+Enter");
    await page.getByRole("heading", { name: "Läs upp för den som ringer" }).waitFor();

    const sections = page.locator('[name="read_back.section"]');
    await sections.first().waitFor();
    for (let index = 0; index < (await sections.count()); index += 1) {
      await keys.press("Tab");
      await tabTo(page, "read_back.section");
      await keys.press("Space");
    }
    await tabTo(page, CONFIRM);
    await keys.press("Enter");
    await page.waitForFunction(() => document.activeElement?.textContent === "Skicka nu");
    await keys.press("Enter");
    await page.getByRole("heading", { name: "Inkommen" }).waitFor();
    await page.getByText("EXB-2026-5F2N-8V").first().waitFor();
  });

  onPage("without contact it says that it goes into the queue, and arrives when there is contact", "scene=read-back&link=unreachable", async (page) => {
    const keys = page.keyboard;
    await page.locator(".step-fields").waitFor();
    for (let step = 0; step < 4; step += 1) await keys.press("Control+Enter");
    const sections = page.locator('[name="read_back.section"]');
    await sections.first().waitFor();
    for (let index = 0; index < (await sections.count()); index += 1) {
      await keys.press("Tab");
      await tabTo(page, "read_back.section");
      await keys.press("Space");
    }
    await tabTo(page, CONFIRM);
    await keys.press("Enter");
    await page.waitForFunction(() => document.activeElement?.textContent === "Lägg i kö, ingen kontakt");
    await keys.press("Enter");
    await page.getByRole("heading", { name: "I kö, ej inkommet ännu" }).waitFor();
    const said = await page.locator(".outcome").innerText();
    holds(said.includes("Jag har antecknat din ansökan i dag klockan 09.42."), "the words to say are missing");
    holds(!/\binkommen\b/i.test(said), "it says received before it is");

    await keys.press("Control+k");
    await keys.type("försök nå");
    await page.getByRole("option", { name: "Försök nå kommunen nu", selected: true }).waitFor();
    await keys.press("Enter");
    await page.getByRole("heading", { name: "Inkommen" }).waitFor();
  });

  onPage("nothing can be sent before the caller has confirmed every section", "scene=read-back", async (page) => {
    await page.locator(".step-fields").waitFor();
    for (let step = 0; step < 4; step += 1) await page.keyboard.press("Control+Enter");
    await page.locator('[name="read_back.section"]').first().waitFor();
    await tabTo(page, CONFIRM);
    await page.keyboard.press("Enter");
    await tabTo(page, "Skicka nu");
    await page.keyboard.press("Enter");
    await page.getByText("Bocka av alla avsnitt först.").waitFor();
    same(await page.getByRole("heading", { name: "Inkommen" }).count(), 0);
  });

  onPage("two calls at once keep their own words", "scene=empty", async (page) => {
    const keys = page.keyboard;
    const atNote = () =>
      page.waitForFunction(() => document.activeElement?.getAttribute("name") === "call.note" && document.activeElement.value === "");
    await keys.press("Control+n");
    await atNote();
    await keys.type("Första samtalet");
    await keys.press("Control+n");
    await atNote();
    await keys.type("Andra samtalet");
    await keys.press("Control+k");
    await keys.type("ingen namngiven");
    await page.getByRole("option", { name: /Samtal A/, selected: true }).waitFor();
    await keys.press("Enter");
    await page.waitForFunction(() => document.querySelector("[name='call.note']")?.value === "Första samtalet");
    await page.waitForFunction(() => document.querySelectorAll(".queue-row").length === 2);
    same((await focused(page))?.region === "elsewhere", false, "focus was lost");
  });

  onPage("a case that needs action can be opened, and says why", "scene=needs-action", async (page) => {
    await page.getByText("E-tjänsten har en ny version.").first().waitFor();
    await tabTo(page, "Öppna för ändring");
    await page.keyboard.press("Enter");
    await page.locator(".step-fields").waitFor();
  });

  onPage("what cannot be saved stays on screen and says so", "scene=form&failing=disk_full", async (page) => {
    await tabTo(page, "namn");
    await page.keyboard.type(" Ny");
    await page.getByText("Datorns disk är full.").first().waitFor();
    holds((await page.locator("input[name=namn]").inputValue()).endsWith("Ny"), "what was typed is gone");
    same(await page.getByText("Sparad", { exact: true }).count(), 0, "it says saved");
  });
}
