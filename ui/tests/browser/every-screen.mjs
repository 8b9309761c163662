import { accessibilityFaults } from "./axe.mjs";
import { openPage, stored } from "./browser.mjs";
import { queryOf, SCENES, secretsOf, THEMES } from "./scenes.mjs";
import { holds, same, test } from "./suite.mjs";

export function checkEveryScreen({ browser, origin }) {
  for (const theme of THEMES) {
    for (const scene of SCENES) {
      test(`${scene.name}, ${theme}: accessible, within the policy, leaves no trace`, async () => {
        const { page, show, faults, close } = await openPage(browser, origin);
        try {
          await show(queryOf(scene, theme));
          await scene.act?.(page);
          same(await faults(), []);
          same(await accessibilityFaults(page), []);
          same(await stored(page), []);
          same(await page.title(), "Ledsaga", "the window's title says nothing of a case");
          same(await page.locator("html").getAttribute("lang"), scene.name === "english" ? "en" : "sv");
          const html = await page.content();
          const typed = await page.evaluate(() => [...document.querySelectorAll("input, textarea")].map((field) => field.value));
          for (const secret of secretsOf(scene)) holds(![html, ...typed].some((text) => text.includes(secret)), `${secret} is in the page`);
        } finally {
          await close();
        }
      });
    }
  }
}
