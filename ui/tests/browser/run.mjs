// The whole UI in a real browser, under the window's own policy: npm run test:browser [-- PART OF A NAME]
import { checkEveryScreen } from "./every-screen.mjs";
import { checkHarness } from "./harness.mjs";
import { checkJourney } from "./journey.mjs";
import { checkKeep } from "./keep.mjs";
import { checkKeyboard } from "./keyboard.mjs";
import { checkMasking } from "./masking.mjs";
import { checkRoom } from "./room.mjs";
import { checkShipped } from "./shipped.mjs";
import { launch } from "./browser.mjs";
import { serve } from "./server.mjs";
import { runAll } from "./suite.mjs";

const server = await serve();
const browser = await launch();
const stage = { browser, origin: server.origin };
checkHarness(stage);
checkEveryScreen(stage);
checkRoom(stage);
checkKeyboard(stage);
checkMasking(stage);
checkJourney(stage);
checkKeep(stage);
checkShipped();
const failed = await runAll(process.argv[2]);
await browser.close();
await server.stop();
process.exit(failed === 0 ? 0 : 1);
