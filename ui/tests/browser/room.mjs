// Small windows, large text and the system's own colours.
import { openPage } from "./browser.mjs";
import { accessibilityFaults } from "./axe.mjs";
import { queryOf, SCENES } from "./scenes.mjs";
import { holds, same, test } from "./suite.mjs";

const SIZES = [
  ["1280 x 720", { viewport: { width: 1280, height: 720 } }],
  ["1280 x 720 at 200 %", { viewport: { width: 640, height: 360 }, deviceScaleFactor: 2 }],
  ["1280 x 1024 at 400 %", { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 }],
];

/** Elements that stick out to the right, such as `div.queue 700`. */
function sticksOut() {
  const root = document.scrollingElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1)
    .slice(0, 5)
    .map((element) => `${element.tagName} ${element.className} ${Math.round(element.getBoundingClientRect().right)}`);
}

export function checkRoom({ browser, origin }) {
  for (const [size, options] of SIZES) {
    test(`${size}: no screen scrolls sideways`, async () => {
      const { page, show, close } = await openPage(browser, origin, options);
      try {
        for (const scene of SCENES.filter(({ act }) => act === undefined)) {
          await show(queryOf(scene, "light"));
          same(await page.evaluate(sticksOut), [], scene.name);
        }
      } finally {
        await close();
      }
    });

    test(`${size}: the protected banner is there`, async () => {
      const { page, show, close } = await openPage(browser, origin, options);
      try {
        await show("scene=protected&theme=light");
        holds((await page.getByText("Skyddade personuppgifter").first().isVisible()) === true, "the banner went away");
      } finally {
        await close();
      }
    });
  }

  for (const [width, stacked] of [[1440, false], [640, true], [320, true]]) {
    test(`a group in a table, ${width} px: ${stacked ? "cards with labels" : "lines with headers"}, and a table all the same`, async () => {
      const { page, show, close } = await openPage(browser, origin, { viewport: { width, height: 900 } });
      try {
        await show("scene=kinds-table&theme=light");
        const table = page.getByRole("table", { name: "Personer i hushållet" });
        const [name, born] = [table.getByRole("textbox", { name: "Namn (Person 1)" }), table.getByRole("textbox", { name: "Född (Person 1)" })];
        const [first, second] = [await name.boundingBox(), await born.boundingBox()];
        same(second.y > first.y, stacked, "one below the other");
        same(await table.getByRole("columnheader").count(), 5, "column headers for the screen reader");
        same(await table.getByRole("rowheader").count(), 2, "row headers for the screen reader");
        const label = await table.locator(".field-label").first().boundingBox();
        same(label.width > 1, stacked, "labels in sight");
      } finally {
        await close();
      }
    });
  }

  test("forced colours: every control keeps an outline and nothing becomes inaccessible", async () => {
    const { page, show, close } = await openPage(browser, origin, { forcedColors: "active" });
    try {
      for (const scene of ["form", "kinds", "kinds-errors", "kinds-information", "protected", "read-back", "sign-in"]) {
        await show(`scene=${scene}&theme=light`);
        const bare = await page.evaluate(() =>
          [...document.querySelectorAll("button, input, select, textarea")]
            .filter((element) => element.checkVisibility() && element.getBoundingClientRect().width > 2)
            .filter((element) => {
              const { borderTopStyle, borderTopWidth, appearance, opacity } = getComputedStyle(element);
              const drawn = borderTopStyle !== "none" && borderTopWidth !== "0px";
              return !drawn && appearance === "none" && opacity !== "0" && element.textContent.trim() === "";
            })
            .map((element) => element.outerHTML.slice(0, 120)),
        );
        same(bare, [], scene);
        same(await accessibilityFaults(page), [], scene);
      }
    } finally {
      await close();
    }
  });

  test("no motion where the system asks for none", async () => {
    const { page, show, close } = await openPage(browser, origin);
    try {
      await show("scene=form");
      const moving = await page.evaluate(() =>
        [...document.querySelectorAll("*")]
          .filter((element) => {
            const { transitionDuration, animationName } = getComputedStyle(element);
            return animationName !== "none" || transitionDuration.split(",").some((time) => parseFloat(time) > 0.001);
          })
          .map((element) => element.outerHTML.slice(0, 120)),
      );
      same(moving, []);
    } finally {
      await close();
    }
  });
}
