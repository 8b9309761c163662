// Pictures of every screen in every theme: npm run pictures -- OUTDIR [SCENE…]
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launch, openPage } from "./browser.mjs";
import { queryOf, SCENES, THEMES } from "./scenes.mjs";
import { serve } from "./server.mjs";

const [folder, ...only] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: npm run pictures -- OUTDIR [SCENE…]");
  process.exit(2);
}
await mkdir(folder, { recursive: true });
const server = await serve();
const browser = await launch();
let failed = 0;
for (const theme of THEMES) {
  const { page, show, close } = await openPage(browser, server.origin);
  for (const scene of SCENES.filter(({ name }) => only.length === 0 || only.includes(name))) {
    try {
      await show(queryOf(scene, theme));
      await scene.act?.(page);
      await page.screenshot({ path: join(folder, `${scene.name}-${theme}.png`) });
    } catch (error) {
      failed += 1;
      console.error(`${scene.name} ${theme}: ${error.message}`);
    }
  }
  await close();
}
await browser.close();
await server.stop();
console.log(`pictures are in ${folder}`);
process.exit(failed === 0 ? 0 : 1);
