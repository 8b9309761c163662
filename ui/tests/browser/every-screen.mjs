import { accessibilityFaults } from "./axe.mjs";
import { openPage, stored } from "./browser.mjs";
import { queryOf, SCENES, THEMES } from "./scenes.mjs";
import { holds, same, test } from "./suite.mjs";

/** Names and numbers of the protected caller in the demo: on no screen without being revealed. */
const SECRETS = ["Vera Holm", "19850101", "2382"];

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
          const text = await page.locator("body").innerText();
          for (const secret of SECRETS) holds(!text.includes(secret), `${secret} is on screen`);
        } finally {
          await close();
        }
      });
    }
  }
}
